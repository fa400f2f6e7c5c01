/**
 * The features bar by bar: base bars and prints go in as they come, a row comes out whenever a decision bar has closed. It is
 * the same feature code on a short stretch, so a row is what the batch would have given: bit for bit for features that
 * depend on a window, and for averages within what `settle` promises once so much history is there.
 */
import { assert } from '../core/errors.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import { BAR_VALUES, type Bars, emptyBars, sliceBars } from '../market/bars.js'
import { resample } from '../market/resample.js'
import { seriesTableAt } from './cut.js'
import { availableTimes, type SeriesTable } from './inputs.js'
import { lastValue, openSource } from './matrix.js'
import type { Column } from './selection.js'

export type LiveRow = {
  readonly openTime: number // of the decision bar, UTC ms
  readonly availableTime: number // its close
  readonly values: Float64Array // in the order of the columns; NaN = not known
}

export type LiveOptions = {
  readonly columns: readonly Column[]
  readonly base: Timeframe
  readonly decision: Timeframe
  readonly context: readonly Timeframe[]
}

export interface LiveFeatures {
  /** Bars of each timeframe that are kept: what the columns on it look back at, and until averages forget. */
  readonly history: ReadonlyMap<Timeframe, number>
  /**
   * The next base bar that has closed. Bars that were left out since the last one are holes.
   *
   * @param bar     one row of base bars
   * @param series  all rows of the series that may be known by now; later ones are not looked at
   * @returns       the row, where a decision bar has closed with it; of bars that were left out there is none
   */
  push(bar: Bars, series: SeriesTable): LiveRow | null
  /** The same without a row: history, before the first row that is asked for. */
  remember(bar: Bars): void
}

export function createLiveFeatures({ columns, base, decision, context }: LiveOptions): LiveFeatures {
  const timeframes = [decision, ...context]
  const history = new Map(timeframes.map((timeframe) => [timeframe, historyOf(columns, timeframe)]))
  const longest = timeframes.reduce((most, timeframe) => Math.max(most, timeframeMs(timeframe)), 0)
  const recent = createTail(base, longest / timeframeMs(base))
  const closed = timeframes.map((timeframe) => createTail(timeframe, history.get(timeframe) ?? 1))

  function close(time: number): void {
    for (const [i, timeframe] of timeframes.entries()) {
      const step = timeframeMs(timeframe)
      if (time % step !== 0) continue
      const own = recent.bars()
      const inside = Math.min(own.rows, step / timeframeMs(base))
      // A bar of which only the end was pushed is made of what is there, as it is in the batch.
      const made = resample(sliceBars(own, own.rows - inside, own.rows), timeframe)
      closed[i].push(made)
    }
  }

  const step = timeframeMs(base)
  function remember(bar: Bars): void {
    assert(bar.rows === 1 && bar.timeframe === base, `one ${base} bar at a time, not ${bar.rows} of ${bar.timeframe}`)
    const [openTime] = bar.openTime
    for (let missing = recent.end() ?? openTime; missing < openTime; missing += step) {
      recent.push(emptyBars(base, missing, 1))
      close(missing + step)
    }
    recent.push(bar)
    close(openTime + step)
  }

  return {
    history,
    remember,
    push(bar, series) {
      remember(bar)
      const [openTime] = bar.openTime
      if ((openTime + step) % timeframeMs(decision) !== 0) return null
      const [rows, ...higher] = closed.map((tail) => tail.bars())
      // Cut once for all columns.
      return rowOf(columns, { decision: rows, context: higher, series: seriesTableAt(series, openTime + step) })
    },
  }
}

/** Bars of a timeframe that its columns need for one value, at least one. */
function historyOf(columns: readonly Column[], timeframe: Timeframe): number {
  return columns
    .filter((column) => column.timeframe === timeframe)
    .reduce((most, column) => Math.max(most, reachOf(column) + 1), 1)
}

/** Bars before its own that a column is given. */
function reachOf({ feature, timeframe }: Column): number {
  const step = timeframeMs(timeframe)
  return feature.lookback(step) + feature.settle(step)
}

type Source = Parameters<typeof openSource>[0]

function rowOf(columns: readonly Column[], source: Source): LiveRow {
  const row = source.decision.rows - 1
  const [availableTime] = availableTimes(sliceBars(source.decision, row, row + 1))
  const isHole = source.decision.baseBars[row] === 0
  const open = openSource(source)
  // Before there is so much history, all of it: the beginning is then the batch's own.
  const values = Float64Array.from(columns, (column) =>
    isHole ? Number.NaN : lastValue(open, column, reachOf(column) + 1),
  )
  return { openTime: source.decision.openTime[row], availableTime, values }
}

type Tail = {
  push(bar: Bars): void
  /** What is kept, oldest first; good until the next push. */
  bars(): Bars
  /** When the next bar opens; null before the first. */
  end(): number | null
}

/** The last `keep` bars of a timeframe, at constant cost: twice the room, moved to the front when it is full. */
function createTail(timeframe: Timeframe, keep: number): Tail {
  const room = emptyBars(timeframe, 0, 2 * keep)
  const step = timeframeMs(timeframe)
  let rows = 0
  return {
    push(bar) {
      if (rows === room.rows) {
        for (const name of ['openTime', ...BAR_VALUES] as const) room[name].copyWithin(0, rows - keep, rows)
        rows = keep
      }
      for (const name of ['openTime', ...BAR_VALUES] as const) room[name][rows] = bar[name][0]
      rows++
    },
    bars: () => sliceBars(room, Math.max(0, rows - keep), rows),
    end: () => (rows === 0 ? null : room.openTime[rows - 1] + step),
  }
}
