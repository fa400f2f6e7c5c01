import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GateResult, judge, type Metric } from '../../src/validation/gates.js'
import {
  failures,
  isBetter,
  type Lineage,
  type ModelMetrics,
  mayBeApproved,
  nextVersion,
  rankCandidates,
} from '../../src/validation/selection.js'
import { failedGates, passedGates } from '../support/model-entry.js'

const candidate = (model: string, gates: readonly GateResult[], score: number, id = model) => ({
  id,
  model,
  gates,
  score,
})

describe('rankCandidates', () => {
  it('prefers a candidate that passed to one with a higher score that did not', () => {
    const ranked = rankCandidates([candidate('a', failedGates, 0.9), candidate('b', passedGates, 0.51)])
    expect(ranked).toMatchObject({ best: { model: 'b' }, approved: true })
    expect(ranked.ranking.map(({ model }) => model)).toEqual(['b', 'a'])
    expect(ranked.reason).toBe('b passed every required gate with score 0.5100 (1 of 2 passed)')
  })

  it('keeps the best by score as a candidate when none passed, and says what it failed', () => {
    const ranked = rankCandidates([candidate('a', failedGates, 0.2), candidate('b', failedGates, 0.4)])
    expect(ranked).toMatchObject({ best: { model: 'b' }, approved: false })
    expect(ranked.reason).toBe(
      'no candidate of 2 passed; b has the best score, 0.4000, and failed precision (0.55, at least 0.6)',
    )
  })

  it('breaks ties of the score by name, then by fingerprint', () => {
    const tied = [
      candidate('xgboost', passedGates, 0.5, '2'),
      candidate('xgboost', passedGates, 0.5, '1'),
      candidate('logistic', passedGates, 0.5, '9'),
    ]
    expect(rankCandidates(tied).ranking.map(({ id }) => id)).toEqual(['9', '1', '2'])
  })

  it('puts a score that is not known last, and never approves what was not judged', () => {
    const ranked = rankCandidates([candidate('a', [], Number.NaN), candidate('b', [], 0)])
    expect(ranked).toMatchObject({ best: { model: 'b' }, approved: false })
    expect(ranked.reason).toContain('every gate (it was never judged)')
  })

  it('refuses to rank nothing', () => {
    expect(() => rankCandidates([])).toThrow('no candidate')
  })

  it('does not depend on the order of the candidates, and approves only what passed', () => {
    const any = fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      model: fc.constantFrom('logistic', 'xgboost', 'lightgbm'),
      gates: fc.constantFrom<readonly GateResult[]>(passedGates, failedGates, []),
      score: fc.oneof(fc.constantFrom(0, 0.5, Number.NaN), fc.double()),
    })
    const sets = fc.uniqueArray(any, { minLength: 1, maxLength: 6, selector: ({ id }) => id })
    fc.assert(
      fc.property(sets, fc.nat(), (candidates, turn) => {
        const ranked = rankCandidates(candidates)
        const cut = turn % candidates.length
        const turned = [...candidates.slice(cut), ...candidates.slice(0, cut)].reverse()
        expect(rankCandidates(turned)).toEqual(ranked)
        expect(ranked.approved).toBe(candidates.some(({ gates }) => mayBeApproved(gates)))
        expect(ranked.approved).toBe(mayBeApproved(ranked.best.gates))
        expect(ranked.ranking).toHaveLength(candidates.length)
        for (const { gates, score } of candidates) {
          if (mayBeApproved(gates) === ranked.approved) expect(score > ranked.best.score).toBe(false)
        }
      }),
    )
  })
})

describe('failures', () => {
  it('names no gate that is only shown', () => {
    const pbo = { value: null, count: 0, reason: 'no choice', notRequired: 'there is one candidate' }
    const all = judge({ pbo }, { minTrades: 30 })
    expect(all.some(({ gate, passed }) => gate === 'pbo' && !passed)).toBe(true)
    expect(failures(all)).not.toContain('pbo')
    expect(failures(passedGates)).toBe('no gate')
  })
})

