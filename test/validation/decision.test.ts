import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import {
  breakEven,
  chooseThreshold,
  decide,
  fixedThreshold,
  passChance,
  type ThresholdRows,
  wonOf,
} from '../../src/validation/decision.js'
import { nonOverlapping, wilson } from '../../src/validation/independence.js'

const payoff = { profit: 0.02, stop: 0.01, costs: 0.0012 }
const HOUR = 3_600_000

/**
 * Rows 5 minutes apart in episodes of 12 rows; an episode has one probability of winning and one outcome, as rows that
 * share their price path do. `truth` draws the probability, `stated` is what the model says about it.
 */
function validationRows(
  episodes: number,
  seed: number,
  truth: (u: number) => number,
  stated: (p: number, u: number) => number,
) {
  const random = createRandom(seed, 'validation rows')
  const n = episodes * 12
  const rows = {
    side: new Int8Array(n).fill(1),
    confidence: new Float64Array(n),
    won: new Uint8Array(n),
    t0: Float64Array.from({ length: n }, (_, i) => i * 300_000),
    t1: new Float64Array(n),
  }
  for (let episode = 0; episode < episodes; episode++) {
    const p = truth(random.next())
    const says = stated(p, random.next())
    const won = random.next() < p ? 1 : 0
    for (let i = episode * 12; i < episode * 12 + 12; i++) {
      rows.confidence[i] = says
      rows.won[i] = won
      rows.t1[i] = (episode + 1) * HOUR
    }
  }
  return rows satisfies ThresholdRows
}

const options = (rows: ThresholdRows) => ({
  payoff,
  minTrades: 30,
  targetPrecision: 0.6,
  scoredMs: rows.t0[rows.t0.length - 1],
})

describe('decide', () => {
  const nan = Number.NaN
  const p = { long: Float64Array.of(0.5, 0.2, 0.3, nan, 0.4), short: Float64Array.of(0.3, 0.6, 0.3, 0.5, nan) }

  it('takes the larger side with its probability, and neither when they are equal or unknown', () => {
    const { side, confidence } = decide(p, { allowShort: true })
    expect([...side]).toEqual([1, -1, 0, 0, 0])
    expect([...confidence]).toEqual([0.5, 0.6, 0, nan, nan])
  })

  it('is flat on spot where a short is likelier', () => {
    const { side, confidence } = decide(p, { allowShort: false })
    expect([...side]).toEqual([1, 0, 0, 0, 0])
    expect([...confidence]).toEqual([0.5, 0, 0, nan, nan])
  })

  it('counts as won only the label of the side taken', () => {
    expect([...wonOf(Int8Array.of(1, 1, -1, -1, 0, 1), Float64Array.of(1, -1, -1, 0, 0, nan))]).toEqual([
      1, 0, 1, 0, 0, 0,
    ])
  })
})

describe('breakEven', () => {
  it('is (stop + costs) / (profit + stop)', () => {
    expect(breakEven(payoff)).toBeCloseTo(0.0112 / 0.03, 12)
  })

  it('is where wins less costs pay for losses and costs', () => {
    const share = breakEven(payoff)
    expect(share * (0.02 - 0.0012) - (1 - share) * (0.01 + 0.0012)).toBeCloseTo(0, 15)
  })
})

describe('independence', () => {
  it('takes one position at a time', () => {
    const t0 = Float64Array.of(0, 1, 2, 3, 4, 5)
    const t1 = Float64Array.of(2, 9, 3, 9, Number.NaN, 6)
    // 0 → free at 2; row 1 starts too early; 2 → free at 3; 3 → free at 9; the rest starts too early.
    expect([...nonOverlapping({ t0, t1 })]).toEqual([0, 2, 3])
    expect([...nonOverlapping({ t0, t1 }, [1, 3, 5])]).toEqual([1])
    expect([...nonOverlapping({ t0, t1 }, [4, 5])]).toEqual([5])
  })

  it('gives Wilson’s interval as SciPy does', () => {
    // scipy.stats.binomtest(k, n).proportion_ci(0.95, 'wilson')
    for (const [k, n, low, high] of [
      [18, 30, 0.4232036025332248, 0.7540937188319814],
      [0, 10, 0, 0.27753279986288926],
      [10, 10, 0.7224672001371109, 1],
      [7, 13, 0.29143795714506016, 0.767939321904617],
    ]) {
      const interval = wilson(k / n, n, 1.959963984540054)
      expect(interval.low).toBeCloseTo(low, 12)
      expect(interval.high).toBeCloseTo(high, 12)
    }
    expect(wilson(0.5, 0, 1.96).low).toBeNaN()
  })
})

