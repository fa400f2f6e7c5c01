/**
 * All that a report is made of. The stage fills it from what earlier stages wrote; nothing here knows about files.
 *
 * Throughout: time is UTC ms; fractions, not percent; a value that is not known is null (single values, with the reason
 * beside it) or NaN (in arrays). Nothing unknown is ever 0.
 */
import type { RandomEntries } from '../backtest/random-entries.js'
import type { Stress } from '../backtest/stress/stress.js'
import type { TradeColumn, Trades } from '../backtest/types.js'
import type { Span } from '../core/time.js'
import type { Absence } from '../features/matrix.js'
import type { FeatureStudy } from '../features/study/study.js'
import type { LabelBalance } from '../labels/balance.js'
import type { LabelRelations } from '../labels/relations.js'
import type { SizingName } from '../portfolio/sizing.js'
import type { SlippageName } from '../portfolio/slippage.js'
import type { Reliability } from '../validation/reliability.js'
import type { FoldStability } from '../validation/stability.js'
import type { ChampionBaseline } from './champion.js'
import type { SplitReport } from './split.js'
import type { TrialsReport } from './tried.js'
import type { TuningReport } from './tuning-input.js'

/** `score` is a dimensionless number that needs four decimals (AUC, log loss); `value` may be of any size; `quote` is money. */
export type Unit = 'fraction' | 'ratio' | 'score' | 'value' | 'quote' | 'count' | 'days' | 'hours' | 'per day'

/** One number with its name. `title` and `meaning` fall back to what `titles.ts` knows about `key`. */
export type MetricRow = {
  readonly key: string
  readonly title?: string
  readonly meaning?: string
  readonly unit: Unit
  readonly value: number | null
  /** Why `value` is null. */
  readonly reason?: string
  /** What to keep in mind about a value, such as the few trades that it rests on. */
  readonly note?: string
  /** Lower and upper end at `ReportInput.intervalLevel`. */
  readonly interval?: readonly [number, number]
  /** Why there is no interval, where one was asked for. */
  readonly intervalReason?: string
}

/** The rows of `judge(…)` in validation/gates, as they are. */
export type GateRow = {
  readonly gate: string
  readonly title?: string
  readonly unit?: Unit
  readonly value: number | null
  readonly count: number
  readonly limit: number
  readonly bound: 'at least' | 'at most'
  readonly required: boolean
  readonly passed: boolean
  readonly reason: string
}

export type Candidate = {
  readonly name: string
  readonly approved: boolean
  /** The one that this report is about. */
  readonly shown: boolean
  readonly score: number | null
  readonly gates: readonly GateRow[]
  readonly test: readonly MetricRow[]
  readonly outOfFold: readonly MetricRow[]
  /** It could not be fitted, and was not judged; `note` says why. */
  readonly leftOut?: true
  /** Why it was not fitted or not approved. */
  readonly note?: string
}

export type Approval =
  | { readonly state: 'approved'; readonly model: string; readonly version: string }
  | { readonly state: 'not approved'; readonly model: string; readonly version: string | null; readonly reason: string }

export type ReportTradeColumn = Extract<
  TradeColumn,
  | 'entry_time'
  | 'exit_time'
  | 'side'
  | 'quantity'
  | 'entry_price'
  | 'exit_price'
  | 'exit_reason'
  | 'gross_pnl'
  | 'fees'
  | 'slippage_cost'
  | 'funding'
  | 'liquidation_fee'
  | 'net_pnl'
  | 'return_on_equity'
>

/** The columns of a backtest's trades that a report shows; `Trades` fits as it is. */
export type ReportTrades = Pick<Trades, ReportTradeColumn | 'rows'>

/** `unavailable` says why there is none. */
export type Unavailable = { readonly unavailable: string }

export type BuyAndHold = {
  readonly equity: Float64Array // on the part's bars [n]
  readonly metrics: readonly MetricRow[]
}

/** Result of `randomEntries(…)`, plus the band of its equity curves where it was kept. */
export type RandomBaseline = Pick<RandomEntries, 'runs' | 'tradesPerRun' | 'metrics'> & {
  readonly band?: { readonly low: Float64Array; readonly high: Float64Array } // 5 % and 95 % on the part's bars [n]
}

