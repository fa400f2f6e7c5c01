/** Weights of ensembles: against hand arithmetic and a grid, and that nothing later than a fold reaches it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { HOUR } from '../../src/core/time.js'
import { evenBlend, type KnownRows, learnBlend, pool } from '../../src/validation/ensembles/blend.js'
import { type JoinSettings, joinFolds, type MemberRows } from '../../src/validation/ensembles/join.js'
import { ENSEMBLE_NAMES, ENSEMBLES, ensembleProblem, logLoss } from '../../src/validation/ensembles/registry.js'
import { SCHEMES, type SchemeName, scheme } from '../../src/validation/schemes.js'

const even = (n: number, value: number) => new Float64Array(n).fill(value)

describe('the weights', () => {
  // Two Bernoulli observations; the members gave them these probabilities.
  const likelihood = [Float64Array.of(0.8, 0.4), Float64Array.of(0.5, 0.6)]
  const baseRate = Float64Array.of(0.5, 0.5)

  it('of a mean are equal', () => {
    expect([...ENSEMBLES.mean.weights({ likelihood, baseRate, independent: 1 })]).toEqual([0.5, 0.5])
  })

  it('of Bayesian model averaging are the likelihoods, as one row of two sides', () => {
    // 0.8 · 0.4 = 0.32 against 0.5 · 0.6 = 0.30.
    const [first, second] = ENSEMBLES.bma.weights({ likelihood, baseRate, independent: 1 })
    expect(first).toBeCloseTo(0.32 / 0.62, 12)
    expect(second).toBeCloseTo(0.3 / 0.62, 12)
  })

  it('of a stack are where the pool has the lowest log loss: as a fine grid finds', () => {
    const random = createRandom(3, 'stack')
    const n = 400
    const members = [0, 1].map(() => Float64Array.from({ length: n }, () => 0.05 + 0.9 * random.next()))
    const [weight] = ENSEMBLES.stack.weights({ likelihood: members, baseRate: even(n, 0.5), independent: n })
    const lossAt = (w: number) => logLoss(members[0].map((p, i) => w * p + (1 - w) * members[1][i]))
    let best = 0
    for (let k = 0; k <= 1000; k++) if (lossAt(k / 1000) < lossAt(best)) best = k / 1000
    expect(weight).toBeCloseTo(best, 2)
    expect(lossAt(weight)).toBeLessThanOrEqual(lossAt(best) + 1e-9)
  })

  it('of recent performance follow the newest third, and are equal where none beats the base rates', () => {
    const n = 300
    const late = (early: number, recent: number) => even(n, early).fill(recent, 200)
    const rows = {
      likelihood: [late(0.9, 0.4), late(0.2, 0.7), late(0.5, 0.6)],
      baseRate: even(n, 0.5),
      independent: n,
    }
    const [a, b, c] = ENSEMBLES.performance.weights(rows)
    const gain = (p: number) => Math.log(p) - Math.log(0.5)
    expect(a).toBe(0)
    expect(b).toBeCloseTo(gain(0.7) / (gain(0.7) + gain(0.6)), 12)
    expect(b + c).toBeCloseTo(1, 12)
    const none = { ...rows, likelihood: [even(n, 0.4), even(n, 0.3)] }
    expect([...ENSEMBLES.performance.weights(none)]).toEqual([0.5, 0.5])
  })

  it('are never negative and add up to one', () => {
    const p = fc.double({ min: 0.001, max: 0.999, noNaN: true })
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 5 })
          .chain((m) => fc.array(fc.array(p, { minLength: m, maxLength: m }), { minLength: 2, maxLength: 40 })),
        fc.integer({ min: 1, max: 300 }),
        (table, independent) => {
          const likelihood = table[0].map((_, m) => Float64Array.from(table, (row) => row[m]))
          for (const name of ENSEMBLE_NAMES) {
            const weights = ENSEMBLES[name].weights({ likelihood, baseRate: even(table.length, 0.5), independent })
            expect(weights.every((weight) => weight >= 0)).toBe(true)
            expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** One member is right in calm markets and the other in restless ones; between, both are. */