describe('chooseThreshold', () => {
  it('leaves a model that knows nothing at break-even, in 29 of 30 seeds or all', () => {
    // Every episode wins with 1 in 3, what a fair price gives a target of 2 % before a stop of 1 %; the model says
    // anything between 0.2 and 0.9.
    const raised = Array.from({ length: 30 }, (_, seed) => {
      const rows = validationRows(
        700,
        seed,
        () => 1 / 3,
        (_p, u) => 0.2 + 0.7 * u,
      )
      return chooseThreshold(rows, options(rows)).margin > 0
    })
    expect(raised.filter(Boolean).length).toBeLessThanOrEqual(1)
  })

  it('moves an edge to where precision and number of trades hold on later rows', () => {
    const passed = Array.from({ length: 20 }, (_, seed) => {
      const edge = (u: number) => (u < 0.2 ? 0.75 : 0.25)
      const stated = (p: number, u: number) => p - 0.1 + 0.2 * u
      const rows = validationRows(700, seed, edge, stated)
      const later = validationRows(700, seed + 1000, edge, stated)
      const choice = chooseThreshold(rows, options(rows))
      const out = fixedThreshold(later, choice.threshold, payoff)
      expect(choice.reason).toMatch(
        /^likeliest to reach a precision of 0.60, 30 trades and a gain beyond chance: \d+ %$/,
      )
      return out.precision >= 0.6 && out.independentSignals >= 30
    })
    expect(passed.filter(Boolean).length).toBeGreaterThanOrEqual(19)
  })

  it('does not trust a handful of lucky signals', () => {
    // 8 episodes of stated 0.9, all won; the others state 0.5 and win 1 in 5. 8 signals are fewer than 10 in any case.
    const rows = validationRows(
      700,
      5,
      (u) => (u < 8 / 700 ? 1 : 0.2),
      (p) => (p === 1 ? 0.9 : 0.5),
    )
    const choice = chooseThreshold(rows, options(rows))
    expect(choice.margin).toBe(0)
    expect(choice.reason).toBe('break-even: no margin is safely above it on validation')
  })

  it('goes as high as is safe when the asked precision is out of reach', () => {
    const rows = validationRows(
      700,
      5,
      (u) => (u < 0.5 ? 0.52 : 0.3),
      (p) => p,
    )
    const choice = chooseThreshold(rows, options(rows))
    expect(choice.reason).toBe('highest safe precision; none is likely to pass the gates')
    expect(choice.threshold).toBeLessThanOrEqual(0.52)
    expect(choice.precisionLow).toBeGreaterThan(choice.breakEven)
  })

  it('takes neither the margin that earns most nor the most precise one, but the one that holds on later rows', () => {
    // What is stated comes true. 0.41 earns most of all, with a precision of 0.57; 0.77 wins most often, on some 20 signals.
    const truth = (u: number) => 0.1 + 0.7 * u ** 2
    const rows = (seed: number) => validationRows(700, seed, truth, (p) => p)
    const passed = (margin: number | null) =>
      Array.from({ length: 40 }, (_, seed) => {
        const known = rows(seed)
        const threshold =
          margin === null ? chooseThreshold(known, options(known)).threshold : breakEven(payoff) + margin
        const out = fixedThreshold(rows(seed + 1000), threshold, payoff)
        return out.precision >= 0.6 && out.independentSignals >= 30
      }).filter(Boolean).length
    const [chosen, profitable, precise] = [passed(null), passed(0.04), passed(0.4)]
    expect(chosen).toBeGreaterThanOrEqual(36)
    expect(profitable).toBeLessThan(20)
    expect(precise).toBeLessThan(20)
  })

  it('takes all that an edge earns where every margin is sure to pass', () => {
    // 300 episodes win 9 times in 10; half of them state 0.6, half 0.8.
    const rows = validationRows(
      700,
      1,
      () => 0,
      () => 0.1,
    )
    for (let episode = 0; episode < 300; episode++) {
      rows.confidence.fill(episode % 2 === 0 ? 0.6 : 0.8, episode * 24, episode * 24 + 12)
      rows.won.fill(episode % 10 < 9 ? 1 : 0, episode * 24, episode * 24 + 12)
    }
    expect(chooseThreshold(rows, options(rows))).toMatchObject({ independentSignals: 300 })
  })

  it('asks for as many signals as the scored part must show', () => {
    // 40 episodes state 0.8 and win; the scored part is as long, then half as long.
    const rows = validationRows(
      700,
      1,
      () => 0,
      () => 0.1,
    )
    for (let episode = 0; episode < 40; episode++) {
      rows.confidence.fill(0.8, episode * 120, episode * 120 + 12)
      rows.won.fill(1, episode * 120, episode * 120 + 12)
    }
    const full = options(rows)
    expect(chooseThreshold(rows, full).independentSignals).toBe(40)
    // Chance of 30 trades: Φ((40 − 30) / √(40 + 40)) = Φ(1.118) = 0.868; the precision is beyond doubt.
    expect(chooseThreshold(rows, full).reason).toMatch(/^likeliest .*: 87 %$/)
    // All 40 won: Wilson's lower bound is n / (n + z²) = 40 / (40 + 1.6424), not that of the 480 rows.
    expect(chooseThreshold(rows, full).precisionLow).toBeCloseTo(0.96056, 5)
    const half = chooseThreshold(rows, { ...full, scoredMs: full.scoredMs / 2 })
    // Chance of 30 trades: Φ((20 − 30) / √(20 + 10)) = Φ(−1.826) = 0.034. To be safe it takes 60 + 1.2816·√60 = 69.93 signals.
    expect(half.reason).toBe('break-even: 40 independent signals on validation, needs 70')
    expect(half.threshold).toBeCloseTo(0.0112 / 0.03, 12)
  })

  it('falls back to break-even without a single signal, and says so', () => {
    const rows = validationRows(
      50,
      1,
      () => 0.3,
      () => 0.1,
    )
    const choice = chooseThreshold(rows, options(rows))
    expect(choice).toMatchObject({ margin: 0, signals: 0, precision: Number.NaN })
    expect(choice.reason).toMatch(/^break-even: 0 independent signals/)
  })

  it('stays between break-even and 0.40 above it, below 1', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, level) => {
        const rows = validationRows(
          120,
          seed,
          (u) => u * level,
          (p) => p,
        )
        const choice = chooseThreshold(rows, options(rows))
        expect(choice.margin >= 0 && choice.margin <= 0.4 + 1e-12 && choice.threshold < 1).toBe(true)
        expect(choice.threshold).toBeCloseTo(choice.breakEven + choice.margin, 12)
      }),
      { numRuns: 30 },
    )
  })
})