/** One backtest, and how its predictions scored. The two parts are never added up. */
export type PartReport = {
  readonly span: Span
  readonly initialEquity: number
  readonly openTime: Float64Array // base bars of the part [n]
  readonly stepMs: number
  readonly equity: Float64Array // marked at each bar's close [n]
  /** Metrics of the account. */
  readonly metrics: readonly MetricRow[]
  /** Metrics of the predictions: precision, AUC, log loss, calibration error … */
  readonly predictions: readonly MetricRow[]
  /** Rows by outcome (−1, 0, 1) and signal (short, none, long). */
  readonly confusion: readonly (readonly number[])[] | Unavailable
  readonly trades: ReportTrades
  readonly buyAndHold: BuyAndHold | Unavailable
  readonly random: RandomBaseline | Unavailable
  readonly champion: ChampionBaseline | Unavailable
  readonly reliability: Reliability | Unavailable
  readonly stress: Stress
  readonly feesByKind?: { readonly maker: number; readonly taker: number }
  readonly withoutFunding: boolean
  readonly withoutMarkPrice: boolean
}

export type FoldRow = {
  readonly fold: number // from 1
  readonly train: Span
  readonly validation: Span
  readonly outOfFold: Span
  /** The pieces of a part that has several. */
  readonly trainRanges?: readonly Span[]
  readonly outOfFoldRanges?: readonly Span[]
  readonly trainRows: number
  readonly validationRows: number
  readonly outOfFoldRows: number
  readonly auc: number | null
  readonly aucInterval?: readonly [number, number]
  readonly logLoss: number | null
  readonly precision: number | null
  readonly signals: number
  readonly bestRound: number | null
  readonly threshold: number | null
  /** Why any of the above is null. */
  readonly reason?: string
}

export type ImportanceRow = {
  readonly feature: string
  readonly family: string
  readonly gain: number
  readonly share: number // of the sum of gains
  readonly permutation: number // rise of the loss on validation without the feature; NaN not measured
}

export type FeatureSet = {
  readonly count: number
  readonly hash: string
  readonly families: readonly { readonly family: string; readonly count: number }[]
  /** Columns that were asked for and that this instrument cannot give. */
  readonly absent: readonly Absence[]
}

/** What the leakage certificate of the features says. */
export type CertificateReport = {
  readonly verdict: 'passed' | 'failed'
  readonly hash: string // of the feature set
  readonly features: number
  readonly rows: number // decision bars looked at
  readonly span: Span
  readonly cuts: readonly { readonly time: number; readonly place: string }[]
  /** Columns whose warm-up could be measured, and those of them whose first value came later than declared. */
  readonly warmups: { readonly measured: number; readonly late: number }
  readonly complaints: readonly string[]
}

export type LabelReport = {
  readonly type: string
  readonly horizonHours: number
  readonly barrier: string
  readonly profit: number // with another barrier than fixed only profit ÷ stop counts
  readonly stop: number
  readonly costAware: boolean
  /** They were moved to other rows: a placebo. */
  readonly shuffled: boolean
  /** Settings of this type alone. */
  readonly terms: readonly { readonly name: string; readonly value: string }[]
  readonly balance: LabelBalance
  readonly relations: LabelRelations
}

export type Gap = {
  readonly from: number
  readonly to: number
  readonly bars: number
  readonly cause: string
}

/** One stored series of the instrument; null = does not apply to it. */
export type QualitySeries = {
  readonly name: string
  readonly span: Span
  readonly expected: number | null
  readonly present: number
  readonly missing: number | null
  readonly duplicates: number | null
  readonly outOfOrder: number | null
  readonly impossible: number | null
  readonly zeroVolume: number | null
  readonly gaps: readonly Gap[]
}

/** Something that was looked for in a series, and how often it was found; what was flagged is kept as it is. */
export type Finding = {
  readonly series: string
  readonly what: string
  readonly count: number
  /** As a log return. */
  readonly largest: { readonly time: number; readonly logReturn: number } | null
  readonly longest?: { readonly from: number; readonly bars: number } | null
  readonly first?: number | null
}

