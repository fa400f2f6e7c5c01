/**
 * Platt scaling: P(hit) = 1 / (1 + exp(−(slope · ln(p / (1 − p)) + intercept))).
 *
 * After Platt 1999 ("Probabilistic outputs for support vector machines"), fitted by the Newton method of Lin, Lin &
 * Weng 2007 (Machine Learning 68). Two departures: the input is the log-odds of the model's probability, so that a
 * calibrated model gets slope 1 and intercept 0; and the slope is never below 0: a model that ranked its validation
 * rows backwards has shown that it knows nothing, and gets the base rate rather than its ranking turned round.
 */
import { assert } from '../core/errors.js'
import type { Calibrator, CalibratorJson } from './calibration.js'

/** Keeps the log-odds of p = 0 and p = 1 finite, at ±13.8. */
export const CLIP = 1e-6

export function fitPlatt(p: Float64Array, hit: Uint8Array, weight?: Float64Array): Calibrator {
  assert(p.length === hit.length, `${p.length} probabilities, ${hit.length} outcomes`)
  const x = Float64Array.from(p, logOdds)
  const w = weight ?? new Float64Array(p.length).fill(1)
  const { target, hits, misses } = plattTargets(hit, w)
  const { slope, intercept } = newton(x, target, w, Math.log((hits + 1) / (misses + 1)))
  if (slope >= 0) return plattCalibrator(slope, intercept)
  let sum = 0
  for (let i = 0; i < target.length; i++) sum += w[i] * target[i]
  return plattCalibrator(0, logOdds(sum / (hits + misses)))
}

/** The mean of a uniform prior updated by each class's count, which keeps few rows from certainty; the counts are sums of weights. */
export function plattTargets(hit: Uint8Array, weight: Float64Array) {
  let hits = 0
  let misses = 0
  for (let i = 0; i < hit.length; i++) {
    if (hit[i] === 1) hits += weight[i]
    else misses += weight[i]
  }
  const target = Float64Array.from(hit, (h) => (h === 1 ? (hits + 1) / (hits + 2) : 1 / (misses + 2)))
  return { target, hits, misses }
}

export function plattFromJson(json: CalibratorJson): Calibrator {
  const { slope, intercept } = json
  assert(typeof slope === 'number' && typeof intercept === 'number', 'calibration platt lacks slope or intercept')
  return plattCalibrator(slope, intercept)
}

function plattCalibrator(slope: number, intercept: number): Calibrator {
  return {
    name: 'platt',
    apply: (p) => Float64Array.from(p, (value) => sigmoid(slope * logOdds(value) + intercept)),
    toJson: () => ({ name: 'platt', slope, intercept }),
  }
}

/** Minimises the cross-entropy with backtracking; the tiny ridge keeps the Hessian invertible when x is constant. */
function newton(x: Float64Array, target: Float64Array, w: Float64Array, startIntercept: number) {
  const RIDGE = 1e-12
  let slope = 0
  let intercept = startIntercept
  let loss = crossEntropy(x, target, w, slope, intercept)
  for (let iteration = 0; iteration < 100; iteration++) {
    let h11 = RIDGE
    let h12 = 0
    let h22 = RIDGE
    let g1 = 0
    let g2 = 0
    for (let i = 0; i < x.length; i++) {
      const q = sigmoid(slope * x[i] + intercept)
      const curvature = w[i] * q * (1 - q)
      const error = w[i] * (q - target[i])
      h11 += curvature * x[i] * x[i]
      h12 += curvature * x[i]
      h22 += curvature
      g1 += error * x[i]
      g2 += error
    }
    if (Math.abs(g1) < 1e-10 * x.length && Math.abs(g2) < 1e-10 * x.length) break
    const determinant = h11 * h22 - h12 * h12
    const stepSlope = -(h22 * g1 - h12 * g2) / determinant
    const stepIntercept = -(h11 * g2 - h12 * g1) / determinant
    const descent = g1 * stepSlope + g2 * stepIntercept
    let scale = 1
    for (; scale >= 1e-10; scale /= 2) {
      const next = crossEntropy(x, target, w, slope + scale * stepSlope, intercept + scale * stepIntercept)
      if (next >= loss + 1e-4 * scale * descent) continue
      slope += scale * stepSlope
      intercept += scale * stepIntercept
      loss = next
      break
    }
    if (scale < 1e-10) break // no step lowers the loss: rounding has been reached
  }
  return { slope, intercept }
}

/** Σ w · (ln(1 + e^z) − target · z), written so that a large |z| does not overflow. */
function crossEntropy(
  x: Float64Array,
  target: Float64Array,
  w: Float64Array,
  slope: number,
  intercept: number,
): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) {
    const z = slope * x[i] + intercept
    sum += w[i] * (Math.max(z, 0) - target[i] * z + Math.log1p(Math.exp(-Math.abs(z))))
  }
  return sum
}

function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))
}

function logOdds(p: number): number {
  const kept = Math.min(1 - CLIP, Math.max(CLIP, p))
  return Math.log(kept / (1 - kept))
}
