/**
 * What was found in the series beside the bars: one shape for all, measured month by month and combined.
 */
import { assert } from '../core/errors.js'
import { type Span, type Timeframe, timeframeMs } from '../core/time.js'
import { emptyBars } from './bars.js'
import type { KlineFindings } from './clean.js'
import { findGaps, type Gap, type GapEvidence, mergeGaps } from './gaps.js'
import { combineLists, type ListedTimes } from './listed.js'
import { addLost, type LostRows, lostRows } from './lost-rows.js'
import { combineReference, type ReferenceFindings } from './outliers.js'
import { combineRest, type RestFindings } from './rest-rows.js'
import type { SeriesName } from './series.js'

export type SeriesFindings = {
  readonly name: SeriesName
  readonly timeframe: Timeframe
  readonly span: Span // of the grid
  readonly rows: number // read from the archive
  readonly kept: number // rows of the clean series that hold anything
  readonly dropped: number // outside of the span or the file's period, off the grid, before the listing
  readonly outOfOrder: number
  readonly duplicates: number
  readonly conflicts: ListedTimes
  readonly impossible: number
  /** What of the archive's rows was of no use; a row that is dropped for the span or the listing is not lost. */
  readonly lost: LostRows
  readonly first: number | null
  readonly last: number | null
  readonly gaps: readonly Gap[]
  readonly rest: RestFindings | null
  /** Bars only: closes of the traded price that are far from this one. */
  readonly reference: ReferenceFindings | null
  /** What else was found, counted; in words that can be read alone. */
  readonly counts: Readonly<Record<string, number>>
  /** The same where the largest of all parts counts, not their sum. */
  readonly largest: Readonly<Record<string, number>>
}

export type SeriesQuality = SeriesFindings & {
  readonly expected: number
  readonly missing: number
  readonly completeness: number
}

/** Parts of one series in any order as the whole over the span. */
export function seriesQuality(list: readonly SeriesFindings[], span: Span, evidence: GapEvidence): SeriesQuality {
  assert(list.length > 0, 'no findings to combine')
  const parts = [...list].sort((a, b) => a.span.from - b.span.from)
  const { name, timeframe } = parts[0]
  const step = timeframeMs(timeframe)
  const whole = { from: Math.ceil(span.from / step) * step, to: Math.floor(span.to / step) * step }
  const sum = (pick: (part: SeriesFindings) => number) => parts.reduce((total, part) => total + pick(part), 0)
  const expected = (whole.to - whole.from) / step
  const kept = sum((part) => part.kept)
  const references = parts.map((part) => part.reference).filter((part) => part !== null)
  return {
    name,
    timeframe,
    span: whole,
    rows: sum((part) => part.rows),
    kept,
    expected,
    missing: expected - kept,
    completeness: expected === 0 ? 0 : kept / expected,
    dropped: sum((part) => part.dropped),
    outOfOrder: sum((part) => part.outOfOrder),
    duplicates: sum((part) => part.duplicates),
    conflicts: combineLists(parts.map((part) => part.conflicts)),
    impossible: sum((part) => part.impossible),
    lost: addLost(parts.map((part) => part.lost)),
    first: parts.find((part) => part.first !== null)?.first ?? null,
    last: parts.findLast((part) => part.last !== null)?.last ?? null,
    gaps: mergeGaps([...parts.map((part) => part.gaps), between(parts, whole, step)], {
      timeframe,
      span: whole,
      evidence,
    }),
    rest: combineRest(parts.map((part) => part.rest)),
    reference: references.length === 0 ? null : combineReference(references),
    counts: merged(
      parts.map((part) => part.counts),
      (a, b) => a + b,
    ),
    largest: merged(
      parts.map((part) => part.largest),
      Math.max,
    ),
  }
}

/** Bars that were cleaned as bars of trades are. */
export function priceFindings(
  name: SeriesName,
  { findings, gaps }: { readonly findings: KlineFindings; readonly gaps: readonly Gap[] },
  reference: ReferenceFindings | null,
): SeriesFindings {
  const { timeframe, span, rows, kept, outOfOrder, duplicates, conflicts, impossible, rest } = findings
  const step = timeframeMs(timeframe)
  return {
    ...{ name, timeframe, span, rows, kept, outOfOrder, duplicates, conflicts, gaps, rest, reference },
    dropped: findings.outsideSpan + findings.foreign.count + findings.offGrid.count + findings.beforeListing.count,
    impossible: impossible.count,
    lost: lostRows(findings),
    ...endsOf(span, gaps, step),
    counts: {},
    largest: {},
  }
}

/** Of a complete grid: the first and the last row that is no hole, and the holes. */
export function gridFindings(span: Span, timeframe: Timeframe, isKnown: (row: number) => boolean) {
  const step = timeframeMs(timeframe)
  const bars = emptyBars(timeframe, span.from, Math.max(0, (span.to - span.from) / step))
  let kept = 0
  for (let row = 0; row < bars.rows; row++) {
    if (!isKnown(row)) continue
    kept++
    for (const price of [bars.open, bars.high, bars.low, bars.close]) price[row] = 1
  }
  const gaps = findGaps(bars)
  return { kept, gaps, ...endsOf(span, gaps, step) }
}

function endsOf(span: Span, gaps: readonly Gap[], step: number): { first: number | null; last: number | null } {
  const isEmpty = gaps.length === 1 && gaps[0].to - gaps[0].from === span.to - span.from
  if (isEmpty || span.to <= span.from) return { first: null, last: null }
  const [head, tail] = [gaps.at(0), gaps.at(-1)]
  return {
    first: head !== undefined && head.from === span.from ? head.to : span.from,
    last: (tail !== undefined && tail.to === span.to ? tail.from : span.to) - step,
  }
}

/** Months of which there is nothing at all. */
function between(parts: readonly SeriesFindings[], whole: Span, step: number): Gap[] {
  const borders = [whole.from, ...parts.flatMap(({ span }) => [span.from, span.to]), whole.to]
  const gaps: Gap[] = []
  for (let i = 0; i < borders.length; i += 2) {
    const [from, to] = [borders[i], borders[i + 1]]
    if (to > from) gaps.push({ from, to, bars: (to - from) / step, cause: 'unknown' })
  }
  return gaps
}

function merged(list: readonly Readonly<Record<string, number>>[], join: (a: number, b: number) => number) {
  const result: Record<string, number> = {}
  for (const record of list) {
    for (const [name, value] of Object.entries(record)) {
      result[name] = name in result ? join(result[name], value) : value
    }
  }
  return result
}
