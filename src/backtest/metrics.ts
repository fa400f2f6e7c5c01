/**
 * Every metric of a backtest, as a table: name, unit, meaning, and how it is computed. What cannot be computed says
 * why; it is never zero or NaN.
 */
import { DAY } from '../core/time.js'
import { mean, quantile, standardDeviation } from '../math/statistics.js'
import { dailyEquity, drawdowns, longestDrawdownBars } from './periods.js'
import type { Backtest, Trades } from './types.js'

/** Crypto trades every day of the year. */
export const DAYS_PER_YEAR = 365

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
  readonly losses: Float64Array // drawdown at each base bar
  readonly spanDays: number
  readonly stepMs: number
}

export type MetricDefinition = {
  readonly name: string
  readonly unit: MetricUnit
  readonly meaning: string
  /** The value, or the reason why there is none. */
  readonly compute: (context: MetricContext) => number | string
}

/**
 * @param result    a backtest, and the open times and step of the bars it ran on
 * @param openTime  [result.equity.length], UTC ms
 */
export function metricContext(result: Backtest, openTime: Float64Array, stepMs: number): MetricContext {
  return {
    trades: result.trades,
    equity: result.equity,
    initialEquity: result.initialEquity,
    openTime,
    daily: dailyEquity(openTime, result.equity, result.initialEquity).returns,
    losses: drawdowns(result.equity, result.initialEquity),
    spanDays: (openTime.length * stepMs) / DAY,
    stepMs,
  }
}

const MINIMUM_DAYS_TAIL = 20
const MINIMUM_DAYS_YEARLY = 30

const finalEquity = ({ equity, initialEquity }: MetricContext) => equity[equity.length - 1] ?? initialEquity
const totalReturn = (c: MetricContext) => finalEquity(c) / c.initialEquity - 1
const maxDrawdown = (c: MetricContext) => largest(c.losses)
const wins = ({ trades }: MetricContext) => trades.net_pnl.filter((pnl) => pnl > 0)
const losing = ({ trades }: MetricContext) => trades.net_pnl.filter((pnl) => pnl <= 0)
const ifTrades = (c: MetricContext, compute: () => number | string) => (c.trades.rows === 0 ? 'no trades' : compute())

// Loops, not reduce: these columns have a value for each bar, and a callback for each costs ten times as much.
function largest(x: Float64Array): number {
  let most = 0
  for (let i = 0; i < x.length; i++) if (x[i] > most) most = x[i]
  return most
}

function sum(x: Float64Array): number {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i]
  return total
}

function annualisedReturn(c: MetricContext): number | string {
  if (c.spanDays < MINIMUM_DAYS_YEARLY) return `${c.spanDays.toFixed(1)} days are fewer than ${MINIMUM_DAYS_YEARLY}`
  if (finalEquity(c) <= 0) return 'nothing is left of the equity'
  return (1 + totalReturn(c)) ** (DAYS_PER_YEAR / c.spanDays) - 1
}

