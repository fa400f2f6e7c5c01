/**
 * Layers: the WebAssembly backend against the plain one, gradients against differences of the output, and whole nets against
 * TensorFlow.js' own layers.
 */
import * as stock from '@tensorflow/tfjs-layers'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../src/core/random.js'
import { causalConvolution, everyStep } from '../../../src/models/neural/causal-convolution.js'
import { cnnLstmNetwork } from '../../../src/models/neural/cnn-lstm-network.js'
import { openEngine, type Tensor, type Tensor2D, type Tf } from '../../../src/models/neural/engine.js'
import { gru } from '../../../src/models/neural/gru-layer.js'
import { dense, type Pass } from '../../../src/models/neural/layer.js'
import { layerNorm } from '../../../src/models/neural/layer-norm.js'
import { lstm } from '../../../src/models/neural/lstm-layer.js'
import { type Network, startWeights, tensorsOf } from '../../../src/models/neural/network.js'
import { recurrentNetwork } from '../../../src/models/neural/recurrent-network.js'
import { selfAttention } from '../../../src/models/neural/self-attention.js'
import { tcnNetwork } from '../../../src/models/neural/tcn-network.js'
import { transformerNetwork } from '../../../src/models/neural/transformer-network.js'

const [wasm, cpu] = [await openEngine('wasm'), await openEngine('cpu')]
const [steps, rows, inputs, units] = [5, 7, 3, 4]
const shape = { steps, features: inputs, outputs: 2 }

type Through = (tf: Tf, x: Tensor2D, weights: readonly Tensor[]) => Pass
type Case = { readonly name: string; readonly shapes: readonly (readonly number[])[]; readonly through: Through }

const recurrent = (name: string, layer: typeof lstm, gates: number, all: boolean): Case => ({
  name: `${name}, ${all ? 'all states' : 'last state'}`,
  shapes: [[inputs, gates * units], [units, gates * units], [gates * units]],
  through: (tf, x, weights) => layer(tf, x, weights as never, { steps, all, inputGradient: true }),
})

const whole = (name: string, network: Network): Case => ({
  name,
  shapes: network.weights.map(({ shape }) => shape),
  through: (tf, x, weights) => network.through(tf, x, weights, null, true),
})

const cases: Case[] = [
  {
    name: 'dense',
    shapes: [[inputs, units], [units]],
    through: (tf, x, w) => dense(tf, x, w[0] as never, w[1] as never, true),
  },
  ...[true, false].flatMap((all) => [recurrent('lstm', lstm, 4, all), recurrent('gru', gru, 3, all)]),
  ...[1, 2, 4].map((dilation) => ({
    name: `convolution, dilation ${dilation}`,
    shapes: [[3, inputs, units], [units]],
    through: ((tf, x, w) => {
      const all = everyStep(steps)
      return causalConvolution(tf, x, w as never, { given: all, wanted: all, dilation, inputGradient: true })
    }) as Through,
  })),
  whole('two LSTM layers', recurrentNetwork('lstm', { units, layers: 2 }, shape)),
  whole('three GRU layers', recurrentNetwork('gru', { units, layers: 3 }, shape)),
  whole('two bidirectional LSTM layers', recurrentNetwork('lstm', { units, layers: 2, bidirectional: true }, shape)),
  whole('LSTM with attention', recurrentNetwork('lstm', { units, layers: 1, attention: true }, shape)),
  whole(
    'two bidirectional LSTM layers with attention',
    recurrentNetwork('lstm', { units, layers: 2, bidirectional: true, attention: true }, shape),
  ),
  whole('CNN-LSTM', cnnLstmNetwork({ filters: 5, taps: 2, units }, shape)),
  {
    name: 'layer norm',
    shapes: [[inputs], [inputs]],
    through: (tf, x, w) => layerNorm(tf, x, w as never),
  },
  ...(['every', 'last'] as const).map((asked) => ({
    name: `self-attention of one head, ${asked} step asked`,
    shapes: [[inputs, 3 * inputs], [3 * inputs], [inputs, inputs], [inputs]],
    through: ((tf, x, w) => selfAttention(tf, x, w as never, { steps, heads: 1, asked })) as Through,
  })),
  whole('transformer of two blocks', transformerNetwork({ size: 2, heads: 2, blocks: 2 }, shape)),
  whole('TCN of two blocks', tcnNetwork(units, 2, 2, shape)),
]