describe('passChance', () => {
  const seen = { threshold: 0.6, breakEven: 0.4, margin: 0.2, signals: 400, precisionLow: 0.55 }
  const chance = (precision: number, independentSignals: number, targetPrecision: number, share = 1, minTrades = 30) =>
    passChance({ ...seen, precision, independentSignals }, { minTrades, targetPrecision, share })

  it('is that of the normal distributions in its documentation, by SciPy', () => {
    // p = 60.5 / 101 = 0.5990, p(1 − p) = 0.24020. norm.cdf((0.5990 − 0.55) / sqrt(0.2402 · (1/100 + 1/100))) = norm.cdf(0.7071) = 0.76026.
    expect(chance(0.6, 100, 0.55)).toBeCloseTo(0.7602, 4)
    // Half as long: m = 50. norm.cdf(0.04901 / sqrt(0.2402 · 0.03)) · norm.cdf(20 / sqrt(75)) = 0.71815 · 0.98954.
    expect(chance(0.6, 100, 0.55, 0.5)).toBeCloseTo(0.71064, 4)
  })

  it('asks for a gain beyond chance where the precision asked for is below that', () => {
    // 0.4 + 1.64485 · sqrt(0.2402 / 100) = 0.48061; norm.cdf((0.5990 − 0.48061) / 0.069311) = norm.cdf(1.7081) = 0.95619.
    expect(chance(0.6, 100, 0.2)).toBeCloseTo(0.9562, 4)
    expect(chance(0.6, 100, 0.2)).toBe(chance(0.6, 100, 0.45))
  })

  it('rises with precision, and with signals where the precision is there', () => {
    const precision = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(precision, precision, fc.integer({ min: 10, max: 500 }), (a, b, n) => {
        expect(chance(Math.max(a, b), n, 0.6)).toBeGreaterThanOrEqual(chance(Math.min(a, b), n, 0.6) - 1e-12)
        expect(chance(0.8, n + 1, 0.6)).toBeGreaterThanOrEqual(chance(0.8, n, 0.6))
        expect(chance(0.6, n, 0.6) < 0.5 + 1e-9).toBe(true)
      }),
    )
  })
})

describe('fixedThreshold', () => {
  it('describes what the given threshold does', () => {
    const rows = validationRows(
      100,
      9,
      () => 1,
      () => 0.7,
    )
    expect(fixedThreshold(rows, 0.65, payoff)).toMatchObject({
      threshold: 0.65,
      signals: 1200,
      independentSignals: 100,
      precision: 1,
      reason: 'set in decision.threshold',
    })
  })
})
