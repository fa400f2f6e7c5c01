/**
 * What goes into a backtest and what comes out. Money is quote currency; prices are quote per base.
 */
import type { Bars, Funding } from '../market/bars.js'
import type { Costs } from '../portfolio/costs.js'
import type { ExchangeRules } from '../portfolio/exchange-rules.js'
import type { ExitPlan } from '../portfolio/exits.js'
import type { FeeTier } from '../portfolio/fee-tiers.js'
import type { MissingFunding } from '../portfolio/funding.js'
import type { MarginTier } from '../portfolio/margin.js'
import type { SizingName } from '../portfolio/sizing.js'
import type { SlippageName, SlippageTerms } from '../portfolio/slippage.js'

/** One row a decision, oldest first; rows that decide nothing have side 0. Every array is [n]. */
export type TradeDecisions = {
  readonly time: Float64Array // t0, UTC ms: when the decision could be known
  readonly side: Int8Array // 1 long, -1 short, 0 nothing
  readonly stop: Float64Array // fraction of the entry reference; NaN = not known, then no trade
  readonly profit: Float64Array // the same
  /** Calibrated probability of the side; only sizing by Kelly asks for it. */
  readonly confidence?: Float64Array
  readonly horizonMs: number // a position is closed at t0 + horizon at the latest
}

/** What differs from pair to pair: named for one of them, it stands in the place of the account's own. */
export type PairTerms = ExchangeRules & {
  readonly leverage: number // largest notional ÷ the equity that is its margin
  readonly marginTiers: readonly MarginTier[]
}

export type BacktestSettings = Costs &
  Omit<SlippageTerms, 'slippageBps'> &
  PairTerms &
  ExitPlan & {
    readonly equity: number // start
    readonly latencyBars: number // base bars between t0 and the entry
    readonly slippage: SlippageName
    readonly feeTiers: readonly FeeTier[]
    /** `limit`: rests `limitBps` better than the last close before t0. */
    readonly order: 'market' | 'limit'
    readonly limitBps: number
    /** Base bars after which what is not filled is withdrawn. */
    readonly orderBars: number
    /** Largest share of a bar's volume that one fill takes; the rest waits for the next bar. Infinity: no limit. */
    readonly volumeShare: number
    /** Largest share of the book that one market order takes, where a book was recorded; the rest waits. Infinity: no limit. */
    readonly depthShare: number
    readonly sizing: SizingName
    readonly riskFraction: number // share of equity that a stop costs
    readonly kellyFraction: number
    readonly targetVolatility: number // a year of 365 days
    readonly margin: 'isolated' | 'cross'
    readonly liquidationFeeBps: number
    readonly maxPositions: number // at a time, over all instruments
    readonly maxDrawdown: number // from its highest; beyond it nothing more is opened
    readonly missingFunding: MissingFunding
    /** By pair, as far as it has terms of its own. */
    readonly pairs: { readonly [pair: string]: Partial<PairTerms> }
    /** `spot`: no shorts, no funding, leverage 1 whatever `leverage` says. */
    readonly market: 'perpetual' | 'spot'
  }

/** Of each base bar; NaN = not recorded. [base.rows] */
export type MarkPrice = {
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  /** False: at the beginning or the end something else stands in for it. */
  readonly whole: boolean
}

/** What rests within 1 % of the price when a base bar opens, base asset; NaN = not recorded. [base.rows] */
export type Depth = { readonly bids: Float64Array; readonly asks: Float64Array }

/** One market of an account. */
export type Instrument = {
  /** Whose terms hold; absent: those of the account. */
  readonly pair?: string
  readonly base: Bars
  readonly decisions: TradeDecisions
  readonly funding: Funding | null
  /** Null: the last price stands in for it. */
  readonly markPrice: MarkPrice | null
  /** Absent: no book was recorded, or nothing asks for it. */
  readonly depth?: Depth
}

export type BacktestInputs = Instrument & {
  readonly settings: BacktestSettings
  /** Keep a list of every event, for audits. */
  readonly events?: boolean
}

