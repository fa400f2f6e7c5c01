/** One to three LSTM or GRU layers, the scores from the last state of the last. */
import type { Json } from '../../core/canonical.js'
import type { Tensor, Tensor1D, Tensor2D, Tf } from './engine.js'
import { gru } from './gru-layer.js'
import type { Pass, RecurrentOptions, RecurrentWeights } from './layer.js'
import { lstm } from './lstm-layer.js'
import { type Drop, head, headSpecs, type Network, type Shape, type WeightSpec } from './network.js'

const cells = {
  lstm: { layer: lstm, gates: 4, className: 'LSTM', bias: 'forget', own: { unit_forget_bias: true } },
  gru: { layer: gru, gates: 3, className: 'GRU', bias: 'zero', own: { reset_after: false } },
} as const
export type CellName = keyof typeof cells

export function recurrentNetwork(cell: CellName, units: number, layers: number, shape: Shape): Network {
  const { layer, gates, className, bias, own } = cells[cell]
  const { steps, features, outputs } = shape
  const names = Array.from({ length: layers }, (_, i) => `${cell}_${i + 1}`)
  const specs = names.flatMap((name, i): WeightSpec[] => [
    { name: `${name}/kernel`, shape: [i === 0 ? features : units, gates * units], start: 'even' },
    { name: `${name}/recurrent_kernel`, shape: [units, gates * units], start: 'even' },
    { name: `${name}/bias`, shape: [gates * units], start: bias },
  ])
  const config = (name: string, i: number): Json => ({
    name,
    units,
    activation: 'tanh',
    recurrent_activation: 'sigmoid',
    use_bias: true,
    ...own,
    recurrent_initializer: { class_name: 'GlorotUniform', config: {} },
    return_sequences: i < layers - 1,
    ...(i === 0 ? { batch_input_shape: [null, steps, features], dtype: 'float32' } : {}),
  })
  return {
    weights: [...specs, ...headSpecs(units, outputs)],
    topology: {
      class_name: 'Sequential',
      config: {
        name: cell,
        layers: [
          ...names.map((name, i) => ({ class_name: className, config: config(name, i) })),
          { class_name: 'Dense', config: { name: 'scores', units: outputs, activation: 'linear', use_bias: true } },
        ],
      },
    },
    through(tf, x, weights, drop, inputGradient) {
      let pass: Pass | null = null
      for (let i = 0; i < layers; i++) {
        const own = weights.slice(i * 3, i * 3 + 3) as unknown as RecurrentWeights
        const options = { steps, all: i < layers - 1, inputGradient: inputGradient || i > 0 }
        pass = pass === null ? layer(tf, x, own, options) : stacked(tf, pass, { layer, own, options, drop })
      }
      return head(tf, pass as Pass, weights.slice(-2) as unknown as [Tensor2D, Tensor1D], drop)
    },
  }
}

type Stack = {
  readonly layer: typeof lstm
  readonly own: RecurrentWeights
  readonly options: RecurrentOptions
  readonly drop: Drop
}

function stacked(tf: Tf, below: Pass, { layer, own, options, drop }: Stack): Pass {
  const mask = drop?.(below.output.shape[0], below.output.shape[1]) ?? null
  const above = layer(tf, mask === null ? below.output : (tf.mul(below.output, mask) as Tensor2D), own, options)
  return {
    output: above.output,
    back(dy) {
      const upper = above.back(dy)
      const dInput = upper.input as Tensor2D
      const lower = below.back(mask === null ? dInput : (tf.mul(dInput, mask) as Tensor2D))
      return { weights: [...lower.weights, ...upper.weights] as Tensor[], input: lower.input }
    },
  }
}
