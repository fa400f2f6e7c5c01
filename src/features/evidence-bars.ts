/**
 * Whether decision and context bars are those that the base bars make. The other rules take their open times at their word.
 */
import { isoMinute, type Timeframe, timeframeMs } from '../core/time.js'
import { BAR_VALUES, type Bars } from '../market/bars.js'
import { resample } from '../market/resample.js'
import type { Cut } from './choose-cuts.js'
import { closedAt, openedSince } from './cut.js'
import type { Broken } from './evidence.js'

/** Bars before each cut that are made again; before all of them, with all data, once. */
const REMADE = 2

/** Bars closed by a cut, from the base bars that had closed by then, against those at hand: the first that differs. */
export function differentBars(
  bars: Bars,
  base: Bars,
  cuts: readonly Cut[],
): { readonly timeframe: Timeframe; readonly broken: readonly Broken[] } {
  const { timeframe } = bars
  const step = timeframeMs(timeframe)
  const spans = cuts.map(({ time }) => ({ from: Math.floor(time / step - REMADE) * step, to: time }))
  for (const { from, to } of [...spans, { from: 0, to: Number.POSITIVE_INFINITY }]) {
    const own = closedAt(openedSince(bars, from), to)
    const made = remade(closedAt(openedSince(base, from), to), timeframe, to)
    const difference = firstDifference(own, made)
    if (difference === null) continue
    const detail = `${timeframe} ${difference.name} of ${isoMinute(difference.openTime)}: ${difference.own}, ${difference.made} from the ${base.timeframe} bars known by then`
    return { timeframe, broken: [{ rule: 'bars', detail }] }
  }
  return { timeframe, broken: [] }
}

/** Without a last bar that had not closed. */
function remade(base: Bars, timeframe: Timeframe, time: number): Bars {
  return base.timeframe === timeframe ? base : closedAt(resample(base, timeframe), time)
}

function firstDifference(own: Bars, made: Bars) {
  if (own.rows === 0) return null
  // The bars at hand may begin later: a stretch of the base bars is read from the longest timeframe's border on.
  const shift = made.openTime.indexOf(own.openTime[0])
  if (shift < 0) return { name: 'open_time', openTime: own.openTime[0], own: 'there', made: 'not there' }
  for (let i = 0; i < own.rows; i++) {
    for (const name of ['openTime', ...BAR_VALUES] as const) {
      const value = made[name][i + shift]
      if (!Object.is(own[name][i], value)) {
        return { name, openTime: own.openTime[i], own: String(own[name][i]), made: String(value) }
      }
    }
  }
  return null
}
