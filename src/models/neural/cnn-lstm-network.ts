/** A causal convolution with a ReLU that sums up neighbouring rows, then an LSTM over what it says; the scores from its last state. */
import { causalConvolution, everyStep } from './causal-convolution.js'
import { chained, dropped } from './chain.js'
import type { Tensor1D, Tensor2D, Tensor3D } from './engine.js'
import { type RecurrentWeights, rectified } from './layer.js'
import { lstm } from './lstm-layer.js'
import { head, headSpecs, type Network, type Shape } from './network.js'
import { recurrentConfig, recurrentSpecs } from './recurrent-network.js'

export type CnnLstmSize = { readonly filters: number; readonly taps: number; readonly units: number }

export function cnnLstmNetwork({ filters, taps, units }: CnnLstmSize, shape: Shape): Network {
  const { steps, features, outputs } = shape
  return {
    weights: [
      { name: 'convolution/kernel', shape: [taps, features, filters], start: 'even' },
      { name: 'convolution/bias', shape: [filters], start: 'zero' },
      ...recurrentSpecs('lstm', 'lstm', filters, units),
      ...headSpecs(units, outputs),
    ],
    topology: {
      class_name: 'Sequential',
      config: {
        name: 'cnn_lstm',
        layers: [
          {
            class_name: 'Conv1D',
            config: {
              ...{ name: 'convolution', filters, kernel_size: [taps], strides: [1], padding: 'causal' },
              ...{ dilation_rate: [1], activation: 'relu', use_bias: true },
              ...{ batch_input_shape: [null, steps, features], dtype: 'float32' },
            },
          },
          { class_name: 'LSTM', config: recurrentConfig('lstm', 'lstm', units, false) },
          { class_name: 'Dense', config: { name: 'scores', units: outputs, activation: 'linear', use_bias: true } },
        ],
      },
    },
    through(tf, x, weights, drop, inputGradient) {
      const [filter, bias, ...rest] = weights
      const all = everyStep(steps)
      const options = { given: all, wanted: all, dilation: 1, inputGradient }
      const convolved = causalConvolution(tf, x, [filter as Tensor3D, bias as Tensor1D], options)
      const passes = [convolved, rectified(tf, convolved.output)]
      passes.push(...dropped(tf, passes[1].output, drop))
      const own = rest.slice(0, 3) as unknown as RecurrentWeights
      passes.push(lstm(tf, passes[passes.length - 1].output, own, { steps, all: false, inputGradient: true }))
      return head(tf, chained(passes), rest.slice(-2) as unknown as [Tensor2D, Tensor1D], drop)
    },
  }
}
