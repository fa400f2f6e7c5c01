/**
 * A model to register, as the select stage would; the numbers are made up.
 */
import { createHash } from 'node:crypto'
import type { Act, ModelEntry } from '../../src/datasets/model-rows.js'
import { type GateMetrics, judge } from '../../src/validation/gates.js'

export const hash = (text: string) => createHash('sha256').update(text).digest('hex')

const good: GateMetrics = {
  precision: { value: 0.65, count: 120, interval: [0.55, 0.725] },
  sharpe: { value: 1.8, count: 120 },
  maxDrawdown: { value: 0.11, count: 120 },
  calibrationError: { value: 0.03, count: 120 },
  deflatedSharpe: { value: 0.97, count: 120 },
  pbo: { value: 0.2, count: 113 },
  stability: { value: 0.6, count: 5 },
}

export const passedGates = judge(good, { minTrades: 30 })
export const failedGates = judge({ ...good, precision: { value: 0.55, count: 120 } }, { minTrades: 30 })

export function entry(name: string, changes: Partial<ModelEntry & Act> = {}): ModelEntry & Act {
  return {
    id: hash(name),
    venue: 'binance-um',
    pair: 'BTCUSDT',
    model: 'xgboost',
    bundlePath: `artifacts/binance-um/BTCUSDT/${name}`,
    contentHash: hash(`content of ${name}`),
    gitCommit: null,
    dataSnapshotHash: hash('data'),
    schemaHash: hash('schema'),
    featureSetHash: hash('features'),
    labelHash: hash('labels'),
    parameters: { max_depth: 4 },
    metrics: {
      precision: { value: 0.65, count: 120, interval: [0.55, 0.725] },
      profit_factor: { value: 1.7, count: 120 },
    },
    gates: passedGates,
    score: 0.61,
    who: 'select',
    why: 'passed every required gate',
    time: Date.UTC(2024, 0, 1),
    automatic: true,
    ...changes,
  }
}