function twoRegimes(n: number): KnownRows {
  const random = createRandom(5, 'regimes')
  const outcome = Float64Array.from({ length: n }, () => (random.next() < 0.5 ? 1 : -1))
  const regime = Float64Array.from({ length: n }, () => random.next())
  const says = (knows: (x: number) => boolean) => ({
    long: outcome.map((side, i) => (knows(regime[i]) ? (side === 1 ? 0.8 : 0.2) : 0.5)),
    short: outcome.map((side, i) => (knows(regime[i]) ? (side === -1 ? 0.8 : 0.2) : 0.5)),
  })
  return { members: [says((x) => x < 0.5), says((x) => x >= 0.5)], outcome, weight: even(n, 0.1), regime }
}

describe('a blend', () => {
  it('by regime leans on who is right there', () => {
    const { regimes } = learnBlend('regime', twoRegimes(2000))
    expect(regimes?.weights[0][0]).toBeGreaterThan(0.95)
    expect(regimes?.weights[2][1]).toBeGreaterThan(0.95)
    expect(regimes?.bounds[0]).toBeCloseTo(1 / 3, 1)
  })

  it('is even where rows that do not overlap are too few', () => {
    for (const name of ENSEMBLE_NAMES) expect(learnBlend(name, twoRegimes(290))).toEqual(evenBlend(2))
  })

  it('pools who says anything: the others share the weight', () => {
    const members = [
      { long: Float64Array.of(0.2, Number.NaN, Number.NaN), short: Float64Array.of(0.1, Number.NaN, Number.NaN) },
      { long: Float64Array.of(0.6, 0.6, Number.NaN), short: Float64Array.of(0.3, 0.3, Number.NaN) },
    ]
    const { long, short } = pool({ weights: [0.25, 0.75], regimes: null }, members, even(3, Number.NaN))
    expect(long[0]).toBeCloseTo(0.25 * 0.2 + 0.75 * 0.6, 12)
    expect([...long.subarray(1)]).toEqual([0.6, Number.NaN])
    expect(short[0]).toBeCloseTo(0.25 * 0.1 + 0.75 * 0.3, 12)
  })
})

const horizonMs = 4 * HOUR
const settings: JoinSettings = {
  ...{ name: 'stack', terms: { source: 'class', classes: [-1, 0, 1], scale: 1 }, calibration: 'platt' },
  ...{ threshold: 'auto', allowShort: true, minTrades: 10, targetPrecision: 0.6, costs: 0.001, horizonMs },
  embargoMs: 0,
  uniqueness: (t0) => even(t0.length, 0.25),
}

