/**
 * A transformer's encoder: rows are brought to one width and told their place, then blocks of self-attention and a dense layer with a ReLU,
 * each on normalised input and added to it (pre-norm: Xiong et al. 2020, which needs no warm-up of the learning rate); the scores from the
 * last step.
 */
import { power } from '../../core/power.js'
import { chained, dropped, lastStep } from './chain.js'
import type { Tensor, Tensor1D, Tensor2D, Tf } from './engine.js'
import { dense, type Pass, rectified } from './layer.js'
import { layerNorm } from './layer-norm.js'
import { type Drop, head, headSpecs, type Network, type Shape, type WeightSpec } from './network.js'
import { type SelfAttentionWeights, selfAttention } from './self-attention.js'

export type TransformerSize = {
  /** Columns that a head works on; the width is as many times the heads. */
  readonly size: number
  readonly heads: number
  readonly blocks: number
}

/** Width of the dense layer inside a block ÷ that of the block, as in the paper. */
const WIDER = 4
/** Weights of a block. */
const EACH = 12

export function transformerNetwork({ size, heads, blocks }: TransformerSize, shape: Shape): Network {
  const { steps, features, outputs } = shape
  const width = size * heads
  const specs = Array.from({ length: blocks }, (_, i) => blockSpecs(`block_${i + 1}`, width))
  return {
    weights: [
      ...denseSpecs('embedding', features, width),
      ...specs.flat(),
      ...normSpecs('norm', width),
      ...headSpecs(width, outputs),
    ],
    // Keras has no one layer that is this net: what it is made of stands here for whoever writes it down there.
    topology: {
      class_name: 'Sluice>Transformer',
      config: { name: 'transformer', steps, features, width, heads, blocks, dense: WIDER * width, outputs },
    },
    through(tf, x, weights, drop, inputGradient) {
      const [w, b, ...rest] = weights as [Tensor2D, Tensor1D, ...Tensor[]]
      const embedded = dense(tf, x, w, b, inputGradient)
      const passes: Pass[] = [embedded, placed(tf, embedded.output, steps)]
      const top = () => passes[passes.length - 1].output
      passes.push(...dropped(tf, top(), drop))
      for (let i = 0; i < blocks; i++) {
        const own = rest.slice(i * EACH, (i + 1) * EACH)
        // The answer is the last step's: of the last block it is the only one that counts.
        const asked = i < blocks - 1 ? 'every' : 'last'
        const attention = (input: Tensor2D) =>
          selfAttention(tf, input, own.slice(2, 6) as unknown as SelfAttentionWeights, { steps, heads, asked })
        passes.push(added(tf, top(), own.slice(0, 2), attention, drop))
        passes.push(added(tf, top(), own.slice(6, 8), (input) => twoDense(tf, input, own.slice(8)), drop))
      }
      passes.push(layerNorm(tf, top(), rest.slice(blocks * EACH) as unknown as [Tensor1D, Tensor1D]))
      return head(tf, chained(passes), weights.slice(-2) as unknown as [Tensor2D, Tensor1D], drop)
    },
  }
}

const denseSpecs = (name: string, inputs: number, outputs: number): WeightSpec[] => [
  { name: `${name}/kernel`, shape: [inputs, outputs], start: 'even' },
  { name: `${name}/bias`, shape: [outputs], start: 'zero' },
]

const normSpecs = (name: string, width: number): WeightSpec[] => [
  { name: `${name}/gamma`, shape: [width], start: 'one' },
  { name: `${name}/beta`, shape: [width], start: 'zero' },
]

function blockSpecs(name: string, width: number): WeightSpec[] {
  return [
    ...normSpecs(`${name}_norm_a`, width),
    ...denseSpecs(`${name}_query_key_value`, width, 3 * width),
    ...denseSpecs(`${name}_heads`, width, width),
    ...normSpecs(`${name}_norm_b`, width),
    ...denseSpecs(`${name}_wider`, width, WIDER * width),
    ...denseSpecs(`${name}_back`, WIDER * width, width),
  ]
}

/** x + layer(norm(x)), what the layer says dropped in part; of x the last steps, as many as the layer gives. */
function added(tf: Tf, x: Tensor2D, norm: readonly Tensor[], layer: (input: Tensor2D) => Pass, drop: Drop): Pass {
  const normal = layerNorm(tf, x, norm as unknown as [Tensor1D, Tensor1D])
  const inner = layer(normal.output)
  const whole = chained([normal, inner, ...dropped(tf, inner.output, drop)])
  const beside = lastStep(tf, x, whole.output.shape[0])
  return {
    output: tf.add(beside.output, whole.output) as Tensor2D,
    back(dy) {
      const { weights, input } = whole.back(dy)
      return { weights, input: tf.add(beside.back(dy).input as Tensor2D, input as Tensor2D) as Tensor2D }
    },
  }
}

function twoDense(tf: Tf, x: Tensor2D, weights: readonly Tensor[]): Pass {
  const [wa, ba, wb, bb] = weights as [Tensor2D, Tensor1D, Tensor2D, Tensor1D]
  const wider = dense(tf, x, wa, ba, true)
  const bent = rectified(tf, wider.output)
  return chained([wider, bent, dense(tf, bent.output, wb, bb, true)])
}

/** How many steps before the last one a step stands, as sines and cosines of it are added: Vaswani et al. 2017, 3.5, counted from the end, so that windows of any length agree. */
function placed(tf: Tf, x: Tensor2D, steps: number): Pass {
  const [n, width] = x.shape
  const rows = n / steps
  const codes = new Float32Array(n * width)
  for (let t = 0; t < steps; t++) {
    for (let j = 0; j < width; j++) {
      const angle = (steps - 1 - t) / power(10_000, (j - (j % 2)) / width)
      const code = j % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
      for (let row = 0; row < rows; row++) codes[(t * rows + row) * width + j] = code
    }
  }
  return { output: tf.add(x, tf.tensor2d(codes, [n, width])) as Tensor2D, back: (dy) => ({ weights: [], input: dy }) }
}
