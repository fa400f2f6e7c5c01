/**
 * Shannon's entropy of where values fell (Shannon 1948, Bell Syst. Tech. J. 27).
 */

/**
 * Entropy of the shares of the last `window` values in bins, divided by its largest value: 0 = all in one bin … 1 = all
 * bins alike. Counts are whole numbers, so nothing rounds as the window slides.
 *
 * @param x      values, NaN = not known [n]
 * @param edges  rising, fixed beforehand: an edge from the data would let the whole series in. A value at an edge belongs
 *               to the bin above [bins - 1]
 * @returns      NaN for the first window - 1 bars and while a NaN lies in the window [n]
 */
export function rollingEntropy(
  x: Float64Array,
  { edges, window }: { readonly edges: readonly number[]; readonly window: number },
): Float64Array {
  const bins = edges.length + 1
  const counts = new Int32Array(bins)
  // Entropy is ln w - Σ c ln c / w.
  const terms = Float64Array.from({ length: window + 1 }, (_, c) => (c === 0 ? 0 : (c * Math.log(c)) / window))
  const out = new Float64Array(x.length).fill(Number.NaN)
  const binOf = (value: number) => {
    let bin = 0
    while (bin < edges.length && value >= edges[bin]) bin++
    return bin
  }
  let known = 0
  for (let t = 0; t < x.length; t++) {
    if (Number.isNaN(x[t])) {
      known = 0
      counts.fill(0)
      continue
    }
    counts[binOf(x[t])]++
    known++
    if (known > window) counts[binOf(x[t - window])]--
    if (known < window) continue
    let sum = 0
    for (let bin = 0; bin < bins; bin++) sum += terms[counts[bin]]
    out[t] = (Math.log(window) - sum) / Math.log(bins)
  }
  return out
}
