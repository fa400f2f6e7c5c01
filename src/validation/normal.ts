/**
 * The standard normal distribution to machine precision, tails included. simple-statistics has both functions, but to
 * four digits only (its cumulative is a table, its quantile a three-term fit), too coarse for a deflated Sharpe ratio.
 */

const SQRT_2PI = Math.sqrt(2 * Math.PI)

export function normalPdf(x: number): number {
  return Math.exp((-x * x) / 2) / SQRT_2PI
}

/** P(Z <= x). Relative error below 1e-13 on both sides, down to the smallest doubles. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (Math.abs(x) > 3) return x < 0 ? upperTail(-x) : 1 - upperTail(x)
  // Φ(x) = 1/2 + φ(x)·(x + x³/3 + x⁵/(3·5) + …), Abramowitz & Stegun 26.2.11; terms of one sign, so nothing cancels.
  let term = x
  let sum = x
  for (let k = 3; Math.abs(term) > Math.abs(sum) * 1e-17; k += 2) {
    term *= (x * x) / k
    sum += term
  }
  return 0.5 + normalPdf(x) * sum
}

/**
 * The x with P(Z <= x) = p; −∞ at 0, ∞ at 1, NaN outside [0, 1].
 *
 * Starts at Abramowitz & Stegun 26.2.23 (error < 4.5e-4) and polishes with Halley's step on `normalCdf`, which triples
 * the number of right digits each time.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p > 0.5) return -normalQuantile(1 - p)
  const t = Math.sqrt(-2 * Math.log(p))
  let x = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))))
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(x) - p) / normalPdf(x)
    x -= error / (1 + (x * error) / 2)
  }
  return x
}

/** P(Z > x) for x > 3 by the continued fraction φ(x)/(x + 1/(x + 2/(x + …))), Abramowitz & Stegun 26.2.14. */
function upperTail(x: number): number {
  let fraction = 0
  for (let k = 100; k >= 1; k--) fraction = k / (x + fraction)
  return normalPdf(x) / (x + fraction)
}
