/**
 * Isotonic calibration: the rising function closest to the outcomes in squared error, by pooling adjacent violators
 * (Ayer et al. 1955). As scikit-learn's IsotonicRegression with `out_of_bounds='clip'`: equal inputs are merged first,
 * and between two steps the function is a straight line.
 */
import { assert } from '../core/errors.js'
import type { Calibrator, CalibratorJson } from './calibration.js'

export function fitIsotonic(p: Float64Array, hit: Uint8Array, weight?: Float64Array): Calibrator {
  assert(p.length === hit.length, `${p.length} probabilities, ${hit.length} outcomes`)
  // One entry per pooled block: its lowest and highest input, the mean outcome, the weight.
  const low: number[] = []
  const high: number[] = []
  const mean: number[] = []
  const mass: number[] = []
  const points = mergedPoints(p, hit, weight)
  assert(points.length > 0, 'isotonic calibration without a row of positive weight')
  for (const point of points) {
    low.push(point.x)
    high.push(point.x)
    mean.push(point.mean)
    mass.push(point.weight)
    for (let last = mean.length - 1; last > 0 && mean[last - 1] >= mean[last]; last--) {
      const joint = mass[last - 1] + mass[last]
      mean[last - 1] = (mean[last - 1] * mass[last - 1] + mean[last] * mass[last]) / joint
      mass[last - 1] = joint
      high[last - 1] = high[last]
      for (const column of [low, high, mean, mass]) column.pop()
    }
  }
  const x: number[] = []
  const y: number[] = []
  for (let block = 0; block < mean.length; block++) {
    for (const edge of low[block] === high[block] ? [low[block]] : [low[block], high[block]]) {
      x.push(edge)
      y.push(mean[block])
    }
  }
  return isotonicCalibrator(x, y)
}

export function isotonicFromJson(json: CalibratorJson): Calibrator {
  const { x, y } = json
  assert(
    Array.isArray(x) && Array.isArray(y) && x.length === y.length && x.length > 0,
    'calibration isotonic lacks x or y',
  )
  return isotonicCalibrator(x, y)
}

function isotonicCalibrator(x: readonly number[], y: readonly number[]): Calibrator {
  return {
    name: 'isotonic',
    apply: (p) => Float64Array.from(p, (value) => interpolate(x, y, value)),
    toJson: () => ({ name: 'isotonic', x, y }),
  }
}

/** Distinct inputs in rising order, each with the weighted mean of its outcomes; weight 0 takes no part. */
function mergedPoints(p: Float64Array, hit: Uint8Array, weight: Float64Array | undefined) {
  const order = Int32Array.from(p.keys()).sort((a, b) => p[a] - p[b] || a - b)
  const points: { x: number; mean: number; weight: number }[] = []
  for (let i = 0; i < order.length; ) {
    const x = p[order[i]]
    let hits = 0
    let total = 0
    for (; i < order.length && p[order[i]] === x; i++) {
      const w = weight === undefined ? 1 : weight[order[i]]
      hits += w * hit[order[i]]
      total += w
    }
    if (total > 0) points.push({ x, mean: hits / total, weight: total })
  }
  return points
}

/** Piecewise linear through (x, y), flat outside; NaN stays NaN. */
function interpolate(x: readonly number[], y: readonly number[], value: number): number {
  if (Number.isNaN(value)) return Number.NaN
  const last = x.length - 1
  if (value <= x[0]) return y[0]
  if (value >= x[last]) return y[last]
  let left = 0
  for (let right = last; right - left > 1; ) {
    const middle = (left + right) >> 1
    if (x[middle] <= value) left = middle
    else right = middle
  }
  return y[left] + ((y[left + 1] - y[left]) * (value - x[left])) / (x[left + 1] - x[left])
}
