/**
 * The line of time in training: which rows may be fitted, which may tune, which may score. Rows carry their label
 * interval [t0, t1]; an earlier part gives up every row whose interval, plus the embargo, reaches into a later part.
 * Every scheme (`schemes.ts`) returns the same `Split`; `purgedPart` handles parts before, after and between the protected ones.
 *
 * Purging: a label is made of prices up to its t1, so a training row whose interval meets that of a scored row has seen part of the
 * answer, whatever its features. Embargo: prices depend on each other beyond the label, so some time on both sides is given up as well.
 * (Lopez de Prado 2018, Advances in Financial Machine Learning, 7.4; there the embargo is on the later side only.)
 */
import { assert, UserError } from '../core/errors.js'
import type { Span } from '../core/time.js'

/** Label intervals of the rows, UTC ms: `t0` rising (ties allowed), `t1` NaN where the outcome is not known. [n] */
export type Intervals = { readonly t0: Float64Array; readonly t1: Float64Array }

/** Rows `start` (inclusive) to `end` (exclusive). */
export type RowRange = { readonly start: number; readonly end: number }

export type Part = {
  /** The whole ranges, purged and unlabelled rows included: what is predicted and traded. */
  readonly ranges: readonly RowRange[]
  /** The rows that may be fitted or scored, ascending: known outcome, and clear of every protected part. */
  readonly rows: Int32Array
  /** From the first `t0` of the ranges to the end of the last interval that `rows` uses. */
  readonly span: Span
  /** Rows given up because their interval, with the embargo, meets a protected part. */
  readonly purged: number
  /** Rows left out because their `t1` is not known. */
  readonly unlabelled: number
}

/** Fit on `train`; stop early, calibrate, select and set the threshold on `validation`; judge on `score` only. */
export type Split = { readonly name: string; readonly train: Part; readonly validation: Part; readonly score: Part }

/** `folds[k].score` is out-of-fold, `final.score` the test part. The ranges of one `score` are disjoint and in time order. */
export type SplitPlan = {
  readonly folds: readonly Split[]
  readonly final: Split
  /**
   * `paths[k][i]`, from 1: the path of range i of `folds[k].score`. The ranges of one path are disjoint and cover every row that is
   * scored, so a path can be traded as one account; schemes that score a row once have one path.
   */
  readonly paths: readonly (readonly number[])[]
}

export type SplitOptions = {
  readonly folds: number // >= 1
  readonly embargoMs: number // >= 0; the contract's default is the label's horizon
  readonly testFraction?: number // last share of the rows, 0.15
  readonly validationFraction?: number // share before the test part, 0.15
  readonly minRows?: number // fewest usable rows a part may have, 50
}

/**
 * Walk-forward folds inside the first part of the rows, and the final train | validation | test.
 *
 * The rows before the test part are cut into `folds + 3` blocks of equal count: fold k trains on blocks 0 … k+1,
 * validates on k+2 and scores k+3, so the training part grows. Folds are purged against the test part too: not even
 * the last out-of-fold score depends on a price inside it.
 *
 * @throws UserError when a part keeps fewer than `minRows` rows
 */
export function walkForward(intervals: Intervals, options: SplitOptions): SplitPlan {
  const { folds } = options
  assert(Number.isInteger(folds) && folds >= 1, `folds is ${folds}`)
  const line = timeLine(intervals, options, folds + 3)
  const cut = (block: number) => Math.round((line.test.start * block) / (folds + 3))
  return {
    folds: Array.from({ length: folds }, (_, k) =>
      line.fold(`fold ${k + 1}`, {
        train: [{ start: 0, end: cut(k + 2) }],
        validation: { start: cut(k + 2), end: cut(k + 3) },
        score: [{ start: cut(k + 3), end: cut(k + 4) }],
      }),
    ),
    final: line.final(0),
    paths: Array.from({ length: folds }, () => [1]),
  }
}

export type FoldRanges = {
  readonly train: readonly RowRange[]
  readonly validation: RowRange
  readonly score: readonly RowRange[]
}

/** What all schemes share: where the test part begins, how a fold is purged, and the final split. */
export type TimeLine = {
  readonly test: RowRange
  readonly validation: RowRange
  /** Inside the rows before the test part; every part keeps away from those that judge it, and from the test part. */
  fold(name: string, ranges: FoldRanges): Split
  /** Train from `start` on | validation | test. */
  final(start: number): Split
}

/**
 * @param blocks of equal count that the scheme cuts the rows before the test part into
 * @throws UserError when there are fewer than `minRows` rows a block, or a part keeps fewer
 */
