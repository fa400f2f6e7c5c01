/**
 * An account that trades several instruments on one clock. It is told of each decision when it is made and led from bar to bar, so the
 * same code serves a whole history at once (engine.ts) and one bar at a time (replay).
 */
import { assert } from '../core/errors.js'
import { timeframeMs } from '../core/time.js'
import { firstBarFrom, lastBarBy, type Side } from '../market/entry.js'
import { worseTick } from '../portfolio/exchange-rules.js'
import { createFeeLadder } from '../portfolio/fee-tiers.js'
import { disturb, markQuiet, nextEvent } from './coast.js'
import { checkInputs } from './inputs.js'
import { createLeg, type Leg } from './leg.js'
import { drop, equityOf, type Purse, skip } from './purse.js'
import type { AccountResult, BacktestEvent, BacktestSettings, Instrument } from './types.js'
import { walkBar } from './walk.js'

export interface Account {
  /**
   * Row `row` of the instrument's decisions has just become known: its columns are read now and not before. Decisions come in order of time,
   * and `advance` to that time comes first.
   */
  decide(instrument: number, row: number): void
  /** Every bar that has closed by `time`, UTC ms. */
  advance(time: number): void
  /** All bars, and what became of it. */
  finish(): AccountResult
}

/** How an account is led. */
export type AccountOptions = {
  /** Keep a list of every event, for audits. */
  readonly events?: boolean
  /** All bars are at hand and will not change: those in which nothing happens may be found ahead, which is faster and nothing else. */
  readonly whole?: boolean
}

/**
 * @throws UserError when a horizon leaves no bar after the entry, or on funding or a mark price that is missing
 */
export function createAccount(
  instruments: readonly Instrument[],
  settings: BacktestSettings,
  { events = false, whole = false }: AccountOptions = {},
): Account {
  for (const instrument of instruments) checkInputs(instrument, settings)
  const step = timeframeMs(instruments[0].base.timeframe)
  const openTime = clockOf(instruments, step)
  const rows = openTime.length
  const log: BacktestEvent[] = []
  const purse: Purse = {
    settings,
    backing: settings.market === 'spot' ? 'price' : settings.margin,
    fees: createFeeLadder(settings, settings.feeTiers),
    log: events ? log : null,
    whole,
    soon: 0,
    legs: instruments.map((instrument, i) => {
      const first = instrument.base.rows === 0 ? 0 : (instrument.base.openTime[0] - openTime[0]) / step
      return createLeg(instrument, i, first, settings)
    }),
    cash: settings.equity,
    peak: settings.equity,
    open: 0,
  }
  const { legs } = purse
  const equity = new Float64Array(rows)
  let next = 0 // bar of the clock that has not happened yet
  let marked = 0 // bar of the clock whose equity is not written yet; all before `next` without one are quiet
  const advanceTo = (end: number) => {
    while (next < end) {
      next = nextEvent(purse, next, end)
      if (next >= end) break
      markQuiet(purse, marked, next, equity)
      walkBar(purse, next)
      const worth = equityOf(purse)
      equity[next] = worth
      if (worth > purse.peak) purse.peak = worth
      next++
      marked = next
    }
  }
  const advance = (time: number) => {
    if (rows > 0) advanceTo(Math.min(rows, Math.max(0, Math.floor((time - openTime[0]) / step))))
  }
  return {
    advance,
    decide: (instrument, row) => takeDecision(purse, legs[instrument], instruments[instrument], row),
    finish() {
      advanceTo(rows)
      markQuiet(purse, marked, rows, equity)
      for (const leg of legs) if (leg.order.waiting) drop(purse, leg, openTime[rows - 1] + step, 'notFilled')
      return {
        instruments: legs.map((leg) => ({
          trades: leg.recorder.finish(),
          skipped: leg.skipped,
          cutSlippage: leg.cutSlippage,
          withoutFunding: leg.withoutFunding,
          withoutMarkPrice: settings.market === 'perpetual' && leg.mark?.whole !== true,
        })),
        openTime,
        equity,
        initialEquity: settings.equity,
        finalEquity: purse.cash,
        events: log,
      }
    },
  }
}

