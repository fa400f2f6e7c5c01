/**
 * Which calibration suits a model, asked of its validation part alone. Rows that share an outcome never stand on both sides of the
 * question, and Platt's curve is left only for one that is better beyond chance: with few independent outcomes it is the safe one
 * (docs/decisions/platt-calibration.md).
 */
import { assert } from '../core/errors.js'
import { type CalibrationMethodName, calibrationMethods } from './calibration.js'
import { hitsOf, logLoss } from './scores.js'
import { type CalibrationRows, calibrateSides, fitSideCalibrator, type SideSource } from './sides.js'
import type { Intervals } from './splits.js'

/** `train.calibration` */
export const CALIBRATION_CHOICES = [
  ...(Object.keys(calibrationMethods) as CalibrationMethodName[]),
  'auto',
] as readonly (CalibrationMethodName | 'auto')[]

export type CalibrationChoice = {
  readonly method: CalibrationMethodName
  readonly reason: string
  /** Mean log loss of both sides on rows that were not calibrated on, by method; null where none was compared. */
  readonly losses: Readonly<Record<string, number>> | null
}

const BLOCKS = 5
const SAFE: CalibrationMethodName = 'platt'

/**
 * Cross-validation in 5 blocks of time: each block is predicted by calibrators fitted on the rows of the others whose intervals do not
 * meet it. The method with the smallest mean log loss is taken if it beats Platt by more than one standard error of the blocks'
 * differences (the rule of Breiman et al. 1984), else Platt.
 *
 * @param rows  the validation part, in time order [n]
 */
export function chooseCalibration(
  rows: CalibrationRows & Intervals,
  source: Exclude<SideSource, null>,
): CalibrationChoice {
  const n = rows.outcome.length
  const methods = Object.keys(calibrationMethods) as CalibrationMethodName[]
  const losses = new Map<CalibrationMethodName, number[]>(methods.map((method) => [method, []]))
  for (let block = 0; block < BLOCKS; block++) {
    const start = Math.floor((n * block) / BLOCKS)
    const end = Math.floor((n * (block + 1)) / BLOCKS)
    const rest = outside(rows, start, end)
    if (end === start || rest.length === 0) continue
    const known = take(rows, rest)
    const held = take(
      rows,
      Int32Array.from({ length: end - start }, (_, i) => start + i),
    )
    for (const method of methods) {
      const p = calibrateSides(fitSideCalibrator(known, source, method), held.raw, source, held.side)
      const loss = logLoss(p.long, hitsOf(held.outcome, 1)) + logLoss(p.short, hitsOf(held.outcome, -1))
      losses.get(method)?.push(loss)
    }
  }
  const mean = (method: CalibrationMethodName) => average(losses.get(method) ?? [])
  const safe = losses.get(SAFE) ?? []
  if (safe.length < 2) {
    return {
      method: SAFE,
      reason: `too few independent rows to compare: ${safe.length} of ${BLOCKS} blocks`,
      losses: null,
    }
  }
  const shown = Object.fromEntries(methods.map((method) => [method, mean(method)]))
  const best = methods.reduce((a, b) => (mean(b) < mean(a) ? b : a), SAFE)
  const gains = (losses.get(best) ?? []).map((loss, i) => safe[i] - loss)
  const gain = average(gains)
  const error = Math.sqrt(average(gains.map((one) => (one - gain) ** 2)) / (gains.length - 1))
  if (best === SAFE) return { method: SAFE, reason: 'smallest log loss on rows held out of validation', losses: shown }
  const compared = `${best} is better by ${gain.toFixed(4)} nats, one standard error is ${error.toFixed(4)}`
  return gain > error
    ? { method: best, reason: compared, losses: shown }
    : { method: SAFE, reason: `no method is better beyond chance: ${compared}`, losses: shown }
}

/** Rows of the other blocks whose intervals do not meet the block's. */
function outside({ t0, t1 }: Intervals, start: number, end: number): Int32Array {
  const from = t0[start]
  let to = Number.NEGATIVE_INFINITY
  for (let row = start; row < end; row++) to = Math.max(to, t1[row])
  assert(Number.isFinite(to) || end === start, 'validation rows have known intervals')
  return Int32Array.from(t0.keys()).filter((row) => t1[row] <= from || t0[row] >= to)
}

function take({ raw, outcome, side, weight }: CalibrationRows, rows: Int32Array): CalibrationRows {
  const of = (x: Float64Array) => Float64Array.from(rows, (row) => x[row])
  return { raw: { long: of(raw.long), short: of(raw.short) }, outcome: of(outcome), side: of(side), weight: of(weight) }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
