/** The columns that a first model of the same kind leans on. */
import { largestOf, type SelectionMethod } from './method.js'

export const importance: SelectionMethod = {
  name: 'importance',
  meaning: 'Fits the candidate once on all columns and keeps those with the largest gain, best first.',
  reference: 'Breiman et al. 1984, Classification and Regression Trees, 5.3',
  parameters: {
    keep: { default: 50, range: [1, 100_000], integer: true, meaning: 'Columns that stay.' },
  },

  async choose(view, columns, [keep]) {
    return columns.length <= keep ? { kept: columns, dropped: [] } : largestOf(columns, await view.gain(columns), keep)
  },
}
