/**
 * Beta calibration: P(hit) = 1 / (1 + exp(−(a · ln p − b · ln(1 − p) + c))), a, b >= 0.
 *
 * After Kull, Silva Filho & Flach 2017 (AISTATS): where scores are too bold at one end and too timid at the other, which two
 * parameters of a logistic curve cannot bend. a = b is Platt's curve on the log-odds, so it can also leave a calibrated model alone.
 * As in the paper, a coefficient that comes out below 0 is fixed at 0 and the rest fitted again. One departure: Platt's targets instead
 * of 0 and 1, which keep few rows from certainty.
 */
import { assert } from '../core/errors.js'
import { sigmoid, softLogistic } from '../math/soft-logistic.js'
import type { Calibrator, CalibratorJson } from './calibration.js'
import { CLIP, plattTargets } from './platt.js'

export function fitBeta(p: Float64Array, hit: Uint8Array, weight?: Float64Array): Calibrator {
  assert(p.length === hit.length, `${p.length} probabilities, ${hit.length} outcomes`)
  const w = weight ?? new Float64Array(p.length).fill(1)
  const { target } = plattTargets(hit, w)
  const low = p.map((value) => Math.log(kept(value)))
  const high = p.map((value) => -Math.log(1 - kept(value)))
  const ones = new Float64Array(p.length).fill(1)
  const [a, b, c] = softLogistic([low, high, ones], target, w)
  if (a >= 0 && b >= 0) return betaCalibrator(a, b, c)
  const [left, constant] = softLogistic([a < 0 ? high : low, ones], target, w)
  if (left >= 0) return a < 0 ? betaCalibrator(0, left, constant) : betaCalibrator(left, 0, constant)
  return betaCalibrator(0, 0, softLogistic([ones], target, w)[0])
}

export function betaFromJson(json: CalibratorJson): Calibrator {
  const { a, b, c } = json
  assert(typeof a === 'number' && typeof b === 'number' && typeof c === 'number', 'calibration beta lacks a, b or c')
  return betaCalibrator(a, b, c)
}

function betaCalibrator(a: number, b: number, c: number): Calibrator {
  return {
    name: 'beta',
    apply: (p) => p.map((value) => sigmoid(a * Math.log(kept(value)) - b * Math.log(1 - kept(value)) + c)),
    toJson: () => ({ name: 'beta', a, b, c }),
  }
}

/** NaN stays NaN. */
function kept(p: number): number {
  return Math.min(1 - CLIP, Math.max(CLIP, p))
}
