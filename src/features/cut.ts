/**
 * What was available of an instrument at a moment, since a moment, and for one value. The certificate and the live features
 * rest on these and on nothing else. All share memory with the whole.
 */
import { type Timeframe, timeframeMs } from '../core/time.js'
import { type Bars, sliceBars } from '../market/bars.js'
import { SERIES_NAMES, type SeriesTable } from './inputs.js'
import type { FeatureSource } from './matrix.js'
import { type AsOfSeries, seriesKnownAt } from './series.js'

/** What was known at `time`: bars that had closed, rows of a series that were available. */
export function knownAt({ decision, context, series }: FeatureSource, time: number): FeatureSource {
  return {
    decision: closedAt(decision, time),
    context: context.map((bars) => closedAt(bars, time)),
    series: seriesTableAt(series, time),
  }
}

/** Without the bars that opened before `time`. Series stay whole: what was printed earlier is still known. */
export function since({ decision, context, series }: FeatureSource, time: number): FeatureSource {
  return {
    decision: openedSince(decision, time),
    context: context.map((bars) => openedSince(bars, time)),
    series,
  }
}

type Window = { readonly timeframe: Timeframe; readonly lookback: number }

/**
 * What a column needs for its value at a decision row: the last `lookback` + 1 closed bars of its timeframe, and the row
 * itself. Null where there are not so many.
 */
export function windowAt(source: FeatureSource, row: number, { timeframe, lookback }: Window): FeatureSource | null {
  const { decision, context } = source
  if (decision.rows <= row) return null
  const now = decision.openTime[row] + timeframeMs(decision.timeframe)
  const series = seriesTableAt(source.series, now)
  if (timeframe === decision.timeframe) {
    if (row < lookback) return null
    const own = sliceBars(decision, row - lookback, row + 1)
    return { decision: own, context: context.map((bars) => closedAt(bars, now)), series }
  }
  const higher = context.map((bars) => {
    const closed = closedAt(bars, now)
    if (bars.timeframe !== timeframe) return closed
    return sliceBars(closed, Math.max(0, closed.rows - lookback - 1), closed.rows)
  })
  const enough = higher.some((bars) => bars.timeframe === timeframe && bars.rows === lookback + 1)
  return enough ? { decision: sliceBars(decision, row, row + 1), context: higher, series } : null
}

export function closedAt(bars: Bars, time: number): Bars {
  if (bars.rows === 0) return bars
  const closed = Math.floor((time - bars.openTime[0]) / timeframeMs(bars.timeframe))
  return sliceBars(bars, 0, Math.max(0, Math.min(bars.rows, closed)))
}

export function openedSince(bars: Bars, time: number): Bars {
  if (bars.rows === 0) return bars
  const before = Math.ceil((time - bars.openTime[0]) / timeframeMs(bars.timeframe))
  return sliceBars(bars, Math.max(0, Math.min(bars.rows, before)), bars.rows)
}

/** The rows of every series that were known at `time`. */
export function seriesTableAt(series: SeriesTable, time: number): SeriesTable {
  const cut = SERIES_NAMES.map((name) => {
    const own: AsOfSeries | null | undefined = series[name]
    return [name, own === undefined || own === null ? null : seriesKnownAt(own, time)]
  })
  // One name, one series: each keeps the columns that it had.
  return Object.fromEntries(cut) as SeriesTable
}
