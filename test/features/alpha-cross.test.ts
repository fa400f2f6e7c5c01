/** The formulas across pairs beside their own text, evaluated pair by pair, term by term; and who takes part in a rank. */
import { describe, expect, it } from 'vitest'
import { alphaFeatures } from '../../src/features/families/alpha.js'
import { crossAlphaFeatures } from '../../src/features/families/alpha-cross.js'
import { featureInputs } from '../../src/features/inputs.js'
import { featureMatrix } from '../../src/features/matrix.js'
import { peerInputs, peersSeries } from '../../src/features/series/peers.js'
import { type Bars, emptyBars, sliceBars } from '../../src/market/bars.js'
import { evaluateAcross } from '../support/formula.js'
import { type Market, marketOf, randomMarket, withHoleInOther } from './market.js'

const named = (name: string) => crossAlphaFeatures.find((feature) => feature.name === name) ?? expect.fail(name)
const valuesOf = (name: string, { decision, series }: Market) => named(name).compute(featureInputs(decision, series))

describe('an alpha across pairs', () => {
  const market = randomMarket(420, 41)
  const inputs = featureInputs(market.decision, market.series)
  const mean = (x: Float64Array, bars: number) =>
    x.map((_, t) => (t < bars - 1 ? Number.NaN : x.subarray(t - bars + 1, t + 1).reduce((a, b) => a + b, 0) / bars))
  const columnsOf = ({ open, high, low, close, volume, quoteVolume }: Bars) => ({
    ...{ open, high, low, close, volume: quoteVolume },
    vwap: quoteVolume.map((paid, t) => paid / volume[t]),
    returns: close.map((value, t) => value / close[t - 1] - 1),
    ...Object.fromEntries([5, 10, 15, 20, 30, 40, 50, 60, 120, 180].map((n) => [`adv${n}`, mean(quoteVolume, n)])),
  })
  const pairs = [market.decision, ...market.others].map(columnsOf)

  for (const feature of crossAlphaFeatures) {
    it(`${feature.name} is what its text says`, () => {
      const text = evaluateAcross(feature.meaning.slice(0, feature.meaning.indexOf(';')), pairs)
      const values = feature.compute(inputs)
      const first = feature.lookback(inputs.stepMs)
      expect(values.findIndex((value) => !Number.isNaN(value))).toBe(first)
      const expected: number[] = []
      for (let t = first; t < 420; t += 1 + (t % 5)) {
        const value = text(t)
        expected.push(value)
        expect(Math.abs(values[t] - value), `bar ${t}: ${values[t]}, by its text ${value}`).toBeLessThan(
          1e-8 * Math.max(1, Math.abs(value)),
        )
      }
      expect(new Set(expected).size, 'values that differ').toBeGreaterThan(1)
    })
  }

  it('is one of the paper’s that no sector and no capital is needed for', () => {
    const numbers = [...alphaFeatures, ...crossAlphaFeatures]
      .filter(({ name }) => /^alpha_\d{3}$/.test(name))
      .map(({ name }) => Number(name.slice(6)))
    const missing = Array.from({ length: 101 }, (_, i) => i + 1).filter((number) => !numbers.includes(number))
    expect([crossAlphaFeatures.length, numbers.length, new Set(numbers).size]).toEqual([64, 81, 81])
    expect(missing).toEqual([...[48, 56, 58, 59, 63, 67, 69, 70, 76, 79, 80, 82, 84, 87, 89, 90, 91, 93, 97, 100]])
  })
})