describe('an ensemble over folds', () => {
  function members(seed: number, rows = 1200): MemberRows[] {
    const random = createRandom(seed, 'members')
    const t0 = Float64Array.from({ length: rows }, (_, i) => i * HOUR)
    // Three folds of a fifth each after the first two fifths are in folds 1 and 2; the last part is the test part.
    const fold = Float64Array.from({ length: rows }, (_, i) => [1, 2, 3, 0][Math.floor((4 * i) / rows)])
    const outcome = Float64Array.from({ length: rows }, () => [1, -1, 0][random.below(3)])
    const shared = {
      ...{ rows, t0, t1: t0.map((t) => t + horizonMs), fold, outcome },
      path: fold.map((one) => (one === 0 ? 0 : 1)),
      ...{ usable: even(rows, 1), threshold: even(rows, 0.5), profit: even(rows, 0.02), stop: even(rows, 0.01) },
      // Walking forward, a model has learnt from nothing later than the fold that it scores.
      learntTo: new Map([1, 2, 3].map((one) => [one, ((one - 1) * rows * HOUR) / 4])),
    }
    return [0.3, 0.1].map((skill) => ({
      ...shared,
      p_long: outcome.map((side) => 0.33 + (side === 1 ? skill : -skill / 2) * random.next()),
      p_short: outcome.map((side) => 0.33 + (side === -1 ? skill : -skill / 2) * random.next()),
    }))
  }

  it('learns from earlier folds alone: what comes later changes nothing before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(...ENSEMBLE_NAMES), (seed, name) => {
        const own = members(seed)
        const other = members(seed + 1)
        const regime = Float64Array.from({ length: 1200 }, (_, i) => Math.sin(i))
        const whole = joinFolds(own, regime, { ...settings, name })
        // Rows of fold 3 and of the test part, and every outcome that is known only after fold 3 began, are others.
        const cut = 600
        const spliced = own.map((one, m) => ({
          ...one,
          ...Object.fromEntries(
            (['p_long', 'p_short', 'outcome'] as const).map((key) => [
              key,
              one[key].map((value, i) => (one.t1[i] > one.t0[cut] ? other[m][key][i] : value)),
            ]),
          ),
        })) as MemberRows[]
        const changed = joinFolds(spliced, regime, { ...settings, name })
        for (const fold of [1, 2, 3]) {
          const [a, b] = [whole, changed].map((all) => all.find((one) => one.fold === fold))
          expect(b?.blend).toEqual(a?.blend)
          expect(b?.threshold).toEqual(a?.threshold)
          expect(b?.calibration).toEqual(a?.calibration)
        }
      }),
      { numRuns: 12 },
    )
  })

  it('begins with equal weights and says so, then leans on the better member', () => {
    const folds = joinFolds(members(1), even(1200, Number.NaN), settings)
    expect(folds.map(({ fold }) => fold)).toEqual([0, 1, 2, 3])
    const [test, first] = folds
    expect(first).toMatchObject({ blend: evenBlend(2), learnt: null, learntRows: 0, threshold: { threshold: 0.5 } })
    expect(first.threshold.reason).toContain('no fold before it')
    expect(test.blend.weights[0]).toBeGreaterThan(0.9)
    // All three folds but the rows whose outcome came after the test part began.
    expect(test.learntRows).toBe(900 - 3)
    expect(test.learnt?.to).toBeLessThanOrEqual(900 * HOUR)
  })

  it('keeps the embargo between what it learns from and what it scores', () => {
    // Rows are an hour apart and an outcome is known 4 hours later; the test part begins at hour 900. With an embargo
    // of 7 hours the last
    // row that may be learnt from ends at hour 893, so it began at 889: 890 rows.
    const [test] = joinFolds(members(1), even(1200, Number.NaN), { ...settings, embargoMs: 7 * HOUR })
    expect(test.learntRows).toBe(890)
    expect(test.learnt?.to).toBe(893 * HOUR)
  })

  it('learns nothing from a fold whose model has learnt from rows that are scored later', () => {
    const own = members(1)
    const late = own.map((one, m) => (m === 0 ? one : { ...one, learntTo: new Map(one.learntTo).set(2, 901 * HOUR) }))
    const [test] = joinFolds(late, even(1200, Number.NaN), settings)
    expect(test.learntRows).toBe(600 - 3) // the rows of folds 1 and 3, without the last three of fold 3
  })

  it('refuses members of other rows', () => {
    const [a] = members(1)
    const [b] = members(1, 1000)
    expect(() => joinFolds([a, b], even(1200, 0), settings)).toThrow('do not predict the same rows')
  })
})

