/**
 * The 24-hour tickers of every pair that trades, made of the last whole 24 hours of bars. Absent: one symbol alone.
 */
import { DAY, MINUTE } from '../../../src/core/time.js'
import type { RestContext } from './rest.js'
import type { VenueName } from './truth.js'

export function tickersJson({ truth, now }: RestContext, venue: VenueName): string {
  const to = Math.floor(now / MINUTE) * MINUTE
  const tickers = [...truth.pairs.values()]
    .filter(({ life }) => life.from < now && now < life.to)
    .map(({ name }) => {
      const rows = truth.rows('klines', name, { from: to - DAY, to, timeframe: '1m', venue })
      const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0)
      const [open, last] = [Number(rows[0]?.[1] ?? 0), Number(rows.at(-1)?.[4] ?? 0)]
      return {
        symbol: name,
        priceChangePercent: (100 * (last / open - 1)).toFixed(3),
        lastPrice: String(last),
        volume: sum(5).toFixed(3),
        quoteVolume: sum(7).toFixed(2),
        openTime: to - DAY,
        closeTime: to - 1,
      }
    })
  return JSON.stringify(tickers)
}
