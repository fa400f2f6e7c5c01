/**
 * Every metric of a backtest, as a table: name, unit, meaning, and how it is computed. What cannot be computed says
 * why; it is never zero or NaN.
 */
import { power } from '../core/power.js'
import { DAY, isoMinute } from '../core/time.js'
import { mean, quantile, standardDeviation } from '../math/statistics.js'
import { BENCHMARK_METRICS } from './benchmark-metrics.js'
import { DISTRIBUTION_METRICS } from './distribution-metrics.js'
import { DAYS_PER_YEAR, dailyEquity, drawdowns, longestDrawdownBars, ruinBar } from './periods.js'
import { TRADE_METRICS } from './trade-metrics.js'
import type { Backtest, Trades } from './types.js'

export type Metric =
  | { readonly value: number; readonly note?: string }
  | { readonly value: null; readonly reason: string }

export type MetricUnit = 'fraction' | 'ratio' | 'quote' | 'count' | 'days' | 'hours' | 'per day'

/** What metrics are computed from. */
export type MetricContext = {
  readonly trades: Trades
  readonly equity: Float64Array // at each base bar's close
  readonly initialEquity: number
  readonly openTime: Float64Array // of the base bars, UTC ms
  readonly daily: Float64Array // daily UTC returns, flat days included
  /** Daily returns of buying and holding, on the same days; or why there are none. */
  readonly benchmark: Float64Array | string
  readonly losses: Float64Array // drawdown at each base bar
  /** That nothing was left of the equity, and when; null where it never came to that. */
  readonly ruin: string | null
  readonly spanDays: number
  readonly stepMs: number
}

export type MetricDefinition = {
  readonly name: string
  readonly unit: MetricUnit
  readonly meaning: string
  /** What is drawn again, in blocks, for its interval; or why it has none. */
  readonly resample: 'days' | 'trades' | { readonly never: string }
  /** Whether it says something of an account that came to nothing. */
  readonly survives?: true
  /** The value, or the reason why there is none. */
  readonly compute: (context: MetricContext) => number | string
}

/**
 * @param result    a backtest, and the open times and step of the bars it ran on
 * @param openTime  [result.equity.length], UTC ms
 * @param hold      buying and holding on the same bars, or why there is none
 */
export function metricContext(
  result: Backtest,
  openTime: Float64Array,
  stepMs: number,
  hold: Backtest | { readonly unavailable: string } = { unavailable: 'not compared with buy and hold' },
): MetricContext {
  const dailyOf = ({ equity, initialEquity }: Backtest) => dailyEquity(openTime, equity, initialEquity).returns
  return {
    trades: result.trades,
    equity: result.equity,
    initialEquity: result.initialEquity,
    openTime,
    daily: dailyOf(result),
    benchmark: 'unavailable' in hold ? hold.unavailable : dailyOf(hold),
    losses: drawdowns(result.equity, result.initialEquity),
    ruin: ruinOf(result, openTime),
    spanDays: (openTime.length * stepMs) / DAY,
    stepMs,
  }
}

function ruinOf({ equity, initialEquity }: Backtest, openTime: Float64Array): string | null {
  const bar = ruinBar(equity, initialEquity)
  if (bar < 0) return null
  const size = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 2 })
  return `ruin: the equity fell from ${size(initialEquity)} to ${size(equity[bar])} on ${isoMinute(openTime[bar])}`
}

const MINIMUM_DAYS_TAIL = 20
const MINIMUM_DAYS_YEARLY = 30

const finalEquity = ({ equity, initialEquity }: MetricContext) => equity[equity.length - 1] ?? initialEquity
const totalReturn = (c: MetricContext) => finalEquity(c) / c.initialEquity - 1
const maxDrawdown = (c: MetricContext) => largest(c.losses)

// Loops, not reduce: these columns have a value for each bar, and a callback for each costs ten times as much.
function largest(x: Float64Array): number {
  let most = 0
  for (let i = 0; i < x.length; i++) if (x[i] > most) most = x[i]
  return most
}

function annualisedReturn(c: MetricContext): number | string {
  if (c.spanDays < MINIMUM_DAYS_YEARLY) return `${c.spanDays.toFixed(1)} days are fewer than ${MINIMUM_DAYS_YEARLY}`
  if (finalEquity(c) <= 0) return 'nothing is left of the equity'
  return power(1 + totalReturn(c), DAYS_PER_YEAR / c.spanDays) - 1
}

/** Mean ÷ sample standard deviation of daily returns × √365, after Sharpe 1994 with a risk-free rate of 0. */
export function sharpe(daily: Float64Array): number | string {
  if (daily.length < 2) return `${daily.length} daily returns are fewer than 2`
  const deviation = standardDeviation(daily)
  return deviation > 0 ? (mean(daily) / deviation) * Math.sqrt(DAYS_PER_YEAR) : 'daily returns do not vary'
}

