/**
 * Where a tuner may look: rows before the first block that walk-forward scores, cut into folds of their own. No out-of-fold
 * prediction and no test row was seen by the parameters that it is made with.
 */
import { assert, UserError } from '../core/errors.js'
import {
  type Intervals,
  type Part,
  purgedPart,
  type RowRange,
  type Split,
  type SplitPlan,
} from '../validation/splits.js'

export type InnerOptions = {
  /** The folds and the final split of the training that follows. */
  readonly plan: SplitPlan
  /** `train.folds`, of which the plan was made. */
  readonly outerFolds: number
  readonly folds: number
  readonly embargoMs: number
  readonly minRows?: number // fewest usable rows of a part, 50
}

/** Of folds + 3 equal blocks before the test part: those on which the first walk-forward fold trains and validates. */
const BLOCKS = 3

/**
 * The oldest rows: three blocks of the part before the test, and never a row from the first scored one on. Where a scheme scores the very oldest
 * rows as well there is no such first one; then the blocks alone decide, and only the test part is untouched.
 */
export function tuningRegion({ folds, final }: SplitPlan, outerFolds: number): RowRange {
  const testStart = Math.min(...final.score.ranges.map(({ start }) => start))
  const scored = Math.min(...folds.flatMap(({ score }) => score.ranges.map(({ start }) => start)))
  const blocks = Math.round((testStart * BLOCKS) / (outerFolds + BLOCKS))
  return { start: 0, end: scored > 0 ? Math.min(blocks, scored) : blocks }
}

/**
 * Walk-forward folds inside the region, which is cut into folds + 2 equal blocks: inner fold k trains on the blocks 0 … k, stops early and calibrates on the
 * next and is scored on the one after. All are purged against what follows them and against all rows behind the region.
 *
 * @throws UserError when a part keeps fewer than `minRows` rows
 */
export function innerSplits(intervals: Intervals, options: InnerOptions): Split[] {
  const { plan, outerFolds, folds, embargoMs, minRows = 50 } = options
  assert(Number.isInteger(folds) && folds >= 1, `inner folds is ${folds}`)
  const n = intervals.t0.length
  const { end } = tuningRegion(plan, outerFolds)
  const behind = { start: end, end: n }
  const cut = (block: number) => Math.round((end * block) / (folds + 2))
  return Array.from({ length: folds }, (_, k) => {
    const name = `inner fold ${k + 1}`
    const train = { start: 0, end: cut(k + 1) }
    const validation = { start: cut(k + 1), end: cut(k + 2) }
    const score = { start: cut(k + 2), end: cut(k + 3) }
    const made = {
      name,
      train: purgedPart(intervals, [train], [validation, score, behind], embargoMs),
      validation: purgedPart(intervals, [validation], [score, behind], embargoMs),
      score: purgedPart(intervals, [score], [behind], embargoMs),
    }
    for (const part of ['train', 'validation', 'score'] as const) requireRows(`${name}: ${part}`, made[part], minRows)
    return made
  })
}

function requireRows(what: string, { rows, purged, unlabelled }: Part, minRows: number): void {
  if (rows.length >= minRows) return
  throw new UserError(
    `too little data to tune: ${what} keeps ${rows.length} rows (${purged} purged, ${unlabelled} without a label); needs at least ${minRows}`,
    { hint: 'take a longer span, fewer tuning.folds or train.folds, or tuning.trials 0' },
  )
}
