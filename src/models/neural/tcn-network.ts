/**
 * Residual blocks of causal, dilated convolutions, the dilation doubling from block to block. Bai, Kolter & Koltun 2018, An Empirical
 * Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling, without their weight normalisation.
 */
import type { Json } from '../../core/canonical.js'
import { causalConvolution, everyStep, placesOf, seenSteps, takeSteps } from './causal-convolution.js'
import { chained } from './chain.js'
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tf } from './engine.js'
import type { Pass } from './layer.js'
import { type Drop, head, headSpecs, type Network, type Shape, type WeightSpec } from './network.js'

/** The steps that a block is given, those of its first convolution that its second sees, and those that are wanted of it. */
type BlockSteps = {
  readonly given: readonly number[]
  readonly middle: readonly number[]
  readonly wanted: readonly number[]
}
type BlockOptions = BlockSteps & { readonly dilation: number; readonly inputGradient: boolean }

export function tcnNetwork(filters: number, taps: number, blocks: number, shape: Shape): Network {
  const { steps, features, outputs } = shape
  // The first block's input has another width than its output: a filter of one tap brings it there.
  const specs = Array.from({ length: blocks }, (_, i) => {
    const inputs = i === 0 ? features : filters
    return [
      ...filterSpecs(`block_${i + 1}_a`, [taps, inputs, filters]),
      ...filterSpecs(`block_${i + 1}_b`, [taps, filters, filters]),
      ...(i === 0 ? filterSpecs('skip', [1, inputs, filters]) : []),
    ]
  })
  const stepsOf = blockSteps(taps, blocks, steps)
  return {
    weights: [...specs.flat(), ...headSpecs(filters, outputs)],
    topology: topologyOf(filters, taps, blocks, shape),
    through(tf, x, weights, drop, inputGradient) {
      const rows = x.shape[0] / steps
      const passes: Pass[] = [givenSteps(tf, x, steps, stepsOf[0].given, rows)]
      let at = 0
      for (let i = 0; i < blocks; i++) {
        const own = weights.slice(at, at + specs[i].length)
        at += own.length
        const options = { ...stepsOf[i], dilation: 2 ** i, inputGradient: inputGradient || i > 0 }
        passes.push(block(tf, passes[i].output, own, drop, options))
      }
      return head(tf, chained(passes), weights.slice(-2) as unknown as [Tensor2D, Tensor1D], drop)
    },
  }
}

/** The last step is the answer: of each block those steps are computed that reach it, and no others. */
function blockSteps(taps: number, blocks: number, steps: number): BlockSteps[] {
  const found: BlockSteps[] = []
  let wanted = [steps - 1]
  for (let i = blocks - 1; i >= 0; i--) {
    const middle = seenSteps(wanted, taps, 2 ** i)
    const given = seenSteps(middle, taps, 2 ** i)
    found.unshift({ given, middle, wanted })
    wanted = given
  }
  return found
}

/** Of a batch with all steps, those that the net reads. */
function givenSteps(tf: Tf, x: Tensor2D, steps: number, given: readonly number[], rows: number): Pass {
  return {
    output: takeSteps(tf, x, given, rows),
    back: (dy) => ({ weights: [], input: takeSteps(tf, dy, placesOf(everyStep(steps), given), rows) }),
  }
}

function filterSpecs(name: string, shape: readonly number[]): WeightSpec[] {
  return [
    { name: `${name}/kernel`, shape, start: 'even' },
    { name: `${name}/bias`, shape: [shape[2]], start: 'zero' },
  ]
}

