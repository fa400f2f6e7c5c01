/**
 * What a part's predictions are worth before any money is at stake: ranking, probability, calibration and precision, each with what it
 * rests on and a block-bootstrap interval. Sides are judged by the outcome of their trade, whatever the model had to learn; a
 * regression's values by its label.
 */
import {
  aucStatistic,
  averagePrecisionStatistic,
  blockBootstrap,
  blockLength,
  calibrationErrorStatistic,
  precisionStatistic,
  ratioStatistic,
  regressionStatistic,
  type WeightedStatistic,
} from './bootstrap.js'
import { wonOf } from './decision.js'
import { nonOverlapping } from './independence.js'
import { binsFor, type Reliability, reliability } from './reliability.js'
import { hitsOf, rowLogLoss } from './scores.js'

/** Rows in time order; those with `usable` 0 are not scored. [n] each */
export type ScoredRows = {
  readonly rows: number
  readonly t0: Float64Array
  readonly t1: Float64Array
  readonly usable: Float64Array
  readonly label: Float64Array // what was learned
  readonly outcome: Float64Array // the side whose trade won: 1, −1, 0 neither
  readonly value: Float64Array // of a regression, NaN for classes
  readonly raw_long: Float64Array
  readonly raw_short: Float64Array
  readonly p_long: Float64Array
  readonly p_short: Float64Array
  readonly side: Float64Array
  readonly confidence: Float64Array
  readonly threshold: Float64Array
}

export type PredictionMetric = {
  readonly value: number | null
  /** Independent signals for precision, independent rows for the calibration error, rows for the others. */
  readonly count: number
  readonly low: number | null
  readonly high: number | null
  readonly reason: string | null
}

export const PREDICTION_METRICS = [
  'precision',
  'recall',
  'f1',
  'auc_direction',
  'auc_long',
  'auc_short',
  'average_precision_long',
  'average_precision_short',
  'log_loss_long',
  'log_loss_short',
  'brier_long',
  'brier_short',
  'calibration_error',
  'signals',
  'independent_signals',
] as const
export type PredictionMetricName = (typeof PREDICTION_METRICS)[number]

/** Of a label that is a number. */
export const VALUE_METRICS = ['mse', 'mae', 'r2', 'explained_variance'] as const
export type ValueMetricName = (typeof VALUE_METRICS)[number]

/** Sides in the order of the confusion matrix. */
export const CONFUSION_SIDES = [-1, 0, 1] as const

export type PredictionScores = {
  readonly metrics: Readonly<Record<PredictionMetricName, PredictionMetric>>
  /** Null for a label of classes. */
  readonly values: Readonly<Record<ValueMetricName, PredictionMetric>> | null
  /** Rows by outcome (−1, 0, 1) and signal (short, none, long); null where the label names no side. */
  readonly confusion: readonly (readonly number[])[] | null
  readonly reliability: Reliability | null
}

export type ScoreOptions = {
  readonly horizonRows: number // rows of one horizon: neighbours within it share their outcome
  readonly seed: number
  readonly stream: string
  readonly level: number
}

/**
 * `auc_direction` asks which barrier, not whether any: among rows that reached one, whether the long's winners rank above the rest. The
 * other AUCs are above 0.5 without any skill in direction, because restless hours hit barriers more often and are easy to foresee.
 * What is said of a side is over the rows that give it a probability: with meta labels, where the primary model took it.
 */
