/**
 * How a fitted model gives a causal column: it is fitted anew at absolute bar numbers on a window that ends before the bar,
 * and only followed, never fitted, until the next. A bar rests on the last window + every values at most, its own among
 * them, so it does not depend on where the array begins.
 */
import { firstBoundary } from './blocks.js'

export type Refit = {
  readonly window: number // values that a fit sees
  readonly every: number // bars between fits, at absolute bar numbers that divide by it
  readonly origin: number // absolute number of bar 0
}

/**
 * Calls back for every stretch of bars [start, end) that shares one fit, if it has any bar with window + every known values
 * in a row up to itself; the fit may see x[start - window] … x[start - 1]. Every value from there to `end` is known.
 */
export function eachRefit(
  x: Float64Array,
  { window, every, origin }: Refit,
  follow: (start: number, end: number) => void,
): void {
  let known = 0
  for (let start = firstBoundary(every, origin) - every; start < x.length; start += every) {
    let end = Math.max(start, 0)
    for (; end < Math.min(start + every, x.length) && !Number.isNaN(x[end]); end++) known++
    if (known >= window + every) follow(start, end)
    if (end < Math.min(start + every, x.length)) known = knownAtEnd(x, end, Math.min(start + every, x.length))
  }
}

/** NaN wherever fewer than window + every values in a row are known: equally long a silence whatever the bar's number. */
export function silenceRefit(out: Float64Array, x: Float64Array, { window, every }: Refit): Float64Array {
  let known = 0
  for (let t = 0; t < x.length; t++) {
    known = Number.isNaN(x[t]) ? 0 : known + 1
    if (known < window + every) out[t] = Number.NaN
  }
  return out
}

/** Known values in a row up to `end`, of those from `start` on. */
function knownAtEnd(x: Float64Array, start: number, end: number): number {
  let known = 0
  for (let t = start; t < end; t++) known = Number.isNaN(x[t]) ? 0 : known + 1
  return known
}
