/**
 * Everything a feature may declare as an input: the columns of the bars of one timeframe, and the slower series as they
 * were known at each bar's close. All [rows], NaN = not known.
 */
import { HOUR, timeframeMs } from '../core/time.js'
import type { Bars, Funding } from '../market/bars.js'
import type { Grid } from './feature.js'

export type BarInputs = {
  readonly openTime: Float64Array // UTC ms
  readonly availableTime: Float64Array // UTC ms: the bar's end, when the row is acted on
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array // base asset
  readonly quoteVolume: Float64Array // quote asset
  readonly count: Float64Array // trades
  readonly takerBuyVolume: Float64Array // base asset
  readonly takerBuyQuoteVolume: Float64Array // quote asset
  readonly baseBars: Float64Array // base bars this one is made of
}

export type FundingInputs = {
  readonly fundingRate: Float64Array // of the last print at or before the bar's close
  readonly previousFundingRate: Float64Array // of the print before that
  readonly fundingIntervalHours: Float64Array // of the last print
  readonly timeToFunding: Float64Array // hours until the next print is due
  readonly fundingPaid: Float64Array // sum of the rates printed within the bar; 0 where none fell due
}

export type Inputs = BarInputs & FundingInputs

export function availableTimes(bars: Bars): Float64Array {
  const step = timeframeMs(bars.timeframe)
  return bars.openTime.map((time) => time + step)
}

/** All inputs of one timeframe. Without funding its columns are all NaN, and the features that need it are absent. */
export function featureInputs(bars: Bars, funding: Funding | null): Inputs & Grid {
  const stepMs = timeframeMs(bars.timeframe)
  const availableTime = availableTimes(bars)
  return {
    ...bars,
    availableTime,
    ...fundingInputs(availableTime, stepMs, funding),
    origin: bars.rows === 0 ? 0 : bars.openTime[0] / stepMs,
    stepMs,
  }
}

const LONGEST_INTERVAL_HOURS = 8

/**
 * Funding as known at each close: the last print before the available time. One at that very time happens some milliseconds
 * later (its time is rounded down to the minute), so the next row is the first to know it.
 *
 * A print counts until the next one is due, but at least 8 hours, for a change of interval shows only in the next
 * print. After that the series has a hole, and nothing is known until the next print.
 */
export function fundingInputs(availableTime: Float64Array, stepMs: number, funding: Funding | null): FundingInputs {
  const unknown = () => new Float64Array(availableTime.length).fill(Number.NaN)
  const out = {
    fundingRate: unknown(),
    previousFundingRate: unknown(),
    fundingIntervalHours: unknown(),
    timeToFunding: unknown(),
    fundingPaid: unknown(),
  }
  if (funding === null) return out
  const { time, rate, intervalHours } = funding
  const ends = (print: number) => time[print] + Math.max(intervalHours[print], LONGEST_INTERVAL_HOURS) * HOUR
  let next = 0 // first print after the bar's close
  for (let i = 0; i < availableTime.length; i++) {
    const now = availableTime[i]
    while (next < time.length && time[next] < now) next++
    const last = next - 1
    if (last < 0 || now > ends(last)) continue
    out.fundingRate[i] = rate[last]
    out.fundingIntervalHours[i] = intervalHours[last]
    if (last > 0 && time[last] <= ends(last - 1)) out.previousFundingRate[i] = rate[last - 1]
    const due = time[last] + intervalHours[last] * HOUR
    if (due >= now) out.timeToFunding[i] = (due - now) / HOUR
    let paid = 0
    for (let print = last; print >= 0 && time[print] >= now - stepMs; print--) paid += rate[print]
    out.fundingPaid[i] = paid
  }
  return out
}
