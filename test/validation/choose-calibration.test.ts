import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { HOUR, MINUTE } from '../../src/core/time.js'
import { chooseCalibration } from '../../src/validation/choose-calibration.js'

/**
 * `independent` outcomes, each seen by `seen` rows of nearly the same score; the chance of a long is `truth` of the score. Shorts never win.
 */
function validation(independent: number, truth: (p: number) => number, { seed = 1, seen = 1 } = {}) {
  const random = createRandom(seed, 'choose calibration')
  const n = independent * seen
  const [long, outcome] = [new Float64Array(n), new Float64Array(n)]
  for (let group = 0; group < independent; group++) {
    const p = 0.02 + 0.96 * random.next()
    const won = random.next() < truth(p) ? 1 : 0
    for (let i = group * seen; i < (group + 1) * seen; i++) {
      long[i] = Math.min(0.999, Math.max(0.001, p + (seen > 1 ? 0.002 * random.normal() : 0)))
      outcome[i] = won
    }
  }
  const t0 = Float64Array.from({ length: n }, (_, i) => i * 5 * MINUTE)
  return {
    raw: { long, short: new Float64Array(n) },
    ...{ outcome, t0, t1: t0.map((time) => time + (seen > 1 ? 4 * HOUR : 5 * MINUTE)) },
    side: new Float64Array(n).fill(Number.NaN),
    weight: new Float64Array(n).fill(1 / seen),
  }
}

const logistic = (p: number) => 1 / (1 + Math.exp(-(0.6 * Math.log(p / (1 - p)) - 0.3)))
const stepped = (p: number) => (p < 0.3 ? 0.05 : p < 0.55 ? 0.45 : 0.5)

describe('the automatic choice', () => {
  it('stays with Platt where its curve is the truth', () => {
    for (const seed of [1, 2, 3])
      expect(chooseCalibration(validation(1500, logistic, { seed }), 'class').method).toBe('platt')
  })

  it('leaves Platt for a truth of steps, once there are many independent rows', () => {
    const choice = chooseCalibration(validation(6000, stepped), 'class')
    expect(choice.method).toBe('isotonic')
    expect(choice.reason).toMatch(/^isotonic is better by 0\.\d+ nats, one standard error is 0\.\d+$/)
    expect(choice.losses?.isotonic).toBeLessThan(choice.losses?.platt ?? 0)
  })

  it('rarely leaves it for chance, where many rows share few independent outcomes', () => {
    const seeds = Array.from({ length: 10 }, (_, seed) => seed)
    const kept = seeds.filter((seed) => {
      const rows = validation(120, logistic, { seed, seen: 24 })
      return chooseCalibration(rows, 'class').method === 'platt'
    })
    expect(kept.length).toBeGreaterThanOrEqual(8)
  })

  it('says so when the intervals leave nothing to hold out', () => {
    const rows = validation(100, stepped)
    const endless = { ...rows, t0: rows.t0.map(() => 0), t1: rows.t1.map(() => 1000) }
    expect(chooseCalibration(endless, 'class')).toMatchObject({ method: 'platt', losses: null })
  })
})
