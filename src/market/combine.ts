/**
 * What cleaning did to the rows of several months, as one.
 */
import { assert } from '../core/errors.js'
import type { KlineFindings } from './clean.js'
import { combineLists, LISTED, type ListedTimes } from './listed.js'
import { combineRest } from './rest-rows.js'
import { combineRuns } from './runs.js'
import { joinSpans } from './spans.js'

/** Counts added up; lists joined in the order of time and cut to `LISTED`. */
export function combineKlineFindings(list: readonly KlineFindings[]): KlineFindings {
  assert(list.length > 0, 'no findings to combine')
  const parts = [...list].sort((a, b) => a.span.from - b.span.from || a.span.to - b.span.to)
  const sum = (pick: (part: KlineFindings) => number) => parts.reduce((total, part) => total + pick(part), 0)
  const listed = (pick: (part: KlineFindings) => ListedTimes): ListedTimes => combineLists(parts.map(pick))
  return {
    timeframe: parts[0].timeframe,
    span: { from: parts[0].span.from, to: parts[parts.length - 1].span.to },
    rows: sum((part) => part.rows),
    kept: sum((part) => part.kept),
    outsideSpan: sum((part) => part.outsideSpan),
    foreign: listed((part) => part.foreign),
    offGrid: listed((part) => part.offGrid),
    beforeListing: listed((part) => part.beforeListing),
    outOfOrder: sum((part) => part.outOfOrder),
    duplicates: sum((part) => part.duplicates),
    conflicts: listed((part) => part.conflicts),
    impossible: {
      count: sum((part) => part.impossible.count),
      reasons: parts.map((part) => part.impossible.reasons).reduce(added),
      first: parts.flatMap((part) => part.impossible.first).slice(0, LISTED),
    },
    refused: joinSpans(parts.flatMap((part) => part.refused)),
    rest: combineRest(parts.map((part) => part.rest)),
    unknown: parts.map((part) => part.unknown).reduce(added),
    zeroVolume: parts.map((part) => part.zeroVolume).reduce(combineRuns),
  }
}

function added<Name extends string>(a: Readonly<Record<Name, number>>, b: Readonly<Record<Name, number>>) {
  const names = Object.keys(a) as Name[]
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as Record<Name, number>
}
