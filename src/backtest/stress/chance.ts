/**
 * How much of the result is the order in which things came, the days that happened to come, and the moments of entry.
 */
import { createRandom } from '../../core/random.js'
import { quantile } from '../../math/statistics.js'
import { drawOrder } from '../../validation/bootstrap.js'
import { dayShapes, drawdownOf, ruinBar } from '../periods.js'
import type { RandomEntries } from '../random-entries.js'
import type { Backtest } from '../types.js'

export type Spread = { readonly p05: number; readonly median: number; readonly p95: number; readonly p99: number }
type None = { readonly unavailable: string }

/** The trades in any other order end at the same equity, by another way: only the drawdown differs. */
export type TradeOrder = {
  readonly runs: number
  readonly trades: number
  readonly drawdown: Spread // from close of trade to close of trade
  readonly actual: number // the same, in the order in which they came
  readonly worse: number // share of the orders with a larger drawdown
}

export type DayPaths = {
  readonly runs: number
  readonly days: number
  readonly block: number // mean length, days
  readonly totalReturn: Spread
  readonly drawdown: Spread // of bars: each day keeps its course
  readonly losing: number // share of the paths that end below the start
}

/** Chance of a result as good with entries drawn by lot: (1 + as good or better) ÷ (1 + runs). */
export type SignalTest = {
  readonly runs: number
  readonly p: { readonly total_return: number | null; readonly sharpe: number | null }
}

const RUNS = 1000
const LEAST = 10

export function tradeOrder({ trades }: Backtest, seed: number): TradeOrder | None {
  const n = trades.rows
  if (n < LEAST) return { unavailable: `${n} trades are fewer than ${LEAST}` }
  const random = createRandom(seed, 'stress trade order')
  const order = trades.return_on_equity.slice()
  const actual = drawdownOfSteps(order)
  const found = Float64Array.from({ length: RUNS }, () => {
    for (let i = n - 1; i > 0; i--) {
      const j = random.below(i + 1)
      const kept = order[i]
      order[i] = order[j]
      order[j] = kept
    }
    return drawdownOfSteps(order)
  })
  return {
    runs: RUNS,
    trades: n,
    drawdown: spread(found),
    actual,
    worse: found.filter((value) => value > actual).length / RUNS,
  }
}

function drawdownOfSteps(returns: Float64Array): number {
  let [value, peak, largest] = [1, 1, 0]
  for (let i = 0; i < returns.length; i++) {
    value *= 1 + returns[i]
    if (value > peak) peak = value
    if (1 - value / peak > largest) largest = 1 - value / peak
  }
  return Math.min(1, largest)
}

export function dayPaths({ equity, initialEquity }: Backtest, openTime: Float64Array, seed: number): DayPaths | None {
  if (ruinBar(equity, initialEquity) >= 0) return { unavailable: 'nothing was left of the equity' }
  const shapes = dayShapes(openTime, equity, initialEquity)
  const days = shapes.end.length
  if (days < LEAST) return { unavailable: `${days} days are fewer than ${LEAST}` }
  const random = createRandom(seed, 'stress days')
  const block = Math.max(1, Math.round(Math.cbrt(days)))
  const order = new Int32Array(days)
  const growths = new Float64Array(RUNS)
  const falls = new Float64Array(RUNS)
  for (let run = 0; run < RUNS; run++) {
    drawOrder(order, block, random)
    falls[run] = drawdownOf(shapes, order)
    growths[run] = order.reduce((growth, day) => growth * shapes.end[day], 1) - 1
  }
  return {
    runs: RUNS,
    days,
    block,
    totalReturn: spread(growths),
    drawdown: spread(falls),
    losing: growths.filter((value) => value < 0).length / RUNS,
  }
}

export function signalTest(random: RandomEntries | null): SignalTest | None {
  if (random === null) return { unavailable: 'no trades' }
  const p = (name: 'total_return' | 'sharpe') => {
    const { strategy } = random.metrics[name]
    if (strategy === null) return null
    const known = random.values[name].filter((value) => !Number.isNaN(value))
    return (1 + known.filter((value) => value >= strategy).length) / (1 + known.length)
  }
  return { runs: random.runs, p: { total_return: p('total_return'), sharpe: p('sharpe') } }
}

function spread(values: Float64Array): Spread {
  const [p05, median, p95, p99] = [0.05, 0.5, 0.95, 0.99].map((q) => quantile(values, q))
  return { p05, median, p95, p99 }
}
