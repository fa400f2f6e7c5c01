/**
 * Functions that write numbers on axes and in tooltips. The page carries this function's own text and calls it in the
 * browser, so it must stand alone: no imports, nothing from outside its braces.
 */

/** What a tooltip is given about the point under the pointer. */
export type TooltipPoint = { readonly value: readonly (number | string | null)[]; readonly seriesName?: string }

export type ChartFormats = {
  readonly percent: (value: unknown) => string
  readonly money: (value: unknown) => string
  readonly count: (value: unknown) => string
  readonly score: (value: unknown) => string
  readonly price: (value: unknown) => string
  readonly shortPercent: (value: number) => string
  readonly shortNumber: (value: number) => string
  readonly trade: (point: TooltipPoint) => string
  readonly bin: (point: TooltipPoint) => string
}

export function createFormats(): ChartFormats {
  const fixed = (value: number, decimals: number) => {
    const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.')
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
    const text = fraction === undefined ? grouped : `${grouped}.${fraction}`
    return value < 0 && /[1-9]/.test(text) ? `\u2212${text}` : text
  }
  const known = (write: (value: number) => string) => (value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) ? write(value) : '\u2013'
  const short = (value: number) => {
    const digits = Math.abs(value) >= 1 ? 2 : 6
    const text = fixed(value, digits)
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text
  }
  const percent = known((value) => `${fixed(value * 100, 2)}\u00a0%`)
  const money = known((value) => fixed(value, 2))
  const count = known((value) => fixed(value, 0))
  const price = known((value) => {
    const size = Math.abs(value)
    return fixed(value, size >= 1000 ? 2 : size >= 1 ? 4 : size >= 0.01 ? 6 : 8)
  })
  const time = (value: unknown) =>
    typeof value === 'number' ? new Date(value).toISOString().slice(0, 16).replace('T', ' ') : '\u2013'
  return {
    percent,
    money,
    count,
    score: known((value) => fixed(value, 4)),
    price,
    shortPercent: (value) => `${short(Math.round(value * 1e6) / 1e4)}\u00a0%`,
    shortNumber: short,
    trade: ({ value: [entered, at, net, left, out, reason], seriesName }) =>
      `${seriesName ?? ''}<br>in ${time(entered)} at ${price(at)}<br>out ${time(left)} at ${price(out)} (${reason})<br>net ${money(net)}`,
    bin: ({ value: [confidence, hitRate, rows, low, high], seriesName }) =>
      `${seriesName ?? ''}<br>said ${percent(confidence)}, came true ${percent(hitRate)}<br>between ${percent(low)} and ${percent(high)}<br>${count(rows)} rows`,
  }
}