export function scorePredictions(all: ScoredRows, options: ScoreOptions): PredictionScores {
  const kept = Int32Array.from({ length: all.rows }, (_, row) => row).filter((row) => all.usable[row] === 1)
  const values = valueScores(all, kept, options)
  if (all.rows > 0 && all.p_long.every(Number.isNaN)) {
    const none = unknown(0, 'the label names no side')
    const metrics = Object.fromEntries(PREDICTION_METRICS.map((name) => [name, none])) as PredictionScores['metrics']
    return { metrics, values, confusion: null, reliability: null }
  }
  const take = (x: Float64Array) => Float64Array.from(kept, (row) => x[row])
  const outcome = take(all.outcome)
  const side = Int8Array.from(kept, (row) => all.side[row])
  const confidence = take(all.confidence)
  const won = wonOf(side, outcome)
  const intervals = { t0: take(all.t0), t1: take(all.t1) }
  const rows = kept.length
  // A signal is where confidence reaches the threshold of its own fold: shifted, one threshold serves them all.
  const excess = Float64Array.from(kept, (row, i) => (side[i] === 0 ? -1 : all.confidence[row] - all.threshold[row]))
  const signals = [...excess.keys()].filter((i) => excess[i] >= 0)
  const independent = nonOverlapping(intervals, signals).length
  const sides = [...side.keys()].filter((i) => side[i] !== 0)
  const stated = Float64Array.from(sides, (i) => confidence[i])
  const came = Uint8Array.from(sides, (i) => won[i])
  const overlapping = {
    t0: Float64Array.from(sides, (i) => intervals.t0[i]),
    t1: Float64Array.from(sides, (i) => intervals.t1[i]),
  }
  const outcomes = nonOverlapping(overlapping).length
  const resolution = { bins: binsFor(outcomes), perRow: outcomes / sides.length }
  const bootstrap = (name: string, statistic: WeightedStatistic, n: number) => interval(name, statistic, n, options)
  const of = (name: 'long' | 'short') => {
    const allRaw = take(name === 'long' ? all.raw_long : all.raw_short)
    // Without any probability the side was not asked about: a label of longs only, or a primary model that took the other side.
    const asked = Int32Array.from(allRaw.keys()).filter((i) => allRaw[i] !== 0)
    if (asked.length === 0) return notAsked(name)
    const rowsOf = (x: Float64Array) => Float64Array.from(asked, (i) => x[kept[i]])
    const hit = hitsOf(rowsOf(all.outcome), name === 'long' ? 1 : -1)
    const raw = rowsOf(name === 'long' ? all.raw_long : all.raw_short)
    const p = rowsOf(name === 'long' ? all.p_long : all.p_short)
    const brier = p.map((value, i) => (value - hit[i]) ** 2)
    const ones = new Uint8Array(asked.length).fill(1)
    const scored = (title: string, statistic: WeightedStatistic) =>
      bootstrap(`${title} ${name}`, statistic, asked.length)
    return {
      auc: scored('auc', aucStatistic(raw, hit)),
      averagePrecision: scored('average precision', averagePrecisionStatistic(raw, hit)),
      logLoss: scored('log loss', ratioStatistic(rowLogLoss(p, hit), ones)),
      brier: scored('brier', ratioStatistic(brier, ones)),
    }
  }
  // A model of longs only (binary labels) gives a short no probability, and no short wins: there the stop is the label 0.
  const longOnly = all.rows > 0 && all.raw_short.every((p) => p === 0) && !outcome.includes(-1)
  const reach = longOnly ? take(all.label) : outcome
  const other = longOnly ? 0 : -1
  const reached = [...reach.keys()].filter((i) => reach[i] === 1 || reach[i] === other)
  const lean = take(all.raw_long)
  const against = take(all.raw_short)
  const leaning = Float64Array.from(reached, (i) => lean[i] - (other === -1 ? against[i] : 0))
  const reachedLong = Uint8Array.from(reached, (i) => (reach[i] === 1 ? 1 : 0))
  const long = of('long')
  const short = of('short')
  const precision =
    signals.length === 0
      ? unknown(0, 'no signal reached the threshold')
      : { ...bootstrap('precision', precisionStatistic(excess, won, 0), rows), count: independent }
  const caught = Uint8Array.from(won, (hit, i) => (excess[i] >= 0 ? hit : 0))
  const there = Uint8Array.from(outcome, (y) => (y === 1 || (y === -1 && !longOnly) ? 1 : 0))
  const half = Float64Array.from(there, (one, i) => (one + (excess[i] >= 0 ? 1 : 0)) / 2)
  return {
    metrics: {
      precision,
      recall: bootstrap('recall', ratioStatistic(caught, there), rows),
      f1: bootstrap('f1', ratioStatistic(caught, half), rows),
      auc_direction: bootstrap('auc direction', aucStatistic(leaning, reachedLong), reached.length),
      auc_long: long.auc,
      auc_short: short.auc,
      average_precision_long: long.averagePrecision,
      average_precision_short: short.averagePrecision,
      log_loss_long: long.logLoss,
      log_loss_short: short.logLoss,
      brier_long: long.brier,
      brier_short: short.brier,
      calibration_error:
        sides.length === 0
          ? unknown(0, 'no row has a side')
          : {
              ...bootstrap('calibration error', calibrationErrorStatistic(stated, came, resolution), sides.length),
              count: outcomes,
            },
      signals: plain(signals.length, rows),
      independent_signals: plain(independent, rows),
    },
    values,
    confusion: CONFUSION_SIDES.map((actual) =>
      CONFUSION_SIDES.map(
        (signal) =>
          [...outcome.keys()].filter((i) => outcome[i] === actual && (excess[i] >= 0 ? side[i] : 0) === signal).length,
      ),
    ),
    reliability:
      sides.length === 0 ? null : reliability(stated, came, { bins: resolution.bins, intervals: overlapping }),
  }
}

/** Scores of the predicted values of a regression, on the rows `kept`; null for classes. */
export function valueScores(
  all: Pick<ScoredRows, 'value' | 'label'>,
  kept: Int32Array,
  options: ScoreOptions,
): PredictionScores['values'] {
  if (all.value.every(Number.isNaN)) return null
  const rows = kept.filter((row) => !Number.isNaN(all.value[row] + all.label[row]))
  const value = Float64Array.from(rows, (row) => all.value[row])
  const actual = Float64Array.from(rows, (row) => all.label[row])
  const of = (name: Parameters<typeof regressionStatistic>[2]) =>
    interval(name, regressionStatistic(value, actual, name), rows.length, options)
  return { mse: of('mse'), mae: of('mae'), r2: of('r2'), explained_variance: of('explainedVariance') }
}

function notAsked(side: 'long' | 'short') {
  const none = unknown(0, `no row asks about a ${side}`)
  return { auc: none, averagePrecision: none, logLoss: none, brier: none }
}

function interval(
  name: string,
  statistic: WeightedStatistic,
  rows: number,
  { horizonRows, seed, stream, level }: ScoreOptions,
): PredictionMetric {
  const found = blockBootstrap(statistic, {
    rows,
    block: blockLength(rows, horizonRows),
    seed,
    stream: `${stream} ${name}`,
    level,
  })
  if (Number.isNaN(found.estimate)) return unknown(rows, 'cannot be computed: one outcome is missing')
  const known = !Number.isNaN(found.low) && !Number.isNaN(found.high)
  return {
    value: found.estimate,
    count: rows,
    low: known ? found.low : null,
    high: known ? found.high : null,
    reason: null,
  }
}

function plain(value: number, count: number): PredictionMetric {
  return { value, count, low: null, high: null, reason: null }
}

function unknown(count: number, reason: string): PredictionMetric {
  return { value: null, count, low: null, high: null, reason }
}
