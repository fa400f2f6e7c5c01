/**
 * The second baseline: what the same number of trades, with the same sides and exits, earns when the moments of entry
 * are drawn by lot. A strategy that does not stand out from these has found nothing but its exits.
 */
import { assert } from '../core/errors.js'
import { createRandom, type Random } from '../core/random.js'
import { timeframeMs } from '../core/time.js'
import { entryBar, firstBarFrom, isHole, lastBarBy, profitPrice, type Side, stopPrice } from '../market/entry.js'
import { mean, quantile } from '../math/statistics.js'
import { barrierTick } from '../portfolio/exchange-rules.js'
import { barrierExit, EXIT } from '../portfolio/exits.js'
import { PRINT } from '../portfolio/funding.js'
import { runBacktest } from './engine.js'
import { scheduleFor } from './inputs.js'
import { lastKnownBar, termsOf } from './leg.js'
import { computeMetrics, metricContext } from './metrics.js'
import type { Backtest, BacktestInputs, TradeDecisions } from './types.js'

/** Metrics that are compared with the random runs. */
export const COMPARED_METRICS = ['total_return', 'sharpe', 'max_drawdown', 'win_rate', 'profit_factor'] as const

export type Comparison =
  | {
      readonly strategy: number
      readonly mean: number
      readonly p05: number
      readonly median: number
      readonly p95: number
      /** Share of the random runs that are worse, ties counted half; for max_drawdown a larger one is worse. */
      readonly percentile: number
    }
  | { readonly strategy: null; readonly reason: string }

export type RandomEntries = {
  readonly runs: number
  readonly tradesPerRun: number // mean; below the strategy's where the free time does not hold them all, or orders are not filled
  readonly metrics: Readonly<Record<(typeof COMPARED_METRICS)[number], Comparison>>
  readonly values: Readonly<Record<(typeof COMPARED_METRICS)[number], Float64Array>> // each run; NaN = none [runs]
}

export type RandomEntriesSettings = { readonly runs: number; readonly seed: number }

type Values = RandomEntries['values']

/** Some of the runs; each depends on its number and the seed alone, so that they may be done apart. */
export type RandomRuns = {
  readonly placed: number // trades of all of them
  readonly values: Values
}

const ATTEMPTS_PER_TRADE = 200

/**
 * @param inputs    what the strategy ran on, with all decision rows: random entries are drawn from the same rows
 * @param strategy  its backtest
 */
export function randomEntries(
  inputs: BacktestInputs,
  strategy: Backtest,
  { runs, seed }: RandomEntriesSettings,
): RandomEntries {
  return besideRandom(inputs, strategy, [randomRuns(inputs, strategy, { from: 0, to: runs, seed })])
}

/** Runs `from` to `to`, exclusive. */
export function randomRuns(
  inputs: BacktestInputs,
  strategy: Backtest,
  { from, to, seed }: { readonly from: number; readonly to: number; readonly seed: number },
  onRun?: (done: number) => void,
): RandomRuns {
  const { base } = inputs
  const stepMs = timeframeMs(base.timeframe)
  const values = Object.fromEntries(
    COMPARED_METRICS.map((name) => [name, new Float64Array(to - from).fill(Number.NaN)]),
  ) as Values
  const lot = createLot(inputs)
  let placed = 0
  for (let run = from; run < to; run++) {
    const decisions = lot.draw(strategy.trades.side, createRandom(seed, `random entries ${run}`))
    const result = runBacktest({ ...inputs, decisions, events: false })
    const wanted = decisions.side.reduce((count, side) => count + Math.abs(side), 0)
    // Under limit orders, limits of volume or of the account not every entry becomes a trade, as with the strategy's own.
    const skipped = Object.values(result.skipped).reduce((sum, count) => sum + count, 0)
    assert(result.trades.rows + skipped === wanted, `${wanted} entries gave ${result.trades.rows} trades`)
    placed += result.trades.rows
    const metrics = computeMetrics(metricContext(result, base.openTime, stepMs), 0, COMPARED_METRICS)
    for (const name of COMPARED_METRICS) values[name][run - from] = metrics[name].value ?? Number.NaN
    onRun?.(run - from + 1)
  }
  return { placed, values }
}

