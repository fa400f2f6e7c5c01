/** A convolution in front of an LSTM, over windows of rows. */
import { cnnLstmNetwork } from './cnn-lstm-network.js'
import { netKind } from './net-kind.js'
import { recurrentParameters } from './recurrent-parameters.js'
import { tapsParameter } from './tcn.js'

export const cnnLstm = netKind({
  name: 'cnn-lstm',
  title: 'CNN-LSTM',
  meaning: 'A causal convolution over a window of rows, and an LSTM over what it says, on standardised features.',
  reference: 'Sainath, Vinyals, Senior & Sak 2015, without their dense layers; TensorFlow.js with layers of its own',
  architecture: {
    filters: {
      default: 32,
      range: [1, 1024],
      integer: true,
      meaning: 'Filters of the convolution.',
      search: { low: 8, high: 64, log: true },
    },
    taps: tapsParameter,
    units: recurrentParameters.units,
  },
  build: ({ filters, taps, units }, shape) => cnnLstmNetwork({ filters, taps, units }, shape),
})
