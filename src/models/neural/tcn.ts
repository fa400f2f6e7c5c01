/** Temporal convolutional networks over windows of rows. */
import type { Parameter } from '../model.js'
import { netKind } from './net-kind.js'
import { tcnNetwork } from './tcn-network.js'

export const tapsParameter = {
  default: 3,
  range: [2, 16],
  integer: true,
  meaning: 'Rows that one convolution looks at.',
} as const satisfies Parameter

export const tcn = netKind({
  name: 'tcn',
  title: 'Temporal convolutional network',
  meaning: 'Residual blocks of causal, dilated convolutions over a window of rows, on standardised features.',
  reference: 'Bai, Kolter & Koltun 2018; TensorFlow.js on WebAssembly with layers of its own',
  architecture: {
    filters: {
      default: 32,
      range: [1, 1024],
      integer: true,
      meaning: 'Filters of each convolution.',
      search: { low: 8, high: 64, log: true },
    },
    taps: tapsParameter,
    blocks: {
      default: 3,
      range: [1, 8],
      integer: true,
      meaning: 'Residual blocks; the gaps between taps double from one to the next.',
    },
  },
  build: ({ filters, taps, blocks }, shape) => tcnNetwork(filters, taps, blocks, shape),
})
