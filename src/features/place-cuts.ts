/**
 * Where the certificate alters what came later: many rows at once, so far apart that what is altered for one of them is out
 * of the look-back of the next.
 */

import type { Random } from '../core/random.js'
import { DAY, timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { availableTimes, SERIES_NAMES } from './inputs.js'
import type { FeatureSource } from './matrix.js'
import { lastKnown } from './series.js'

const WEEK = 7 * DAY
/** A Monday. */
const FIRST_MONDAY = 4 * DAY

/** Of each kind of rare row, as many are sought. */
const OF_EACH_KIND = 4

/**
 * Times at which a mistake would show that shows seldom: the border of a day, a week or a month, the ends of a hole, a bar
 * without volume, the extremes of price, volume and change, and the arrival of each series; each with the bar before and
 * after it. The newest of a kind is among them.
 *
 * @returns  closes of decision rows, UTC ms; in an order drawn by chance, kinds mixed, each once
 */
export function rareTimes(source: FeatureSource, random: Random): number[] {
  const { decision, series } = source
  const times = availableTimes(decision)
  const rows = Array.from({ length: decision.rows }, (_, row) => row)
  const { baseBars, volume, close } = decision
  const isHole = (row: number) => baseBars[row] === 0
  const kinds: (readonly number[])[] = [
    rows.filter((row) => times[row] % DAY === 0),
    rows.filter((row) => (times[row] - FIRST_MONDAY) % WEEK === 0),
    rows.filter((row) => times[row] % DAY === 0 && new Date(times[row]).getUTCDate() === 1),
    rows.filter((row) => row > 0 && isHole(row) !== isHole(row - 1)),
    rows.filter((row) => volume[row] === 0),
    ...[close, volume, close.map((value, row) => Math.abs(value / close[row - 1] - 1))].flatMap(extremes),
    ...SERIES_NAMES.map((name) => Array.from(lastKnown(times, series[name]?.available ?? new Float64Array(0)))),
  ]
  const chosen = new Set<number>()
  for (const kind of kinds) {
    const some = [kind.at(-1), ...Array.from({ length: OF_EACH_KIND - 1 }, () => kind[random.below(kind.length)])]
    for (const row of some) if (row !== undefined) for (const near of [row - 1, row, row + 1]) chosen.add(near)
  }
  return shuffled([...chosen], random)
    .filter((row) => row >= 0 && row < decision.rows)
    .map((row) => times[row])
}

/** Rows of the largest values, and of the smallest. */
function extremes(x: Float64Array): (readonly number[])[] {
  const known = Array.from(x.keys()).filter((row) => Number.isFinite(x[row]))
  const sorted = known.sort((a, b) => x[a] - x[b])
  return [sorted.slice(0, OF_EACH_KIND), sorted.slice(-OF_EACH_KIND)]
}

function shuffled(list: number[], random: Random): number[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[list[i], list[j]] = [list[j], list[i]]
  }
  return list
}

export type Places = {
  readonly rows: number
  readonly first: number // bars that the first cut has before it
  readonly spacing: number // least distance of two cuts, bars
  /** Bars that are wanted as cuts; those that are placed are taken out. */
  readonly wanted: Set<number>
  /** Where the first cut by rote is, from `first` on. */
  readonly phase: number
  /** Bars by which the distance of two cuts varies. */
  readonly slack: number
}

/** Bars after which something is altered: the wanted ones as far as they go together, and between them as many as there is room for. */
export function placeCuts({ rows, first, spacing, wanted, phase, slack }: Places, random: Random): number[] {
  const sought: number[] = []
  for (const bar of wanted) {
    if (bar < first || bar > rows - 2 || sought.some((other) => Math.abs(other - bar) < spacing)) continue
    sought.push(bar)
    wanted.delete(bar)
  }
  sought.sort((a, b) => a - b)
  const cuts: number[] = []
  let next = 0
  for (let at = first + phase; at <= rows - 2 || next < sought.length; ) {
    const bar = next < sought.length && at > sought[next] - spacing ? sought[next++] : at
    if (bar <= rows - 2) cuts.push(bar)
    at = bar + spacing + (slack > 0 ? random.below(slack + 1) : 0)
  }
  return cuts
}

/** The bar that had closed last by each of the times, in the order given, each once. */
export function barsAt(bars: Bars, times: readonly number[]): Set<number> {
  const step = timeframeMs(bars.timeframe)
  const own = times.map((time) => Math.floor((time - bars.openTime[0]) / step) - 1)
  return new Set(own.filter((bar) => bar >= 0))
}
