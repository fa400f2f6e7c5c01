/** The columns that, each by itself, tell most about the target. */
import { mutualInformation as information, quantileCells } from '../../math/mutual-information.js'
import { columnOf, largestOf, type SelectionMethod } from './method.js'

/** Cells of a feature, and of a target that is a number. Not known is one more. */
const CELLS = 16
const TARGET_CELLS = 10

export const mutualInformation: SelectionMethod = {
  name: 'mutualInformation',
  meaning: 'Keeps the columns with the most mutual information with the target, in equal-count cells, best first.',
  reference:
    'Cover & Thomas 2006, ch. 2; bias after Miller 1955; cells instead of neighbours (Kraskov 2004), which take no holes',
  parameters: {
    keep: { default: 100, range: [1, 100_000], integer: true, meaning: 'Columns that stay.' },
  },

  async choose(view, columns, [keep]) {
    const target = view.classes === 1 ? quantileCells(view.target, TARGET_CELLS) : Int32Array.from(view.target)
    const found = Float64Array.from(
      columns,
      (column) => information(quantileCells(columnOf(view.x, view.sample, column), CELLS), target).corrected,
    )
    return largestOf(columns, found, keep)
  },
}
