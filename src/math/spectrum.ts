/**
 * What the spectrum of the last `window` values says: its strongest cycle, how strong that is, how even the rest. Each
 * window is transformed afresh (n log n), so nothing is carried from bar to bar.
 */
import { powerSpectrum } from './fft.js'

export type SpectrumLines = {
  readonly period: Float64Array // bars in the strongest cycle, window / k, 2 … window; the longer of equal ones [n]
  readonly share: Float64Array // of the strongest cycle in the power of all, 0 … 1 [n]
  /** Entropy of the shares of power over the cycles, divided by its largest value, 0 = one cycle … 1 = all alike [n]. */
  readonly entropy: Float64Array
}

/** All NaN where nothing moved, for the first window - 1 bars and while a NaN lies in the window. `window` is a power of two. */
export function spectrumLines(x: Float64Array, window: number): SpectrumLines {
  const unknown = () => new Float64Array(x.length).fill(Number.NaN)
  const lines = { period: unknown(), share: unknown(), entropy: unknown() }
  eachSpectrum(x, window, (t, power, total) => {
    const best = strongest(power)
    lines.period[t] = window / best
    lines.share[t] = power[best] / total
    lines.entropy[t] = entropyOf(power, total)
  })
  return lines
}

/** Of Inouye et al. 1991, Electroenceph. Clin. Neurophysiol. 79. */
function entropyOf(power: Float64Array, total: number): number {
  let sum = 0
  for (let k = 1; k < power.length; k++) {
    const share = power[k] / total
    if (share > 0) sum -= share * Math.log(share)
  }
  return sum / Math.log(power.length - 1)
}

/** Index of the largest power, from 1 on. */
function strongest(power: Float64Array): number {
  let best = 1
  for (let k = 2; k < power.length; k++) if (power[k] > power[best]) best = k
  return best
}

/**
 * Calls back with the bar, the power of cycles k = 1 … window / 2 and their total, for every full window in which something moved:
 * its mean is taken off and a Hann taper laid on, so that the window's ends do not leak into all cycles. Every cycle but the
 * shortest stands for its mirror too.
 */
function eachSpectrum(
  x: Float64Array,
  window: number,
  visit: (t: number, power: Float64Array, total: number) => void,
): void {
  const taper = Float64Array.from({ length: window }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / window))
  const transform = powerSpectrum(window)
  const values = new Float64Array(window)
  const power = new Float64Array(window / 2 + 1)
  let known = 0
  for (let t = 0; t < x.length; t++) {
    known = Number.isNaN(x[t]) ? 0 : known + 1
    if (known < window) continue
    const start = t - window + 1
    let mean = 0
    for (let i = 0; i < window; i++) mean += x[start + i]
    mean /= window
    for (let i = 0; i < window; i++) values[i] = taper[i] * (x[start + i] - mean)
    transform(values, power)
    let total = 0
    for (let k = 1; k < window / 2; k++) total += power[k] *= 2
    total += power[window / 2]
    if (total > 0) visit(t, power, total)
  }
}