/** @param parts  all runs, in order */
export function besideRandom(
  { base }: BacktestInputs,
  strategy: Backtest,
  parts: readonly RandomRuns[],
): RandomEntries {
  const joined = (name: keyof Values) => Float64Array.from(parts.flatMap(({ values }) => [...values[name]]))
  const values = Object.fromEntries(COMPARED_METRICS.map((name) => [name, joined(name)])) as Values
  const own = computeMetrics(metricContext(strategy, base.openTime, timeframeMs(base.timeframe)), 0, COMPARED_METRICS)
  const compared = COMPARED_METRICS.map((name) => {
    const metric = own[name]
    return [
      name,
      metric.value === null ? { strategy: null, reason: metric.reason } : compare(name, metric.value, values[name]),
    ]
  })
  const runs = values.total_return.length
  const placed = parts.reduce((sum, part) => sum + part.placed, 0)
  return { runs, tradesPerRun: placed / runs, metrics: Object.fromEntries(compared), values }
}

function compare(name: string, strategy: number, values: Float64Array): Comparison {
  const known = values.filter((value) => !Number.isNaN(value))
  if (known.length === 0) return { strategy: null, reason: 'no random run has a value' }
  const better = name === 'max_drawdown' ? -1 : 1
  let worse = 0
  for (const value of known) worse += better * value < better * strategy ? 1 : value === strategy ? 0.5 : 0
  return {
    strategy,
    mean: mean(known),
    p05: quantile(known, 0.05),
    median: quantile(known, 0.5),
    p95: quantile(known, 0.95),
    percentile: worse / known.length,
  }
}

/** Draws decision rows such that, by plain market orders, each becomes a trade: no two of them overlap, none meets a hole in the funding. */
function createLot(inputs: BacktestInputs): { draw: (sides: Float64Array, random: Random) => TradeDecisions } {
  const { base, decisions, settings } = inputs
  const { time, kind } = scheduleFor(inputs, inputs.settings)
  const fundingHoles = time.filter((_, i) => kind[i] === PRINT.hole)
  const stepMs = timeframeMs(base.timeframe)
  const lastBar = lastKnownBar(base)
  const taken = new Uint8Array(base.rows)
  const place = (row: number, side: Side): boolean => {
    const entry = entryBar(base, decisions.time[row], settings.latencyBars)
    if (entry < 0 || !(decisions.stop[row] > 0 && decisions.profit[row] > 0)) return false
    const exit = exitBar(inputs, row, side, entry, lastBar)
    if (exit < 0) return false
    const from = Math.max(0, firstBarFrom(base, decisions.time[row]))
    for (let bar = from; bar <= exit; bar++) if (taken[bar] === 1) return false
    if (fundingHoles.some((t) => t > base.openTime[entry] && t < base.openTime[exit] + stepMs)) return false
    taken.fill(1, from, exit + 1)
    return true
  }
  return {
    draw(sides, random) {
      taken.fill(0)
      const side = new Int8Array(decisions.time.length)
      for (const wanted of sides) {
        for (let attempt = 0; attempt < ATTEMPTS_PER_TRADE; attempt++) {
          const row = random.below(side.length)
          if (side[row] !== 0 || !place(row, wanted > 0 ? 1 : -1)) continue
          side[row] = wanted
          break
        }
      }
      return { ...decisions, side }
    },
  }
}

/** The bar in which a trade from this row would end; -1 if the horizon is over before the entry. */
function exitBar(inputs: BacktestInputs, row: number, side: Side, entry: number, lastBar: number): number {
  const { base, decisions, settings, pair } = inputs
  const reference = base.open[entry]
  const terms = termsOf(settings, pair)
  const stop = barrierTick(stopPrice(reference, side, decisions.stop[row]), side, reference, terms)
  const profit = barrierTick(profitPrice(reference, side, decisions.profit[row]), side, reference, terms)
  const horizonBar = lastBarBy(base, decisions.time[row] + decisions.horizonMs)
  if (horizonBar < entry) return -1
  const last = Math.min(horizonBar, lastBar)
  let afterHole = false
  for (let bar = entry; ; bar++) {
    if (isHole(base, bar)) afterHole = true
    else if (afterHole || bar >= last) return bar
    else if (barrierExit(side, base.low[bar], base.high[bar], stop, profit) !== EXIT.none) return bar
  }
}