/** Mean ÷ sample standard deviation of daily returns × √365, after Sharpe 1994 with a risk-free rate of 0. */
function sharpe(daily: Float64Array): number | string {
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

/** Sum of gains ÷ sum of losses of the trades' net results. */
function profitFactor(netPnl: Float64Array): number | string {
  let gains = 0
  let losses = 0
  for (const pnl of netPnl) {
    if (pnl > 0) gains += pnl
    else losses -= pnl
  }
  return losses > 0 ? gains / losses : netPnl.length === 0 ? 'no trades' : 'no losing trade'
}

export const METRICS: readonly MetricDefinition[] = [
  { name: 'total_return', unit: 'fraction', meaning: 'Final equity ÷ initial equity - 1.', compute: totalReturn },
  {
    name: 'annualised_return',
    unit: 'fraction',
    meaning: 'Total return compounded to 365 days.',
    compute: annualisedReturn,
  },
  {
    name: 'sharpe',
    unit: 'ratio',
    meaning: 'Mean ÷ standard deviation of daily UTC returns × √365, flat days included, after costs.',
    compute: (c) => sharpe(c.daily),
  },
  {
    name: 'sortino',
    unit: 'ratio',
    meaning: 'Mean of daily returns ÷ root mean square of the negative ones (over all days) × √365.',
    compute: (c) =>
      downside(c.daily) > 0 ? (mean(c.daily) / downside(c.daily)) * Math.sqrt(DAYS_PER_YEAR) : 'no losing day',
  },
  {
    name: 'calmar',
    unit: 'ratio',
    meaning: 'Annualised return ÷ largest drawdown.',
    compute: (c) => {
      const yearly = annualisedReturn(c)
      if (typeof yearly === 'string') return yearly
      return maxDrawdown(c) > 0 ? yearly / maxDrawdown(c) : 'no drawdown'
    },
  },
  {
    name: 'max_drawdown',
    unit: 'fraction',
    meaning: 'Largest loss from a peak of the equity, bar by bar.',
    compute: maxDrawdown,
  },
  {
    name: 'max_drawdown_days',
    unit: 'days',
    meaning: 'Longest time below a peak, recovered or not.',
    compute: (c) => (longestDrawdownBars(c.losses) * c.stepMs) / DAY,
  },
  {
    name: 'var_95',
    unit: 'fraction',
    meaning: 'Daily loss that 5 % of the days exceed.',
    compute: (c) => tail(c, (threshold) => -threshold),
  },
  {
    name: 'expected_shortfall_95',
    unit: 'fraction',
    meaning: 'Mean loss of the days beyond var_95.',
    compute: (c) => tail(c, (threshold) => -mean(c.daily.filter((value) => value <= threshold))),
  },
  {
    name: 'volatility',
    unit: 'fraction',
    meaning: 'Standard deviation of daily returns × √365.',
    compute: (c) =>
      c.daily.length < 2
        ? `${c.daily.length} daily returns are fewer than 2`
        : standardDeviation(c.daily) * Math.sqrt(DAYS_PER_YEAR),
  },
  { name: 'trades', unit: 'count', meaning: 'Closed trades.', compute: (c) => c.trades.rows },
  {
    name: 'win_rate',
    unit: 'fraction',
    meaning: 'Trades with a net gain ÷ all trades.',
    compute: (c) => ifTrades(c, () => wins(c).length / c.trades.rows),
  },
  {
    name: 'average_win',
    unit: 'quote',
    meaning: 'Mean net result of the trades with a gain.',
    compute: (c) => (wins(c).length > 0 ? mean(wins(c)) : 'no winning trade'),
  },
  {
    name: 'average_loss',
    unit: 'quote',
    meaning: 'Mean net result of the other trades, negative.',
    compute: (c) => (losing(c).length > 0 ? mean(losing(c)) : 'no losing trade'),
  },
  {
    name: 'profit_factor',
    unit: 'ratio',
    meaning: 'Sum of net gains ÷ sum of net losses.',
    compute: (c) => profitFactor(c.trades.net_pnl),
  },
  {
    name: 'expectancy',
    unit: 'quote',
    meaning: 'Mean net result of a trade.',
    compute: (c) => ifTrades(c, () => mean(c.trades.net_pnl)),
  },
  {
    name: 'expectancy_return',
    unit: 'fraction',
    meaning: 'Mean net result of a trade ÷ equity before it.',
    compute: (c) => ifTrades(c, () => mean(c.trades.return_on_equity)),
  },
  {
    name: 'trades_per_day',
    unit: 'per day',
    meaning: 'Trades ÷ days of the span.',
    compute: (c) => (c.spanDays > 0 ? c.trades.rows / c.spanDays : 'no bars'),
  },
  {
    name: 'holding_hours',
    unit: 'hours',
    meaning: 'Mean time from entry to exit.',
    compute: (c) => ifTrades(c, () => (mean(c.trades.exit_time) - mean(c.trades.entry_time)) / 3_600_000),
  },
  {
    name: 'exposure',
    unit: 'fraction',
    meaning: 'Time in a position ÷ time of the span.',
    compute: (c) =>
      c.spanDays > 0 ? (sum(c.trades.exit_time) - sum(c.trades.entry_time)) / (c.spanDays * DAY) : 'no bars',
  },
  {
    name: 'turnover',
    unit: 'ratio',
    meaning: 'Notional of all fills ÷ mean equity.',
    compute: ({ trades, equity }) => {
      if (equity.length === 0) return 'no bars'
      const notional = trades.quantity.reduce(
        (total, q, i) => total + q * (trades.entry_price[i] + trades.exit_price[i]),
        0,
      )
      return notional / mean(equity)
    },
  },
  {
    name: 'gross_pnl',
    unit: 'quote',
    meaning: 'Result between reference prices, before all costs.',
    compute: (c) => sum(c.trades.gross_pnl),
  },
  { name: 'fees', unit: 'quote', meaning: 'Maker and taker fees paid.', compute: (c) => sum(c.trades.fees) },
  {
    name: 'slippage',
    unit: 'quote',
    meaning: 'Paid by filling worse than the reference.',
    compute: (c) => sum(c.trades.slippage_cost),
  },
  {
    name: 'funding',
    unit: 'quote',
    meaning: 'Funding paid; negative = received.',
    compute: (c) => sum(c.trades.funding),
  },
  {
    name: 'net_pnl',
    unit: 'quote',
    meaning: 'Gross result less fees, slippage and funding.',
    compute: (c) => sum(c.trades.net_pnl),
  },
]

/** Every metric by name. Each value that rests on fewer than `minTrades` trades says so. */
export function computeMetrics(context: MetricContext, minTrades: number): Record<string, Metric> {
  const few = context.trades.rows < minTrades ? `rests on ${context.trades.rows} trades, fewer than ${minTrades}` : null
  return Object.fromEntries(METRICS.map((metric) => [metric.name, asMetric(metric.compute(context), few)]))
}

function asMetric(value: number | string, note: string | null): Metric {
  if (typeof value === 'string') return { value: null, reason: value }
  if (!Number.isFinite(value)) return { value: null, reason: 'the result is not a finite number' }
  return note === null ? { value } : { value, note }
}
