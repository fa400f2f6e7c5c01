/**
 * Differences of a broken order: between the price, which remembers all, and its return, which remembers nothing (Hosking
 * 1981, Biometrika 68(1)), with the fixed-width window of López de Prado 2018, "Advances in Financial Machine Learning",
 * section 5.5.
 */

/**
 * Weights of (1 - B)^order: 1, then w[k] = -w[k - 1] (order - k + 1) / k, up to the last one not below `threshold`.
 *
 * @param order      0 < order < 1
 * @param threshold  smallest absolute weight that counts; sets the window
 */
export function fractionalWeights(order: number, threshold: number): Float64Array {
  const weights = [1]
  for (let k = 1; ; k++) {
    const weight = (-weights[k - 1] * (order - k + 1)) / k
    if (Math.abs(weight) < threshold) return Float64Array.from(weights)
    weights.push(weight)
  }
}

/** Σ w[k] x[t - k], in one fixed order; NaN for the first weights - 1 bars and while a NaN lies in the window [n]. */
export function weightedPast(x: Float64Array, weights: Float64Array): Float64Array {
  const out = new Float64Array(x.length).fill(Number.NaN)
  const window = weights.length
  let known = 0
  for (let t = 0; t < x.length; t++) {
    known = Number.isNaN(x[t]) ? 0 : known + 1
    if (known < window) continue
    let sum = 0
    for (let k = 0; k < window; k++) sum += weights[k] * x[t - k]
    out[t] = sum
  }
  return out
}
