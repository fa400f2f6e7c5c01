/** Every formula of the family beside its own text, evaluated term by term; and some by hand. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { alphaFeatures } from '../../src/features/families/alpha.js'
import { featureInputs } from '../../src/features/inputs.js'
import { crossNeutralise, crossRank, crossScale } from '../../src/math/cross-section.js'
import { combine, correlationOrNone, placeOfMax } from '../../src/math/formula-operators.js'
import { evaluate } from '../support/formula.js'
import { randomMarket } from './market.js'

const column = (...values: number[]) => Float64Array.from(values)

describe('an alpha', () => {
  const { decision } = randomMarket(420, 17)
  // Prices near 1 move in cents, as the paper's stocks do, so that its constants in money decide something.
  const bars = { ...decision }
  for (const name of ['open', 'high', 'low', 'close', 'quoteVolume'] as const) {
    bars[name] = decision[name].map((value) => value / 1000)
  }
  // Some closes stand still and some bars have no range.
  for (const t of [210, 260, 333]) {
    bars.open[t] = bars.high[t] = bars.low[t] = bars.close[t] = bars.close[t - 1]
  }
  const inputs = featureInputs(bars, {})
  const mean20 = (x: Float64Array) => x.map((_, t) => x.subarray(t - 19, t + 1).reduce((a, b) => a + b, 0) / 20)
  const columns = (formula: string) => ({
    open: bars.open,
    high: bars.high,
    low: bars.low,
    close: bars.close,
    // Where the paper compares volume with adv20, both are money here.
    volume: formula.includes('adv20') ? bars.quoteVolume : bars.volume,
    adv20: mean20(bars.quoteVolume),
    vwap: bars.quoteVolume.map((paid, t) => paid / bars.volume[t]),
    returns: bars.close.map((close, t) => close / bars.close[t - 1] - 1),
  })

  for (const feature of alphaFeatures) {
    it(`${feature.name} is what its text says`, () => {
      const formula = feature.meaning.slice(0, feature.meaning.indexOf(';'))
      const known = columns(formula)
      const values = feature.compute(inputs)
      const expected: number[] = []
      for (let t = feature.lookback(inputs.stepMs); t < bars.rows; t += 1 + (t % 3)) {
        const value = evaluate(formula, known, t)
        expected.push(value)
        if (!Number.isFinite(value)) expect(values[t]).toBeNaN()
        else
          expect(Math.abs(values[t] - value), `bar ${t}: ${values[t]}, by its text ${value}`).toBeLessThan(
            1e-9 * Math.max(1, Math.abs(value)),
          )
      }
      expect(new Set(expected).size, 'values that differ').toBeGreaterThan(1)
    })
  }

  it('is one of the paper’s that needs no second pair', () => {
    const numbers = alphaFeatures
      .filter(({ name }) => /^alpha_\d{3}$/.test(name))
      .map(({ name }) => Number(name.slice(6)))
    expect(numbers).toEqual([6, 7, 9, 12, 21, 23, 24, 26, 35, 41, 43, 46, 49, 51, 53, 54, 101])
  })

  it('takes changes by as many ticks as equal, whatever the decimals of the price', () => {
    // Prices of few ticks, as whole numbers and as thousandths of them: ranks and signs are the same.
    const random = createRandom(3, 'ticks')
    const path = Float64Array.from({ length: bars.rows }, () => 3000 + random.below(8))
    const reach = path.map(() => random.below(4))
    const of = (tick: number) => {
      const scaled = (x: Float64Array) => x.map((ticks) => ticks / tick)
      const [low, high] = [scaled(path.map((at, t) => at - reach[t])), scaled(path.map((at, t) => at + reach[t]))]
      return featureInputs({ ...bars, open: scaled(path), close: scaled(path), low, high }, {})
    }
    for (const name of ['alpha_007', 'alpha_035', 'alpha_043']) {
      const own = alphaFeatures.find((feature) => feature.name === name) ?? expect.fail(name)
      const [whole, decimal] = [own.compute(of(1)), own.compute(of(1000))]
      whole.forEach((value, t) => {
        if (!Number.isNaN(value)) expect(decimal[t], `${name}, bar ${t}`).toBeCloseTo(value, 12)
      })
    }
    const falling = alphaFeatures.find(({ name }) => name === 'alpha_046') ?? expect.fail('no alpha 46')
    const steady = Float64Array.from({ length: 60 }, (_, t) => (3000 + 7 * t) / 1000)
    const straight = { ...bars, rows: 60, openTime: bars.openTime.slice(0, 60), close: steady }
    // A straight line bends neither way: the last change, turned round, on every bar.
    for (const value of falling.compute(featureInputs(straight, {})).subarray(20)) expect(value).toBeCloseTo(-0.007, 12)
  })

  it('53 by hand', () => {
    // Bar 0: close 3 of 2 … 6: ((3 - 2) - (6 - 3)) / 1 = -2; bar 9: close 5: ((5 - 2) - (6 - 5)) / 3 = 2/3; -(2/3 + 2).
    const price = (first: number, last: number) => Float64Array.from({ length: 10 }, (_, i) => (i === 9 ? last : first))
    const own = alphaFeatures.find(({ name }) => name === 'alpha_053') ?? expect.fail('no alpha 53')
    const ten = featureInputs(
      {
        ...bars,
        rows: 10,
        openTime: bars.openTime.slice(0, 10),
        high: price(6, 6),
        low: price(2, 2),
        close: price(3, 5),
      },
      {},
    )
    expect(own.compute(ten)[9]).toBeCloseTo(-8 / 3, 14)
  })
})

describe('operators along time', () => {
  it('say 0 of a correlation with what stood still, and nothing of a hole', () => {
    const x = column(1, 2, 3, 4, NaN, 6)
    const y = column(5, 5, 5, 6, 6, 6)
    const r = correlationOrNone(x, y, { window: 3, origin: 0 })
    expect([...r.subarray(0, 3)]).toEqual([NaN, NaN, 0])
    expect(r[3]).toBeCloseTo(Math.sqrt(3) / 2, 12) // (-1, 0, 1) on (-1, -1, 2) / 3: 3 / √(2 · 6)
    expect([...r.subarray(4)]).toEqual([NaN, NaN])
  })

  it('count the place of the largest from the oldest on', () => {
    expect(placeOfMax(column(9, 1, 5, 5, 2), 3)).toEqual(column(NaN, NaN, 1, 3, 2))
  })

  it('make nothing infinite', () => {
    expect(combine([column(1, NaN, 4), column(0, 1, 2)], ([a, b]) => a / b)).toEqual(column(NaN, NaN, 2))
  })
})

describe('operators across pairs', () => {
  const pairs = [column(3, 1, NaN), column(1, 1, 5), column(2, 4, NaN)]

  it('rank among the pairs that have a value', () => {
    // 3, 1, 2 → 3/3, 1/3, 2/3; 1, 1, 4 → 1.5/3 twice, 1; one alone → 1.
    expect(crossRank(pairs)).toEqual([column(1, 0.5, NaN), column(1 / 3, 0.5, 1), column(2 / 3, 1, NaN)])
  })

  it('scale to a sum of sizes of 1', () => {
    expect(crossScale([column(3, 0), column(-1, 0)])).toEqual([column(0.75, NaN), column(-0.25, NaN)])
    expect(crossScale(pairs)[1][2]).toBe(1)
  })

  it('take off the mean of the group', () => {
    // Groups a (3, 1; then 1, 1; then 5 alone) and b.
    const neutral = crossNeutralise(pairs, ['a', 'a', 'b'])
    expect(neutral).toEqual([column(1, 0, NaN), column(-1, 0, 0), column(0, 0, NaN)])
  })

  it('are as many as the pairs, none for none', () => {
    expect(crossRank([])).toEqual([])
  })
})
