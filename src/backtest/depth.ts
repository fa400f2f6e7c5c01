/** The recorded order book of each base bar: what a market order can find there. */
import { timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import type { Depth } from './types.js'

/** Rows of a clean series of books, each the last snapshot before its bar ended. */
export type RecordedDepth = {
  readonly rows: number
  readonly openTime: Float64Array
  readonly bids: Float64Array // base asset within 1 % below the price
  readonly asks: Float64Array // above it
}

/** The book at a bar's open is the last of the bar before: nothing that came later bounds a fill. NaN where none was recorded. */
export function depthOf(base: Bars, recorded: RecordedDepth | null): Depth {
  const step = timeframeMs(base.timeframe)
  const [bids, asks] = [0, 1].map(() => new Float64Array(base.rows).fill(Number.NaN))
  for (let row = 0; row < (recorded?.rows ?? 0); row++) {
    if (recorded === null) break
    const bar = (recorded.openTime[row] - base.openTime[0]) / step + 1
    if (bar < 0 || bar >= base.rows) continue
    bids[bar] = recorded.bids[row]
    asks[bar] = recorded.asks[row]
  }
  return { bids, asks }
}
