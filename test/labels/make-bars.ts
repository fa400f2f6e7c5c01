/** Bars for tests: written out by hand, or a seeded random walk with holes. */
import { createRandom } from '../../src/core/random.js'
import type { Timeframe } from '../../src/core/time.js'
import { type Bars, emptyBars } from '../../src/market/bars.js'

export const START = Date.UTC(2024, 0, 1)

/** One row a bar: [open, high, low, close], or null for a hole. */
export type Row = readonly [number, number, number, number] | null

export function barsOf(rows: readonly Row[], timeframe: Timeframe = '1m', start = START): Bars {
  const bars = emptyBars(timeframe, start, rows.length)
  rows.forEach((row, i) => {
    if (row !== null) [bars.open[i], bars.high[i], bars.low[i], bars.close[i]] = row
  })
  return bars
}

export type WalkOptions = {
  readonly rows: number
  readonly seed: number
  readonly volatility?: number
  readonly holes?: number // share of bars that are missing
  readonly timeframe?: Timeframe
}

/** Prices on a grid of 0.01 so that barriers are met exactly now and then; opens jump away from the last close. */
export function randomBars({ rows, seed, volatility = 0.004, holes = 0, timeframe = '1m' }: WalkOptions): Bars {
  const random = createRandom(seed, 'test bars')
  const cents = (x: number) => Math.max(0.01, Math.round(x * 100) / 100)
  let close = 100
  return barsOf(
    Array.from({ length: rows }, () => {
      const open = cents(close * (1 + 0.3 * volatility * random.normal()))
      close = cents(open * (1 + volatility * random.normal()))
      const high = cents(Math.max(open, close) * (1 + volatility * Math.abs(random.normal()) * 0.5))
      const low = cents(Math.min(open, close) * (1 - volatility * Math.abs(random.normal()) * 0.5))
      return random.next() < holes
        ? null
        : ([open, Math.max(high, open, close), Math.min(low, open, close), close] as const)
    }),
    timeframe,
  )
}
