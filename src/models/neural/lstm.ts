/** LSTM networks over windows of rows. */
import { netKind } from './net-kind.js'
import { recurrentNetwork } from './recurrent-network.js'
import { recurrentParameters } from './recurrent-parameters.js'

export const lstm = netKind({
  name: 'lstm',
  title: 'LSTM',
  meaning: 'Long short-term memory over a window of rows, on standardised features.',
  reference: 'Hochreiter & Schmidhuber 1997; TensorFlow.js on WebAssembly with layers of its own',
  architecture: recurrentParameters,
  build: ({ units, layers }, shape) => recurrentNetwork('lstm', units, layers, shape),
})