describe('on every scheme of folds', () => {
  const STEP = HOUR
  const NOTHING = { blend: evenBlend(2), learnt: null, learntRows: 0 }

  /** Two members on the folds of a plan, as bundles keep them; labels last 1 to 6 hours. */
  function onPlan(name: SchemeName, embargoMs: number, seed: number) {
    const random = createRandom(seed, 'ensemble plan')
    const rows = 1400
    const t0 = Float64Array.from({ length: rows }, (_, i) => i * STEP)
    const t1 = t0.map((time) => time + STEP * (1 + random.below(6)))
    const plan = scheme(name).plan(
      { t0, t1 },
      { folds: 4, embargoMs, testFraction: 0.15, validationFraction: 0.15, windowMs: 500 * STEP, scoredGroups: 2 },
    )
    const splits = [plan.final, ...plan.folds]
    const scored = splits.flatMap(({ score }, fold) =>
      score.ranges.flatMap(({ start, end }, i) =>
        Array.from({ length: end - start }, (_, at) => ({
          ...{ row: start + at, fold, usable: score.rows.includes(start + at) ? 1 : 0 },
          path: fold === 0 ? 0 : plan.paths[fold - 1][i],
        })),
      ),
    )
    const of = (value: (one: (typeof scored)[number]) => number) => Float64Array.from(scored, value)
    const outcome = of(() => [1, -1, 0][random.below(3)])
    const lastOf = (kept: Int32Array) => kept.reduce((last, row) => Math.max(last, t1[row]), 0)
    const shared = {
      ...{ rows: scored.length, t0: of(({ row }) => t0[row]), t1: of(({ row }) => t1[row]), outcome },
      ...{ fold: of(({ fold }) => fold), path: of(({ path }) => path), usable: of(({ usable }) => usable) },
      ...{ threshold: of(() => 0.5), profit: of(() => 0.02), stop: of(() => 0.01) },
      learntTo: new Map(
        splits.map(({ train, validation }, k) => [k, lastOf(Int32Array.of(...train.rows, ...validation.rows))]),
      ),
    }
    const says = (skill: number): MemberRows => ({
      ...shared,
      p_long: outcome.map((side) => 0.33 + (side === 1 ? skill : -skill / 2) * random.next()),
      p_short: outcome.map((side) => 0.33 + (side === -1 ? skill : -skill / 2) * random.next()),
    })
    return [says(0.3), says(0.1)]
  }
  const beginOf = ({ t0, rows, fold }: MemberRows, own: number) =>
    Array.from({ length: rows }, (_, i) => i)
      .filter((i) => fold[i] === own)
      .reduce((least, i) => Math.min(least, t0[i]), Number.POSITIVE_INFINITY)

  it('what is known an embargo before a fold, of models of that time, is all that reaches it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(SCHEMES) as SchemeName[])),
        fc.integer({ min: 0, max: 30 }),
        fc.constantFrom(...ENSEMBLE_NAMES),
        fc.integer({ min: 1, max: 1e6 }),
        (name, hours, method, seed) => {
          const own = onPlan(name, hours * HOUR, seed)
          const other = onPlan(name, hours * HOUR, seed + 1)
          const regime = Float64Array.from({ length: own[0].rows }, (_, i) => Math.sin(own[0].t0[i]))
          const join = { ...settings, name: method, embargoMs: hours * HOUR }
          const whole = joinFolds(own, regime, join)
          for (const one of whole) {
            const over = beginOf(own[0], one.fold) - hours * HOUR
            if (one.learnt !== null) expect(one.learnt.to).toBeLessThanOrEqual(over)
            if (SCHEMES[name].foresight && one.fold > 0) expect(one).toMatchObject(NOTHING)
          }
          expect(whole[0].learntRows).toBeGreaterThan(200)
          const fold = 1 + (seed % (whole.length - 1))
          const over = beginOf(own[0], fold) - hours * HOUR
          const unknown = (m: MemberRows, i: number) => m.t1[i] > over || (m.learntTo.get(m.fold[i]) ?? 0) > over
          const spliced = own.map((one, m) => ({
            ...one,
            ...Object.fromEntries(
              (['p_long', 'p_short', 'outcome'] as const).map((key) => [
                key,
                one[key].map((value, i) => (unknown(one, i) ? other[m][key][i] : value)),
              ]),
            ),
          })) as MemberRows[]
          const changed = joinFolds(spliced, regime, join).find((one) => one.fold === fold)
          const { blend, threshold, calibration } = whole.find((one) => one.fold === fold) as (typeof whole)[number]
          expect(changed).toMatchObject({ blend, threshold, calibration })
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is refused where models are trained on later rows than they score, with a way out', () => {
    for (const [name, { foresight }] of Object.entries(SCHEMES)) {
      const problem = ensembleProblem({ type: 'ternary', side: 'class', split: scheme(name) }, 2)
      if (foresight) expect(problem).toMatch(/trained on later rows .*take train\.split walk-forward or rolling$/)
      else expect(problem).toBeNull()
    }
  })
})
