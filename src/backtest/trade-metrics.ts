/**
 * Metrics of the closed trades: how often, how long, how much, and what they cost.
 */
import { DAY, HOUR } from '../core/time.js'
import { mean } from '../math/statistics.js'
import type { MetricContext, MetricDefinition } from './metrics.js'

const wins = ({ trades }: MetricContext) => meanOf(trades.net_pnl, true)
const losing = ({ trades }: MetricContext) => meanOf(trades.net_pnl, false)
const ifTrades = (c: MetricContext, compute: () => number | string) => (c.trades.rows === 0 ? 'no trades' : compute())

// Loops, not filter and reduce: a callback for each value costs ten times as much.
function meanOf(netPnl: Float64Array, gains: boolean): { readonly count: number; readonly mean: number } {
  let count = 0
  let total = 0
  for (let i = 0; i < netPnl.length; i++) {
    if (netPnl[i] > 0 !== gains) continue
    count++
    total += netPnl[i]
  }
  return { count, mean: total / count }
}

function sum(x: Float64Array): number {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i]
  return total
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

export const TRADE_METRICS: readonly MetricDefinition[] = [
  {
    name: 'trades',
    unit: 'count',
    resample: { never: 'a count of what happened' },
    meaning: 'Closed trades.',
    compute: (c) => c.trades.rows,
  },
  {
    name: 'win_rate',
    unit: 'fraction',
    resample: 'trades',
    meaning: 'Trades with a net gain ÷ all trades.',
    compute: (c) => ifTrades(c, () => wins(c).count / c.trades.rows),
  },
  {
    name: 'average_win',
    unit: 'quote',
    resample: 'trades',
    meaning: 'Mean net result of the trades with a gain.',
    compute: (c) => (wins(c).count > 0 ? wins(c).mean : 'no winning trade'),
  },
  {
    name: 'average_loss',
    unit: 'quote',
    resample: 'trades',
    meaning: 'Mean net result of the other trades, negative.',
    compute: (c) => (losing(c).count > 0 ? losing(c).mean : 'no losing trade'),
  },
  {
    name: 'payoff_ratio',
    unit: 'ratio',
    resample: 'trades',
    meaning: 'Average win ÷ average loss, without its sign.',
    compute: (c) => {
      if (wins(c).count === 0) return 'no winning trade'
      const loss = -losing(c).mean
      return loss > 0 ? wins(c).mean / loss : 'no losing trade'
    },
  },
  {
    name: 'profit_factor',
    unit: 'ratio',
    resample: 'trades',
    meaning: 'Sum of net gains ÷ sum of net losses.',
    compute: (c) => profitFactor(c.trades.net_pnl),
  },
  {
    name: 'expectancy',
    unit: 'quote',
    resample: 'trades',
    meaning: 'Mean net result of a trade.',
    compute: (c) => ifTrades(c, () => mean(c.trades.net_pnl)),
  },
  {
    name: 'expectancy_return',
    unit: 'fraction',
    resample: 'trades',
    meaning: 'Mean net result of a trade ÷ equity before it.',
    compute: (c) => ifTrades(c, () => mean(c.trades.return_on_equity)),
  },
  {
    name: 'trades_per_day',
    unit: 'per day',
    resample: { never: 'a count of what happened' },
    meaning: 'Trades ÷ days of the span.',
    compute: (c) => (c.spanDays > 0 ? c.trades.rows / c.spanDays : 'no bars'),
  },
  {
    name: 'holding_hours',
    unit: 'hours',
    resample: 'trades',
    meaning: 'Mean time from entry to exit.',
    compute: (c) => ifTrades(c, () => (mean(c.trades.exit_time) - mean(c.trades.entry_time)) / HOUR),
  },
  {
    name: 'exposure',
    unit: 'fraction',
    resample: 'trades',
    meaning: 'Time in a position ÷ time of the span.',
    compute: (c) =>
      c.spanDays > 0 ? (sum(c.trades.exit_time) - sum(c.trades.entry_time)) / (c.spanDays * DAY) : 'no bars',
  },
  {
    name: 'turnover',
    unit: 'ratio',
    resample: 'trades',
    meaning: 'Notional of all fills ÷ mean equity.',
    compute: ({ trades, equity }) => {
      if (equity.length === 0) return 'no bars'
      const notional = trades.quantity.reduce(
        (total, q, i) => total + q * (trades.entry_price[i] + trades.exit_price[i]),
        0,
      )
      const level = mean(equity)
      return level > 0 ? notional / level : 'the mean equity is not above 0'
    },
  },
  {
    name: 'gross_pnl',
    unit: 'quote',
    resample: 'trades',
    meaning: 'Result between reference prices, before all costs.',
    compute: (c) => sum(c.trades.gross_pnl),
  },
  {
    name: 'fees',
    unit: 'quote',
    resample: 'trades',
    meaning: 'Maker and taker fees paid.',
    compute: (c) => sum(c.trades.fees),
  },
  {
    name: 'slippage',
    unit: 'quote',
    resample: 'trades',
    meaning: 'Paid by filling worse than the reference.',
    compute: (c) => sum(c.trades.slippage_cost),
  },
  {
    name: 'funding',
    unit: 'quote',
    resample: 'trades',
    meaning: 'Funding paid; negative = received.',
    compute: (c) => sum(c.trades.funding),
  },
  {
    name: 'net_pnl',
    unit: 'quote',
    resample: 'trades',
    meaning: 'Gross result less fees, slippage and funding.',
    compute: (c) => sum(c.trades.net_pnl),
  },
]