/** A grid from the first bar of all to the last. */
function clockOf(instruments: readonly Instrument[], step: number): Float64Array {
  const known = instruments.map(({ base }) => base).filter(({ rows }) => rows > 0)
  assert(
    instruments.every(({ base }) => timeframeMs(base.timeframe) === step),
    'one clock needs one base timeframe',
  )
  if (known.length === 0) return new Float64Array(0)
  if (known.length === 1) return known[0].openTime
  const from = Math.min(...known.map(({ openTime }) => openTime[0]))
  const to = Math.max(...known.map(({ openTime, rows }) => openTime[rows - 1]))
  const clock = new Float64Array((to - from) / step + 1)
  for (let bar = 0; bar < clock.length; bar++) clock[bar] = from + bar * step
  return clock
}

function takeDecision(purse: Purse, leg: Leg, { decisions, base }: Instrument, row: number): void {
  const { settings, log } = purse
  const { order, position } = leg
  const side = decisions.side[row] > 0 ? 1 : -1
  const t0 = decisions.time[row]
  log?.push({ type: 'decision', time: t0, instrument: leg.index, row, side: decisions.side[row] })
  if (settings.market === 'spot' && side < 0) {
    goFlat(leg, firstBarFrom(base, t0) + settings.latencyBars)
    disturb(purse, leg)
    skip(purse, leg, t0, row, 'noShort')
    return
  }
  const turns = settings.reversal && position.quantity > 0 && side !== position.side && !order.waiting
  if ((position.quantity > 0 && !turns) || order.waiting) {
    skip(purse, leg, t0, row, 'inPosition')
    return
  }
  const bar = firstBarFrom(base, t0) + settings.latencyBars
  order.row = row
  order.decisionTime = t0
  order.side = side
  order.stop = decisions.stop[row]
  order.profit = decisions.profit[row]
  order.confidence = decisions.confidence?.[row] ?? Number.NaN
  if (!(order.stop > 0 && order.profit > 0)) {
    drop(purse, leg, t0, 'noBarrier')
    return
  }
  const horizonBar = lastBarBy(base, t0 + leg.horizonMs)
  if (bar < 0 || bar >= base.rows || horizonBar < bar) {
    drop(purse, leg, t0, 'noBar')
    return
  }
  order.limit = settings.order === 'limit' ? limitPrice(leg, settings, lastBarBy(base, t0), side) : Number.NaN
  if (settings.order === 'limit' && Number.isNaN(order.limit)) {
    drop(purse, leg, t0, 'notKnown')
    return
  }
  order.bar = bar
  order.lastBar = Math.min(bar + settings.orderBars - 1, horizonBar)
  order.flatBar = Number.POSITIVE_INFINITY
  order.left = Number.NaN
  order.horizonBar = horizonBar
  order.waiting = true
  if (turns) position.reverseBar = bar
  disturb(purse, leg)
}

/** A short that is predicted on a spot market means flat: what is held is closed, what is ordered is withdrawn, both at that bar's open. */
function goFlat({ order, position }: Leg, bar: number): void {
  if (position.quantity > 0) position.reverseBar = Math.min(position.reverseBar, bar)
  if (!order.waiting) return
  order.flatBar = Math.min(order.flatBar, bar)
  order.lastBar = Math.min(order.lastBar, bar - 1)
}

/** So much better than the close of this bar; NaN where it is not known. */
function limitPrice({ base, terms }: Leg, { limitBps }: BacktestSettings, bar: number, side: Side): number {
  const close = bar < 0 ? Number.NaN : base.close[bar]
  return worseTick(close * (1 - side * limitBps * 1e-4), side, terms)
}