function downside(daily: Float64Array): number {
  let squares = 0
  for (const value of daily) if (value < 0) squares += value * value
  return Math.sqrt(squares / daily.length)
}

function tail(c: MetricContext, compute: (threshold: number) => number): number | string {
  if (c.daily.length < MINIMUM_DAYS_TAIL) return `${c.daily.length} daily returns are fewer than ${MINIMUM_DAYS_TAIL}`
  return compute(quantile(c.daily, 0.05))
}

export const METRICS: readonly MetricDefinition[] = [
  {
    name: 'total_return',
    unit: 'fraction',
    resample: 'days',
    survives: true,
    meaning: 'Final equity ÷ initial equity - 1.',
    compute: totalReturn,
  },
  {
    name: 'annualised_return',
    unit: 'fraction',
    resample: 'days',
    meaning: 'Total return compounded to 365 days.',
    compute: annualisedReturn,
  },
  {
    name: 'sharpe',
    unit: 'ratio',
    resample: 'days',
    meaning: 'Mean ÷ standard deviation of daily UTC returns × √365, flat days included, after costs.',
    compute: (c) => sharpe(c.daily),
  },
  {
    name: 'sortino',
    unit: 'ratio',
    resample: 'days',
    meaning: 'Mean of daily returns ÷ root mean square of the negative ones (over all days) × √365.',
    compute: (c) =>
      downside(c.daily) > 0 ? (mean(c.daily) / downside(c.daily)) * Math.sqrt(DAYS_PER_YEAR) : 'no losing day',
  },
  {
    name: 'calmar',
    unit: 'ratio',
    resample: 'days',
    meaning: 'Annualised return ÷ largest drawdown.',
    compute: (c) => {
      const yearly = annualisedReturn(c)
      if (typeof yearly === 'string') return yearly
      return maxDrawdown(c) > 0 ? yearly / maxDrawdown(c) : 'no drawdown'
    },
  },
  ...BENCHMARK_METRICS,
  {
    name: 'max_drawdown',
    unit: 'fraction',
    resample: 'days',
    survives: true,
    meaning: 'Largest loss from a peak of the equity, bar by bar; 1 is ruin, however much is owed.',
    compute: maxDrawdown,
  },
  {
    name: 'max_drawdown_days',
    unit: 'days',
    resample: { never: 'it is counted in bars; what is drawn again are days' },
    meaning: 'Longest time below a peak, recovered or not.',
    compute: (c) => (longestDrawdownBars(c.losses) * c.stepMs) / DAY,
  },
  {
    name: 'var_95',
    unit: 'fraction',
    resample: 'days',
    meaning: 'Daily loss that 5 % of the days exceed.',
    compute: (c) => tail(c, (threshold) => -threshold),
  },
  {
    name: 'expected_shortfall_95',
    unit: 'fraction',
    resample: 'days',
    meaning: 'Mean loss of the days beyond var_95.',
    compute: (c) => tail(c, (threshold) => -mean(c.daily.filter((value) => value <= threshold))),
  },
  {
    name: 'volatility',
    unit: 'fraction',
    resample: 'days',
    meaning: 'Standard deviation of daily returns × √365.',
    compute: (c) =>
      c.daily.length < 2
        ? `${c.daily.length} daily returns are fewer than 2`
        : standardDeviation(c.daily) * Math.sqrt(DAYS_PER_YEAR),
  },
  ...DISTRIBUTION_METRICS,
  ...TRADE_METRICS.map((metric) => ({ ...metric, survives: true as const })),
]

/**
 * Every metric by name, or those of `names`. Each value that rests on fewer than `minTrades` trades says so.
 */
export function computeMetrics(
  context: MetricContext,
  minTrades: number,
  names: readonly string[] | null = null,
): Record<string, Metric> {
  const few = context.trades.rows < minTrades ? `rests on ${context.trades.rows} trades, fewer than ${minTrades}` : null
  const notes = [context.ruin, few].filter((note) => note !== null).join('; ')
  return Object.fromEntries(
    METRICS.filter(({ name }) => names === null || names.includes(name)).map((metric) => [
      metric.name,
      asMetric(measured(metric, context), notes === '' ? null : notes),
    ]),
  )
}

/** Of an account that came to nothing a return of days has no meaning, and the reason says so. */
export function measured({ survives, compute }: MetricDefinition, context: MetricContext): number | string {
  return context.ruin === null || survives === true ? compute(context) : context.ruin
}

function asMetric(value: number | string, note: string | null): Metric {
  if (typeof value === 'string') return { value: null, reason: value }
  if (!Number.isFinite(value)) return { value: null, reason: 'the result is not a finite number' }
  return note === null ? { value } : { value, note }
}
