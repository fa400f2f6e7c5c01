/**
 * Index and mark price, from the bars, the premium and the funding rate that is in force.
 *
 * The index is what is left of the traded price when the premium is taken off. The mark price follows the exchange's rule: the median of
 * the traded price, the index with the funding still to come, and the index with the mean basis of the last half hour. Both are known at
 * the ends of minutes only; inside a minute the extremes are carried over from the traded bar, with the premium of the minute's middle.
 */
import { MINUTE } from '../core/time.js'
import type { Bars, Funding } from '../market/bars.js'
import { FUNDING_INTERVAL } from './funding.js'
import { emptyPriceBars, type PriceBars } from './price-bars.js'

/** Minutes over which the mark price averages the basis. */
const BASIS_MINUTES = 30

export type ReferencePrices = { readonly index: PriceBars; readonly mark: PriceBars }

export interface ReferencePriceSeries {
  next(bars: Bars, funding: Funding, premium: PriceBars): ReferencePrices
}

export function createReferencePrices(): ReferencePriceSeries {
  const basis = createBasis()
  let rate = 0
  let lastIndex = Number.NaN
  let lastMark = Number.NaN
  return {
    next(bars, funding, premium) {
      const index = emptyPriceBars(bars.rows)
      const mark = emptyPriceBars(bars.rows)
      let print = 0
      for (let i = 0; i < bars.rows; i++) {
        const time = bars.openTime[i]
        if (funding.time[print] === time) rate = funding.rate[print++]
        const middle = 1 + (premium.open[i] + premium.close[i]) / 2
        const close = bars.close[i] / (1 + premium.close[i])
        if (Number.isNaN(lastIndex)) lastIndex = bars.open[i] / (1 + premium.open[i])
        setBar(index, i, { open: lastIndex, high: bars.high[i] / middle, low: bars.low[i] / middle, close })
        lastIndex = close
        basis.add(bars.close[i] - close)
        // To the end of the minute: nothing is left of an interval that is over.
        const left = 1 - ((time + MINUTE) % FUNDING_INTERVAL || FUNDING_INTERVAL) / FUNDING_INTERVAL
        const at = (price: number, traded: number) => median(price * (1 + rate * left), price + basis.mean(), traded)
        const settled = at(close, bars.close[i])
        if (Number.isNaN(lastMark)) lastMark = at(index.open[i], bars.open[i])
        setBar(mark, i, {
          open: lastMark,
          high: at(index.high[i], bars.high[i]),
          low: at(index.low[i], bars.low[i]),
          close: settled,
        })
        lastMark = settled
      }
      return { index, mark }
    },
  }
}

type Bar = { readonly open: number; readonly high: number; readonly low: number; readonly close: number }

/** Extremes hold open and close; eight decimals, as published. */
function setBar(bars: PriceBars, i: number, { open, high, low, close }: Bar): void {
  bars.open[i] = eightDecimals(open)
  bars.close[i] = eightDecimals(close)
  bars.high[i] = eightDecimals(Math.max(open, high, close))
  bars.low[i] = eightDecimals(Math.min(open, low, close))
}

function createBasis() {
  const ring: number[] = []
  let at = 0
  return {
    add(value: number): void {
      ring[at] = value
      at = (at + 1) % BASIS_MINUTES
    },
    mean(): number {
      let sum = 0
      for (const value of ring) sum += value
      return sum / ring.length
    },
  }
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

function eightDecimals(price: number): number {
  return Math.round(price * 1e8) / 1e8
}
