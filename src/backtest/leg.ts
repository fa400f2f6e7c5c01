/**
 * One instrument of an account while it runs: what it meets, prepared once, and its order and position, written over and over.
 */
import { timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { isHole, type Side } from '../market/entry.js'
import { EXIT } from '../portfolio/exits.js'
import type { FundingSchedule } from '../portfolio/funding.js'
import { type MarginTable, marginTable } from '../portfolio/margin.js'
import { readsConditions } from '../portfolio/slippage.js'
import { type Conditions, conditionsOf } from './conditions.js'
import { scheduleFor } from './inputs.js'
import { blankTrade, createTradeRecorder, type TradeRecorder } from './trades.js'
import type { BacktestSettings, Depth, Instrument, MarkPrice, PairTerms, Skipped, Trade } from './types.js'

/** A decision on its way to becoming a position. */
export type EntryOrder = {
  waiting: boolean
  row: number
  decisionTime: number
  side: Side
  stop: number // fractions of the entry reference
  profit: number
  confidence: number
  bar: number // at whose open it is carried out, or from which it rests
  lastBar: number // after which nothing more is filled
  horizonBar: number // last bar that closes by t0 + horizon
  limit: number // NaN: a market order
  flatBar: number // from whose open nothing may be held: a short was predicted on a spot market; Infinity: none
  left: number // quantity still to be bought; NaN: not sized yet
}

/** Quantity 0: none is open. */
export type Position = {
  side: Side
  quantity: number
  entered: number // all that was bought since it was flat
  entryBar: number
  entryReference: number // means by quantity
  entryPrice: number
  stopPrice: number
  margin: number // what is left of its own, quote currency
  liquidation: number // mark price at which an isolated position is taken away
  targets: number // profit orders
  nextTarget: number
  horizonBar: number // last bar that closes by t0 + horizon
  lastClose: number
  afterHole: boolean
  reverseBar: number // at whose open a signal for the other side closes it; Infinity: none
  restedBar: number // in which a resting order opened it, after the bar's open; -1: none
  closing: number // exit code of a market exit that found too little volume
  print: number // next funding print
  low: number // lowest and highest price met, as far as it is known to lie before the exit
  high: number
}

export type Leg = {
  readonly index: number
  readonly terms: PairTerms
  readonly margins: MarginTable
  readonly base: Bars
  readonly offset: number // bar of the clock at which its first bar opens
  readonly stepMs: number
  readonly lastKnown: number // last bar with known prices
  readonly funding: FundingSchedule
  readonly mark: MarkPrice | null
  readonly depth: Depth | null
  readonly conditions: Conditions | null // null where no rule asks for them
  readonly horizonMs: number
  readonly order: EntryOrder
  readonly position: Position
  readonly targetPrices: Float64Array
  readonly targetShares: Float64Array
  readonly targetQuantities: Float64Array
  readonly trade: Trade
  readonly recorder: TradeRecorder
  readonly skipped: Skipped
  withoutFunding: boolean
  cutSlippage: number
  quiet: number // bar of the clock before which nothing happens to it but that it is marked
  quietFrom: number // bar of the clock after the last that was walked, and the extremes that the position had seen by then
  quietLow: number
  quietHigh: number
  markStart: number // of a crossed position: its mark when the bar begins, and at the bar's worst
  markWorst: number
}

export function createLeg(instrument: Instrument, index: number, offset: number, settings: BacktestSettings): Leg {
  const { base, decisions, markPrice } = instrument
  const targets = Math.max(1, settings.takeProfits.length)
  const funding = scheduleFor(instrument, settings)
  const asks = readsConditions(settings.slippage) || settings.sizing === 'volatility'
  const terms = termsOf(settings, instrument.pair)
  return {
    index,
    terms,
    margins: marginTable(terms.marginTiers),
    base,
    offset,
    stepMs: timeframeMs(base.timeframe),
    lastKnown: lastKnownBar(base),
    funding,
    depth: instrument.depth ?? null,
    mark: settings.market === 'spot' ? null : markPrice,
    conditions: asks ? conditionsOf(base) : null,
    horizonMs: decisions.horizonMs,
    order: blankOrder(),
    position: blankPosition(),
    targetPrices: new Float64Array(targets),
    targetShares: new Float64Array(targets),
    targetQuantities: new Float64Array(targets),
    trade: blankTrade(),
    recorder: createTradeRecorder(),
    skipped: noneSkipped(),
    withoutFunding: funding.absent && settings.missingFunding === 'exclude',
    cutSlippage: 0,
    quiet: -1,
    quietFrom: 0,
    quietLow: 0.5,
    quietHigh: 0.5,
    markStart: 0.5,
    markWorst: 0.5,
  }
}

/** Those of the account, but for what the pair has of its own. A spot market lends nothing. */
export function termsOf(settings: BacktestSettings, pair: string | undefined): PairTerms {
  const { tickSize, stepSize, minNotional, leverage, marginTiers } = settings
  const own = pair === undefined ? {} : settings.pairs[pair]
  const terms = { tickSize, stepSize, minNotional, leverage, marginTiers, ...own }
  return settings.market === 'spot' ? { ...terms, leverage: 1 } : terms
}

export function noneSkipped(): Skipped {
  return {
    ...{ inPosition: 0, noBar: 0, noBarrier: 0, noShort: 0, noEquity: 0 },
    ...{ tooSmall: 0, notFilled: 0, notKnown: 0, limits: 0 },
  }
}

/** Last bar whose prices are known, -1 if there is none. */
export function lastKnownBar(base: Bars): number {
  for (let bar = base.rows - 1; bar >= 0; bar--) {
    if (!isHole(base, bar)) return bar
  }
  return -1
}

// NaN and 0.5 make the engine hold the fields as floating point from the start.
function blankOrder(): EntryOrder {
  return {
    ...{ waiting: false, row: 0, decisionTime: 0.5, side: 1, stop: 0.5, profit: 0.5, confidence: 0.5 },
    ...{ bar: 0, lastBar: 0, horizonBar: 0, limit: Number.NaN, left: Number.NaN },
    flatBar: Number.POSITIVE_INFINITY,
  }
}

function blankPosition(): Position {
  return {
    ...{ side: 1, quantity: 0, entered: 0.5, entryBar: 0, entryReference: 0.5, entryPrice: 0.5, stopPrice: 0.5 },
    ...{ margin: 0.5, liquidation: 0.5, targets: 0, nextTarget: 0, horizonBar: 0, lastClose: 0.5 },
    ...{
      afterHole: false,
      reverseBar: Number.POSITIVE_INFINITY,
      closing: EXIT.none,
      restedBar: -1,
      print: 0,
      low: 0.5,
      high: 0.5,
    },
  }
}
