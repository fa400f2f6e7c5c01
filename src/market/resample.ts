/**
 * Bars of a higher timeframe from those of a lower one. Published higher bars are never used in their place, so that every
 * timeframe rests on the same cleaned rows.
 */
import { UserError } from '../core/errors.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import { type Bars, emptyBars } from './bars.js'
import { isHole } from './entry.js'

const SUMMED = ['volume', 'quoteVolume', 'count', 'takerBuyVolume', 'takerBuyQuoteVolume'] as const

/**
 * Each bar is made of the known base bars that open inside it: open of the first, close of the last, extremes, sums.
 * `baseBars` is the sum over them, so that bars made of bars count the same base bars. A column that is NaN in any of
 * them is NaN in the result; a bar with no known base bar is a hole.
 *
 * @param base       any timeframe; may begin or end inside a higher bar, which then rests on what is there
 * @param timeframe  a multiple of the base's; the result's first bar is the one that holds the first base bar
 * @throws UserError when the timeframe is no multiple of the base's
 */
export function resample(base: Bars, timeframe: Timeframe): Bars {
  const step = timeframeMs(timeframe)
  const baseStep = timeframeMs(base.timeframe)
  if (step % baseStep !== 0) {
    throw new UserError(`${timeframe} bars cannot be made of ${base.timeframe} bars: not a whole number of them`, {
      hint: `choose timeframes that are multiples of bars.base (${base.timeframe})`,
      exitCode: 2,
    })
  }
  if (base.rows === 0) return emptyBars(timeframe, 0, 0)
  const from = Math.floor(base.openTime[0] / step) * step
  const end = base.openTime[base.rows - 1] + baseStep
  const bars = emptyBars(timeframe, from, Math.ceil((end - from) / step))
  const perBar = step / baseStep
  const offset = (base.openTime[0] - from) / baseStep
  for (let bar = 0; bar < bars.rows; bar++) {
    const start = Math.max(0, bar * perBar - offset)
    fillBar(bars, bar, base, start, Math.min(base.rows, (bar + 1) * perBar - offset))
  }
  return bars
}

/** Bar `bar` of `bars` from the base bars `start` (inclusive) to `end` (exclusive). */
function fillBar(bars: Bars, bar: number, base: Bars, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    if (isHole(base, i)) continue
    if (Number.isNaN(bars.open[bar])) {
      bars.open[bar] = base.open[i]
      bars.high[bar] = base.high[i]
      bars.low[bar] = base.low[i]
      for (const column of SUMMED) bars[column][bar] = 0
    }
    if (base.high[i] > bars.high[bar]) bars.high[bar] = base.high[i]
    if (base.low[i] < bars.low[bar]) bars.low[bar] = base.low[i]
    bars.close[bar] = base.close[i]
    bars.baseBars[bar] += base.baseBars[i]
    for (const column of SUMMED) bars[column][bar] += base[column][i]
  }
}
