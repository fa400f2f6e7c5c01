/**
 * The third baseline: the model whose place the one shown would take, or took. Compared on the days on which both were out of sample, as the
 * registry compares them before it promotes.
 */
import { sharpe } from '../backtest/metrics.js'
import { drawdowns } from '../backtest/periods.js'
import { DAY } from '../core/time.js'
import { commonDays, type DayRecord, dayMetrics, pairedTest } from '../validation/paired.js'
import type { MetricRow, Unavailable } from './input.js'

/** Both on the same days; of each account only what its days say. */
export type ChampionBaseline = {
  readonly model: string
  readonly version: string
  readonly days: number
  readonly strategy: readonly MetricRow[]
  /** Of the champion, the same rows. */
  readonly metrics: readonly MetricRow[]
  /** Mean daily return less that of the champion, with its interval. */
  readonly difference: MetricRow
  /** How often chance alone makes such a difference or a larger one; null where there are too few days. */
  readonly chance: number | null
  /** End of each common day, and the champion's equity there, begun with the part's own money. [days] */
  readonly time: Float64Array
  readonly equity: Float64Array
}

export type ChampionRecord = { readonly model: string; readonly version: string; readonly days: readonly DayRecord[] }

/** @param own  days of the part that is compared */
export function championBaseline(
  own: readonly DayRecord[],
  champion: ChampionRecord,
  { initialEquity, seed }: { readonly initialEquity: number; readonly seed: number },
): ChampionBaseline | Unavailable {
  const { model, version } = champion
  const pairs = commonDays(own, champion.days)
  if (pairs.length === 0) return { unavailable: `${model} ${version} was not out of sample on any of these days` }
  const [ours, theirs] = [pairs.map(([day]) => day), pairs.map(([, day]) => day)]
  const test = pairedTest(pairs, { seed })
  const difference = { key: 'daily_difference', unit: 'fraction' } as const
  return {
    ...{ model, version, days: pairs.length },
    strategy: rowsOf(ours),
    metrics: rowsOf(theirs),
    difference:
      typeof test === 'string'
        ? { ...difference, value: null, reason: test }
        : { ...difference, value: test.difference, interval: [test.low, test.high] },
    chance: typeof test === 'string' ? null : test.p,
    time: Float64Array.from(theirs, ({ day }) => day + DAY),
    equity: growth(theirs, initialEquity),
  }
}

function growth(days: readonly DayRecord[], start: number): Float64Array {
  let money = start
  return Float64Array.from(days, (day) => {
    money *= 1 + day.return
    return money
  })
}

function rowsOf(days: readonly DayRecord[]): MetricRow[] {
  const returns = Float64Array.from(days, (day) => day.return)
  const equity = growth(days, 1)
  const ratio = sharpe(returns)
  const { precision, profit_factor } = dayMetrics(days)
  return [
    { key: 'total_return', unit: 'fraction', value: equity[equity.length - 1] - 1 },
    {
      ...bare(typeof ratio === 'string' ? { value: null, reason: ratio } : { value: ratio }),
      key: 'sharpe',
      unit: 'ratio',
    },
    { key: 'max_drawdown', unit: 'fraction', value: drawdowns(equity, 1).reduce((a, b) => Math.max(a, b), 0) },
    { key: 'trades', unit: 'count', value: days.reduce((sum, { trades }) => sum + trades, 0) },
    { ...bare(precision), key: 'precision', unit: 'fraction' },
    { ...bare(profit_factor), key: 'profit_factor', unit: 'ratio' },
  ]
}

function bare({ value, reason }: { readonly value: number | null; readonly reason?: string | undefined }) {
  return value === null ? { value, reason: reason ?? 'cannot be computed' } : { value }
}
