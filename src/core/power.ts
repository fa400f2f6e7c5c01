/**
 * Powers that are the same to the last bit wherever the program runs: the engine's own `**` gives other last digits from Node 24 on, so it is left to
 * squares and to powers of two, which are exact. The rule is held by test/architecture.test.ts.
 */

/**
 * x to the power of y. A whole y up to 1,024 multiplies, any other is e^(y · ln x), whose relative error is some |y · ln x| · 1e-16.
 *
 * @returns NaN for a negative x and a y that is not whole, as `**` has it
 */
export function power(x: number, y: number): number {
  if (Number.isInteger(y) && Math.abs(y) <= 1024) return y < 0 ? 1 / whole(x, -y) : whole(x, y)
  if (y === 0.5) return Math.sqrt(x)
  return x === 0 && y > 0 ? 0 : Math.exp(y * Math.log(x))
}

function whole(x: number, y: number): number {
  let result = 1
  for (let [base, left] = [x, y]; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= base
    base *= base
  }
  return result
}
