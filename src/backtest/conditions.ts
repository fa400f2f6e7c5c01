/**
 * What the day before a bar was like: how far prices move and how much is traded in one bar. Known when the bar opens.
 */
import { DAY, timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'

export type Conditions = {
  /** Root of the mean squared log return of the bars of the last day; NaN where fewer than half of them are known. [rows] */
  readonly volatility: Float64Array
  /** Mean volume of the same bars, base asset. [rows] */
  readonly volume: Float64Array
}

export function conditionsOf({ rows, timeframe, close, volume }: Bars): Conditions {
  const window = Math.max(2, Math.round(DAY / timeframeMs(timeframe)))
  const squares = running(rows, (bar) => (bar === 0 ? Number.NaN : Math.log(close[bar] / close[bar - 1]) ** 2))
  const volumes = running(rows, (bar) => volume[bar])
  const meanBefore = ({ sum, known }: Running, bar: number) => {
    const from = Math.max(0, bar - window)
    const count = known[bar] - known[from]
    return count * 2 < window ? Number.NaN : (sum[bar] - sum[from]) / count
  }
  return {
    volatility: Float64Array.from({ length: rows }, (_, bar) => Math.sqrt(meanBefore(squares, bar))),
    volume: Float64Array.from({ length: rows }, (_, bar) => meanBefore(volumes, bar)),
  }
}

/** Of the first `bar` values: their sum and how many of them are known. [rows + 1] */
type Running = { readonly sum: Float64Array; readonly known: Int32Array }

function running(rows: number, value: (bar: number) => number): Running {
  const sum = new Float64Array(rows + 1)
  const known = new Int32Array(rows + 1)
  for (let bar = 0; bar < rows; bar++) {
    const one = value(bar)
    sum[bar + 1] = sum[bar] + (Number.isNaN(one) ? 0 : one)
    known[bar + 1] = known[bar] + (Number.isNaN(one) ? 0 : 1)
  }
  return { sum, known }
}
