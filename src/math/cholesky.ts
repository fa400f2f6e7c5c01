/** Cholesky factors of symmetric positive definite matrices, and the systems solved with them. */

/**
 * Replaces the lower half of `a` by its factor L, A = L · Lᵀ; the upper half is neither read nor changed. A pivot that rounding leaves below
 * `ridge` becomes `ridge`, so that a singular matrix has a factor too.
 *
 * @param a  row-major   [n × n]
 */
export function cholesky(a: Float64Array, n: number, ridge: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]
      for (let m = 0; m < j; m++) sum -= a[i * n + m] * a[j * n + m]
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, ridge)) : sum / a[j * n + j]
    }
  }
}

/**
 * Solves L · Lᵀ · x = b in place, b being `x[start … start + n)`.
 *
 * @param factor  as `cholesky` leaves it   [n × n]
 */
export function solveFactored(factor: Float64Array, n: number, x: Float64Array, start = 0): void {
  for (let i = 0; i < n; i++) {
    for (let m = 0; m < i; m++) x[start + i] -= factor[i * n + m] * x[start + m]
    x[start + i] /= factor[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let m = i + 1; m < n; m++) x[start + i] -= factor[m * n + i] * x[start + m]
    x[start + i] /= factor[i * n + i]
  }
}
