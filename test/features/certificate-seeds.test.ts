/** What the certificate finds does not hang on the seed by which it chooses where to look. */
import { describe, expect, it } from 'vitest'
import { type CertificateOptions, certify, columnSubject } from '../../src/features/certificate.js'
import { planFeatures } from '../../src/features/matrix.js'
import { randomMarket, withHole } from './market.js'
import { MUTANTS } from './mutants.js'
import { RARE_MARKET, RARE_MUTANTS } from './mutants-rare.js'

describe.each([1, 2, 3])('the certificate with seed %i', (seed) => {
  const market = withHole(randomMarket(1200, 11), 700, 703)
  const options: CertificateOptions = { seed, cuts: 8 }

  it('raises no false alarm', () => {
    const { columns: all } = planFeatures({ ...market, selection: { include: ['all'], exclude: [] } })
    const columns = all.filter((_, i) => i % 6 === seed)
    const { features } = certify(columns.map(columnSubject), { source: market, base: null, table: null }, options)
    expect(features.filter(({ broken }) => broken.length > 0)).toEqual([])
    expect(features).toHaveLength(columns.length)
  })

  it.each([
    { name: 'plain leaks', mutants: MUTANTS, source: market },
    { name: 'leaks at rare rows', mutants: RARE_MUTANTS, source: RARE_MARKET },
  ])('finds the $name', ({ mutants, source }) => {
    // Together, as columns are: what is altered for one of a look-back is altered for all.
    const subjects = mutants.map(({ subject }) => subject)
    const { features } = certify(subjects, { source, base: null, table: null }, options)
    expect(mutants.filter((_, i) => features[i].broken.length === 0).map(({ name }) => name)).toEqual([])
  })
})
