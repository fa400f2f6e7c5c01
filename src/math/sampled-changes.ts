/**
 * How two series move together, of which one stands still for hours or days: both are looked at now and then, and what is compared is their
 * changes from one look to the next at which both are known. A pause is one change and not many of nothing, as it would be on every bar.
 */

export type SampledWindow = {
  /** A look every so many bars, after the bar whose absolute number + 1 is a multiple of it. */
  readonly every: number
  /** Bars that the looks of one value may span. */
  readonly window: number
  /** Changes that a value needs. */
  readonly least: number
  /** Absolute number of bar 0. */
  readonly origin: number
}

export type SampledChanges = { readonly correlation: Float64Array; readonly beta: Float64Array }

/**
 * Correlation of the log changes of x and y, and slope of y's on x's (Sharpe 1963), over the looks within `window` bars before the last one.
 *
 * @param x, y  positive, NaN = not known [n]
 * @returns     NaN for the first window + every - 1 bars, where there are fewer changes than `least`, and where one side stood still [n]
 */
export function sampledChanges(x: Float64Array, y: Float64Array, of: SampledWindow): SampledChanges {
  const { every, window, least, origin } = of
  const unknown = () => new Float64Array(x.length).fill(Number.NaN)
  const out = { correlation: unknown(), beta: unknown() }
  const looks: number[] = [] // bars, of which both are known
  const first = (((every - 1 - origin) % every) + every) % every
  for (let look = first; look < x.length; look += every) {
    if (x[look] > 0 && y[look] > 0) looks.push(look)
    while (looks.length > 0 && looks[0] < look - window) looks.shift()
    const value = changesOver(looks, x, y)
    const isEnough = looks.length > least
    for (let i = Math.max(look, window + every - 1); i < Math.min(look + every, x.length); i++) {
      if (!isEnough) continue
      out.correlation[i] = value.correlation
      out.beta[i] = value.beta
    }
  }
  return out
}

function changesOver(looks: readonly number[], x: Float64Array, y: Float64Array) {
  const n = looks.length - 1
  let [meanX, meanY] = [0, 0]
  if (n < 1) return { correlation: Number.NaN, beta: Number.NaN }
  const change = (values: Float64Array, i: number) => Math.log(values[looks[i + 1]] / values[looks[i]])
  for (let i = 0; i < n; i++) {
    meanX += change(x, i) / n
    meanY += change(y, i) / n
  }
  let [xx, xy, yy] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [change(x, i) - meanX, change(y, i) - meanY]
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  const isStill = xx === 0 || yy === 0
  return {
    correlation: isStill ? Number.NaN : Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))),
    beta: isStill ? Number.NaN : xy / xx,
  }
}
