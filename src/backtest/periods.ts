/**
 * The equity curve by UTC day and month, and its drawdowns.
 */
import { DAY, type Month, monthOf, monthSpan } from '../core/time.js'

/** Crypto trades every day of the year. */
export const DAYS_PER_YEAR = 365

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

/** What a day does to a drawdown, whatever came before it; factors of the equity that the day begins with. [days] each */
export type DayShapes = {
  readonly end: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly drop: Float64Array // largest fall inside the day, fraction of its peak there, the beginning included
}

/** Days as `dailyEquity` has them. */
export function dayShapes(openTime: Float64Array, equity: Float64Array, initialEquity: number): DayShapes {
  const { day, equity: ends } = dailyEquity(openTime, equity, initialEquity)
  const [end, high, low, drop] = [0, 1, 2, 3].map(() => new Float64Array(day.length))
  let bar = 0
  for (let d = 0; d < day.length; d++) {
    const start = d === 0 ? initialEquity : ends[d - 1]
    let [most, least, fall] = [1, 1, 0]
    for (; bar < openTime.length && openTime[bar] < day[d] + DAY; bar++) {
      const value = equity[bar] / start
      if (value > most) most = value
      if (value < least) least = value
      if (1 - value / most > fall) fall = 1 - value / most
    }
    end[d] = ends[d] / start
    high[d] = most
    low[d] = least
    drop[d] = fall
  }
  return { end, high, low, drop }
}

/** Largest drawdown, bar by bar, of an account that lives through these days in this order. */
export function drawdownOf({ end, high, low, drop }: DayShapes, order: Int32Array): number {
  let [value, peak, largest] = [1, 1, 0]
  for (const d of order) {
    // Below the peak of before, or from one of the day's own: whichever is deeper.
    largest = Math.max(largest, drop[d], 1 - (value * low[d]) / peak)
    peak = Math.max(peak, value * high[d])
    value *= end[d]
  }
  return largest
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

/** Of the equity at the start: what is no more than this is what rounding leaves. */
export const NOTHING_LEFT = 1e-9

/** First bar at whose close nothing is left of the account; -1: there is none. Returns of what comes after mean nothing. */
export function ruinBar(equity: Float64Array, initialEquity: number): number {
  const nothing = NOTHING_LEFT * initialEquity
  for (let bar = 0; bar < equity.length; bar++) if (!(equity[bar] > nothing)) return bar
  return -1
}

/** Loss from the highest equity so far, as a fraction from 0 to 1, which is ruin [n]; the initial equity counts as a peak. */
export function drawdowns(equity: Float64Array, initialEquity: number): Float64Array {
  const losses = new Float64Array(equity.length)
  let peak = initialEquity
  for (let i = 0; i < equity.length; i++) {
    if (equity[i] > peak) peak = equity[i]
    losses[i] = Math.min(1, 1 - equity[i] / peak)
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
