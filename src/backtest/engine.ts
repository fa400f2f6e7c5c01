/**
 * The event engine: decisions and the bars of one instrument or several, to trades, equity and events. walk.ts states the order of things
 * inside a bar, fills.ts what a fill does to the account.
 */
import { createAccount } from './account.js'
import type { AccountResult, Backtest, BacktestInputs, BacktestSettings, Instrument } from './types.js'

/**
 * @param inputs  bars, decisions (oldest first), funding, settings
 * @returns       trades as columns, equity at each base bar's close, and what was left out
 * @throws UserError when the horizon leaves no bar after the entry, or on funding or a mark price that is missing
 */
export function runBacktest(inputs: BacktestInputs): Backtest {
  const { instruments, equity, initialEquity, finalEquity, events } = runAccount(
    [inputs],
    inputs.settings,
    inputs.events,
  )
  return { ...instruments[0], equity, initialEquity, finalEquity, events }
}

/**
 * All instruments on one account: they share its equity, its leverage and its limits. Of decisions at the same time the earlier
 * instrument's comes first.
 *
 * @param instruments  at least one, all of the same base timeframe; a decision is taken when it is known, rows without a side are none
 */
export function runAccount(
  instruments: readonly Instrument[],
  settings: BacktestSettings,
  events = false,
): AccountResult {
  const account = createAccount(instruments, settings, { events, whole: true })
  const decisions = instruments.map((instrument) => instrument.decisions)
  const rows = decisions.map(({ side }) => nextSide(side, 0))
  const timeOf = (i: number) => decisions[i].time[rows[i]] ?? Number.POSITIVE_INFINITY
  const times = Float64Array.from(decisions, (_, i) => timeOf(i)) // of the next decision of each
  for (;;) {
    let first = 0
    for (let i = 1; i < times.length; i++) if (times[i] < times[first]) first = i
    if (times[first] === Number.POSITIVE_INFINITY) return account.finish()
    account.advance(times[first])
    account.decide(first, rows[first])
    rows[first] = nextSide(decisions[first].side, rows[first] + 1)
    times[first] = timeOf(first)
  }
}

/** First row from `row` that decides something. */
function nextSide(side: Int8Array, row: number): number {
  const { length } = side
  let at = row
  while (at < length && side[at] === 0) at++
  return at
}
