/**
 * The same days sorted by what the market was like: a strategy that lives on one kind of market only will meet the other.
 */
import { DAY } from '../../core/time.js'
import type { Bars } from '../../market/bars.js'
import { firstBarFrom, isHole } from '../../market/entry.js'
import { quantile } from '../../math/statistics.js'
import { blockBootstrap, ratioStatistic } from '../../validation/bootstrap.js'
import { type IntervalSettings, MINIMUM_VALUES } from '../bootstrap.js'
import { dailyEquity } from '../periods.js'
import type { Backtest } from '../types.js'

export const REGIMES = ['calm', 'middling', 'restless', 'rising', 'falling'] as const
export type RegimeName = (typeof REGIMES)[number]

export type Regime = {
  readonly name: RegimeName
  readonly days: number
  readonly trades: number // entered on such a day
  /** Of these days one after the other. */
  readonly totalReturn: number
  readonly meanDailyReturn: number | null
  readonly interval: readonly [number, number] | null
  /** Why there is no mean or no interval. */
  readonly reason?: string
}

const TREND_DAYS = 20

/**
 * By the tercile of the market's realised volatility on the day itself (square root of the summed squared log returns of its base bars), and
 * by its price at the start of the day against 20 days before; a day has no trend where one of the two prices was not recorded.
 *
 * @param base     the bars that were traded
 * @param history  of the same market, from as long before as there is: prices that were known then
 */
export function regimes(result: Backtest, base: Bars, history: Bars, settings: IntervalSettings): Regime[] {
  const { day, returns } = dailyEquity(base.openTime, result.equity, result.initialEquity)
  const volatility = dailyVolatility(base, day)
  const known = volatility.filter((value) => !Number.isNaN(value))
  const [low, high] = [quantile(known, 1 / 3), quantile(known, 2 / 3)]
  const trend = day.map((start) => firstPrice(history, start) / firstPrice(history, start - TREND_DAYS * DAY) - 1)
  const member: Readonly<Record<RegimeName, (i: number) => boolean>> = {
    calm: (i) => volatility[i] <= low,
    middling: (i) => volatility[i] > low && volatility[i] <= high,
    restless: (i) => volatility[i] > high,
    rising: (i) => trend[i] > 0,
    falling: (i) => trend[i] <= 0,
  }
  const tradesOn = new Map<number, number>()
  for (const time of result.trades.entry_time) {
    const opened = Math.floor(time / DAY) * DAY
    tradesOn.set(opened, (tradesOn.get(opened) ?? 0) + 1)
  }
  return REGIMES.map((name) => {
    const rows = Array.from(day.keys()).filter((i) => member[name](i))
    const own = Float64Array.from(rows, (i) => returns[i])
    return {
      name,
      days: rows.length,
      trades: rows.reduce((sum, i) => sum + (tradesOn.get(day[i]) ?? 0), 0),
      totalReturn: own.reduce((growth, value) => growth * (1 + value), 1) - 1,
      ...meanOf(own, name, settings),
    }
  })
}

function meanOf(
  returns: Float64Array,
  name: string,
  { seed, replicates, level }: IntervalSettings,
): Pick<Regime, 'meanDailyReturn' | 'interval' | 'reason'> {
  const rows = returns.length
  if (rows === 0) return { meanDailyReturn: null, interval: null, reason: 'no such day' }
  const { estimate, low, high } = blockBootstrap(ratioStatistic(returns, new Float64Array(rows).fill(1)), {
    ...{ rows, block: Math.max(1, Math.round(Math.cbrt(rows))), seed, stream: `regime ${name}`, replicates, level },
  })
  return rows < MINIMUM_VALUES
    ? { meanDailyReturn: estimate, interval: null, reason: `${rows} days are fewer than ${MINIMUM_VALUES}` }
    : { meanDailyReturn: estimate, interval: [low, high] }
}

/** First price of the day that starts then; NaN where no bar of it is known. */
function firstPrice(history: Bars, start: number): number {
  for (let bar = Math.max(0, firstBarFrom(history, start)); bar < history.rows; bar++) {
    if (history.openTime[bar] >= start + DAY) break
    if (!isHole(history, bar)) return history.open[bar]
  }
  return Number.NaN
}

/** NaN for a day without a known bar. [day.length] */
function dailyVolatility(base: Bars, day: Float64Array): Float64Array {
  const volatility = new Float64Array(day.length).fill(Number.NaN)
  let bar = 0
  let before = Number.NaN
  for (let d = 0; d < day.length; d++) {
    let squares = Number.NaN
    for (; bar < base.rows && base.openTime[bar] < day[d] + DAY; bar++) {
      const price = base.close[bar]
      if (Number.isNaN(price)) continue
      const move = Number.isNaN(before) ? 0 : Math.log(price / before)
      squares = (Number.isNaN(squares) ? 0 : squares) + move * move
      before = price
    }
    volatility[d] = Math.sqrt(squares)
  }
  return volatility
}
