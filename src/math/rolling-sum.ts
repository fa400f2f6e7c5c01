/**
 * Sums and means over the last `window` bars, O(1) a bar, without error that builds up (see blocks.ts).
 */
import { firstBoundary, silence } from './blocks.js'

/**
 * Sum of the last `window` values.
 *
 * @param x       values, NaN = not known [n]
 * @param window  number of values, >= 1
 * @param origin  absolute number of bar 0
 * @returns       NaN for the first window - 1 bars and while a NaN lies in the window [n]
 */
export function rollingSum(x: Float64Array, window: number, origin: number): Float64Array {
  return sumBlocks(x, { window, origin, mean: false })
}

/**
 * Mean of the last `window` values (TA-Lib SMA); NaN as in `rollingSum`. What is summed is the distance from the value at the
 * block's boundary, which lies in every window that uses it: the mean of equal values is exactly that value.
 */
export function rollingMean(x: Float64Array, window: number, origin: number): Float64Array {
  return sumBlocks(x, { window, origin, mean: true })
}

type Sums = { readonly window: number; readonly origin: number; readonly mean: boolean }

function sumBlocks(x: Float64Array, sums: Sums): Float64Array {
  const { window, origin, mean } = sums
  const n = x.length
  const out = new Float64Array(n) // a bar's place holds the tail of its window until the head is known
  const weight = mean ? 1 / window : 1 // a product takes a quarter of a quotient's time
  let b = firstBoundary(window, origin)
  layTails(x, out, b, sums)
  for (; b + 2 * window <= n; b += window) sumBlock(x, out, b, { window, mean, weight })
  for (; b < n; b += window) {
    const centre = mean ? x[b] : 0
    let head = 0
    for (let i = b; i < Math.min(b + window, n); i++) {
      head += x[i] - centre
      out[i] = centre + (head + out[i]) * weight
    }
    layTails(x, out, b + window, sums)
  }
  return silence(out, window - 1)
}

/**
 * The heads of the block at `b` and the tails that it leaves to the next one, in one pass: neither sum waits for the other. A function
 * of its own, as all that engines keep in registers is then what this loop needs: it takes two thirds of the time.
 */
function sumBlock(
  x: Float64Array,
  out: Float64Array,
  b: number,
  { window, mean, weight }: { readonly window: number; readonly mean: boolean; readonly weight: number },
): void {
  const centre = mean ? x[b] : 0
  const nextCentre = mean ? x[b + window] : 0
  const last = b + window - 1
  let head = 0
  let later = 0
  let j = last
  let to = last + window - 1
  for (let i = b; i < last; i++, j--, to--) {
    head += x[i] - centre
    out[i] = centre + (head + out[i]) * weight
    later += x[j] - nextCentre
    out[to] = later
  }
  out[last] = centre + (head + (x[last] - centre)) * weight
}

/** Sums of the 1, 2 … window - 1 values before the boundary, each at the bar whose window begins there. */
function layTails(x: Float64Array, out: Float64Array, boundary: number, { window, mean }: Sums): void {
  const centre = mean ? x[boundary] : 0
  const free = out.length - boundary // bars from the boundary on
  let later = 0
  for (let j = 1; j < window && j <= boundary && free > 0; j++) {
    later += x[boundary - j] - centre
    if (window - 1 - j < free) out[boundary + window - 1 - j] = later
  }
}
