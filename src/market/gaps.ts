/**
 * Where a series has no bars, and why, as far as that can be known. Found month by month and merged into one list.
 */
import { assert } from '../core/errors.js'
import { intersect, type Span, type Timeframe, timeframeMs } from '../core/time.js'
import type { Bars } from './bars.js'
import { isHole } from './entry.js'

/**
 * - `before first bar`: nothing before it in the span; not listed yet, or the archive begins later
 * - `after last bar`: nothing after it in the span
 * - `absent in archive`: lies in a file that the archive does not have
 * - `unknown`: an outage of the exchange, or a row that was refused
 */
export type GapCause = 'before first bar' | 'after last bar' | 'absent in archive' | 'unknown'

/** From `from` (inclusive) to `to` (exclusive), UTC ms. */
export type Gap = { readonly from: number; readonly to: number; readonly bars: number; readonly cause: GapCause }

/**
 * Every hole of the bars, oldest first. A hole is split where its cause changes; one that touches an end of the bars is
 * named after that end, one without any bar is `before first bar`.
 *
 * @param absent spans of files that the archive does not have: whole days or months
 */
export function findGaps(bars: Bars, absent: readonly Span[] = []): Gap[] {
  if (bars.rows === 0) return []
  const step = timeframeMs(bars.timeframe)
  const span = { from: bars.openTime[0], to: bars.openTime[0] + bars.rows * step }
  return explain(holesOf(bars, step), { span, step, absent })
}

export type MergeOptions = { readonly timeframe: Timeframe; readonly span: Span; readonly absent?: readonly Span[] }

/**
 * The gaps of consecutive parts as those of the whole: holes that touch become one, and causes are found anew, since what
 * was before the first bar of a month lies in the middle of the whole. Equals `findGaps` over the joined bars.
 *
 * @param lists one list a part, in any order; a part without any bar must be there as one gap
 */
export function mergeGaps(lists: readonly (readonly Gap[])[], options: MergeOptions): Gap[] {
  const { span, timeframe, absent = [] } = options
  return explain(joined(lists.flat()), { span, step: timeframeMs(timeframe), absent })
}

type Known = { readonly span: Span; readonly step: number; readonly absent: readonly Span[] }

function explain(holes: readonly Span[], { span, step, absent }: Known): Gap[] {
  const gap = (part: Span, cause: GapCause): Gap => {
    const bars = (part.to - part.from) / step
    assert(Number.isInteger(bars), `a gap from ${part.from} to ${part.to} is no whole number of bars`)
    return { from: part.from, to: part.to, bars, cause }
  }
  return holes.flatMap((hole) => {
    if (hole.from === span.from) return [gap(hole, 'before first bar')]
    if (hole.to === span.to) return [gap(hole, 'after last bar')]
    return splitByAbsence(hole, absent).map((part) => gap(part, part.isAbsent ? 'absent in archive' : 'unknown'))
  })
}

function splitByAbsence(hole: Span, absent: readonly Span[]): (Span & { readonly isAbsent: boolean })[] {
  const parts: (Span & { isAbsent: boolean })[] = []
  let at = hole.from
  for (const part of joined(absent.map((span) => intersect(span, hole)).filter((span) => span.to > span.from))) {
    if (part.from > at) parts.push({ from: at, to: part.from, isAbsent: false })
    parts.push({ ...part, isAbsent: true })
    at = part.to
  }
  if (at < hole.to) parts.push({ from: at, to: hole.to, isAbsent: false })
  return parts
}

/** Spans that touch or overlap as one, oldest first. */
function joined(spans: readonly Span[]): Span[] {
  const result: { from: number; to: number }[] = []
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else result.push({ from, to })
  }
  return result
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
