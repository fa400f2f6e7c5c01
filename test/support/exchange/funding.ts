/**
 * Funding prints and the five-minute statistics: what the exchange knows of a contract beside its trades.
 */
import { DAY, HOUR, MINUTE, type Span } from '../../../src/core/time.js'
import { FINE_DECIMALS, type Market, within } from './market.js'
import { decimal } from './numbers.js'
import type { Pair } from './truth.js'

export type FundingPrint = {
  readonly hour: number // the time on the grid
  readonly time: number // what is published: up to 20 ms later
  readonly hours: number // since the print before
  readonly rate: string
  readonly markPrice: string // '' = none was kept
  readonly special: boolean
}

/** Prints whose published time lies in [from, to), ascending. */
export function fundingPrints(pair: Pair, { from, to }: Span, markPriceSince: number): FundingPrint[] {
  const { life, dice } = pair
  const schedule = pair.funding ?? [{ from: life.from, hours: 8 }]
  const hoursAt = (time: number) => (schedule.findLast((step) => step.from < time) ?? schedule[0]).hours
  const print = (hour: number, special: boolean): FundingPrint => {
    const key = Math.floor(hour / MINUTE)
    const rate = Math.round((dice(key, 11) - 0.42) * 60_000)
    const markPrice = hour < markPriceSince ? '' : fine(pair.markets.um, hour)
    const time = hour + Math.floor(dice(key, 12) * 21)
    return { hour, time, hours: special ? 0 : hoursAt(hour), rate: decimal(rate, 8), markPrice, special }
  }
  const prints: FundingPrint[] = []
  const first = Math.max(Math.ceil((from - MINUTE) / HOUR) * HOUR, Math.ceil((life.from + 1) / HOUR) * HOUR)
  for (let hour = first; hour < to && hour < life.to; hour += HOUR) {
    if ((hour % DAY) % (hoursAt(hour) * HOUR) === 0) prints.push(print(hour, false))
  }
  for (const hour of pair.specialFunding ?? []) prints.push(print(hour, true))
  return prints
    .filter(({ time, hour }) => time >= from && time < to && !within(pair.missing('fundingRate'), hour))
    .sort((a, b) => a.time - b.time)
}

/** A price with the eight decimals of mark prices. */
export function fine(market: Market, time: number): string {
  const units = Math.round(market.level(time))
  return decimal(units, market.contract.priceDecimals) + '0'.repeat(FINE_DECIMALS - market.contract.priceDecimals)
}

/** The state at the end of a five-minute period that begins at `time`; taker volume is of the period itself. */
export type Statistics = {
  readonly time: number
  readonly openInterest: number // lots
  readonly openInterestValue: number // lots × price units
  readonly topAccounts: number // ratios: units of 1e-8
  readonly topPositions: number
  readonly accounts: number
  readonly buyVolume: number // lots
  readonly sellVolume: number
}

export const PERIOD = 5 * MINUTE

/** A time after which nothing changes any more. */
const ALWAYS = Number.MAX_SAFE_INTEGER

export function statistics(pair: Pair, { from, to }: Span): Statistics[] {
  const market = pair.markets.um
  const missing = pair.missing('metrics')
  const found: Statistics[] = []
  const first = Math.ceil(Math.max(from, pair.life.from) / PERIOD) * PERIOD
  const bars = new Map(market.klines.between('5m', first, to, ALWAYS).map((bar) => [bar.time, bar]))
  for (let time = first; time < to && time + PERIOD <= pair.life.to; time += PERIOD) {
    if (within(missing, time)) continue
    const slow = Math.floor(time / HOUR)
    const ratio = (k: number) => Math.round((0.6 + 0.6 * pair.dice(slow, k) + 0.02 * pair.dice(time / PERIOD, k)) * 1e8)
    const openInterest = 1_000_000 + Math.floor(100_000 * pair.dice(slow, 21) + 2000 * pair.dice(time / PERIOD, 21))
    const { volume, buyVolume } = bars.get(time) ?? { volume: 0, buyVolume: 0 }
    found.push({
      time,
      openInterest,
      openInterestValue: openInterest * Math.round(market.level(time + PERIOD)),
      topAccounts: ratio(22),
      topPositions: ratio(23),
      accounts: ratio(24),
      buyVolume,
      sellVolume: volume - buyVolume,
    })
  }
  return found
}

/** Buyers' volume by sellers', to `decimals`; '' when nobody sold (what the exchange prints then is not known). */
export function takerRatio({ buyVolume, sellVolume }: Statistics, decimals: number): string {
  return sellVolume === 0 ? '' : (buyVolume / sellVolume).toFixed(decimals)
}

/** The labels of the metrics archive move from the end of the period to its start here. */
export const METRICS_SEAM = Date.UTC(2026, 5, 25)

/** The label under which the archive publishes the period that begins at `time`. */
export function metricsLabel(time: number): number {
  return time < METRICS_SEAM ? time + PERIOD : time
}
