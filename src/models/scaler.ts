/**
 * Median imputation, standardisation and clipping for linear models. Fitted on the training part alone and stored with
 * the model, so that a row is scaled the same wherever it is scored.
 */

import { setImmediate } from 'node:timers/promises'
import { assert } from '../core/errors.js'
import { medianInPlace } from '../math/order-statistic.js'
import type { Matrix } from './model.js'

export type Scaler = {
  readonly features: readonly string[]
  /** Takes the place of what is not known. [features] */
  readonly median: Float64Array
  /** Of the imputed column. [features] */
  readonly mean: Float64Array
  /** Population standard deviation of the imputed column; 1 where it is constant. [features] */
  readonly scale: Float64Array
  /** Standardised values are cut to ± this, so that one wild value cannot decide alone. */
  readonly clip: number
}

/** NaN and ±Infinity count as not known; a column without any known value becomes 0 everywhere. */
export async function fitScaler(x: Matrix, features: readonly string[], clip: number): Promise<Scaler> {
  const median = new Float64Array(x.columns)
  const mean = new Float64Array(x.columns)
  const scale = new Float64Array(x.columns)
  const column = new Float32Array(x.rows)
  for (let j = 0; j < x.columns; j++) {
    let known = 0
    for (let i = 0; i < x.rows; i++) {
      const value = x.values[i * x.columns + j]
      if (Number.isFinite(value)) column[known++] = value
    }
    const values = column.subarray(0, known)
    median[j] = known === 0 ? 0 : medianInPlace(values)
    let sum = (x.rows - known) * median[j]
    for (let i = 0; i < known; i++) sum += values[i]
    mean[j] = sum / x.rows
    let squares = (x.rows - known) * (median[j] - mean[j]) ** 2
    for (let i = 0; i < known; i++) squares += (values[i] - mean[j]) ** 2
    const deviation = Math.sqrt(squares / x.rows)
    // Rounding leaves a constant column with a deviation of some 1e-16 of its size, never exactly 0.
    scale[j] = deviation > 1e-12 * Math.abs(mean[j]) && deviation > 1e-150 ? deviation : 1
    await setImmediate()
  }
  return { features, median, mean, scale, clip }
}

/** One row, imputed, standardised and clipped, into `out`. [features] */
export function scaleRow(scaler: Scaler, x: Matrix, row: number, out: Float32Array | Float64Array, start = 0): void {
  const { median, mean, scale, clip } = scaler
  assert(x.columns === mean.length, `table has ${x.columns} columns, the scaler ${mean.length}`)
  for (let j = 0; j < x.columns; j++) {
    const raw = x.values[row * x.columns + j]
    const value = Number.isFinite(raw) ? raw : median[j]
    out[start + j] = Math.min(clip, Math.max(-clip, (value - mean[j]) / scale[j]))
  }
}

/** The whole table scaled: a copy in float32. [rows × features] */
export function scaleTable(scaler: Scaler, x: Matrix): Float32Array {
  const scaled = new Float32Array(x.values.length)
  for (let row = 0; row < x.rows; row++) scaleRow(scaler, x, row, scaled, row * x.columns)
  return scaled
}
