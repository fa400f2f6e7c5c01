import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { power } from '../../src/core/power.js'

describe('a power', () => {
  it('is a product for whole exponents', () => {
    expect([power(3, 0), power(3, 1), power(1.1, 3), power(-2, 3), power(10, -2), power(0, 0), power(2, -1)]).toEqual([
      1,
      3,
      1.1 * 1.1 * 1.1,
      -8,
      0.01,
      1,
      0.5,
    ])
  })

  it('is near what the engine finds, for any base and exponent', () => {
    const numbers = { noNaN: true, noDefaultInfinity: true } as const
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e6, ...numbers }),
        fc.double({ min: -20, max: 20, ...numbers }),
        (x, y) => {
          expect(Math.abs(power(x, y) / x ** y - 1)).toBeLessThan(1e-13)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('has the edges of the engine', () => {
    const { NaN: unknown, POSITIVE_INFINITY: infinite } = Number
    for (const [x, y] of [
      ...[
        [0, 0.3],
        [0, -0.3],
        [-1, 0.3],
        [unknown, 0.3],
        [1, unknown],
        [infinite, 0.3],
        [infinite, -0.3],
        [0, -2],
        [4, 0.5],
      ],
    ]) {
      expect(power(x, y), `${x}, ${y}`).toBe(x ** y)
    }
  })
})
