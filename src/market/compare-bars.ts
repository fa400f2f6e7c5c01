/**
 * The exchange's own higher bars against those resampled from its lower ones. A difference says that the exchange disagrees with
 * itself; which of the two is right is not decided here, and the resampled bar is what everything rests on.
 */
import { assert } from '../core/errors.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import type { Bars } from './bars.js'
import { isHole } from './entry.js'
import { KLINE_VALUES, type KlineValue } from './impossible.js'
import { combineLists, createList, type Listed, type ListedTimes, ROUNDING, relativeDifference } from './listed.js'

export type ColumnDifference = { readonly time: number; readonly published: number; readonly resampled: number }

export type ComparedBars = {
  readonly timeframe: Timeframe
  readonly compared: number // bars of which both are known, and ours is whole
  /** Left out: ours rests on fewer base bars than fit into it. */
  readonly partial: number
  readonly onlyPublished: ListedTimes
  readonly onlyResampled: ListedTimes
  /** Bars that differ by more than `tolerance` in any column that both know. */
  readonly differing: ListedTimes
  readonly tolerance: number // relative
  readonly largestDifference: number // relative, over all columns
  readonly columns: Readonly<Record<KlineValue, Listed<ColumnDifference>>>
}

/**
 * @param published  cleaned, on the grid of the same span
 * @param resampled  of the same timeframe, made of bars of `base`
 */
export function comparePublished(published: Bars, resampled: Bars, base: Timeframe): ComparedBars {
  assert(published.timeframe === resampled.timeframe, `${published.timeframe} compared with ${resampled.timeframe}`)
  const perBar = timeframeMs(resampled.timeframe) / timeframeMs(base)
  const onlyPublished = createList<number | null>()
  const onlyResampled = createList<number | null>()
  const differing = createList<number | null>()
  const lists = Object.fromEntries(KLINE_VALUES.map((name) => [name, createList<ColumnDifference>()]))
  const offset = Math.round(((published.openTime[0] ?? 0) - (resampled.openTime[0] ?? 0)) / perBar / timeframeMs(base))
  let compared = 0
  let partial = 0
  let largestDifference = 0
  for (let i = 0; i < resampled.rows; i++) {
    const j = i - offset
    const isThere = j >= 0 && j < published.rows && !isHole(published, j)
    const time = resampled.openTime[i]
    if (isHole(resampled, i)) {
      if (isThere) onlyPublished.add(time)
      continue
    }
    if (resampled.baseBars[i] < perBar) {
      partial++
      continue
    }
    if (!isThere) {
      onlyResampled.add(time)
      continue
    }
    compared++
    let isDifferent = false
    for (const column of KLINE_VALUES) {
      const difference = relativeDifference(published[column][j], resampled[column][i])
      if (!(difference > ROUNDING)) continue
      isDifferent = true
      largestDifference = Math.max(largestDifference, difference)
      lists[column].add({ time, published: published[column][j], resampled: resampled[column][i] })
    }
    if (isDifferent) differing.add(time)
  }
  return {
    timeframe: resampled.timeframe,
    compared,
    partial,
    onlyPublished: onlyPublished.listed(),
    onlyResampled: onlyResampled.listed(),
    differing: differing.listed(),
    tolerance: ROUNDING,
    largestDifference,
    columns: byColumn((column) => lists[column].listed()),
  }
}

/** Parts in the order of time. */
export function combineCompared(parts: readonly ComparedBars[]): ComparedBars {
  assert(parts.length > 0, 'no comparison to combine')
  const { timeframe, tolerance } = parts[0]
  return {
    timeframe,
    compared: parts.reduce((sum, part) => sum + part.compared, 0),
    partial: parts.reduce((sum, part) => sum + part.partial, 0),
    onlyPublished: combineLists(parts.map((part) => part.onlyPublished)),
    onlyResampled: combineLists(parts.map((part) => part.onlyResampled)),
    differing: combineLists(parts.map((part) => part.differing)),
    tolerance,
    largestDifference: Math.max(...parts.map((part) => part.largestDifference)),
    columns: byColumn((column) => combineLists(parts.map((part) => part.columns[column]))),
  }
}

function byColumn(listOf: (column: KlineValue) => Listed<ColumnDifference>) {
  return Object.fromEntries(KLINE_VALUES.map((column) => [column, listOf(column)])) as Record<
    KlineValue,
    Listed<ColumnDifference>
  >
}
