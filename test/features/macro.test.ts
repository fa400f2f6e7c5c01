/** A pair beside markets with trading hours of their own. */
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.js'
import { macroFeatures } from '../../src/features/families/macro.js'
import { featureInputs } from '../../src/features/inputs.js'
import { referenceSeries } from '../../src/features/series/references.js'
import { emptyBars } from '../../src/market/bars.js'
import { sampledChanges } from '../../src/math/sampled-changes.js'
import { seriesAt } from './at-closes.js'
import { duringHours, randomMarket } from './market.js'

const named = (name: string) => macroFeatures.find((feature) => feature.name === name) ?? expect.fail(name)
const column = (...values: number[]) => Float64Array.from(values)

describe('changes between looks', () => {
  const of = { every: 2, window: 6, least: 2, origin: 0 }

  it('are those between the looks at which both are known, however far apart', () => {
    // Looks after bars 1, 3, 5, 7: x 1, not known, 4, 2; y 1, 5, 16, 4. Changes ln 4, −ln 2 and ln 16, −ln 4: twice as large.
    const x = column(9, 1, 9, NaN, 9, 4, 9, 2)
    const y = column(9, 1, 9, 5, 9, 16, 9, 4)
    const { beta, correlation } = sampledChanges(x, y, of)
    expect(beta[7]).toBeCloseTo(2, 12)
    expect(correlation[7]).toBeCloseTo(1, 12)
    expect([...beta.subarray(0, 7)]).toEqual(new Array(7).fill(NaN)) // 6 + 2 - 1 bars
  })

  it('stand until the next look, and are too few or without movement where they say nothing', () => {
    const walk = (n: number, step: (i: number) => number) =>
      Float64Array.from({ length: n }, (_, i) => Math.exp(step(i)))
    const x = walk(12, (i) => Math.sin(i * i))
    const { beta } = sampledChanges(
      x,
      x.map((value) => value ** 3),
      of,
    )
    for (let i = 7; i < 12; i++) expect(beta[i]).toBeCloseTo(3, 12)
    expect(sampledChanges(x, x, { ...of, least: 4 }).beta.every(Number.isNaN)).toBe(true)
    expect(sampledChanges(x, new Float64Array(12).fill(7), of).correlation.every(Number.isNaN)).toBe(true)
  })

  it('do not depend on where the data begin', () => {
    const x = Float64Array.from({ length: 100 }, (_, i) => 2 + Math.sin(i * i))
    const y = Float64Array.from({ length: 100 }, (_, i) => 2 + Math.sin(3 * i * i))
    const whole = sampledChanges(x, y, { ...of, window: 20, origin: 0 })
    const part = sampledChanges(x.subarray(33), y.subarray(33), { ...of, window: 20, origin: 33 })
    expect(part.beta.subarray(21)).toEqual(whole.beta.subarray(54))
  })
})

describe('a market with hours of its own', () => {
  it('keeps its last price for less than a day', () => {
    const minutes = (hours: readonly number[]) => hours.map((hour) => hour * 60)
    const { spyClose } = seriesAt('spy', {
      ...{ closes: minutes([20, 21, 24, 44, 45, 48]), available: minutes([20, 21]) },
      columns: { close: [400, 401] },
    })
    expect([...spyClose]).toEqual([400, 401, 401, 401, NaN, NaN])
  })

  it('has no rows for the hours in which it was closed', () => {
    const monday = Date.UTC(2024, 0, 1)
    const bars = { ...emptyBars('1h', monday, 7 * 24), close: new Float64Array(7 * 24).fill(5) }
    const { available } = referenceSeries(duringHours(bars, 14, 21))
    expect(available).toHaveLength(5 * 7)
    expect([available[0], available[6]]).toEqual([monday + 15 * HOUR, monday + 21 * HOUR])
  })

  it('is compared from midnight to midnight of its trading days, a weekend being one change', () => {
    const { decision } = randomMarket(60 * 24, 77)
    const [other] = randomMarket(60 * 24, 78).others
    const stocks = duringHours(other, 14, 21)
    const series = { spy: referenceSeries(stocks) }
    const inputs = featureInputs(decision, series)
    const [beta, correlation] = ['spy_beta_30d', 'spy_correlation_30d'].map((name) => named(name).compute(inputs))
    // The same by the calendar: the price at each midnight after a weekday is that of the bar before 21 o'clock.
    const closes = (bars: typeof decision, end: number) => bars.close[(end - bars.openTime[0]) / HOUR - 1]
    let compared = 0
    for (let row = 31 * 24 - 1; row < decision.rows; row += 7) {
      const now = inputs.availableTime[row]
      const last = Math.floor(now / DAY) * DAY
      const midnights = Array.from({ length: 31 }, (_, i) => last - (30 - i) * DAY).filter((midnight) => {
        const day = new Date(midnight - DAY).getUTCDay()
        return day !== 0 && day !== 6 && midnight - 3 * HOUR > stocks.openTime[0]
      })
      const changes = midnights
        .slice(1)
        .map((midnight, i) => [
          Math.log(closes(stocks, midnight - 3 * HOUR) / closes(stocks, midnights[i] - 3 * HOUR)),
          Math.log(closes(decision, midnight) / closes(decision, midnights[i])),
        ])
      expect(changes.length).toBeGreaterThanOrEqual(20)
      const mean = (side: number) => changes.reduce((sum, one) => sum + one[side], 0) / changes.length
      const moment = (a: number, b: number) =>
        changes.reduce((sum, one) => sum + (one[a] - mean(a)) * (one[b] - mean(b)), 0)
      expect(beta[row], `row ${row}`).toBeCloseTo(moment(0, 1) / moment(0, 0), 10)
      expect(correlation[row]).toBeCloseTo(moment(0, 1) / Math.sqrt(moment(0, 0) * moment(1, 1)), 10)
      compared++
    }
    expect(compared).toBeGreaterThan(90)
  })

  it('that stopped is not known: fewer than half of the days', () => {
    const { decision, others } = randomMarket(60 * 24, 79)
    const stopped = { ...others[0], close: others[0].close.map((close, i) => (i < 20 * 24 ? close : Number.NaN)) }
    const values = named('spy_beta_30d').compute(featureInputs(decision, { spy: referenceSeries(stopped) }))
    // The last price is of 22 January, 7 o'clock. 15 changes lie between the midnights of 8 and 23 January, which are in the 30 days up
    // to 7 February; that value stands until the next midnight.
    const last = values.findLastIndex((value) => !Number.isNaN(value))
    expect(decision.openTime[last]).toBe(Date.UTC(2024, 1, 7, 22))
  })
})
