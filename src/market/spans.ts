/**
 * Sets of time spans.
 */
import type { Span } from '../core/time.js'

/** Spans that touch or overlap as one, oldest first; empty ones are left out. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const result: { from: number; to: number }[] = []
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (!(to > from)) continue
    const last = result.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else result.push({ from, to })
  }
  return result
}

/** Of each span the whole steps that lie in it. */
export function shrinkToGrid(spans: readonly Span[], step: number): Span[] {
  const shrunk = spans.map(({ from, to }) => ({
    from: Math.ceil(from / step) * step,
    to: Math.floor(to / step) * step,
  }))
  return joinSpans(shrunk)
}

/** Every step that a span touches. */
export function growToGrid(spans: readonly Span[], step: number): Span[] {
  return joinSpans(
    spans.map(({ from, to }) => ({ from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step })),
  )
}

export function isInside(time: number, spans: readonly Span[]): boolean {
  return spans.some(({ from, to }) => time >= from && time < to)
}

export const EVER: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
