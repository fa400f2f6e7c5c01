/**
 * The equity curve by UTC day and month, and its drawdowns.
 */
import { DAY, type Month, monthOf, monthSpan } from '../core/time.js'

export type DailyEquity = {
  readonly day: Float64Array // start of the UTC day
  readonly equity: Float64Array // at the last bar that opens in that day
  readonly returns: Float64Array // fraction, against the day before; the first against the initial equity
}

/**
 * @param openTime  open of each base bar, UTC ms [n]
 * @param equity    marked at each bar's close [n]
 * @returns         one row for each UTC day touched, flat days included
 */
export function dailyEquity(openTime: Float64Array, equity: Float64Array, initialEquity: number): DailyEquity {
  const days: number[] = []
  const values: number[] = []
  let end = openTime.length === 0 ? 0 : Math.floor(openTime[0] / DAY) * DAY + DAY
  for (let i = 1; i <= openTime.length; i++) {
    if (i < openTime.length && openTime[i] < end) continue
    days.push(end - DAY)
    values.push(equity[i - 1])
    end += DAY
  }
  const returns = Float64Array.from(values, (value, i) => value / (i === 0 ? initialEquity : values[i - 1]) - 1)
  return { day: Float64Array.from(days), equity: Float64Array.from(values), returns }
}

export type MonthlyReturn = { readonly month: Month; readonly value: number }

/** Return of each calendar month touched, against the end of the month before; oldest first. */
export function monthlyReturns(openTime: Float64Array, equity: Float64Array, initialEquity: number): MonthlyReturn[] {
  const table: MonthlyReturn[] = []
  let before = initialEquity
  for (let i = 0; i < openTime.length; ) {
    const month = monthOf(openTime[i])
    const end = monthSpan(month).to
    while (i < openTime.length && openTime[i] < end) i++
    table.push({ month, value: equity[i - 1] / before - 1 })
    before = equity[i - 1]
  }
  return table
}

/** Loss from the highest equity so far, as a fraction >= 0 [n]; the initial equity counts as a peak. */
export function drawdowns(equity: Float64Array, initialEquity: number): Float64Array {
  const losses = new Float64Array(equity.length)
  let peak = initialEquity
  for (let i = 0; i < equity.length; i++) {
    if (equity[i] > peak) peak = equity[i]
    losses[i] = 1 - equity[i] / peak
  }
  return losses
}

/** The largest run of consecutive bars below a peak; a run that has not recovered by the end counts as far as it goes. */
export function longestDrawdownBars(losses: Float64Array): number {
  let longest = 0
  let run = 0
  for (let i = 0; i < losses.length; i++) {
    run = losses[i] > 0 ? run + 1 : 0
    if (run > longest) longest = run
  }
  return longest
}
