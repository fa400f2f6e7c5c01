/** GRU networks over windows of rows. */
import { netKind } from './net-kind.js'
import { recurrentNetwork } from './recurrent-network.js'
import { recurrentParameters } from './recurrent-parameters.js'

export const gru = netKind({
  name: 'gru',
  title: 'GRU',
  meaning: 'Gated recurrent units over a window of rows, on standardised features.',
  reference: 'Cho et al. 2014; TensorFlow.js on WebAssembly with layers of its own',
  architecture: recurrentParameters,
  build: ({ units, layers }, shape) => recurrentNetwork('gru', { units, layers }, shape),
})
