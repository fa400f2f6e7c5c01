/** A batch that knew what it could is replayed trade for trade; one that knew the next bar is not. */
import { describe, expect, it } from 'vitest'
import { tradePredictions } from '../../src/backtest/trade-predictions.js'
import { replay } from '../../src/cli/replay.js'
import { MINUTE } from '../../src/core/time.js'
import { columnValues, openSource, stored } from '../../src/features/matrix.js'
import { possibleColumns } from '../../src/features/selection.js'
import { resample } from '../../src/market/resample.js'
import type { BundlePredictor } from '../../src/validation/bundle-predictor.js'
import { DEFAULTS } from '../backtest/settings.js'
import { randomBars } from '../labels/make-bars.js'

const HORIZON = 60 * MINUTE
const NAMES = ['log_return', 'rsi_14', 'ema_distance_20', 'sma_distance_20', 'roc_5_1h']

/** Knows a probability from a row's features alone; its window is 1, so what comes with a row besides is no matter. */
const predictor: BundlePredictor = {
  features: NAMES,
  window: 1,
  threshold: 0.6,
  predict(x) {
    const of = (sign: number) =>
      Float64Array.from({ length: x.rows }, (_, row) => {
        const score = 250 * x.values[row * 5] + 0.03 * (x.values[row * 5 + 1] - 50) + 40 * x.values[row * 5 + 4]
        return 1 / (1 + Math.exp(-sign * score))
      })
    const sides = { long: of(1), short: of(-1) }
    return { value: null, raw: sides, calibrated: sides }
  },
  close: () => undefined,
}

/** @param leak  decision bars by which the batch's rows are early: 1 = each knows the next bar */
function inputs(leak: number) {
  const base = { ...randomBars({ rows: 6000, seed: 5, holes: 0.001, volatility: 0.002 }) }
  for (const name of ['volume', 'quoteVolume', 'count', 'takerBuyVolume', 'takerBuyQuoteVolume'] as const)
    base[name] = base.close.map((close) => (Number.isNaN(close) ? close : 1))
  base.baseBars = base.close.map((close) => (Number.isNaN(close) ? 0 : 1))
  const decision = resample(base, '5m')
  const source = { decision, context: [resample(base, '1h')], series: {} }
  const columns = NAMES.flatMap((name) => possibleColumns('5m', ['1h']).filter((column) => column.name === name))
  const open = openSource(source)
  const values = columns.map((column) => stored(columnValues(open, column), decision.baseBars))
  const featuresAt = (row: number) => Float32Array.from(values, (column) => column[row + leak])
  const rows = Array.from({ length: decision.rows - leak }, (_, row) => row).filter(
    (row) => row >= 600 && featuresAt(row).filter(Number.isNaN).length * 2 <= NAMES.length,
  )
  const x = { rows: rows.length, columns: 5, values: new Float32Array(rows.length * 5) }
  rows.forEach((row, i) => {
    x.values.set(featuresAt(row), i * 5)
  })
  const { long, short } = predictor.predict(x).calibrated
  const column = (of: (i: number) => number) => Float64Array.from(rows, (_, i) => of(i))
  const none = column(() => Number.NaN)
  const predictions = {
    rows: rows.length,
    open_time: column((i) => decision.openTime[rows[i]]),
    t0: column((i) => decision.openTime[rows[i]] + 5 * MINUTE),
    ...{ t1: none, path: none, usable: none, label: none, outcome: none, value: none },
    ...{ fold: column(() => 0), raw_long: long, raw_short: short, p_long: long, p_short: short },
    side: column((i) => (long[i] > short[i] ? 1 : long[i] < short[i] ? -1 : 0)),
    confidence: column((i) => Math.max(long[i], short[i])),
    ...{ threshold: column(() => 0.6), profit: column(() => 0.004), stop: column(() => 0.003) },
  }
  const market = { base, funding: null, markPrice: null }
  const { result } = tradePredictions(predictions, market, DEFAULTS, HORIZON)
  const rowOf = new Map(rows.map((row) => [decision.openTime[row], row]))
  return {
    ...{ market, series: {}, columns, decision: '5m' as const, context: ['1h' as const], predictor, primary: null },
    ...{ allowShort: true, barriers: () => ({ profit: 0.004, stop: 0.003 }), settings: DEFAULTS, horizonMs: HORIZON },
    batch: {
      predictions,
      features: (time: number) => {
        const row = rowOf.get(time)
        return row === undefined ? null : featuresAt(row)
      },
      trades: result.trades,
    },
  }
}

describe('a replay bar by bar', () => {
  it('makes the trades of the batch, to the last bit, over holes too', async () => {
    const result = await replay(inputs(0), () => 0)
    expect(result.difference).toBeNull()
    expect(result.trades).toBeGreaterThan(20)
    expect(result.decisions).toEqual([])
    expect(result.probabilities).toEqual({ differing: 0, largest: 0 })
    expect(result.features).toMatchObject({ differing: 0, where: null })
    expect(result.features.compared).toBe(result.rows * NAMES.length)
    expect(result.warmupBars).toBeGreaterThan(1000)
  })

  it('finds a batch whose features knew the next bar: which feature, which decision, which trade', async () => {
    const result = await replay(inputs(1), () => 0)
    expect(result.difference).not.toBeNull()
    expect(result.features.differing).toBeGreaterThan(1000)
    expect(result.features.where).toMatch(/^\w+ at 2024-\S+: batch \S+, replay \S+$/)
    expect(result.decisions.length).toBeGreaterThan(10)
    expect(result.decisions[0]).toMatchObject({ batch: expect.any(Number), replay: expect.any(Number) })
  })
})
