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

type Window = {
  readonly timeframe: Timeframe
  readonly lookback: number
  /** Decision rows up to this one that shall have their values, as far as there are bars; one if not given. */
  readonly rows?: number
}

/**
 * What a column needs for its value at a decision row: the last `lookback` + 1 closed bars of its timeframe, and the row
 * itself. Null where there are not so many.
 */
export function windowAt(source: FeatureSource, row: number, window: Window): FeatureSource | null {
  const { decision, context } = source
  const { timeframe, lookback, rows = 1 } = window
  const full = firstFullRow(source, timeframe, lookback)
  if (full === null || decision.rows <= row || row < full) return null
  const first = Math.max(full, row + 1 - rows)
  const step = timeframeMs(decision.timeframe)
  const now = decision.openTime[row] + step
  const series = seriesTableAt(source.series, now)
  const closed = context.map((bars) => closedAt(bars, now))
  if (timeframe === decision.timeframe) {
    return { decision: sliceBars(decision, first - lookback, row + 1), context: closed, series }
  }
  const higher = closed.map((bars) => {
    if (bars.timeframe !== timeframe) return bars
    const before = closedAt(bars, decision.openTime[first] + step).rows
    return sliceBars(bars, Math.max(0, before - lookback - 1), bars.rows)
  })
  return { decision: sliceBars(decision, first, row + 1), context: higher, series }
}

/** The first decision row that knows `lookback` + 1 closed bars of the timeframe; null where there are none of it. */
export function firstFullRow(
  { decision, context }: FeatureSource,
  timeframe: Timeframe,
  lookback: number,
): number | null {
  const bars = [decision, ...context].find((one) => one.timeframe === timeframe)
  if (bars === undefined || bars.rows <= lookback) return null
  const full = bars.openTime[0] + (lookback + 1) * timeframeMs(timeframe)
  return Math.max(0, Math.ceil((full - decision.openTime[0]) / timeframeMs(decision.timeframe)) - 1)
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