describe('isBetter', () => {
  const metrics = (precision: number, profitFactor: number, count = 50): ModelMetrics => ({
    precision: { value: precision, count },
    profit_factor: { value: profitFactor, count },
  })
  const champion = metrics(0.6, 3)

  it.each([
    [0.62, 1.5, true], // exactly two points, exactly 1.5
    [0.6199, 1.5, false],
    [0.62, 1.4999, false],
    [0.9, 1.2, false], // precise, and still a poor trade
    [0.6, 9, false],
    [0.5, 9, false],
  ])('takes precision %d with profit factor %d against 0.6: %s', (precision, profitFactor, expected) => {
    expect(isBetter(metrics(precision, profitFactor), champion, { minTrades: 30 }).better).toBe(expected)
  })

  it('is not misled by rounding: 0.57 − 0.55 counts as two points', () => {
    expect(0.57 - 0.55 < 0.02, 'the difference falls short in floating point').toBe(true)
    expect(isBetter(metrics(0.57, 2), metrics(0.55, 2), { minTrades: 30 }).better).toBe(true)
  })

  it('states both conditions with both numbers', () => {
    expect(isBetter(metrics(0.61, 1.25), champion, { minTrades: 30 }).reasons).toEqual([
      'precision 0.61 against 0.6: +1.00 percentage points, at least 2',
      'profit factor 1.25, at least 1.5',
    ])
    expect(isBetter(metrics(0.55, 2), champion, { minTrades: 30 }).reasons[0]).toContain('-5.00 percentage points')
  })

  it.each<[string, ModelMetrics, ModelMetrics, string]>([
    ['few trades', metrics(0.9, 3, 29), champion, 'precision rests on 29, needs 30'],
    ['no precision', { profit_factor: { value: 2, count: 50 } }, champion, 'precision was not recorded'],
    ['a champion without precision', metrics(0.9, 3), {}, 'the other: precision was not recorded'],
    [
      'no loss, so no profit factor',
      { ...metrics(0.9, 3), profit_factor: { value: null, count: 50, reason: 'no trade lost' } },
      champion,
      'profit factor is not known: no trade lost',
    ],
    ['NaN', metrics(Number.NaN, 3), champion, 'precision is not known: cannot be computed'],
  ])('does not promote on %s', (_, next, current, reason) => {
    const verdict = isBetter(next, current, { minTrades: 30 })
    expect(verdict.better).toBe(false)
    expect(verdict.reasons).toContain(reason)
  })

  it('never lets two models each be better than the other, nor one better than itself', () => {
    const metric = fc.record<Metric>({ value: fc.option(fc.double({ min: 0, max: 1 })), count: fc.nat({ max: 99 }) })
    const model = fc.record({ precision: metric, profit_factor: fc.constant({ value: 2, count: 50 }) })
    fc.assert(
      fc.property(model, model, (a, b) => {
        const one = isBetter(a, b, { minTrades: 30 }).better
        expect(one && isBetter(b, a, { minTrades: 30 }).better).toBe(false)
        expect(isBetter(a, a, { minTrades: 30 }).better).toBe(false)
      }),
    )
  })
})

describe('nextVersion', () => {
  const lineage: Lineage = { id: 'a', schemaHash: 's', featureSetHash: 'f', labelHash: 'l' }
  const previous = { ...lineage, version: '2.3.4' }

  it.each<[string, Partial<Lineage>, string]>([
    ['nothing', {}, '2.3.4'],
    ['data, parameters or code', { id: 'b' }, '2.3.5'],
    ['features', { id: 'b', featureSetHash: 'F' }, '2.4.0'],
    ['labels', { id: 'b', labelHash: 'L' }, '2.4.0'],
    ['features and labels', { id: 'b', featureSetHash: 'F', labelHash: 'L' }, '2.4.0'],
    ['the schema', { id: 'b', schemaHash: 'S' }, '3.0.0'],
    ['everything', { id: 'b', schemaHash: 'S', featureSetHash: 'F', labelHash: 'L' }, '3.0.0'],
  ])('answers a change of %s', (_, change, expected) => {
    expect(nextVersion(previous, { ...lineage, ...change })).toBe(expected)
  })

  it('starts at 1.0.0 and counts in numbers, not in text', () => {
    expect(nextVersion(null, lineage)).toBe('1.0.0')
    expect(nextVersion({ ...lineage, version: '1.9.9' }, { ...lineage, id: 'b' })).toBe('1.9.10')
  })

  it('always rises when the bundle differs', () => {
    const part = fc.constantFrom('x', 'y')
    const steps = fc.array(fc.record({ schemaHash: part, featureSetHash: part, labelHash: part }), { maxLength: 20 })
    const rank = (version: string) => version.split('.').reduce((sum, digits) => sum * 1000 + Number(digits), 0)
    fc.assert(
      fc.property(steps, (hashes) => {
        let last: (Lineage & { version: string }) | null = null
        hashes.forEach((change, index) => {
          const next: Lineage = { id: String(index), ...change }
          const version = nextVersion(last, next)
          if (last !== null) expect(rank(version)).toBeGreaterThan(rank(last.version))
          last = { ...next, version }
        })
      }),
    )
  })

  it('refuses a version that is none', () => {
    expect(() => nextVersion({ ...lineage, version: '1.0' }, { ...lineage, id: 'b' })).toThrow('1.0 is not a version')
  })
})
