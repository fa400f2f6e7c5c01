/**
 * One to three LSTM or GRU layers, each with its mirror image where the net is bidirectional; the scores from the last state of the last, or
 * from all its states by attention.
 */
import type { Json } from '../../core/canonical.js'
import { type AttentionWeights, attentionPool } from './attention-pool.js'
import { bidirectional } from './bidirectional.js'
import { chained, dropped } from './chain.js'
import type { Tensor, Tensor1D, Tensor2D, Tf } from './engine.js'
import { gru } from './gru-layer.js'
import type { Pass, RecurrentOptions, RecurrentWeights } from './layer.js'
import { lstm } from './lstm-layer.js'
import { head, headSpecs, type Network, type Shape, type WeightSpec } from './network.js'

const cells = {
  lstm: { layer: lstm, gates: 4, className: 'LSTM', bias: 'forget', own: { unit_forget_bias: true } },
  gru: { layer: gru, gates: 3, className: 'GRU', bias: 'zero', own: { reset_after: false } },
} as const
export type CellName = keyof typeof cells

export type RecurrentSize = {
  readonly units: number
  readonly layers: number
  readonly bidirectional?: boolean
  readonly attention?: boolean
}

export function recurrentNetwork(cell: CellName, size: RecurrentSize, shape: Shape): Network {
  const { units, layers, bidirectional: both = false, attention = false } = size
  const { steps, features, outputs } = shape
  const width = both ? 2 * units : units
  const names = Array.from({ length: layers }, (_, i) => `${cell}_${i + 1}`)
  const specs = names.flatMap((name, i) => {
    const inputs = i === 0 ? features : width
    const directions = both ? ['forward', 'backward'].map((way) => `both_${name}/${way}_${name}`) : [name]
    return directions.flatMap((direction) => recurrentSpecs(cell, direction, inputs, units))
  })
  return {
    weights: [...specs, ...(attention ? attentionSpecs(width) : []), ...headSpecs(width, outputs)],
    topology: topologyOf(cell, names, { units, layers, bidirectional: both, attention }, shape),
    through(tf, x, weights, drop, inputGradient) {
      const passes: Pass[] = []
      const each = both ? 6 : 3
      for (let i = 0; i < layers; i++) {
        if (i > 0) passes.push(...dropped(tf, passes[passes.length - 1].output, drop))
        const options = { steps, all: attention || i < layers - 1, inputGradient: inputGradient || i > 0 }
        const own = weights.slice(i * each, (i + 1) * each)
        passes.push(recurrentPass(tf, cell, passes[passes.length - 1]?.output ?? x, own, options))
      }
      if (attention) {
        const own = weights.slice(layers * each, layers * each + 3) as unknown as AttentionWeights
        passes.push(attentionPool(tf, passes[passes.length - 1].output, own, steps))
      }
      return head(tf, chained(passes), weights.slice(-2) as unknown as [Tensor2D, Tensor1D], drop)
    },
  }
}

/** @param weights  three, or six of a layer with its mirror image */
function recurrentPass(
  tf: Tf,
  cell: CellName,
  x: Tensor2D,
  weights: readonly Tensor[],
  options: RecurrentOptions,
): Pass {
  const { layer } = cells[cell]
  const [ahead, back] = [weights.slice(0, 3), weights.slice(3)] as unknown as [RecurrentWeights, RecurrentWeights]
  return weights.length === 6 ? bidirectional(tf, layer, x, [ahead, back], options) : layer(tf, x, ahead, options)
}

export function recurrentSpecs(cell: CellName, name: string, inputs: number, units: number): WeightSpec[] {
  const { gates, bias } = cells[cell]
  return [
    { name: `${name}/kernel`, shape: [inputs, gates * units], start: 'even' },
    { name: `${name}/recurrent_kernel`, shape: [units, gates * units], start: 'even' },
    { name: `${name}/bias`, shape: [gates * units], start: bias },
  ]
}

const attentionSpecs = (width: number): WeightSpec[] => [
  { name: 'attention_states/kernel', shape: [width, width], start: 'even' },
  { name: 'attention_states/bias', shape: [width], start: 'zero' },
  { name: 'attention_energy/kernel', shape: [width, 1], start: 'even' },
]

/** As Keras describes such a layer. */
export function recurrentConfig(
  cell: CellName,
  name: string,
  units: number,
  all: boolean,
): { readonly [key: string]: Json } {
  return {
    name,
    units,
    activation: 'tanh',
    recurrent_activation: 'sigmoid',
    use_bias: true,
    ...cells[cell].own,
    recurrent_initializer: { class_name: 'GlorotUniform', config: {} },
    return_sequences: all,
  }
}

type LayerJson = { readonly class_name: string; readonly config: { readonly [key: string]: Json } }

function topologyOf(
  cell: CellName,
  names: readonly string[],
  { units, layers, bidirectional: both, attention }: Required<RecurrentSize>,
  { steps, features, outputs }: Shape,
): Json {
  const scores: LayerJson = {
    class_name: 'Dense',
    config: { name: 'scores', units: outputs, activation: 'linear', use_bias: true },
  }
  const recurrent = names.map((name, i): LayerJson => {
    const input = i === 0 && !attention ? { batch_input_shape: [null, steps, features], dtype: 'float32' } : {}
    const all = attention || i < layers - 1
    const layer = { class_name: cells[cell].className, config: recurrentConfig(cell, name, units, all) }
    if (!both) return { ...layer, config: { ...layer.config, ...input } }
    return { class_name: 'Bidirectional', config: { name: `both_${name}`, layer, merge_mode: 'concat', ...input } }
  })
  if (!attention)
    return { class_name: 'Sequential', config: { name: cell, layers: [...recurrent, scores] as unknown as Json } }
  return attentionModel(cell, recurrent, scores, both ? 2 * units : units, { steps, features, outputs })
}

/** A graph: the states go into the energies and, weighted by them, into the scores. */
function attentionModel(
  cell: CellName,
  recurrent: readonly LayerJson[],
  scores: LayerJson,
  width: number,
  { steps, features }: Shape,
): Json {
  const after = (layer: LayerJson, ...before: string[]): Json => ({
    ...layer,
    name: String(layer.config.name),
    inbound_nodes: [before.map((name) => [name, 0, 0, {}])],
  })
  const nameOf = (layer: LayerJson) => String(layer.config.name)
  const states = nameOf(recurrent[recurrent.length - 1])
  const dense = (name: string, units: number, activation: string, use_bias: boolean): LayerJson => ({
    class_name: 'Dense',
    config: { name, units, activation, use_bias },
  })
  const input = { name: 'sequence', batch_input_shape: [null, steps, features], dtype: 'float32' }
  return {
    class_name: 'Model',
    config: {
      name: cell,
      layers: [
        { class_name: 'InputLayer', name: 'sequence', config: input, inbound_nodes: [] },
        ...recurrent.map((layer, i) => after(layer, i === 0 ? 'sequence' : nameOf(recurrent[i - 1]))),
        after(dense('attention_states', width, 'tanh', true), states),
        after(dense('attention_energy', 1, 'linear', false), 'attention_states'),
        after({ class_name: 'Flatten', config: { name: 'attention_row' } }, 'attention_energy'),
        after({ class_name: 'Softmax', config: { name: 'attention' } }, 'attention_row'),
        after({ class_name: 'Dot', config: { name: 'context', axes: 1, normalize: false } }, 'attention', states),
        after(scores, 'context'),
      ],
      input_layers: [['sequence', 0, 0]],
      output_layers: [['scores', 0, 0]],
    },
  }
}
