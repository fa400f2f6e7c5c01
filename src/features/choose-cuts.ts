/**
 * Where the certificate cuts the data. Chance alone would seldom meet the moments at which something is about to become
 * known, and a leak of one row shows at no other: these are sought out besides.
 */
import { createRandom } from '../core/random.js'
import { DAY, timeframeMs } from '../core/time.js'
import { availableTimes, SERIES_NAMES } from './inputs.js'
import type { FeatureSource } from './matrix.js'
import { lastKnown } from './series.js'

export type Cut = {
  readonly row: number // last decision row that was known
  readonly time: number // its close, UTC ms
  /** `chance`; `before 4h`: one row before a bar of it closes; `before funding`; `in a hole`; `at midnight` (UTC). */
  readonly place: string
}

/**
 * @param count  cuts by chance, one in each of `count` equal parts of the rows; with each kind of moment come as many as
 *               make an eighth of them, at least one
 * @returns      sorted by row, each row once; none cuts nothing off
 */
export function chooseCuts(source: FeatureSource, options: { readonly seed: number; readonly count: number }): Cut[] {
  const { seed, count } = options
  const { decision, context, series } = source
  const last = decision.rows - 2 // the last row cut off is the last of all
  if (last < 0) return []
  const times = availableTimes(decision)
  const random = createRandom(seed, 'certificate cuts')
  const places = new Map<number, string>()
  const add = (row: number, place: string) => {
    if (row >= 0 && row <= last && !places.has(row)) places.set(row, place)
  }
  const some = (rows: readonly number[], place: string) => {
    for (let i = 0; i < Math.ceil(count / 8) && rows.length > 0; i++) add(rows[random.below(rows.length)], place)
  }
  const step = timeframeMs(decision.timeframe)
  for (const { timeframe, rows, openTime } of context) {
    const closes = Array.from({ length: rows }, (_, i) => openTime[i] + timeframeMs(timeframe))
    some(rowsBefore(closes, times[0], step), `before ${timeframe}`)
  }
  for (const name of SERIES_NAMES) {
    const available = series[name]?.available
    if (available === undefined) continue
    const known = lastKnown(times, available)
    // The last row that did not know it: for a print on the grid, the row that closes at that very time.
    const before = Array.from(available, (time, i) =>
      known[i] >= 0 && times[known[i]] === time ? known[i] - 1 : known[i],
    )
    some(before, `before ${name}`)
  }
  const holes = Array.from({ length: last + 1 }, (_, row) => row).filter((row) => decision.baseBars[row] === 0)
  some(holes, 'in a hole')
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * (last + 1)) / count)
    const to = Math.floor(((i + 1) * (last + 1)) / count)
    if (to > from) add(from + random.below(to - from), 'chance')
  }
  // What is made once a day knows too much at these rows or at none; the newest is the likeliest to have a value at all.
  const midnights = Array.from({ length: last + 1 }, (_, row) => row).filter((row) => times[row] % DAY === 0)
  some(midnights, 'at midnight')
  add(midnights.at(-1) ?? -1, 'at midnight')
  return [...places].sort(([a], [b]) => a - b).map(([row, place]) => ({ row, time: times[row], place }))
}

/** Rows that close one bar before each of the times. */
function rowsBefore(closes: readonly number[], first: number, step: number): number[] {
  return closes.map((close) => Math.round((close - first) / step) - 1).filter((row) => row >= 0)
}
