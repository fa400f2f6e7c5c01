/**
 * How every rolling kernel here is cut. The axis is cut into blocks of `window` bars at multiples of the ABSOLUTE bar
 * number. Each window then holds exactly one boundary, and its sum is one tail of the block before the boundary plus
 * one head of the block after it (the scheme of van Herk 1992 and Gil & Werman 1993 for minima, used for sums too).
 *
 * Nothing is ever subtracted again, so rounding cannot build up and a NaN leaves with the bar that brought it; a value
 * depends on the bars of its window and on their absolute numbers alone, so a run on a suffix of the data is bit-equal
 * from the first full window on. Cost: two additions a bar, whatever the window.
 */

/** Index of the first boundary: the first bar whose absolute number divides by `window`. `origin` = number of bar 0. */
export function firstBoundary(window: number, origin: number): number {
  // As an integer: a remainder may be -0, and whoever counts on from that indexes with floating-point numbers, at half the speed.
  return (((-origin % window) + window) % window) | 0
}

/** Marks the bars before the first full window as not known. */
export function silence(out: Float64Array, bars: number): Float64Array {
  return out.fill(Number.NaN, 0, Math.min(Math.max(bars, 0), out.length))
}
