/**
 * What goes into a backtest and what comes out. Money is quote currency; prices are quote per base.
 */
import type { Bars, Funding } from '../market/bars.js'
import type { Costs } from '../portfolio/costs.js'
import type { MissingFunding } from '../portfolio/funding.js'

/** One row a decision, oldest first; rows that decide nothing have side 0. Every array is [n]. */
export type TradeDecisions = {
  readonly time: Float64Array // t0, UTC ms: when the decision could be known
  readonly side: Int8Array // 1 long, -1 short, 0 nothing
  readonly stop: Float64Array // fraction of the entry reference; NaN = not known, then no trade
  readonly profit: Float64Array // the same
  readonly horizonMs: number // a position is closed at t0 + horizon at the latest
}

export type BacktestSettings = Costs & {
  readonly equity: number // start
  readonly latencyBars: number // base bars between t0 and the entry
  readonly leverage: number // largest notional ÷ equity
  readonly riskFraction: number // share of equity that a stop costs
  readonly missingFunding: MissingFunding
  /** `spot`: no shorts, no funding, leverage 1 whatever `leverage` says. */
  readonly market: 'perpetual' | 'spot'
}

export type BacktestInputs = {
  readonly base: Bars
  readonly decisions: TradeDecisions
  readonly funding: Funding | null
  /** Close of the mark price of each base bar [base.rows]; null: the last price stands in for it. */
  readonly markPrice: Float64Array | null
  readonly settings: BacktestSettings
  /** Keep a list of every event, for audits. */
  readonly events?: boolean
}

/** Why a position ended; `exit_reason` is the index. */
export const EXIT_REASONS = ['stop', 'profit', 'time', 'gap', 'end'] as const
export type ExitReason = (typeof EXIT_REASONS)[number]

/** Columns of the trades table, in their order on disk. */
export const TRADE_COLUMNS = [
  'decision_row', // index into the decisions
  'decision_time', // t0, UTC ms
  'entry_time', // open of the entry bar, UTC ms
  'exit_time', // close of the bar in which it ended (gap: that bar's open), UTC ms
  'side', // 1 long, -1 short
  'quantity', // base asset
  'entry_reference', // open of the entry bar
  'entry_price', // paid, after slippage
  'stop_price',
  'profit_price',
  'exit_reference', // price before slippage
  'exit_price', // received, after slippage
  'exit_reason', // index into EXIT_REASONS
  'gross_pnl', // between the two references
  'fees', // paid, both fills
  'slippage_cost', // paid, both fills
  'funding', // paid; negative = received
  'net_pnl', // gross_pnl - fees - slippage_cost - funding
  'equity_before', // account before the entry
  'return_on_equity', // net_pnl ÷ equity_before
  'mae', // worst unrealised return on the entry reference, <= 0
  'mfe', // best unrealised return on the entry reference, >= 0
  'bars_held', // base bars, entry and exit bar included
] as const
export type TradeColumn = (typeof TRADE_COLUMNS)[number]

/** One trade; the engine fills one such record again and again. */
export type Trade = Record<TradeColumn, number>

export type Trades = { readonly rows: number } & { readonly [Column in TradeColumn]: Float64Array }

/** Something that happened, in the order in which it happened. */
export type BacktestEvent =
  | { readonly type: 'decision'; readonly time: number; readonly row: number; readonly side: number }
  | { readonly type: 'skip'; readonly time: number; readonly row: number; readonly reason: keyof Skipped }
  | {
      readonly type: 'entry'
      readonly time: number
      readonly price: number
      readonly quantity: number
      readonly fee: number
    }
  | { readonly type: 'funding'; readonly time: number; readonly rate: number; readonly paid: number }
  | {
      readonly type: 'exit'
      readonly time: number
      readonly price: number
      readonly reason: ExitReason
      readonly fee: number
    }

/** TradeDecisions with a side that did not become a trade. */
export type Skipped = {
  inPosition: number // a position was open (or being opened) at t0
  noBar: number // the entry bar is a hole or lies outside the data
  noBarrier: number // stop or profit not known
  noShort: number // a short on a spot market
  noEquity: number // nothing left to trade with
}

export type Backtest = {
  readonly trades: Trades
  readonly equity: Float64Array // marked at each base bar's close, carried through holes [base.rows]
  readonly initialEquity: number
  readonly finalEquity: number
  readonly skipped: Skipped
  /** Positions were held over funding that is not in the totals, or the whole series is absent. */
  readonly withoutFunding: boolean
  readonly withoutMarkPrice: boolean
  readonly events: readonly BacktestEvent[] // empty unless asked for
}
