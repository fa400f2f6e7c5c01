/**
 * Published funding prints become one clean series. A hole is found and named, never filled: what a position paid in it is
 * not known.
 */
import { assert } from '../core/errors.js'
import { HOUR, MINUTE, type Span } from '../core/time.js'
import type { Funding } from './bars.js'
import { mergeRest, NO_SPECIAL, specialPrints, splitSpecial, toMinute } from './funding-rest.js'
import { createList, type Listed } from './listed.js'
import type { LostRows } from './lost-rows.js'
import type { RestFindings } from './rest-rows.js'
import { EVER } from './spans.js'

/** Prints in the order of the files. */
export type RawFunding = {
  readonly time: Float64Array // UTC ms, some milliseconds after the minute
  readonly rate: Float64Array // fraction of the position's value
  readonly intervalHours: Float64Array // NaN where the source does not say
}

/** Prints as REST gives them, in its order. It knows no interval, but the mark price and whether a print is one of the schedule. */
export type RestFunding = {
  readonly time: Float64Array
  readonly rate: Float64Array
  readonly markPrice: Float64Array // NaN where it is not said: prints of the first years
  /** A payment beside the schedule, such as a dividend. */
  readonly isSpecial: readonly boolean[]
}

export type CleanFunding = Funding & { readonly markPrice: Float64Array } // NaN where not known

/** Real payments off the schedule, oldest first: none of them counts for an interval or a hole. */
export type SpecialPrints = {
  readonly time: Float64Array // rounded to the minute
  readonly rate: Float64Array
  readonly markPrice: Float64Array
}

export type FundingHole = {
  readonly from: number // last print before the hole
  readonly to: number // first print after it
  readonly expectedHours: number
}

export type FundingFindings = {
  readonly span: Span
  readonly rows: number // read
  readonly prints: number // kept
  readonly outsideSpan: number
  /** Rows of the archive that are of no use; those that the span cut off are not lost. */
  readonly lost: LostRows
  /** Rows whose rate is no finite number: dropped, so that a hole is found where they were. */
  readonly unknownRates: number
  /** Prints whose rate is larger than `RATE_LIMIT` either way: dropped likewise. */
  readonly beyondReason: Listed<{ readonly time: number; readonly rate: number }>
  readonly outOfOrder: number
  readonly duplicates: number // same minute, same rate: the first is kept
  readonly conflicts: number // same minute, other rate: the last published is kept
  /** Prints of the schedule that REST gave; null when it was not asked. */
  readonly rest: Omit<RestFindings, 'dropped'> | null
  readonly special: Listed<{ readonly time: number; readonly rate: number }>
  readonly unknownMarkPrices: number
  readonly derivedIntervals: number // prints whose interval the source does not say
  readonly changedInterval: readonly { readonly time: number; readonly fromHours: number; readonly toHours: number }[]
  readonly holes: readonly FundingHole[]
  /** From the span's begin to the first print, when a whole interval fits between; the pair may not have been listed. */
  readonly missingBefore: Span | null
  /** From the last print to the span's end, when another print was due before it. */
  readonly missingAfter: Span | null
  readonly first: number | null
  readonly last: number | null
}

/** The exchange has used 1, 2, 4 and 8 hours; a longer spacing is a hole, whatever is common around it. */
export const LONGEST_INTERVAL_HOURS = 8

/** A rate, as a fraction of the position's value, beyond which a print is a fault: five times a cap that the exchange sets itself
 * (`adjustedFundingRateCap` 0.02 of its `fundingInfo`). The largest of eight pairs' whole history is 0.0023. */
export const RATE_LIMIT = 0.1

/** Spacings on either side that are asked for the interval of a print which does not say its own. */
const NEIGHBOURS = 3

/**
 * Funding prints with their times rounded to the minute, sorted, one a minute. The archive is canonical; REST completes it, gives the
 * mark price, and says which prints are special. Those are taken out, from the archive's too, which does not tell them apart.
 *
 * The interval of a print is the time since the print before it. Where the source does not say it, it is the most common
 * spacing, in whole hours, among the seven around it, the shorter of equally common ones, so that it follows a change of the interval and
 * a single missing print does not count as one; an interval that was kept for fewer than four prints is not seen. A hole is a spacing of more than the later print's interval and a minute.
 *
 * A print without a rate, or with one beyond `RATE_LIMIT`, is dropped and leaves a hole; REST's stands in where it has one.
 *
 * @param period what the archive's files say they hold; a row outside of it is lost
 */
