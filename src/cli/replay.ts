/**
 * A backtest bar by bar: each base bar goes through the live features, the shipped model and the engine when it closes, and nothing of a later
 * one is at hand. What comes out must be what the batch had: features, probabilities, signals, and the trades.
 */
import { createAccount } from '../backtest/account.js'
import { firstDifference, type TradeDifference } from '../backtest/compare-trades.js'
import { instrumentOf, signalOf, type TradedMarket } from '../backtest/trade-predictions.js'
import type { BacktestSettings, Trades } from '../backtest/types.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import type { Predictions } from '../datasets/prediction-table.js'
import { isTrainingRow } from '../datasets/training-table.js'
import type { SeriesTable } from '../features/inputs.js'
import { createLiveFeatures, type LiveRow } from '../features/live.js'
import type { Column } from '../features/selection.js'
import { sliceBars } from '../market/bars.js'
import type { BundlePredictor } from '../validation/bundle-predictor.js'
import { decide } from '../validation/decision.js'

export type ReplayInputs = {
  readonly market: TradedMarket
  readonly series: SeriesTable
  readonly columns: readonly Column[]
  readonly decision: Timeframe
  readonly context: readonly Timeframe[]
  readonly predictor: BundlePredictor
  /** Column whose sign is the side that the model judges; null where the model names its side. */
  readonly primary: string | null
  readonly allowShort: boolean
  /** Distances of profit and stop for the decision bar that opened at this time, from bars that had closed by its close. */
  readonly barriers: (openTime: number) => { readonly profit: number; readonly stop: number }
  readonly settings: BacktestSettings
  readonly horizonMs: number
  /** What the batch made of the same part: its rows, their features [rows × columns], and its trades. */
  readonly batch: {
    readonly predictions: Predictions
    readonly features: (openTime: number) => Float32Array | null
    readonly trades: Trades
  }
  readonly onBar?: (done: number, total: number) => void
}

export type ReplayResult = {
  readonly bars: number
  readonly warmupBars: number
  readonly rows: number
  readonly signals: number
  readonly trades: number
  /** Values that are not the batch's to the last bit of float32, and the largest difference ÷ the batch's value. */
  readonly features: {
    readonly compared: number
    readonly differing: number
    readonly largest: number
    readonly where: string | null
  }
  /** Rows whose calibrated probabilities are not the batch's, and the largest difference. */
  readonly probabilities: { readonly differing: number; readonly largest: number }
  /** Rows that one of the two has and the other has not, or whose side differs. */
  readonly decisions: readonly {
    readonly time: number
    readonly batch: number | null
    readonly replay: number | null
  }[]
  readonly difference: TradeDifference | null
  readonly seconds: number
}

const isRow = (values: Float32Array) =>
  isTrainingRow(
    values.reduce((known, value) => known + (Number.isNaN(value) ? 0 : 1), 0),
    values.length,
  )

