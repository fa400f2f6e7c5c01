/**
 * The race of the barriers: does a trade reach its profit, its stop, or neither within the horizon?
 *
 * López de Prado 2018, Advances in Financial Machine Learning, ch. 3.4. There one side is known and the third barrier may be signed
 * by the return; here each side is run by itself and reaching neither is an outcome of its own. Where both barriers lie inside
 * one bar their order is not known, and the stop is taken to have come first.
 */
import { profitPrice, stopPrice } from '../market/entry.js'
import { type BarrierPath, firstTouch } from './barrier-path.js'
import { type BarrierEvent, OUTCOME, type Race } from './label-type.js'

/** Writes every field of `race`, for a long only. */
export function raceLong(path: BarrierPath, event: BarrierEvent, race: Race): void {
  const { entryPrice, entryBar, horizonBar } = event
  const stop = stopPrice(entryPrice, 1, event.stop)
  const bar = firstTouch(path, entryBar, horizonBar, profitPrice(entryPrice, 1, event.profit), stop)
  race.short = OUTCOME.none
  race.longBar = bar
  race.touched = bar >= 0
  race.lastBar = bar >= 0 ? bar : horizonBar
  race.long = bar < 0 ? OUTCOME.none : path.base.low[bar] <= stop ? OUTCOME.stop : OUTCOME.win
}

/**
 * Writes every field of `race`, for both sides; profit >= stop.
 *
 * The two stops are then the inner pair of barriers, so whichever is touched first settles one side at once and leaves the other; a
 * second search from the same bar settles that one.
 */
export function raceBoth(path: BarrierPath, event: BarrierEvent, race: Race): void {
  const { entryPrice, entryBar, horizonBar, profit } = event
  const longStop = stopPrice(entryPrice, 1, event.stop)
  const shortStop = stopPrice(entryPrice, -1, event.stop)
  const first = firstTouch(path, entryBar, horizonBar, shortStop, longStop)
  race.long = race.short = OUTCOME.none
  race.longBar = -1
  race.touched = false
  race.lastBar = horizonBar
  if (first < 0) return
  // Where the bar touches both, the second search stops the other side in this very bar.
  const shortStopped = path.base.high[first] >= shortStop
  if (shortStopped) race.short = OUTCOME.stop
  else {
    race.long = OUTCOME.stop
    race.longBar = first
  }
  const up = shortStopped ? profitPrice(entryPrice, 1, profit) : shortStop
  const down = shortStopped ? longStop : profitPrice(entryPrice, -1, profit)
  const second = firstTouch(path, first, horizonBar, up, down)
  if (second < 0) return
  race.touched = true
  race.lastBar = second
  if (shortStopped) {
    race.long = path.base.low[second] <= longStop ? OUTCOME.stop : OUTCOME.win
    race.longBar = second
  } else {
    race.short = path.base.high[second] >= shortStop ? OUTCOME.stop : OUTCOME.win
  }
}

/** The side that would have won: 1 the long, -1 the short, 0 neither. A long goes first where profit < stop lets both win. */
export function outcomeOf(race: Race): number {
  return race.long === OUTCOME.win ? 1 : race.short === OUTCOME.win ? -1 : 0
}