export function timeLine(intervals: Intervals, options: SplitOptions, blocks: number): TimeLine {
  const { folds, embargoMs, testFraction = 0.15, validationFraction = 0.15, minRows = 50 } = options
  checkIntervals(intervals)
  assert(embargoMs >= 0, `embargoMs is ${embargoMs}`)
  assert(
    testFraction > 0 && validationFraction > 0 && testFraction + validationFraction < 1,
    'fractions leave no train',
  )
  const n = intervals.t0.length
  if (n < blocks * minRows) tooFew(`the table has ${n} rows`, `${folds} folds need at least ${blocks * minRows}`)
  const test = { start: Math.round(n * (1 - testFraction)), end: n }
  const validation = { start: Math.round(n * (1 - testFraction - validationFraction)), end: test.start }
  const split = (name: string, ranges: FoldRanges, sealed: readonly RowRange[]): Split => {
    const judges = [...ranges.score, ...sealed]
    const made = {
      name,
      train: purgedPart(intervals, ranges.train, [ranges.validation, ...judges], embargoMs),
      validation: purgedPart(intervals, [ranges.validation], judges, embargoMs),
      score: purgedPart(intervals, ranges.score, sealed, embargoMs),
    }
    for (const part of ['train', 'validation', 'score'] as const) requireRows(name, part, made[part], minRows)
    return made
  }
  return {
    test,
    validation,
    fold: (name, ranges) => split(name, ranges, [test]),
    final: (start) => split('final', { train: [{ start, end: validation.start }], validation, score: [test] }, []),
  }
}

/** From the first row that any fold scores to the end of the test part. */
export function scoredSpan({ folds, final }: SplitPlan): Span {
  const scored = [...folds, final].map(({ score }) => score.span)
  return {
    from: Math.min(...scored.map(({ from }) => from)),
    to: Math.max(...scored.map(({ to }) => to)),
  }
}

/**
 * The rows of `ranges` whose intervals keep `embargoMs` away from every protected range.
 *
 * A protected range occupies [first t0, last t1]: its window starts where its first label *starts*. A row is kept when
 * t1 + embargo <= that start, or t0 >= that end + embargo; touching is not meeting, since a row's entry comes after
 * its t0. Comparing whole intervals also catches the row that begins before a protected range and ends after it,
 * which looking at end points alone lets through.
 */
export function purgedPart(
  intervals: Intervals,
  ranges: readonly RowRange[],
  protectedRanges: readonly RowRange[],
  embargoMs: number,
): Part {
  const { t0, t1 } = intervals
  const walls = protectedRanges.filter(({ start, end }) => end > start).map((range) => occupied(intervals, range))
  const kept: number[] = []
  let purged = 0
  let unlabelled = 0
  let last = Number.NEGATIVE_INFINITY
  for (const { start, end } of ranges) {
    for (let row = start; row < end; row++) {
      if (Number.isNaN(t1[row])) unlabelled++
      else if (walls.some((wall) => t1[row] + embargoMs > wall.from && t0[row] < wall.to + embargoMs)) purged++
      else {
        kept.push(row)
        if (t1[row] > last) last = t1[row]
      }
    }
  }
  const first = ranges.length > 0 ? t0[ranges[0].start] : Number.NaN
  const span = { from: first, to: kept.length > 0 ? last : first }
  return { ranges, rows: Int32Array.from(kept), span, purged, unlabelled }
}

/** Time that the rows of a range occupy; a row of unknown outcome counts as its `t0`. */
function occupied({ t0, t1 }: Intervals, { start, end }: RowRange): Span {
  let to = t0[end - 1]
  for (let row = start; row < end; row++) if (t1[row] > to) to = t1[row]
  return { from: t0[start], to }
}

function checkIntervals({ t0, t1 }: Intervals): void {
  assert(t0.length === t1.length, `${t0.length} t0 and ${t1.length} t1`)
  for (let row = 0; row < t0.length; row++) {
    assert(row === 0 || t0[row] >= t0[row - 1], `t0 falls at row ${row}`)
    assert(!(t1[row] < t0[row]), `row ${row} ends before it starts`)
  }
}

function requireRows(split: string, part: string, { rows, purged, unlabelled }: Part, minRows: number): void {
  if (rows.length >= minRows) return
  tooFew(
    `${split}: ${part} keeps ${rows.length} rows (${purged} purged, ${unlabelled} without a label)`,
    `needs at least ${minRows}`,
  )
}

/** @throws UserError with both numbers */
export function tooFew(fact: string, limit: string, instead = 'fewer train.folds'): never {
  throw new UserError(`too little data to train: ${fact}; ${limit}`, {
    hint: `take a longer span (data.from, data.months), ${instead}, or a shorter labels.horizon or train.embargo`,
  })
}