/** Why a position ended; `exit_reason` is the index. */
export const EXIT_REASONS = [
  ...(['stop', 'profit', 'time', 'gap', 'end'] as const),
  ...(['trailing', 'reversal', 'liquidation'] as const),
] as const
export type ExitReason = (typeof EXIT_REASONS)[number]

/** Columns of the trades table, in their order on disk. */
export const TRADE_COLUMNS = [
  'decision_row', // index into the decisions
  'decision_time', // t0, UTC ms
  'entry_time', // open of the entry bar, UTC ms
  'exit_time', // close of the bar in which it ended (gap, reversal: that bar's open), UTC ms
  'side', // 1 long, -1 short
  'quantity', // base asset, all that was entered
  'entry_reference', // open of the entry bar, or the limit; of several fills their mean by quantity
  'entry_price', // paid, after slippage; of several fills their mean
  'stop_price', // where it stood first
  'profit_price', // of the first profit order
  'exit_reference', // price before slippage; of several fills their mean
  'exit_price', // received, after slippage; of several fills their mean
  'exit_reason', // of the last fill, index into EXIT_REASONS
  'gross_pnl', // between the two references
  'fees', // paid, all fills
  'slippage_cost', // paid, all fills
  'funding', // paid; negative = received
  'liquidation_fee', // paid
  'net_pnl', // gross_pnl - fees - slippage_cost - funding - liquidation_fee
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

/**
 * Something that happened, in the order in which it happened. `instrument` is the place in the list of instruments. `cash` is the account
 * afterwards without what open positions would bring.
 */
export type BacktestEvent = { readonly time: number; readonly instrument: number } & (
  | { readonly type: 'decision'; readonly row: number; readonly side: number }
  | { readonly type: 'skip'; readonly row: number; readonly reason: keyof Skipped }
  | Fill<'entry'>
  | (Fill<'exit'> & { readonly reason: ExitReason; readonly liquidationFee: number })
  | { readonly type: 'funding'; readonly rate: number; readonly paid: number; readonly cash: number }
)

type Fill<Type extends string> = {
  readonly type: Type
  readonly side: number // of the position
  readonly price: number
  readonly quantity: number
  readonly fee: number
  readonly cash: number
}

/** Decisions with a side that did not become a trade. */
export type Skipped = {
  inPosition: number // a position was open (or being opened) at t0
  noBar: number // the entry bar is a hole or lies outside the data
  noBarrier: number // stop or profit not known
  noShort: number // a short on a spot market, which closes what is held and opens nothing
  noEquity: number // nothing left to trade with
  tooSmall: number // below a step or the smallest notional
  notFilled: number // the price never came to the limit order, or there was no volume
  notKnown: number // the close a limit is set from, or what sizing or slippage needs, is not there
  limits: number // as many positions as may be open, or too deep a drawdown
}

/** What became of one instrument's decisions. */
export type InstrumentResult = {
  readonly trades: Trades
  readonly skipped: Skipped
  /** Fills of market orders whose slippage was cut at `maxSlippageBps`. */
  readonly cutSlippage: number
  /** Positions were held over funding that is not in the totals, or the whole series is absent. */
  readonly withoutFunding: boolean
  readonly withoutMarkPrice: boolean
}

export type Backtest = InstrumentResult & {
  readonly equity: Float64Array // marked at each base bar's close, carried through holes [base.rows]
  readonly initialEquity: number
  readonly finalEquity: number
  readonly events: readonly BacktestEvent[] // empty unless asked for
}

/** Several instruments on one account. */
export type AccountResult = {
  readonly instruments: readonly InstrumentResult[]
  readonly openTime: Float64Array // of the clock's bars: from the first instrument's first to the last one's last
  readonly equity: Float64Array // at the close of each [openTime]
  readonly initialEquity: number
  readonly finalEquity: number
  readonly events: readonly BacktestEvent[] // empty unless asked for
}
