/**
 * From what a model says to the chance that a long, and that a short, would win; by where the label's side comes from:
 *
 * - class: the probability of the classes 1 and −1;
 * - sign: a regression's value v as σ(v / scale) for a long and σ(−v / scale) for a short. The logistic curve only brings the value into
 *   0 … 1, and Platt's calibration of it is then Platt's curve on the value itself; `scale` is the target's deviation in training;
 * - primary: the probability of class 1 for the side that the primary model took, 0 for the other;
 * - null: the label names no side (volatility): not known.
 */
import { assert } from '../core/errors.js'
import { sigmoid } from '../math/soft-logistic.js'
import {
  applySides,
  type CalibrationMethodName,
  type Calibrator,
  calibrationMethods,
  fitSides,
  type SideCalibrator,
  type SideProbabilities,
} from './calibration.js'

export type SideSource = 'class' | 'sign' | 'primary' | null

export type SideTerms = {
  readonly source: SideSource
  /** In the model's order; none for a regression. */
  readonly classes: readonly number[]
  /** Of a regression's value, above 0; 1 otherwise. */
  readonly scale: number
}

/** Numbers that a model gives for a row: one a class, or the value. */
export function widthOf({ classes }: Pick<SideTerms, 'classes'>): number {
  return Math.max(1, classes.length)
}

/**
 * @param predicted  what the model gives [n × classes, or n values]
 * @param side       of the primary model, 1, −1, 0 or NaN [n]
 */
export function rawSides(
  predicted: Float64Array,
  { source, classes, scale }: SideTerms,
  side: Float64Array,
): SideProbabilities {
  const n = side.length
  const width = widthOf({ classes })
  assert(predicted.length === n * width, `${predicted.length} predictions for ${n} rows of ${width}`)
  const column = (of: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => of(i))
  const probability = (value: number) => {
    const at = classes.indexOf(value)
    return at < 0 ? new Float64Array(n) : column((i) => predicted[i * width + at])
  }
  if (source === 'class') return { long: probability(1), short: probability(-1) }
  if (source === 'sign') {
    return { long: predicted.map((v) => sigmoid(v / scale)), short: predicted.map((v) => sigmoid(-v / scale)) }
  }
  if (source === null)
    return { long: new Float64Array(n).fill(Number.NaN), short: new Float64Array(n).fill(Number.NaN) }
  const p = probability(1)
  return { long: column((i) => (side[i] === 1 ? p[i] : 0)), short: column((i) => (side[i] === -1 ? p[i] : 0)) }
}

export type CalibrationRows = {
  readonly raw: SideProbabilities
  readonly outcome: Float64Array // 1, 0, −1: the side whose trade won [n]
  readonly side: Float64Array // of the primary model [n]
  readonly weight: Float64Array // [n]
}

/** One curve a side; for a primary model's side one curve for both, since it says "the side taken wins" either way. */
export function fitSideCalibrator(
  { raw, outcome, side, weight }: CalibrationRows,
  source: Exclude<SideSource, null>,
  method: CalibrationMethodName,
): SideCalibrator {
  if (source !== 'primary') return fitSides(raw, outcome, { method, weight })
  const taken = Int32Array.from(side.keys()).filter((i) => side[i] === 1 || side[i] === -1)
  const curve: Calibrator = calibrationMethods[method].fit(
    Float64Array.from(taken, (i) => (side[i] === 1 ? raw.long[i] : raw.short[i])),
    Uint8Array.from(taken, (i) => (outcome[i] === side[i] ? 1 : 0)),
    Float64Array.from(taken, (i) => weight[i]),
  )
  return { long: curve, short: curve }
}

/** Null: not known. */
export function calibrateSides(
  calibrator: SideCalibrator | null,
  raw: SideProbabilities,
  source: SideSource,
  side: Float64Array,
): SideProbabilities {
  if (calibrator === null) return raw
  if (source !== 'primary') return applySides(calibrator, raw)
  const only = (p: Float64Array, own: number) => p.map((value, i) => (side[i] === own ? value : 0))
  return { long: only(calibrator.long.apply(raw.long), 1), short: only(calibrator.short.apply(raw.short), -1) }
}
