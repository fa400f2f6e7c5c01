/** Leaks that show at few rows, in when a series calls itself known, or only to whoever computes in another order. */
import { describe, expect, it } from 'vitest'
import { certify, columnSubject } from '../../src/features/certificate.js'
import { openSource, planFeatures } from '../../src/features/matrix.js'
import { randomMarket, withHole } from './market.js'
import { KEEPERS, WRONG_SERIES, withSeries } from './mutants-kept.js'
import { RARE_MARKET, RARE_MUTANTS } from './mutants-rare.js'

const OPTIONS = { seed: 42, cuts: 8 }
const market = withHole(randomMarket(1200, 11), 700, 703)

describe('leaks at rare rows', () => {
  for (const { name, subject } of RARE_MUTANTS) {
    it(`are caught: ${name}`, () => {
      const { verdict } = certify([subject], { source: RARE_MARKET, base: null, table: null }, OPTIONS)
      expect(verdict).toBe('failed')
    })
  }

  it('are more than fifty, each of its own name', () => {
    expect(new Set(RARE_MUTANTS.map(({ name }) => name)).size).toBeGreaterThan(50)
  })
})

describe('rows of a series that are called known too early', () => {
  const { columns } = planFeatures({ ...market, selection: { include: ['return'], exclude: [] } })
  const subjects = columns.map(columnSubject)

  for (const wrong of WRONG_SERIES) {
    it(`are found: ${wrong.name}, ${wrong.fault}`, () => {
      const source = withSeries(market, wrong)
      const { verdict, series } = certify(subjects, { source, base: null, table: null }, OPTIONS)
      expect(series.filter(({ broken }) => broken.length > 0)).toEqual([
        { name: wrong.name, broken: [{ rule: 'available', detail: expect.stringContaining('is called known at') }] },
      ])
      expect(verdict).toBe('failed')
    })
  }

  it('are named with the row, what it is and when it is called known', () => {
    // The first print of the market is 40 days before 2024-01-02 07:00, at the next multiple of eight hours.
    const [wrong] = WRONG_SERIES
    const { series } = certify(subjects, { source: withSeries(market, wrong), base: null, table: null }, OPTIONS)
    expect(series.find(({ name }) => name === 'funding')?.broken[0].detail).toBe(
      'row 2023-11-23 08:00 UTC is of that time or later, and is called known at 2023-11-23 07:00 UTC',
    )
  })
})

describe('columns that keep something from one call to the next', () => {
  for (const { name, begin } of KEEPERS) {
    it(`are caught by the table that another process made: ${name}`, () => {
      const stored = Float32Array.from(begin().values(openSource(market)))
      const table = { start: 0, column: () => stored }
      expect(certify([begin()], { source: market, base: null, table }, OPTIONS).verdict).toBe('failed')
    })
  }

  it('are no others: a column that keeps nothing passes', () => {
    const { columns } = planFeatures({ ...market, selection: { include: ['core'], exclude: [] } })
    const open = openSource(market)
    const { baseBars } = market.decision
    const column = (name: string) => {
      const own = columns.find((one) => one.name === name)
      if (own === undefined) return null
      return Float32Array.from(columnSubject(own).values(open), (value, i) => (baseBars[i] === 0 ? Number.NaN : value))
    }
    const certificate = certify(
      columns.map(columnSubject),
      { source: market, base: null, table: { start: 0, column } },
      OPTIONS,
    )
    expect(certificate.features.flatMap(({ broken }) => broken)).toEqual([])
    expect(certificate.verdict).toBe('passed')
    expect(Math.min(...certificate.features.map(({ compared }) => compared))).toBeGreaterThan(0)
  })
})
