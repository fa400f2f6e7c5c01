import { describe, expect, it } from 'vitest'
import { type LbfgsOptions, type LbfgsState, lbfgs, type Objective } from '../../src/math/lbfgs.js'

/** (1 − x)² + 100 (y − x²)²: one minimum, 0 at (1, 1), at the end of a bent valley. */
const rosenbrock: Objective = ([x, y], gradient) => {
  gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x)
  gradient[1] = 200 * (y - x * x)
  return (1 - x) ** 2 + 100 * (y - x * x) ** 2
}

function states(objective: Objective, start: number[], limits: Partial<LbfgsOptions> = {}) {
  const options = { tolerance: 1e-10, maxIterations: 200, memory: 5, ...limits }
  const seen: LbfgsState[] = []
  for (const state of lbfgs(objective, Float64Array.from(start), options)) seen.push({ ...state, x: state.x.slice() })
  return seen
}

describe('L-BFGS', () => {
  it("finds the minimum of Rosenbrock's valley from the usual start", () => {
    const seen = states(rosenbrock, [-1.2, 1])
    const last = seen[seen.length - 1]
    expect(last.end).toBe('converged')
    expect(last.x[0]).toBeCloseTo(1, 8)
    expect(last.x[1]).toBeCloseTo(1, 8)
    expect(last.iterations).toBeLessThan(60)
  })

  it('goes down at every step', () => {
    const values = states(rosenbrock, [-1.2, 1]).map((state) => state.value)
    expect(values.length).toBeGreaterThan(10)
    for (let i = 1; i < values.length; i++) expect(values[i], `step ${i}`).toBeLessThan(values[i - 1])
  })

  it('finds the centre of a badly scaled bowl', () => {
    // Σ 10^i (x_i − i)²: curvatures from 2 to 2·10^6. SciPy's L-BFGS-B with as many pairs needs 103 iterations, this 137.
    const bowl: Objective = (x, gradient) => {
      let value = 0
      for (let i = 0; i < 7; i++) {
        gradient[i] = 2 * 10 ** i * (x[i] - i)
        value += 10 ** i * (x[i] - i) ** 2
      }
      return value
    }
    const last = states(bowl, [9, 9, 9, 9, 9, 9, 9], { tolerance: 1e-8, memory: 10 }).at(-1)
    expect(last?.end).toBe('converged')
    for (let i = 0; i < 7; i++) expect(last?.x[i]).toBeCloseTo(i, 7)
  })

  it('stops at once at a minimum, and at the limit of iterations elsewhere', () => {
    expect(states(rosenbrock, [1, 1])).toMatchObject([{ iterations: 0, end: 'converged' }])
    expect(states(rosenbrock, [-1.2, 1], { maxIterations: 3 }).at(-1)).toMatchObject({ iterations: 3, end: 'limit' })
  })

  it('leaves the start as it was and says when rounding stalls it', () => {
    // The gradient claims a slope that the value does not have.
    const flat: Objective = (_, gradient) => {
      gradient.fill(1)
      return 0
    }
    const start = Float64Array.of(2, 3)
    const last = [...lbfgs(flat, start, { tolerance: 1e-6, maxIterations: 9, memory: 5 })].at(-1)
    expect(last?.end).toBe('stalled')
    expect([...start]).toEqual([2, 3])
  })

  it('backs away from a step into the undefined', () => {
    // x − ln x, least at 1, undefined below 0.
    const barrier: Objective = ([x], gradient) => {
      gradient[0] = 1 - 1 / x
      return x > 0 ? x - Math.log(x) : Number.NaN
    }
    expect(states(barrier, [30]).at(-1)?.x[0]).toBeCloseTo(1, 8)
  })
})
