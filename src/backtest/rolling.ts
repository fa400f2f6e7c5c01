/** How a strategy fares over time: metrics of a window of days that moves along, each day by what was over by then. */
import { DAY } from '../core/time.js'
import { mean, standardDeviation } from '../math/statistics.js'
import { DAYS_PER_YEAR, type DailyEquity } from './periods.js'

export const ROLLING_DAYS = 30

export type Rolling = {
  readonly day: Float64Array // the window's last day, start of it, UTC ms [n]
  /** Mean ÷ sample deviation of daily returns × √365; NaN until the window is full, and where nothing moved. [n] */
  readonly sharpe: Float64Array
  /** Sample deviation of daily returns × √365. [n] */
  readonly volatility: Float64Array
  /** Covariance with buying and holding ÷ its variance; NaN where there is none. [n] */
  readonly beta: Float64Array
  /** Share of the trades that ended in the window and won; NaN where none did. [n] */
  readonly winRate: Float64Array
}

export type RollingTrades = {
  readonly rows: number
  readonly exit_time: Float64Array
  readonly net_pnl: Float64Array
}

/** @param hold  daily returns of buying and holding on the same days, or null */
export function rollingMetrics(
  daily: DailyEquity,
  hold: Float64Array | null,
  trades: RollingTrades,
  window = ROLLING_DAYS,
): Rolling {
  const { day, returns } = daily
  const of = (value: (from: number, to: number) => number) =>
    Float64Array.from(day, (_, i) => (i + 1 < window ? Number.NaN : value(i + 1 - window, i + 1)))
  const scale = Math.sqrt(DAYS_PER_YEAR)
  // The bar that closes at midnight is the last of its day.
  const ended = Float64Array.from({ length: trades.rows }, (_, row) => trades.exit_time[row] - 1)
  return {
    day,
    sharpe: of((from, to) => {
      const own = returns.subarray(from, to)
      const deviation = standardDeviation(own)
      return deviation > 0 ? (mean(own) / deviation) * scale : Number.NaN
    }),
    volatility: of((from, to) => standardDeviation(returns.subarray(from, to)) * scale),
    beta: of((from, to) => (hold === null ? Number.NaN : betaOf(returns.subarray(from, to), hold.subarray(from, to)))),
    winRate: of((from, to) => {
      const [begin, end] = [day[from], day[to - 1] + DAY]
      let [count, won] = [0, 0]
      for (let row = 0; row < trades.rows; row++) {
        if (ended[row] < begin || ended[row] >= end) continue
        count++
        if (trades.net_pnl[row] > 0) won++
      }
      return count === 0 ? Number.NaN : won / count
    }),
  }
}

function betaOf(own: Float64Array, hold: Float64Array): number {
  const [a, b] = [mean(own), mean(hold)]
  let [joint, square] = [0, 0]
  for (let i = 0; i < own.length; i++) {
    joint += (own[i] - a) * (hold[i] - b)
    square += (hold[i] - b) ** 2
  }
  return square > 0 ? joint / square : Number.NaN
}
