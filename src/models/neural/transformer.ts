/** Transformers over windows of rows. */
import { netKind } from './net-kind.js'
import { transformerNetwork } from './transformer-network.js'

export const transformer = netKind({
  name: 'transformer',
  title: 'Transformer',
  meaning: 'Blocks of multi-head self-attention over a window of rows, on standardised features.',
  reference: 'Vaswani et al. 2017, normalised first as Xiong et al. 2020; TensorFlow.js with layers of its own',
  architecture: {
    size: {
      default: 8,
      range: [1, 128],
      integer: true,
      meaning: 'Columns that one head works on; the net is as wide as all heads together.',
      search: { low: 4, high: 32, log: true },
    },
    heads: { default: 4, range: [1, 16], integer: true, meaning: 'Heads of the attention.' },
    blocks: {
      default: 2,
      range: [1, 8],
      integer: true,
      meaning: 'Blocks, one upon the other.',
      search: { low: 1, high: 4 },
    },
  },
  build: ({ size, heads, blocks }, shape) => transformerNetwork({ size, heads, blocks }, shape),
})