export function cleanFunding(
  raw: RawFunding,
  span: Span,
  rest: RestFunding | null = null,
  period: Span = EVER,
): { funding: CleanFunding; special: SpecialPrints; findings: FundingFindings } {
  const apart = rest === null ? { archive: raw, regular: null, special: NO_SPECIAL } : splitSpecial(raw, rest)
  const { rows, ...counts } = uniquePrints(apart.archive, span)
  const foreign = raw.time.reduce((n, time) => (time >= period.from && time < period.to ? n : n + 1), 0)
  const regular = apart.regular === null ? null : { prints: apart.regular, ...uniquePrints(apart.regular, span) }
  const merged = mergeRest({ prints: apart.archive, rows }, regular)
  const { time, rate, published, markPrice } = merged
  const intervalHours = completeIntervals(time, published)
  const special = specialPrints(apart.special, span)
  const listed = createList<{ readonly time: number; readonly rate: number }>()
  for (let i = 0; i < special.time.length; i++) listed.add({ time: special.time[i], rate: special.rate[i] })
  const findings = {
    span,
    rows: raw.time.length,
    prints: time.length,
    ...counts,
    lost: {
      ...{ foreign, offGrid: 0, replaced: counts.conflicts },
      impossible: counts.unknownRates + counts.beyondReason.count,
    },
    rest: merged.findings,
    special: listed.listed(),
    unknownMarkPrices: markPrice.reduce((count, price) => (Number.isNaN(price) ? count + 1 : count), 0),
    derivedIntervals: published.reduce((count, hours) => (hours > 0 ? count : count + 1), 0),
    changedInterval: changesOf(time, intervalHours),
    ...holesOf(time, intervalHours, span),
    first: time.at(0) ?? null,
    last: time.at(-1) ?? null,
  }
  return { funding: { time, rate, intervalHours, markPrice }, special, findings }
}

function uniquePrints(raw: RawFunding, span: Span) {
  assert(raw.time.length === raw.rate.length && raw.time.length === raw.intervalHours.length, 'funding columns differ')
  const rowAt = new Map<number, number>()
  let outsideSpan = 0
  const beyondReason = createList<{ readonly time: number; readonly rate: number }>()
  let unknownRates = 0
  let outOfOrder = 0
  let duplicates = 0
  let conflicts = 0
  let latest = Number.NEGATIVE_INFINITY
  for (let row = 0; row < raw.time.length; row++) {
    const time = toMinute(raw.time[row])
    if (!(time >= span.from && time < span.to)) {
      outsideSpan++
    } else if (!Number.isFinite(raw.rate[row])) {
      unknownRates++
    } else if (Math.abs(raw.rate[row]) > RATE_LIMIT) {
      beyondReason.add({ time, rate: raw.rate[row] })
    } else {
      if (time < latest) outOfOrder++
      latest = Math.max(latest, time)
      const kept = rowAt.get(time)
      if (kept !== undefined && raw.rate[kept] === raw.rate[row]) {
        duplicates++
      } else {
        if (kept !== undefined) conflicts++
        rowAt.set(time, row)
      }
    }
  }
  const rows = [...rowAt].sort(([a], [b]) => a - b).map(([, row]) => row)
  return { rows, outsideSpan, unknownRates, beyondReason: beyondReason.listed(), outOfOrder, duplicates, conflicts }
}

function completeIntervals(time: Float64Array, published: Float64Array): Float64Array {
  const spacing = Float64Array.from({ length: Math.max(0, time.length - 1) }, (_, i) =>
    Math.round((time[i + 1] - time[i]) / HOUR),
  )
  return published.map((hours, i) => (hours > 0 ? hours : commonSpacing(spacing, Math.max(0, i - 1))))
}

/** The most common spacing around spacing `at` that can be an interval; the longest interval when there is none. */
function commonSpacing(spacing: Float64Array, at: number): number {
  const around = spacing.subarray(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1)
  const counts = new Map<number, number>()
  for (const hours of around) {
    if (hours >= 1 && hours <= LONGEST_INTERVAL_HOURS) counts.set(hours, (counts.get(hours) ?? 0) + 1)
  }
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || a - b)
  return ranked.length === 0 ? LONGEST_INTERVAL_HOURS : ranked[0][0]
}

function changesOf(time: Float64Array, intervalHours: Float64Array): FundingFindings['changedInterval'] {
  const changes: { time: number; fromHours: number; toHours: number }[] = []
  for (let i = 1; i < time.length; i++) {
    if (intervalHours[i] === intervalHours[i - 1]) continue
    changes.push({ time: time[i], fromHours: intervalHours[i - 1], toHours: intervalHours[i] })
  }
  return changes
}

function holesOf(time: Float64Array, intervalHours: Float64Array, span: Span) {
  const holes: FundingHole[] = []
  const isTooLong = (from: number, to: number, hours: number) => to - from > hours * HOUR + MINUTE
  for (let i = 1; i < time.length; i++) {
    const expectedHours = intervalHours[i]
    if (isTooLong(time[i - 1], time[i], expectedHours)) holes.push({ from: time[i - 1], to: time[i], expectedHours })
  }
  const n = time.length
  const isMissingBefore = n > 0 && time[0] - intervalHours[0] * HOUR >= span.from
  const isMissingAfter = n > 0 && isTooLong(time[n - 1], span.to, intervalHours[n - 1])
  return {
    holes,
    missingBefore: isMissingBefore ? { from: span.from, to: time[0] } : null,
    missingAfter: isMissingAfter ? { from: time[n - 1], to: span.to } : null,
  }
}
