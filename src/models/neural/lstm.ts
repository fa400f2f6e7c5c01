/** LSTM networks over windows of rows. */
import { netKind } from './net-kind.js'
import { recurrentNetwork } from './recurrent-network.js'
import { recurrentParameters } from './recurrent-parameters.js'

export const lstm = netKind({
  name: 'lstm',
  title: 'LSTM',
  meaning: 'Long short-term memory over a window of rows, on standardised features.',
  reference:
    'Hochreiter & Schmidhuber 1997, attention after Bahdanau et al. 2015; TensorFlow.js with layers of its own',
  architecture: {
    ...recurrentParameters,
    bidirectional: {
      default: 0,
      range: [0, 1],
      integer: true,
      meaning: '1: each layer also reads the window backwards, from its last row to its first; no later row is seen.',
      search: { low: 0, high: 1 },
    },
    attention: {
      default: 0,
      range: [0, 1],
      integer: true,
      meaning: '1: the scores come from the states of all steps, weighted by attention, not from the last alone.',
      search: { low: 0, high: 1 },
    },
  },
  build: ({ units, layers, bidirectional, attention }, shape) =>
    recurrentNetwork('lstm', { units, layers, bidirectional: bidirectional === 1, attention: attention === 1 }, shape),
})
