/**
 * What the exchange says of open positions every five minutes: open interest, and the ratios of longs to shorts. All of it follows from
 * the five minutes' trades, those before, and chance of its own; nothing of it knows the latent state or what comes.
 *
 * - Open interest returns to its usual size within days, moves the more the more is traded, grows a little when the price rises, and loses
 *   positions by liquidation when the price moves far, up or down.
 * - All accounts lean against the price: fewer are long after a rise. Top accounts do so less, top positions lean with it.
 * - The takers' ratio is that of the bars, exactly.
 */
import { assert } from '../core/errors.js'
import { createRandom } from '../core/random.js'
import type { Bars } from '../market/bars.js'
import type { Instrument } from './instruments.js'
import type { PriceBars } from './price-bars.js'
import { type Ou, ouStep } from './volatility.js'

export const POSITION_MINUTES = 5

export type Positions = {
  readonly time: Float64Array // UTC ms, the begin of each five minutes
  readonly openInterest: Float64Array // base asset, on the lot grid
  readonly openInterestValue: Float64Array // quote asset, at the mark price
  readonly topAccounts: Float64Array // longs / shorts
  readonly topPositions: Float64Array // longs / shorts
  readonly accounts: Float64Array // longs / shorts
  readonly takers: Float64Array // bought / sold by takers
}

/** Usual open interest in days of usual turnover, and its pull back to that. */
const USUAL_DAYS = 0.35
const PULL = ouStep((3 * 24 * 60) / POSITION_MINUTES, 1).keep
/** Change of log open interest: by chance per root of relative volume, per log return, and lost per log return beyond the calm. */
const CHURN = 0.0011
const RISE = 0.04
const LIQUIDATED = 1.2
const CALM = 0.006

type Ratio = { readonly usual: number; readonly step: Ou; readonly lean: number }

/** Longs per short in usual times, the log ratio's own noise, and what it takes per log return. */
const RATIOS = {
  topAccounts: { usual: 1.35, step: ouStep(144, 0.12), lean: -3 },
  topPositions: { usual: 1.15, step: ouStep(96, 0.07), lean: 1.5 },
  accounts: { usual: 1.5, step: ouStep(144, 0.15), lean: -6 },
} as const satisfies Readonly<Record<string, Ratio>>
type RatioName = keyof typeof RATIOS
const RATIO_NAMES = Object.keys(RATIOS) as readonly RatioName[]

export interface PositionSeries {
  /** One row for each five minutes of `bars`, which must begin and end on them. */
  next(bars: Bars, mark: PriceBars): Positions
}

export function createPositions(seed: number, pair: string, instrument: Instrument): PositionSeries {
  const { turnover, price, lotsPerUnit } = instrument
  const random = createRandom(seed, `positions ${pair}`)
  const usual = (USUAL_DAYS * 1440 * turnover) / price
  const ratios = { topAccounts: 0, topPositions: 0, accounts: 0 }
  let size = 0 // log of open interest relative to the usual
  let lastPrice = Number.NaN
  return {
    next(bars, mark) {
      assert(bars.rows % POSITION_MINUTES === 0, `${bars.rows} minutes are not whole five minutes`)
      const result = emptyPositions(bars.rows / POSITION_MINUTES)
      for (let row = 0; row < result.time.length; row++) {
        const first = row * POSITION_MINUTES
        const end = first + POSITION_MINUTES
        if (Number.isNaN(lastPrice)) lastPrice = bars.open[first]
        const { volume, quote, bought } = totals(bars, first, end)
        const move = Math.log(bars.close[end - 1] / lastPrice)
        lastPrice = bars.close[end - 1]
        const activity = quote / (POSITION_MINUTES * turnover)
        size = PULL * size + CHURN * Math.sqrt(activity) * random.normal() + RISE * move
        size -= LIQUIDATED * Math.max(0, Math.abs(move) - CALM)
        result.time[row] = bars.openTime[first]
        result.openInterest[row] = Math.max(1, Math.round(usual * Math.exp(size) * lotsPerUnit)) / lotsPerUnit
        result.openInterestValue[row] = result.openInterest[row] * mark.close[end - 1]
        for (const name of RATIO_NAMES) {
          const { step, lean, usual: ratio } = RATIOS[name]
          ratios[name] = step.keep * ratios[name] + step.kick * random.normal() + lean * move
          result[name][row] = ratio * Math.exp(ratios[name])
        }
        // A side that took nothing counts as one lot, so that the ratio stays a positive number.
        result.takers[row] = Math.max(bought, 1 / lotsPerUnit) / Math.max(volume - bought, 1 / lotsPerUnit)
      }
      return result
    },
  }
}

/** Rows `start` (inclusive) to `end` (exclusive), sharing memory with the whole. */
export function slicePositions(positions: Positions, start: number, end: number): Positions {
  const cut = (x: Float64Array) => x.subarray(start, end)
  return {
    time: cut(positions.time),
    openInterest: cut(positions.openInterest),
    openInterestValue: cut(positions.openInterestValue),
    topAccounts: cut(positions.topAccounts),
    topPositions: cut(positions.topPositions),
    accounts: cut(positions.accounts),
    takers: cut(positions.takers),
  }
}

function emptyPositions(rows: number): Positions {
  const column = () => new Float64Array(rows)
  return {
    time: column(),
    openInterest: column(),
    openInterestValue: column(),
    topAccounts: column(),
    topPositions: column(),
    accounts: column(),
    takers: column(),
  }
}

function totals(bars: Bars, first: number, end: number): { volume: number; quote: number; bought: number } {
  let [volume, quote, bought] = [0, 0, 0]
  for (let i = first; i < end; i++) {
    volume += bars.volume[i]
    quote += bars.quoteVolume[i]
    bought += bars.takerBuyVolume[i]
  }
  return { volume, quote, bought }
}
