import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allPassed, compositeScore, type GateMetrics, type GateName, gates, judge } from '../../src/validation/gates.js'

const good: GateMetrics = {
  precision: { value: 0.6, count: 30 },
  sharpe: { value: 1.2, count: 30 },
  maxDrawdown: { value: 0.2, count: 30 },
  calibrationError: { value: 0.05, count: 30 },
  deflatedSharpe: { value: 0.95, count: 30 },
  pbo: { value: 0.5, count: 32 },
  stability: { value: 0.4, count: 2 },
}
const row = (metrics: GateMetrics, gate: GateName) => judge(metrics, { minTrades: 30 }).find((r) => r.gate === gate)

describe('judge', () => {
  it('passes a model that meets every limit exactly', () => {
    const results = judge(good, { minTrades: 30 })
    expect(results.filter((r) => r.required).map((r) => [r.gate, r.limit, r.passed])).toEqual([
      ['precision', 0.6, true],
      ['sharpe', 1.2, true],
      ['maxDrawdown', 0.2, true],
      ['calibrationError', 0.05, true],
      ['deflatedSharpe', 0.95, true],
      ['pbo', 0.5, true],
      ['stability', 0.4, true],
    ])
    expect(allPassed(results)).toBe(true)
  })

  it.each([
    ['precision', 0.5999],
    ['sharpe', 1.1999],
    ['maxDrawdown', 0.2001],
    ['calibrationError', 0.0501],
    ['deflatedSharpe', 0.9499],
    ['pbo', 0.5001],
    ['stability', 0.3999],
  ] as const)('refuses %s of %d, and so the model', (gate, value) => {
    const results = judge({ ...good, [gate]: { value, count: 500 } }, { minTrades: 30 })
    expect(results.filter((r) => r.required && !r.passed).map((r) => r.gate)).toEqual([gate])
    expect(allPassed(results)).toBe(false)
  })

  it('refuses a perfect metric that rests on 29 trades', () => {
    expect(row({ ...good, precision: { value: 1, count: 29 } }, 'precision')).toMatchObject({
      passed: false,
      value: 1,
      reason: 'rests on 29, needs 30',
    })
  })

  it('refuses what is absent, null or NaN, with the reason', () => {
    expect(row({}, 'sharpe')).toMatchObject({ passed: false, value: null, reason: 'not computed' })
    expect(row({ sharpe: { value: null, count: 99, reason: 'no trades' } }, 'sharpe')).toMatchObject({
      passed: false,
      value: null,
      reason: 'no trades',
    })
    expect(row({ sharpe: { value: Number.NaN, count: 99 } }, 'sharpe')).toMatchObject({ passed: false, value: null })
    expect(allPassed(judge({}, { minTrades: 0 }))).toBe(false)
  })

  it('takes as many days, or folds, as the gate itself asks for', () => {
    expect(row({ ...good, pbo: { value: 0, count: 31 } }, 'pbo')).toMatchObject({
      passed: false,
      reason: 'rests on 31 days, needs 32',
    })
    expect(row({ ...good, stability: { value: 1, count: 1 } }, 'stability')?.reason).toBe('rests on 1 folds, needs 2')
  })

  it('passes a value beyond the limit that is excused, and says why', () => {
    const pbo = { value: 0.7, count: 99, excuse: 'the one chosen never loses' }
    expect(row({ ...good, pbo }, 'pbo')).toMatchObject({
      passed: true,
      reason: '0.7, at most 0.5, but the one chosen never loses',
    })
    const unknown = { value: null, count: 99, reason: 'too short', excuse: 'the one chosen never loses' }
    expect(row({ ...good, pbo: unknown }, 'pbo'), 'what cannot be computed has no excuse').toMatchObject({
      passed: false,
    })
  })

  it('shows a gate that does not apply without letting it decide', () => {
    const pbo = { value: null, count: 99, reason: 'no choice', notRequired: 'there is one candidate' }
    const results = judge({ ...good, pbo }, { minTrades: 30 })
    expect(results.find(({ gate }) => gate === 'pbo')).toMatchObject({
      passed: false,
      required: false,
      reason: 'no choice; not required: there is one candidate',
    })
    expect(allPassed(results)).toBe(true)
  })

  it('takes limits from the configuration and states both numbers', () => {
    const [precision] = judge(good, { limits: { precision: 0.7 }, minTrades: 30 })
    expect(precision).toMatchObject({ passed: false, limit: 0.7, reason: '0.6, at least 0.7' })
    expect(row({ ...good, precision: { value: 0.599999, count: 30 } }, 'precision')?.reason).toBe(
      '0.599999, at least 0.6',
    )
  })
})

describe('a gate of some candidates', () => {
  it('is there for those that bring its metric, and decides', () => {
    expect(row({}, 'beatsTrees')).toBeUndefined()
    expect(row({ beatsTrees: { value: -0.001, count: 40 } }, 'beatsTrees')).toMatchObject({
      passed: false,
      required: true,
    })
    expect(row({ beatsTrees: { value: 0.001, count: 40 } }, 'beatsTrees')).toMatchObject({ passed: true })
    expect(row({ beatsTrees: { value: 0.001, count: 19 } }, 'beatsTrees')?.reason).toBe('rests on 19 days, needs 20')
  })
})

describe('compositeScore', () => {
  it('is one half for a model that just passes, and its weights add up to 1', () => {
    expect(compositeScore(good, 30)).toBeCloseTo(0.5, 12)
    let weights = 0
    for (const gate of Object.values(gates)) weights += 'score' in gate ? gate.score.weight : 0
    expect(weights).toBeCloseTo(1, 12)
  })

  it('adds weighted shares', () => {
    // precision 0.7 → 0.75 · 0.35; sharpe 0.6 → 0.25 · 0.35; drawdown 0.1 → 0.75 · 0.15; error 0.2 → 0.  Sum 0.4625.
    const metrics = {
      precision: { value: 0.7, count: 90 },
      sharpe: { value: 0.6, count: 90 },
      maxDrawdown: { value: 0.1, count: 90 },
      calibrationError: { value: 0.2, count: 90 },
    }
    expect(compositeScore(metrics, 30)).toBeCloseTo(0.4625, 12)
    // A third of the trades asked for: a third of the score.
    const few = Object.fromEntries(Object.entries(metrics).map(([name, m]) => [name, { ...m, count: 10 }]))
    expect(compositeScore(few, 30)).toBeCloseTo(0.4625 / 3, 12)
  })

  it('gives nothing for not trading', () => {
    expect(compositeScore({ maxDrawdown: { value: 0, count: 0 }, sharpe: { value: null, count: 0 } }, 30)).toBe(0)
  })

  it('lies between 0 and 1 whatever the metrics', () => {
    const metric = fc.record({ value: fc.option(fc.double()), count: fc.nat() })
    const metrics = fc.record(
      { precision: metric, sharpe: metric, maxDrawdown: metric, calibrationError: metric, deflatedSharpe: metric },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(metrics, fc.nat({ max: 100 }), (m, minTrades) => {
        const score = compositeScore(m, minTrades)
        expect(score >= 0 && score <= 1 + 1e-12).toBe(true)
      }),
    )
  })
})
