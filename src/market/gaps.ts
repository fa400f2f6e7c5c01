/**
 * Where a series has no bars, and why, as far as that can be known. Found month by month and merged into one list.
 */
import { assert } from '../core/errors.js'
import { type Span, type Timeframe, timeframeMs } from '../core/time.js'
import type { Bars } from './bars.js'
import { isHole } from './entry.js'
import { growToGrid, isInside, joinSpans, shrinkToGrid } from './spans.js'

/** Why there is no bar, the first that applies; `zero-volume` is no hole, but a run of bars in which nothing was traded. */
export const GAP_CAUSES = {
  refused: 'A row was published that cannot be true',
  'before listing': 'The exchange had not listed the instrument yet',
  'after delisting': 'The exchange no longer listed it',
  'before first bar': 'Nothing before it in the span: not listed yet, or the archive begins later',
  'after last bar': 'Nothing after it in the span',
  'absent in both': 'Neither the archive has a row nor REST, which was asked',
  'absent in archive': 'The archive has no row, and REST was not asked',
  'zero-volume': 'Bars were published, and nothing was traded in them',
  unknown: 'None of these',
} as const
export type GapCause = keyof typeof GAP_CAUSES

/** From `from` (inclusive) to `to` (exclusive), UTC ms. */
export type Gap = { readonly from: number; readonly to: number; readonly bars: number; readonly cause: GapCause }

/** What is known of where rows could have come from. */
export type GapEvidence = {
  /** Spans whose files were looked for in the archive, whether it has them or not. */
  readonly searched: readonly Span[]
  /** Spans for which REST was asked as well. */
  readonly asked: readonly Span[]
  /** When the instrument was listed and delisted, as the exchange says; null where it does not. */
  readonly listedFrom: number | null
  readonly listedTo: number | null
}

export const NO_EVIDENCE: GapEvidence = { searched: [], asked: [], listedFrom: null, listedTo: null }

/**
 * Every hole of the bars, oldest first, as far as the bars alone explain it: one that touches an end is named after that end, one
 * without any bar is `before first bar`. The rest is for `mergeGaps`.
 *
 * @param refused spans of rows that cannot be true; a bar that touches one is `refused`
 */
export function findGaps(bars: Bars, refused: readonly Span[] = []): Gap[] {
  if (bars.rows === 0) return []
  const step = timeframeMs(bars.timeframe)
  const span = { from: bars.openTime[0], to: bars.openTime[0] + bars.rows * step }
  return explain(holesOf(bars, step), { span, step, refused, evidence: NO_EVIDENCE })
}

export type MergeOptions = { readonly timeframe: Timeframe; readonly span: Span; readonly evidence?: GapEvidence }

/**
 * The gaps of consecutive parts as those of the whole: holes that touch become one, and causes are found anew, since what
 * was before the first bar of a month lies in the middle of the whole; only what was refused stays so. A hole is split where its cause
 * changes. A bar that is covered by evidence in part only is not covered.
 *
 * @param lists one list a part, in any order; a part without any bar must be there as one gap
 */
export function mergeGaps(lists: readonly (readonly Gap[])[], options: MergeOptions): Gap[] {
  const { span, timeframe, evidence = NO_EVIDENCE } = options
  const gaps = lists.flat()
  const refused = gaps.filter(({ cause }) => cause === 'refused')
  return explain(joinSpans(gaps), { span, step: timeframeMs(timeframe), refused, evidence })
}

type Known = {
  readonly span: Span
  readonly step: number
  readonly refused: readonly Span[]
  readonly evidence: GapEvidence
}

function explain(holes: readonly Span[], known: Known): Gap[] {
  const { span, step } = known
  const refused = growToGrid(known.refused, step)
  const searched = shrinkToGrid(known.evidence.searched, step)
  const asked = shrinkToGrid(known.evidence.asked, step)
  const { listedFrom, listedTo } = known.evidence
  // The bar in which the instrument was listed, and the one in which that ended, belong to it.
  const begin = listedFrom === null ? Number.NEGATIVE_INFINITY : Math.floor(listedFrom / step) * step
  const end = listedTo === null ? Number.POSITIVE_INFINITY : Math.ceil(listedTo / step) * step
  const borders = [...refused, ...searched, ...asked].flatMap(({ from, to }) => [from, to])
  const cuts = [...new Set([...borders, begin, end])].sort((a, b) => a - b)
  const causeAt = (time: number, hole: Span): GapCause => {
    if (isInside(time, refused)) return 'refused'
    if (time < begin) return 'before listing'
    if (time >= end) return 'after delisting'
    if (hole.from === span.from) return 'before first bar'
    if (hole.to === span.to) return 'after last bar'
    if (isInside(time, asked)) return 'absent in both'
    return isInside(time, searched) ? 'absent in archive' : 'unknown'
  }
  return holes.flatMap((hole) => {
    const parts: { from: number; to: number; cause: GapCause }[] = []
    for (const from of [hole.from, ...cuts.filter((time) => time > hole.from && time < hole.to)]) {
      const last = parts.at(-1)
      const cause = causeAt(from, hole)
      if (last !== undefined) last.to = from
      if (last === undefined || last.cause !== cause) parts.push({ from, to: hole.to, cause })
      else last.to = hole.to
    }
    return parts.map((part) => gap(part, part.cause, step))
  })
}

function gap({ from, to }: Span, cause: GapCause, step: number): Gap {
  const bars = (to - from) / step
  assert(Number.isInteger(bars), `a gap from ${from} to ${to} is no whole number of bars`)
  return { from, to, bars, cause }
}

function holesOf(bars: Bars, step: number): Span[] {
  const holes: Span[] = []
  let start = -1
  for (let i = 0; i <= bars.rows; i++) {
    const isMissing = i < bars.rows && isHole(bars, i)
    if (isMissing && start < 0) start = i
    if (!isMissing && start >= 0) {
      holes.push({ from: bars.openTime[0] + start * step, to: bars.openTime[0] + i * step })
      start = -1
    }
  }
  return holes
}