describe('a rank across pairs', () => {
  const market = randomMarket(120, 43)

  it('33 by hand', () => {
    // open / close - 1, others -1/11, 1/9, -1/11: own 0 is third of 4; own 1/9 against 0, -1/11, -1/11 is the largest.
    const bar = (close: number): Bars => ({
      ...emptyBars('1h', 0, 1),
      open: Float64Array.of(100),
      close: Float64Array.of(close),
    })
    const of = (own: number, ...others: number[]) =>
      valuesOf('alpha_033', marketOf(bar(own), [], null, { others: others.map(bar) }))
    expect([...of(100, 110, 90, 110)]).toEqual([0.75])
    expect([...of(90, 100, 110, 110)]).toEqual([1])
    expect([...of(110, 100, 90, 110)]).toEqual([0.375]) // first and second are equal: 1.5 / 4
  })

  it('leaves out a pair without a bar, as if it were not there', () => {
    const holed = withHoleInOther(market, 2, [50, 53])
    const { decision, others } = market
    const fewer = marketOf(decision, [], null, { others: others.filter((_, i) => i !== 2) })
    for (const name of ['alpha_033', 'alpha_042']) {
      const [values, without, whole] = [holed, fewer, market].map((one) => valuesOf(name, one))
      for (let t = 0; t < 120; t++) expect(values[t], `bar ${t}`).toBe((t >= 50 && t < 53 ? without : whole)[t])
      expect(without.subarray(50, 53)).not.toEqual(whole.subarray(50, 53))
    }
  })

  it('tells a hole of another pair that is filled forward', () => {
    const holed = withHoleInOther(market, 2, [50, 53])
    const inputs = featureInputs(holed.decision, holed.series)
    const filled = (x: Float64Array) =>
      x.map((value, i) => (Number.isNaN(value) ? x[i - 1 - (((i % 120) - 50) % 3)] : value))
    const values = named('alpha_033').compute({
      ...inputs,
      peerOpen: filled(inputs.peerOpen),
      peerClose: filled(inputs.peerClose),
    })
    expect(values.subarray(50, 53).every(Number.isNaN)).toBe(false)
    expect(values.subarray(50, 53)).not.toEqual(valuesOf('alpha_033', holed).subarray(50, 53))
  })

  it('does not depend on the order of the others', () => {
    const { decision, others } = market
    const turned = marketOf(decision, [], null, { others: [...others].reverse() })
    for (const name of ['alpha_002', 'alpha_011', 'alpha_044']) {
      expect(valuesOf(name, turned)).toEqual(valuesOf(name, market))
    }
  })

  it('says nothing with fewer than three pairs in a bar', () => {
    const { decision, others } = market
    const late = sliceBars(others[1], 60, 120) // the third pair begins with bar 60
    const values = valuesOf('alpha_033', marketOf(decision, [], null, { others: [others[0], late] }))
    expect(values.findIndex((value) => !Number.isNaN(value))).toBe(60)
  })

  it('is absent, and says why, without other pairs', () => {
    const missing = { peers: 'data.pairs has 2 pairs with bars, a rank needs 3' }
    const { names, absent } = featureMatrix({
      ...{ decision: market.decision, context: [], series: {}, missing },
      selection: { include: ['alpha_033', 'alpha_101'], exclude: [] },
    })
    expect(names).toEqual(['alpha_101'])
    expect(absent).toEqual([{ name: 'alpha_033', reason: missing.peers }])
  })
})

describe('the other pairs as a series', () => {
  it('is in the order of time, and joined to the bar that closed within the row', () => {
    const bars = (from: number, closes: readonly number[]): Bars => ({
      ...emptyBars('1h', from * 3_600_000, closes.length),
      close: Float64Array.from(closes),
    })
    const series = peersSeries([bars(1, [11, 12]), bars(0, [20, 21])])
    expect([...series.available].map((time) => time / 3_600_000)).toEqual([1, 2, 2, 3])
    expect([...series.columns.peer]).toEqual([1, 0, 1, 0])
    const hours = Float64Array.of(2, 3, 4).map((hour) => hour * 3_600_000)
    const { peerClose } = peerInputs({ availableTime: hours, stepMs: 3_600_000 }, series)
    expect([...peerClose]).toEqual([...[11, 12, NaN], ...[21, NaN, NaN]])
  })
})