/** The largest of all differences. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]))
  return most
}

const sizeOf = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b, 1)

function numbers(stream: string, count: number): Float32Array {
  const random = createRandom(1, stream)
  return Float32Array.from({ length: count }, () => 0.5 * random.normal())
}

for (const { name, shapes, through } of cases) {
  describe(name, () => {
    const x = numbers('x', steps * rows * inputs)
    const weights = shapes.map((lengths, i) => numbers(`w${i}`, sizeOf(lengths)))
    const tensors = (tf: Tf) => weights.map((values, i) => tf.tensor(values.slice(), [...shapes[i]]))
    const pass = (tf: Tf) => through(tf, tf.tensor2d(x.slice(), [steps * rows, inputs]), tensors(tf))
    const output = (engine = cpu) => engine.run((tf) => pass(tf).output.dataSync<'float32'>())
    const pull = numbers('pull', output().length)
    const gradients = (engine = wasm) =>
      engine.run((tf) => {
        const made = pass(tf)
        const { weights: own, input } = made.back(tf.tensor(pull.slice(), made.output.shape) as Tensor2D)
        return [...own, input as Tensor2D].map((tensor) => Float32Array.from(tensor.dataSync()))
      })

    it('is the same on both backends, forward and back', () => {
      const [fast, plain] = [output(wasm), output(cpu)]
      expect(distance(fast, plain)).toBeLessThan(1e-5)
      const [ours, theirs] = [gradients(wasm), gradients(cpu)]
      for (const [k, part] of ours.entries()) expect(distance(part, theirs[k]), `part ${k}`).toBeLessThan(1e-4)
    })

    it('has the gradients that differences of its output give', () => {
      const weighted = () => output().reduce((sum, value, i) => sum + value * pull[i], 0)
      const found = gradients()
      // A ReLU that bends within a step spoils the difference: steps are smaller there, and rounding counts for more.
      const bent = /TCN|CNN|transformer/.test(name)
      ;[...weights, x].forEach((values, k) => {
        const stride = Math.max(1, Math.floor(values.length / 12))
        for (let i = 0; i < values.length; i += stride) {
          const kept = values[i]
          const h = bent ? 2 ** -11 : 2 ** -7
          values[i] = kept + h
          const up = weighted()
          values[i] = kept - h
          const down = weighted()
          values[i] = kept
          expect(Math.abs((up - down) / (2 * h) - found[k][i]), `${k} ${i}`).toBeLessThan(bent ? 0.02 : 2e-3)
        }
      })
    })
  })
}

describe('what is left behind', () => {
  it('is no tensor', () => {
    const before = wasm.tf.memory().numTensors
    const network = tcnNetwork(units, 2, 2, shape)
    const weights = startWeights(network.weights, createRandom(1, 'w'))
    for (let i = 0; i < 3; i++) {
      wasm.run((tf) => {
        const made = network.through(
          tf,
          tf.zeros([steps * rows, inputs]),
          tensorsOf(tf, network.weights, weights),
          null,
          true,
        )
        return made.back(tf.ones([rows, 2]) as Tensor2D).weights.map((tensor) => tensor.dataSync<'float32'>())
      })
    }
    expect(wasm.tf.memory().numTensors).toBe(before)
  })
})

describe('the topology', () => {
  const nets = {
    lstm: recurrentNetwork('lstm', { units, layers: 2 }, shape),
    gru: recurrentNetwork('gru', { units, layers: 2 }, shape),
    bidirectional: recurrentNetwork('lstm', { units, layers: 2, bidirectional: true }, shape),
    attention: recurrentNetwork('lstm', { units, layers: 1, bidirectional: true, attention: true }, shape),
    'cnn-lstm': cnnLstmNetwork({ filters: 5, taps: 2, units }, shape),
    tcn: tcnNetwork(units, 3, 2, shape),
  }
  for (const [name, network] of Object.entries(nets)) {
    const weights = startWeights(network.weights, createRandom(3, name)).map((value, i) => value + 0.01 * Math.sin(i))
    const x = numbers('x', steps * rows * inputs)
    const ours = () =>
      cpu.run((tf) => {
        const input = tf.tensor2d(x.slice(), [steps * rows, inputs])
        return network
          .through(tf, input, tensorsOf(tf, network.weights, weights), null, false)
          .output.dataSync<'float32'>()
      })
    const loaded = async () => {
      await cpu.tf.setBackend('cpu')
      return stock.loadLayersModel({
        load: async () => ({
          modelTopology: network.topology as object,
          weightSpecs: network.weights.map(({ name, shape }) => ({
            name,
            shape: [...shape],
            dtype: 'float32' as const,
          })),
          weightData: weights.slice().buffer as ArrayBuffer,
        }),
      })
    }

    it(`of ${name} is read by TensorFlow.js' own layers, with its weights`, async () => {
      const model = await loaded()
      expect(model.countParams()).toBe(weights.length)
      model.dispose()
    })

    // Its layers read a causal convolution and refuse to compute one.
    it.skipIf(name === 'tcn' || name === 'cnn-lstm')(`of ${name} gives the same scores there`, async () => {
      const model = await loaded()
      const theirs = cpu.run((tf) => {
        // Ours lie step after step, theirs row after row.
        const sequences = tf.transpose(tf.tensor3d(x.slice(), [steps, rows, inputs]), [1, 0, 2])
        return (model.predict(sequences) as Tensor).dataSync<'float32'>()
      })
      expect(distance(ours(), theirs)).toBeLessThan(1e-5)
      model.dispose()
    })

    it.skipIf(name !== 'tcn')('of tcn is what plain loops compute', () => {
      const found = ours()
      for (let row = 0; row < rows; row++) {
        const sequence = Array.from({ length: steps }, (_, t) => [
          ...x.slice((t * rows + row) * inputs, (t * rows + row + 1) * inputs),
        ])
        expect(distance(found.slice(row * 2, row * 2 + 2), loops(sequence, network, weights)), `${row}`).toBeLessThan(
          1e-5,
        )
      }
    })
  }
})

/** The scores of a TCN of two blocks after one sequence, element by element. */
function loops(sequence: number[][], network: Network, weights: Float32Array): number[] {
  const parts = new Map<string, { values: Float32Array; shape: readonly number[] }>()
  let at = 0
  for (const { name, shape } of network.weights) {
    parts.set(name, { values: weights.slice(at, at + sizeOf(shape)), shape })
    at += sizeOf(shape)
  }
  const part = (name: string) => parts.get(name) as { values: Float32Array; shape: readonly number[] }
  const convolved = (x: number[][], name: string, dilation: number): number[][] => {
    const { values, shape } = part(`${name}/kernel`)
    const [taps, width, filters] = shape
    return x.map((_, t) =>
      Array.from({ length: filters }, (_, f) => {
        let sum = part(`${name}/bias`).values[f]
        for (let tap = 0; tap < taps; tap++) {
          const from = x[t - (taps - 1 - tap) * dilation]
          for (let c = 0; from !== undefined && c < width; c++) sum += from[c] * values[(tap * width + c) * filters + f]
        }
        return sum
      }),
    )
  }
  const relu = (x: number[][]) => x.map((row) => row.map((value) => Math.max(0, value)))
  let x = sequence
  for (const block of [1, 2]) {
    const dilation = 2 ** (block - 1)
    const inner = relu(convolved(relu(convolved(x, `block_${block}_a`, dilation)), `block_${block}_b`, dilation))
    const skip = block === 1 ? convolved(x, 'skip', 1) : x
    x = relu(inner.map((row, t) => row.map((value, f) => value + skip[t][f])))
  }
  const last = x[x.length - 1]
  const { values, shape } = part('scores/kernel')
  return Array.from(part('scores/bias').values, (bias, k) =>
    last.reduce((sum, value, f) => sum + value * values[f * shape[1] + k], bias),
  )
}
