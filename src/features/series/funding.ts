/**
 * Funding prints as a series: what was printed, and what is known of it at each bar's close.
 */
import { HOUR } from '../../core/time.js'
import type { Funding } from '../../market/bars.js'
import { type AsOfSeries, type JoinRows, lastKnown, type SeriesKind, type SeriesRows } from '../series.js'

export type FundingInputs = {
  readonly fundingRate: Float64Array // of the last print before the bar's close
  readonly previousFundingRate: Float64Array // of the print before that
  readonly fundingIntervalHours: Float64Array // of the last print
  readonly timeToFunding: Float64Array // hours until the next print is due
  readonly fundingPaid: Float64Array // sum of the rates printed within the bar; 0 where none fell due
}

type FundingColumn = 'time' | 'rate' | 'intervalHours'

/**
 * A print happens some milliseconds after the time that it carries, which is rounded down to the minute: a row that closes
 * at that very time does not know it yet.
 */
export function fundingSeries({ time, rate, intervalHours }: Funding): AsOfSeries<FundingColumn> {
  return { available: time.map((printed) => printed + 1), time, columns: { time, rate, intervalHours } }
}

export const FUNDING = {
  meaning: 'Funding prints of a perpetual future',
  columns: ['time', 'rate', 'intervalHours'],
  inputs: ['fundingRate', 'previousFundingRate', 'fundingIntervalHours', 'timeToFunding', 'fundingPaid'],
  join: fundingInputs,
} as const satisfies SeriesKind<keyof FundingInputs, FundingColumn>

const LONGEST_INTERVAL_HOURS = 8

/**
 * Funding as known at each close.
 *
 * A print counts until the next one is due, but at least 8 hours, for a change of interval shows only in the next
 * print. After that the series has a hole, and nothing is known until the next print.
 */
export function fundingInputs(
  { availableTime, stepMs }: JoinRows,
  { available, columns }: SeriesRows<FundingColumn>,
): FundingInputs {
  const unknown = () => new Float64Array(availableTime.length).fill(Number.NaN)
  const out = {
    fundingRate: unknown(),
    previousFundingRate: unknown(),
    fundingIntervalHours: unknown(),
    timeToFunding: unknown(),
    fundingPaid: unknown(),
  }
  const { time, rate, intervalHours } = columns
  const lasts = lastKnown(available, availableTime)
  const ends = (print: number) => time[print] + Math.max(intervalHours[print], LONGEST_INTERVAL_HOURS) * HOUR
  for (let i = 0; i < availableTime.length; i++) {
    const now = availableTime[i]
    const last = lasts[i]
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
