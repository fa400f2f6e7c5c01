/**
 * Walk-forward with a window of fixed length: what is old is forgotten. The model that ships is trained on a window as well, so that
 * the folds say something about it.
 */
import { assert } from '../core/errors.js'
import { isoMinute } from '../core/time.js'
import { type Intervals, type SplitOptions, type SplitPlan, timeLine, tooFew } from './splits.js'

export type RollingOptions = SplitOptions & { readonly windowMs: number }

/**
 * The rows from the end of the first window to the test part are cut into `folds + 1` blocks of equal count: fold k validates on block
 * k, scores block k + 1, and trains on the `windowMs` before its validation. Every window is full; what is older is in no part.
 *
 * @throws UserError when the window leaves too few rows before the test part, or a part keeps too few
 */
export function rollingWindow(intervals: Intervals, options: RollingOptions): SplitPlan {
  const { folds, windowMs, minRows = 50 } = options
  assert(Number.isInteger(folds) && folds >= 1, `folds is ${folds}`)
  assert(windowMs > 0, `windowMs is ${windowMs}`)
  const { t0 } = intervals
  const line = timeLine(intervals, options, folds + 2)
  const begin = firstAt(t0, t0[0] + windowMs)
  const left = line.test.start - begin
  if (left < (folds + 1) * minRows) {
    tooFew(
      `after the first window, which ends ${isoMinute(t0[0] + windowMs)}, ${Math.max(0, left)} rows lie before the test part`,
      `${folds} folds need at least ${(folds + 1) * minRows}`,
      'a shorter train.window, fewer train.folds',
    )
  }
  const cut = (block: number) => begin + Math.round((left * block) / (folds + 1))
  const windowBefore = (row: number) => firstAt(t0, t0[row] - windowMs)
  return {
    folds: Array.from({ length: folds }, (_, k) =>
      line.fold(`fold ${k + 1}`, {
        train: [{ start: windowBefore(cut(k)), end: cut(k) }],
        validation: { start: cut(k), end: cut(k + 1) },
        score: [{ start: cut(k + 1), end: cut(k + 2) }],
      }),
    ),
    final: line.final(windowBefore(line.validation.start)),
    paths: Array.from({ length: folds }, () => [1]),
  }
}

/** First row at or after a time; the number of rows when there is none. */
function firstAt(t0: Float64Array, time: number): number {
  let low = 0
  let high = t0.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (t0[middle] < time) low = middle + 1
    else high = middle
  }
  return low
}
