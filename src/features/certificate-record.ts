/**
 * The certificate as it is stored: times as people read them, and what is wrong in words.
 */
import type { Certificate } from './certificate.js'
import { RULES } from './evidence.js'

export type CertificateRecord = {
  readonly format: 1
  readonly featureSet: string // hash of the columns that it is about
  readonly verdict: Certificate['verdict']
  readonly seed: number
  readonly rows: number // decision bars looked at
  readonly from: string
  readonly to: string
  readonly rules: typeof RULES
  readonly cuts: readonly { readonly time: string; readonly row: number; readonly place: string }[]
  /** One line for each rule that a column or a timeframe breaks; none when all is well. */
  readonly complaints: readonly string[]
  /** Columns whose first value came later than declared, as it may where a divisor is 0 or a series has a hole. */
  readonly late: readonly string[]
  readonly bars: Certificate['bars']
  readonly series: Certificate['series']
  readonly features: Certificate['features']
}

export function certificateRecord(
  certificate: Certificate,
  about: { readonly featureSet: string; readonly seed: number },
): CertificateRecord {
  const { verdict, rows, from, to, cuts, bars, series, features } = certificate
  return {
    format: 1,
    featureSet: about.featureSet,
    verdict,
    seed: about.seed,
    rows,
    from: iso(from),
    to: iso(to),
    rules: RULES,
    cuts: cuts.map(({ time, row, place }) => ({ time: iso(time), row, place })),
    complaints: complaintsOf(certificate),
    late: features.filter(({ measured, declared }) => measured !== null && measured > declared).map(({ name }) => name),
    bars,
    series,
    features,
  }
}

function complaintsOf({ bars, series, features, cuts }: Certificate): string[] {
  const broken = [
    ...bars.map(({ timeframe, broken: rules }) => ({ name: `bars ${timeframe}`, rules })),
    ...series.map(({ name, broken: rules }) => ({ name: `series ${name}`, rules })),
    ...features.map(({ name, broken: rules }) => ({ name, rules })),
  ].flatMap(({ name, rules }) => rules.map(({ rule, detail }) => `${name} breaks "${RULES[rule]}": ${detail}`))
  return cuts.length === 0 ? ['there are too few bars to cut', ...broken] : broken
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
