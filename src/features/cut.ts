/**
 * What was available of an instrument at a moment, and since a moment. The certificate and the live window rest on these
 * two and on nothing else. All share memory with the whole.
 */
import { timeframeMs } from '../core/time.js'
import { type Bars, sliceBars } from '../market/bars.js'
import { SERIES_NAMES, type SeriesTable } from './inputs.js'
import type { FeatureSource } from './matrix.js'
import { seriesKnownAt } from './series.js'

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

function seriesTableAt(series: SeriesTable, time: number): SeriesTable {
  return Object.fromEntries(
    SERIES_NAMES.map((name) => {
      const own = series[name]
      return [name, own === undefined || own === null ? null : seriesKnownAt(own, time)]
    }),
  )
}
