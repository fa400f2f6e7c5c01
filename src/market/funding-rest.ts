/**
 * Funding prints of REST beside those of the archive.
 */
import { MINUTE, type Span } from '../core/time.js'
import type { RawFunding, RestFunding, SpecialPrints } from './funding.js'
import { createList, ROUNDING, relativeDifference } from './listed.js'
import type { Disagreement, RestFindings } from './rest-rows.js'

export type RegularPrints = RawFunding & { readonly markPrice: Float64Array }

/**
 * Takes special prints out of both sources. The archive does not say which they are: a row of it is one when REST has a special print
 * of that minute and rate, and no regular one.
 */
export function splitSpecial(raw: RawFunding, rest: RestFunding) {
  const keyOf = (time: number, rate: number) => `${toMinute(time)} ${rate}`
  const rows = [...rest.time.keys()]
  const [regular, special] = [false, true].map((kind) => rows.filter((row) => rest.isSpecial[row] === kind))
  const keys = (some: readonly number[]) => new Set(some.map((row) => keyOf(rest.time[row], rest.rate[row])))
  const [regularKeys, specialKeys] = [keys(regular), keys(special)]
  const kept = [...raw.time.keys()].filter((row) => {
    const key = keyOf(raw.time[row], raw.rate[row])
    return regularKeys.has(key) || !specialKeys.has(key)
  })
  const pick = (x: Float64Array, some: readonly number[]) => Float64Array.from(some, (row) => x[row])
  return {
    archive: {
      time: pick(raw.time, kept),
      rate: pick(raw.rate, kept),
      intervalHours: pick(raw.intervalHours, kept),
    },
    regular: {
      time: pick(rest.time, regular),
      rate: pick(rest.rate, regular),
      markPrice: pick(rest.markPrice, regular),
      intervalHours: new Float64Array(regular.length).fill(Number.NaN),
    },
    special: pickPrints(rest, special),
  }
}

/** Special prints of the span, oldest first, each once. */
export function specialPrints(prints: SpecialPrints, span: Span): SpecialPrints {
  const seen = new Set<string>()
  const rows = [...prints.time.keys()]
    .filter((row) => {
      const time = toMinute(prints.time[row])
      const key = `${time} ${prints.rate[row]}`
      if (!(time >= span.from && time < span.to) || !Number.isFinite(prints.rate[row]) || seen.has(key)) return false
      seen.add(key)
      return true
    })
    .sort((a, b) => prints.time[a] - prints.time[b])
  const picked = pickPrints(prints, rows)
  return { ...picked, time: picked.time.map(toMinute) }
}

type Merged = {
  readonly time: Float64Array
  readonly rate: Float64Array
  readonly published: Float64Array // interval as published, NaN where it is not
  readonly markPrice: Float64Array
  readonly findings: Omit<RestFindings, 'dropped'> | null
}

/** Prints and which of their rows stand, one a minute, oldest first. */
export type StandingPrints<P extends RawFunding> = { readonly prints: P; readonly rows: readonly number[] }
export type StandingRest = StandingPrints<RegularPrints> & { readonly duplicates: number; readonly conflicts: number }

/** Both as one: the archive's print where it has one, and the mark price of REST. */
export function mergeRest(archive: StandingPrints<RawFunding>, rest: StandingRest | null): Merged {
  const ours = new Map(archive.rows.map((row) => [toMinute(archive.prints.time[row]), row]))
  const theirs = new Map(rest?.rows.map((row) => [toMinute(rest.prints.time[row]), row]))
  const times = [...new Set([...ours.keys(), ...theirs.keys()])].sort((a, b) => a - b)
  const column = (ofArchive: Float64Array | null, ofRest: Float64Array | undefined) =>
    Float64Array.from(times, (time) => {
      const [own, other] = [ours.get(time), theirs.get(time)]
      if (ofArchive !== null && own !== undefined) return ofArchive[own]
      return other === undefined || ofRest === undefined ? Number.NaN : ofRest[other]
    })
  return {
    time: Float64Array.from(times),
    rate: column(archive.prints.rate, rest?.prints.rate),
    published: column(archive.prints.intervalHours, undefined),
    markPrice: column(null, rest?.prints.markPrice),
    findings: rest === null ? null : compared(archive, rest, { ours, theirs }),
  }
}

type RowByTime = ReadonlyMap<number, number>

function compared(
  archive: StandingPrints<RawFunding>,
  rest: StandingRest,
  { ours, theirs }: { readonly ours: RowByTime; readonly theirs: RowByTime },
): Omit<RestFindings, 'dropped'> {
  const used = createList<number | null>()
  const disagreements = createList<Disagreement>()
  let largestDifference = 0
  for (const [time, row] of theirs) {
    const own = ours.get(time)
    if (own === undefined) {
      used.add(time)
      continue
    }
    const [a, b] = [archive.prints.rate[own], rest.prints.rate[row]]
    const difference = relativeDifference(a, b)
    if (!(difference > ROUNDING)) continue
    largestDifference = Math.max(largestDifference, difference)
    disagreements.add({ time, column: 'rate', archive: a, rest: b })
  }
  const { duplicates, conflicts } = rest
  return {
    rows: rest.prints.time.length,
    ...{ duplicates, conflicts, largestDifference },
    used: used.listed(),
    compared: theirs.size - used.listed().count,
    disagreements: disagreements.listed(),
  }
}

export function toMinute(time: number): number {
  return Math.round(time / MINUTE) * MINUTE
}

export const NO_SPECIAL: SpecialPrints = {
  time: new Float64Array(0),
  rate: new Float64Array(0),
  markPrice: new Float64Array(0),
}

function pickPrints({ time, rate, markPrice }: SpecialPrints, rows: readonly number[]): SpecialPrints {
  const pick = (x: Float64Array) => Float64Array.from(rows, (row) => x[row])
  return { time: pick(time), rate: pick(rate), markPrice: pick(markPrice) }
}