/** Two sources of the same rows; what the first of them says is kept. */
export type Disagreement = {
  readonly series: string
  readonly between: string
  readonly compared: number
  readonly differing: number
  readonly largest: number // relative
  readonly taken: number | null // rows that only the second has, and that were taken; null where none is
  readonly first: readonly {
    readonly time: number
    readonly column: string
    readonly kept: number | null
    readonly other: number | null
  }[]
}

export type QualityReport = {
  readonly series: readonly QualitySeries[]
  /** What the instrument does not have, or what was not fetched, and what follows from it. */
  readonly absent: readonly { readonly name: string; readonly reason: string }[]
  readonly findings: readonly Finding[]
  readonly disagreements: readonly Disagreement[]
}

/** What the backtest assumes of orders, as it was set. */
export type CostAssumptions = {
  readonly makerBps: number
  readonly takerBps: number
  readonly feeTiers: number // of 30 days' volume; 0 = the fees above hold always
  readonly slippage: SlippageName
  readonly slippageBps: number
  readonly spreadBps: number
  readonly volatilityShare: number
  readonly impact: number
  readonly latencyBars: number
  readonly order: 'market' | 'limit'
  readonly limitBps: number
  readonly orderBars: number
  readonly volumeShare: number | null
  readonly depthShare: number | null
  readonly takeProfits: readonly { readonly share: number; readonly profit: number }[] // none: the label's profit
  readonly trailing: number // 0 = the stop stays
  readonly trailingAfter: number
  readonly reversal: boolean
  readonly sizing: SizingName
  readonly riskFraction: number
  readonly kellyFraction: number
  readonly targetVolatility: number
  readonly leverage: number
  readonly margin: 'isolated' | 'cross'
  readonly missingFunding: string
}

/** `ThresholdChoice` of validation/decision; `precision` and `precisionLow` are NaN without a signal. */
export type ThresholdReport = {
  readonly threshold: number
  readonly breakEven: number
  readonly margin: number
  readonly signals: number
  readonly independentSignals: number
  readonly precision: number
  readonly precisionLow: number
  readonly reason: string
}

export type LineageRow = {
  readonly kind: string // raw, clean, features, model file …
  readonly name: string
  readonly hash: string
}

export type ReportInput = {
  readonly pair: string
  readonly venue: string
  readonly market: 'perpetual' | 'spot'
  readonly quoteAsset: string
  readonly span: Span
  readonly bars: { readonly base: string; readonly decision: string; readonly context: readonly string[] }
  readonly simulated: { readonly seed: number; readonly edge: number } | null
  readonly approval: Approval
  readonly gates: readonly GateRow[]
  readonly minTrades: number // gates.minTrades
  readonly candidates: readonly Candidate[]
  readonly trials: TrialsReport
  readonly features: FeatureSet
  readonly certificate: CertificateReport | Unavailable
  readonly featureStudy: FeatureStudy
  /** Of each model that was tuned; empty where none was. */
  readonly tuning: readonly TuningReport[]
  /** The last part of the span, read once: the headline. */
  readonly test: PartReport
  /** Predictions of the folds in the part before it; `split` says whether their models had seen later rows. */
  readonly outOfFold: PartReport
  readonly intervalLevel: number // 0.95
  readonly price: { readonly time: Float64Array; readonly close: Float64Array } // NaN where nothing was published
  readonly folds: readonly FoldRow[]
  readonly split: SplitReport
  readonly importance: readonly ImportanceRow[]
  readonly featureChoice: FoldStability | Unavailable
  readonly labels: LabelReport
  readonly quality: QualityReport
  readonly costs: CostAssumptions
  readonly threshold: ThresholdReport
  readonly config: readonly { readonly key: string; readonly value: string }[]
  readonly lineage: readonly LineageRow[]
}

export const PARTS = ['test', 'outOfFold'] as const
export type PartName = (typeof PARTS)[number]
export const PART_TITLES: Readonly<Record<PartName, string>> = { test: 'Test part', outOfFold: 'Out-of-fold' }

export function isUnavailable<T extends object>(value: T | Unavailable): value is Unavailable {
  return 'unavailable' in value
}
