/**
 * Discrete Fourier transform of a power of two (Cooley & Tukey 1965, Math. Comp. 19, radix 2, decimation in time). Tables
 * are made once in a plan; a transform allocates nothing.
 */
import { assert } from '../core/errors.js'

export type FourierPlan = {
  readonly size: number
  readonly order: Int32Array // bit-reversed index [size]
  readonly cos: Float64Array // cos(2πk / size) [size / 2]
  readonly sin: Float64Array // sin(2πk / size) [size / 2]
}

/** Tables for transforms of `size` values, a power of two. */
export function fourierPlan(size: number): FourierPlan {
  assert(size >= 1 && Number.isInteger(Math.log2(size)), `a radix-2 transform of ${size} values`)
  const half = size >> 1
  const order = new Int32Array(size)
  for (let i = 1; i < size; i++) order[i] = (order[i >> 1] >> 1) | ((i & 1) * half)
  const angle = (_: unknown, k: number) => (2 * Math.PI * k) / size
  const angles = Float64Array.from({ length: half }, angle)
  return { size, order, cos: angles.map(Math.cos), sin: angles.map(Math.sin) }
}

/** X[k] = Σ x[m] e^(-2πikm / size), in place; `re` and `im` [size]. */
export function fourierTransform({ size, order, cos, sin }: FourierPlan, re: Float64Array, im: Float64Array): void {
  for (let i = 0; i < size; i++) {
    const j = order[i]
    if (j <= i) continue
    const a = re[i]
    const b = im[i]
    re[i] = re[j]
    im[i] = im[j]
    re[j] = a
    im[j] = b
  }
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half)
    for (let k = 0; k < half; k++) {
      const c = cos[k * stride]
      const s = sin[k * stride]
      for (let i = k; i < size; i += 2 * half) {
        const j = i + half
        const a = c * re[j] + s * im[j]
        const b = c * im[j] - s * re[j]
        re[j] = re[i] - a
        im[j] = im[i] - b
        re[i] += a
        im[i] += b
      }
    }
  }
}

/**
 * Maker of power spectra of real series of `size` values, a power of two from 4 on: even values go as the real part and
 * odd ones as the imaginary part of a transform half as long, which is then taken apart.
 *
 * @returns  function that fills `power` with |X[k]|², k = 0 … size / 2 [size / 2 + 1] from x [size]
 */
export function powerSpectrum(size: number): (x: Float64Array, power: Float64Array) => void {
  const half = size / 2
  const plan = fourierPlan(half)
  const whole = fourierPlan(size)
  const re = new Float64Array(half)
  const im = new Float64Array(half)
  return (x, power) => {
    for (let m = 0; m < half; m++) {
      re[m] = x[2 * m]
      im[m] = x[2 * m + 1]
    }
    fourierTransform(plan, re, im)
    power[0] = (re[0] + im[0]) ** 2
    power[half] = (re[0] - im[0]) ** 2
    for (let k = 1; k < half; k++) {
      const mirror = half - k
      const evenRe = (re[k] + re[mirror]) / 2
      const evenIm = (im[k] - im[mirror]) / 2
      const oddRe = (im[k] + im[mirror]) / 2
      const oddIm = (re[mirror] - re[k]) / 2
      const a = evenRe + whole.cos[k] * oddRe + whole.sin[k] * oddIm
      const b = evenIm + whole.cos[k] * oddIm - whole.sin[k] * oddRe
      power[k] = a * a + b * b
    }
  }
}
