/** The certificate: it passes every shipped column and catches every planted leak, by the same code. */
import { describe, expect, it } from 'vitest'
import { type Certificate, certify, columnSubject } from '../../src/features/certificate.js'
import { chooseCuts } from '../../src/features/choose-cuts.js'
import { SERIES_NAMES } from '../../src/features/inputs.js'
import { planFeatures } from '../../src/features/matrix.js'
import { type Bars, emptyBars, sliceBars } from '../../src/market/bars.js'
import { resample } from '../../src/market/resample.js'
import { copyOf, type Market, randomMarket, withHole } from './market.js'
import { MUTANTS } from './mutants.js'

const OPTIONS = { seed: 42, cuts: 8 }
const market = withHole(randomMarket(1200, 11), 700, 703)

const certifyAll = (source: Market) => {
  const { columns } = planFeatures({ ...source, selection: { include: ['all'], exclude: [] } })
  return certify(columns.map(columnSubject), { source, base: null, table: null }, OPTIONS)
}

describe('the certificate of the shipped features', () => {
  const certificate = certifyAll(market)

  it('raises no false alarm', () => {
    const broken = certificate.features.filter((feature) => feature.broken.length > 0)
    expect(broken.map(({ name, broken: [{ rule, detail }] }) => `${name}: ${rule}: ${detail}`)).toEqual([])
    expect(certificate.verdict).toBe('passed')
  })

  it('finds the warm-up of each to be the declared one, where the data are long enough', () => {
    const late = certificate.features.filter(({ measured, declared }) => measured !== null && measured !== declared)
    expect(late).toEqual([])
    const measured = certificate.features.filter((feature) => feature.measured !== null)
    expect(measured.length).toBeGreaterThan(certificate.features.length / 2)
  })

  it('cuts by chance and where something is about to be known', () => {
    const places = new Set(certificate.cuts.map(({ place }) => place))
    const series = SERIES_NAMES.map((name) => `before ${name}`)
    expect([...places].sort()).toEqual(
      ['at midnight', 'before 1d', 'before 4h', 'chance', 'in a hole', ...series].sort(),
    )
    expect(certificate.cuts.filter(({ place }) => place === 'chance').length).toBeGreaterThan(5)
    for (const { row, place, time } of certificate.cuts) {
      if (place === 'in a hole') expect(market.decision.baseBars[row]).toBe(0)
      if (place === 'before funding') expect(market.funding?.time.includes(time)).toBe(true)
      if (place === 'before 4h') expect((time + 3_600_000) % (4 * 3_600_000)).toBe(0)
    }
  })

  it('is the same for the same seed, and cuts elsewhere for another', () => {
    const rows = (seed: number) => chooseCuts(market, { seed, count: 8 }).map(({ row }) => row)
    expect(rows(42)).toEqual(rows(42))
    expect(rows(43)).not.toEqual(rows(42))
  })
})

describe('planted leaks', () => {
  const table: string[] = []
  for (const { name, subject } of MUTANTS) {
    it(`are caught: ${name}`, () => {
      const { verdict, features } = certify([subject], { source: market, base: null, table: null }, OPTIONS)
      const [{ broken }] = features
      table.push(`${name.padEnd(62)} ${[...new Set(broken.map(({ rule }) => rule))].join(', ') || 'NOT CAUGHT'}`)
      expect(verdict).toBe('failed')
    })
  }

  it('are more than twenty, each of its own name', () => {
    console.log(['mutant → rules that caught it', ...table].join('\n'))
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBeGreaterThan(20)
  })
})

describe('bars', () => {
  const base = randomMarket(960, 5).decision
  const certifyBars = (context: readonly Bars[], decision = base): Certificate => {
    const source = { decision, context, series: {} }
    const { columns } = planFeatures({ ...source, selection: { include: ['return'], exclude: [] } })
    return certify(columns.map(columnSubject), { source, base, table: null }, OPTIONS)
  }

  it('that the closed base bars make pass', () => {
    expect(certifyBars([resample(base, '4h')]).verdict).toBe('passed')
    const from = sliceBars(base, 40, base.rows) // 40 hours after a border of 4h
    expect(certifyBars([resample(base, '4h')], from).bars.flatMap(({ broken }) => broken)).toEqual([])
  })

  it('that carry the time of their end are found out', () => {
    const made = resample(base, '4h')
    const late = emptyBars('4h', made.openTime[1], made.rows - 1)
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) late[name].set(made[name].subarray(0, -1))
    const { verdict, bars } = certifyBars([late])
    expect(verdict).toBe('failed')
    expect(bars.find(({ timeframe }) => timeframe === '4h')?.broken[0].rule).toBe('bars')
  })

  it('that know the next base bar are found out', () => {
    const made = copyOf(resample(base, '4h'))
    made.close[50] = base.close[4 * 51]
    expect(certifyBars([made]).bars.find(({ timeframe }) => timeframe === '4h')?.broken[0].detail).toMatch(
      /4h close of/,
    )
  })
})
