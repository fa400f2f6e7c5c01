/**
 * Subsets of a given size: how many there are, and which.
 */
import { assert } from './errors.js'

/** n over k, exact as long as it is a safe integer. */
export function binomial(n: number, k: number): number {
  assert(Number.isInteger(n) && Number.isInteger(k) && n >= 0, `${n} over ${k}`)
  if (k < 0 || k > n) return 0
  let result = 1
  // After each step the value is a binomial coefficient itself, so the division leaves no rest.
  for (let i = 1; i <= Math.min(k, n - k); i++) result = (result * (n - Math.min(k, n - k) + i)) / i
  return result
}

/** Every ascending choice of `k` out of 0 … n − 1, in lexicographic order. */
export function combinations(n: number, k: number): number[][] {
  if (k === 0) return [[]]
  const chosen: number[][] = []
  for (let last = k - 1; last < n; last++) for (const rest of combinations(last, k - 1)) chosen.push([...rest, last])
  return chosen.sort((a, b) => a.reduce((order, value, i) => order || value - b[i], 0))
}