/** @param clock  for the time it took alone */
export async function replay(inputs: ReplayInputs, clock: () => number): Promise<ReplayResult> {
  const begun = clock()
  const { market, columns, decision, context, batch, settings } = inputs
  const { base } = market
  const step = timeframeMs(base.timeframe)
  const live = createLiveFeatures({ columns, base: base.timeframe, decision, context })
  const part = instrumentOf(batch.predictions, market, settings, inputs.horizonMs)
  const rows = batch.predictions.rows
  const told = {
    ...part.decisions,
    time: new Float64Array(rows + 1),
    side: new Int8Array(rows + 1),
    stop: new Float64Array(rows + 1),
    profit: new Float64Array(rows + 1),
    confidence: new Float64Array(rows + 1),
  }
  const account = createAccount([{ ...part, decisions: told }], settings)
  const start = batch.predictions.t0[0] - timeframeMs(decision)
  const last = batch.predictions.t0[rows - 1]
  const reach = Math.max(...[...live.history].map(([timeframe, bars]) => bars * timeframeMs(timeframe)))
  const first = Math.max(0, Math.floor((start - reach - base.openTime[0]) / step))
  const end = Math.round((last - base.openTime[0]) / step)
  const judge = createJudge(inputs)
  let made = 0
  for (let bar = first; bar < end; bar++) {
    const now = base.openTime[bar] + step
    // A bar that was not published is pushed as the hole that it is: a decision bar closes without its last minute too.
    const own = sliceBars(base, bar, bar + 1)
    let row: LiveRow | null = null
    if (now <= start) live.remember(own)
    else row = live.push(own, inputs.series)
    account.advance(now)
    if (row !== null && row.openTime >= start && judge.isNext(row)) {
      const decided = judge.judge(row)
      if (decided !== null && made < rows) {
        told.time[made] = now
        told.side[made] = decided.side
        told.stop[made] = decided.stop
        told.profit[made] = decided.profit
        told.confidence[made] = decided.confidence
        if (decided.side !== 0) account.decide(0, made)
        made++
      }
    }
    if ((bar - first) % 500 === 0) {
      inputs.onBar?.(bar - first, end - first)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const { trades } = account.finish().instruments[0]
  const difference = firstDifference(batch.trades, trades)
  return {
    ...{ bars: end - first, warmupBars: Math.max(0, Math.round((start - base.openTime[first]) / step)), rows: made },
    ...{ trades: trades.rows, difference, ...judge.found(), seconds: (clock() - begun) / 1000 },
  }
}

type Decided = { readonly side: number; readonly stop: number; readonly profit: number; readonly confidence: number }

/** From a row of features to a decision, beside the batch's. */
function createJudge(inputs: ReplayInputs) {
  const { columns, predictor, batch, decision } = inputs
  const { predictions } = batch
  const stepMs = timeframeMs(decision)
  const width = columns.length
  const { window } = predictor
  const recent: { readonly values: Float32Array; readonly time: number }[] = []
  const rowAt = new Map(Array.from(predictions.open_time, (time, row) => [time, row]))
  const features = { compared: 0, differing: 0, largest: 0, where: null as string | null }
  const probabilities = { differing: 0, largest: 0 }
  const decisions: { time: number; batch: number | null; replay: number | null }[] = []
  let signals = 0

  const compareFeatures = (row: LiveRow, values: Float32Array) => {
    const own = batch.features(row.openTime)
    if (own === null) return
    for (let c = 0; c < width; c++) {
      features.compared++
      if (Object.is(own[c], values[c])) continue
      features.differing++
      const size = Math.abs(own[c] - values[c]) / Math.max(Math.abs(own[c]), 1e-12)
      const gap = Number.isNaN(size) ? Number.POSITIVE_INFINITY : size
      if (gap <= features.largest) continue
      features.largest = gap
      features.where = `${columns[c].name} at ${new Date(row.openTime).toISOString()}: batch ${own[c]}, replay ${values[c]}`
    }
  }

  const predict = (): { readonly long: number; readonly short: number } => {
    const x = { rows: recent.length, columns: width, values: new Float32Array(recent.length * width) }
    recent.forEach(({ values }, i) => {
      x.values.set(values, i * width)
    })
    const at = columns.findIndex(({ name }) => name === inputs.primary)
    const side = Float64Array.from(recent, ({ values }) => (at < 0 ? Number.NaN : Math.sign(values[at])))
    const times = { t0: Float64Array.from(recent, ({ time }) => time), stepMs }
    const { calibrated } = predictor.predict(x, side, times)
    return { long: calibrated.long[recent.length - 1], short: calibrated.short[recent.length - 1] }
  }

  return {
    isNext: (row: LiveRow) => rowAt.has(row.openTime) || row.openTime <= predictions.open_time[predictions.rows - 1],
    judge(row: LiveRow): Decided | null {
      const values = Float32Array.from(row.values)
      const batchRow = rowAt.get(row.openTime)
      if (!isRow(values)) {
        if (batchRow !== undefined)
          decisions.push({ time: row.availableTime, batch: predictions.side[batchRow], replay: null })
        return null
      }
      compareFeatures(row, values)
      recent.push({ values, time: row.availableTime })
      if (recent.length > window) recent.shift()
      const p = predict()
      const made = decide(
        { long: Float64Array.of(p.long), short: Float64Array.of(p.short) },
        { allowShort: inputs.allowShort },
      )
      const [side, confidence] = [made.side[0], made.confidence[0]]
      const { market } = inputs.settings
      const threshold = predictor.threshold ?? Number.POSITIVE_INFINITY
      const signal = signalOf(market, { side, confidence, short: p.short, threshold })
      if (signal !== 0) signals++
      if (batchRow === undefined) decisions.push({ time: row.availableTime, batch: null, replay: side })
      else {
        const gap = Math.max(
          Math.abs(p.long - predictions.p_long[batchRow]) || 0,
          Math.abs(p.short - predictions.p_short[batchRow]) || 0,
        )
        if (gap > 0) probabilities.differing++
        probabilities.largest = Math.max(probabilities.largest, gap)
        const own = signalOf(market, {
          ...{ side: predictions.side[batchRow], confidence: predictions.confidence[batchRow] },
          ...{ short: predictions.p_short[batchRow], threshold: predictions.threshold[batchRow] },
        })
        if (own !== signal) decisions.push({ time: row.availableTime, batch: own, replay: signal })
      }
      const { profit, stop } = signal === 0 ? { profit: Number.NaN, stop: Number.NaN } : inputs.barriers(row.openTime)
      return { side: signal, stop, profit, confidence }
    },
    found: () => ({ signals, features, probabilities, decisions }),
  }
}
