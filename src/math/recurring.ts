/**
 * Spans that come again at fixed bar numbers, such as the same hours of every day, and what the last of them was.
 */

export type Recurrence = {
  readonly period: number // bars from one start to the next
  readonly phase: number // a span starts at absolute bar numbers that leave this when divided by `period`
  readonly length: number // bars in a span; may be longer than the period
  /** Bars before a span that its value looks at. */
  readonly before: number
}

/** Bars before the first value: the next span has all but ended, and the last one is still what is known. */
export function recurrenceLookback({ period, length, before }: Recurrence): number {
  return period + length + before - 2
}

/**
 * At each bar, the value of the last span that had ended with it. NaN wherever one of the last lookback + 1 bars is not known,
 * so that the silence after a hole is equally long whatever the bar's number.
 *
 * @param columns  a NaN in any of them is a hole [n] each
 * @param origin   absolute number of bar 0
 * @param of       value of the span of bars [start, end); may look at bars from start - `before` on. Called once a span
 * @returns        NaN for the first `recurrenceLookback` bars [n]
 */
export function lastSpan(
  columns: readonly Float64Array[],
  origin: number,
  recurrence: Recurrence,
  of: (start: number, end: number) => number,
): Float64Array {
  const n = columns[0].length
  const { period, phase, length } = recurrence
  const lookback = recurrenceLookback(recurrence)
  const out = new Float64Array(n).fill(Number.NaN)
  let known = 0
  let held = Number.NaN
  let heldStart = Number.NaN
  for (let t = 0; t < n; t++) {
    known = columns.some((column) => Number.isNaN(column[t])) ? 0 : known + 1
    if (known <= lookback) continue
    const latest = t + 1 - length // a span that starts here ends with this bar
    const start = latest - ((((latest + origin - phase) % period) + period) % period)
    if (start !== heldStart) {
      held = of(start, start + length)
      heldStart = start
    }
    out[t] = held
  }
  return out
}
