import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cholesky, solveFactored } from '../../src/math/cholesky.js'

describe('the factor', () => {
  it('is the one worked out by hand', () => {
    // [4 12 −16; 12 37 −43; −16 −43 98] = L Lᵀ with L = [2; 6 1; −8 5 3].
    const a = Float64Array.of(4, 99, 99, 12, 37, 99, -16, -43, 98)
    cholesky(a, 3, 0)
    expect([...a]).toEqual([2, 99, 99, 6, 1, 99, -8, 5, 3])
    // L Lᵀ (1, 2, 3) = (−20, −43, 192), behind a number that is not its business.
    const x = Float64Array.of(7, -20, -43, 192)
    solveFactored(a, 3, x, 1)
    expect([...x]).toEqual([7, 1, 2, 3])
  })

  it('solves whatever is positive definite', () => {
    const numbers = (length: number) =>
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: length, maxLength: length })
    fc.assert(
      fc.property(numbers(16), numbers(4), (root, wanted) => {
        // R Rᵀ + 1 is positive definite for every R.
        const a = Float64Array.from({ length: 16 }, (_, at) => {
          const [i, j] = [Math.floor(at / 4), at % 4]
          return [0, 1, 2, 3].reduce((sum, m) => sum + root[i * 4 + m] * root[j * 4 + m], i === j ? 1 : 0)
        })
        const b = Float64Array.from({ length: 4 }, (_, i) => wanted.reduce((sum, x, j) => sum + a[i * 4 + j] * x, 0))
        cholesky(a, 4, 0)
        solveFactored(a, 4, b)
        for (let i = 0; i < 4; i++) expect(b[i]).toBeCloseTo(wanted[i], 8)
      }),
    )
  })

  it('stays finite where two columns are the same', () => {
    const a = Float64Array.of(1, 1, 1, 1)
    cholesky(a, 2, 1e-12)
    expect([...a].every(Number.isFinite)).toBe(true)
    expect(a[3]).toBe(1e-6)
  })
})
