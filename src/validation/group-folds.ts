/**
 * Folds whose training rows lie on both sides of the scored ones: purged k-fold, and all choices of several scored groups at once
 * (combinatorial purged cross-validation, Lopez de Prado 2018, Advances in Financial Machine Learning, chapter 12).
 *
 * More rows are scored than walking forward scores, and each row by several models; but a model that was trained on what came after is
 * not one that anybody could have had. Such scores say how stable a result is, not what would have been earned.
 */
import { combinations } from '../core/combinations.js'
import { assert } from '../core/errors.js'
import { type Intervals, type RowRange, type SplitOptions, type SplitPlan, timeLine } from './splits.js'

export type GroupOptions = SplitOptions & { readonly scoredGroups: number }

/** Each of `folds` groups is scored once. */
export function purgedKFold(intervals: Intervals, options: SplitOptions): SplitPlan {
  return combinatorialFolds(intervals, { ...options, scoredGroups: 1 })
}

/**
 * The rows before the test part are cut into N = `folds` groups of equal count. Every choice of k = `scoredGroups` of them is a fold that
 * scores these, in lexicographic order: C(N, k) folds, and every row is scored C(N − 1, k − 1) = C(N, k) · k / N times.
 *
 * Validation is a whole group of its own: the one before the first scored group, as when walking forward; where that is the first group
 * of all, the first group that is not scored. The rest trains. Train keeps away from validation and score on both sides, validation from
 * score, and all of them from the test part; the book has no validation part, so that its training sets are larger by a group.
 *
 * Path j takes each group from the j-th fold that scores it (the book's figure 12.2): C(N − 1, k − 1) paths through all rows.
 *
 * @throws UserError when a part keeps too few rows
 */
export function combinatorialFolds(intervals: Intervals, options: GroupOptions): SplitPlan {
  const { folds: groups, scoredGroups } = options
  assert(
    Number.isInteger(groups) && Number.isInteger(scoredGroups) && scoredGroups >= 1,
    `${scoredGroups} of ${groups}`,
  )
  assert(groups - scoredGroups >= 2, `${scoredGroups} of ${groups} groups leave none to validate on and to train on`)
  const line = timeLine(intervals, options, groups)
  const range = (first: number, end = first + 1): RowRange => ({
    start: Math.round((line.test.start * first) / groups),
    end: Math.round((line.test.start * end) / groups),
  })
  const timesScored = new Array<number>(groups).fill(0)
  const chosen = combinations(groups, scoredGroups)
  return {
    folds: chosen.map((scored, k) => {
      const validation = validationGroup(scored)
      const rest = Array.from({ length: groups }, (_, g) => g).filter((g) => g !== validation && !scored.includes(g))
      return line.fold(`fold ${k + 1}`, {
        train: runsOf(rest).map(([first, end]) => range(first, end)),
        validation: range(validation),
        score: scored.map((g) => range(g)),
      })
    }),
    final: line.final(0),
    paths: chosen.map((scored) =>
      scored.map((g) => {
        timesScored[g]++
        return timesScored[g]
      }),
    ),
  }
}

function validationGroup(scored: readonly number[]): number {
  if (scored[0] > 0) return scored[0] - 1
  const gap = scored.findIndex((g, i) => g !== i)
  return gap < 0 ? scored.length : gap
}

/** Neighbours together: [first, end) of each run of consecutive groups. */
function runsOf(groups: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const g of groups) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === g) last[1] = g + 1
    else runs.push([g, g + 1])
  }
  return runs
}
