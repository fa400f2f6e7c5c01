/**
 * Haar wavelet energy by scale, looking back only: the à trous scheme (Shensa 1992, IEEE Trans. Signal Process. 40), which
 * for Haar is the maximal-overlap transform of Percival & Walden 2000, chapter 5.
 */
import { rollingMean } from './rolling-sum.js'

/**
 * Share of scale j in the energy of scales 1 … `scales`, where scale j is the movement between averages of 2^(j - 1) bars:
 * V₀ = x, V_j[t] = (V_(j-1)[t] + V_(j-1)[t - 2^(j-1)]) / 2, W_j = V_(j-1) - V_j, energy = mean W_j² of `window` bars.
 *
 * Pairs are averaged level by level, so a value rounds the same wherever the array begins.
 *
 * @param x  values, NaN = not known [n]
 * @returns  one column a scale, the finest first; all silent as long as the coarsest: for 2^scales + window - 2 bars, and
 *           NaN where nothing moved or a NaN lies in reach [scales][n]
 */
export function waveletShares(
  x: Float64Array,
  { scales, window, origin }: { readonly scales: number; readonly window: number; readonly origin: number },
): Float64Array[] {
  const n = x.length
  const energies: Float64Array[] = []
  let smooth = x
  for (let scale = 1; scale <= scales; scale++) {
    const step = 2 ** (scale - 1)
    const next = new Float64Array(n)
    const detail = new Float64Array(n)
    for (let t = 0; t < n; t++) {
      next[t] = t < step ? Number.NaN : 0.5 * (smooth[t] + smooth[t - step])
      detail[t] = (smooth[t] - next[t]) ** 2
    }
    energies.push(rollingMean(detail, window, origin))
    smooth = next
  }
  for (let t = 0; t < n; t++) {
    // The coarsest scale reaches furthest back: where it is silent or a hole is in its reach, the total is NaN.
    let total = 0
    for (const energy of energies) total += energy[t]
    for (const energy of energies) energy[t] = total === 0 ? Number.NaN : energy[t] / total
  }
  return energies
}