/** Convolution, ReLU, dropout, twice; then the input is added. */
function block(tf: Tf, x: Tensor2D, weights: readonly Tensor[], drop: Drop, options: BlockOptions): Pass {
  const [wa, ba, wb, bb, ws, bs] = weights as [Tensor3D, Tensor1D, Tensor3D, Tensor1D, Tensor3D?, Tensor1D?]
  const { given, middle, wanted, dilation, inputGradient } = options
  const rows = x.shape[0] / given.length
  const first = causalConvolution(tf, x, [wa, ba], { given, wanted: middle, dilation, inputGradient })
  const bent = rectified(tf, first.output, middle.length, drop)
  const second = causalConvolution(tf, bent.output, [wb, bb], { given: middle, wanted, dilation, inputGradient: true })
  const end = rectified(tf, second.output, wanted.length, drop)
  const skip =
    ws === undefined || bs === undefined
      ? null
      : causalConvolution(tf, x, [ws, bs], { given, wanted, dilation, inputGradient })
  const beside = skip?.output ?? takeSteps(tf, x, placesOf(wanted, given), rows)
  const output = tf.relu(tf.add(end.output, beside)) as Tensor2D
  return {
    output,
    back(dy) {
      const dSum = tf.mul(dy, tf.step(output)) as Tensor2D
      const upper = second.back(end.back(dSum))
      const lower = first.back(bent.back(upper.input as Tensor2D))
      const side = skip?.back(dSum) ?? { weights: [], input: takeSteps(tf, dSum, placesOf(given, wanted), rows) }
      return {
        weights: [...lower.weights, ...upper.weights, ...side.weights],
        input: lower.input === null || side.input === null ? null : (tf.add(lower.input, side.input) as Tensor2D),
      }
    },
  }
}

/** Dropped are whole filters of a sequence, not single steps of them (Tompson et al. 2015). */
function rectified(tf: Tf, x: Tensor2D, steps: number, drop: Drop) {
  const positive = tf.relu(x) as Tensor2D
  const mask = drop === null ? null : (tf.tile(drop(x.shape[0] / steps, x.shape[1]), [steps, 1]) as Tensor2D)
  const slope = tf.step(x) as Tensor2D
  const all = mask === null ? slope : (tf.mul(slope, mask) as Tensor2D)
  return {
    output: mask === null ? positive : (tf.mul(positive, mask) as Tensor2D),
    back: (dy: Tensor2D) => tf.mul(dy, all) as Tensor2D,
  }
}

/** It gives the scores of every step; those of the last are the answer. */
function topologyOf(filters: number, taps: number, blocks: number, { steps, features, outputs }: Shape): Json {
  const from = (...names: string[]): Json => [names.map((name) => [name, 0, 0, {}])]
  const convolution = (name: string, before: string, size: number, dilation: number, activation: string): Json => ({
    class_name: 'Conv1D',
    name,
    config: {
      name,
      filters,
      kernel_size: [size],
      strides: [1],
      padding: 'causal',
      dilation_rate: [dilation],
      activation,
      use_bias: true,
    },
    inbound_nodes: from(before),
  })
  const layers: Json[] = [
    {
      class_name: 'InputLayer',
      name: 'sequence',
      config: { name: 'sequence', batch_input_shape: [null, steps, features], dtype: 'float32' },
      inbound_nodes: [],
    },
  ]
  let before = 'sequence'
  for (let i = 1; i <= blocks; i++) {
    const [a, b, sum, name] = ['a', 'b', 'sum', 'out'].map((part) => `block_${i}_${part}`)
    layers.push(convolution(a, before, taps, 2 ** (i - 1), 'relu'), convolution(b, a, taps, 2 ** (i - 1), 'relu'))
    if (i === 1) layers.push(convolution('skip', before, 1, 1, 'linear'))
    layers.push(
      { class_name: 'Add', name: sum, config: { name: sum }, inbound_nodes: from(b, i === 1 ? 'skip' : before) },
      { class_name: 'Activation', name, config: { name, activation: 'relu' }, inbound_nodes: from(sum) },
    )
    before = name
  }
  layers.push({
    class_name: 'Dense',
    name: 'scores',
    config: { name: 'scores', units: outputs, activation: 'linear', use_bias: true },
    inbound_nodes: from(before),
  })
  return {
    class_name: 'Model',
    config: { name: 'tcn', layers, input_layers: [['sequence', 0, 0]], output_layers: [['scores', 0, 0]] },
  }
}
