/**
 * Numbers and times as text for people, the same everywhere: thousands separated by commas, percentages with two
 * decimals, a true minus sign, never a negative zero. Independent of the machine's locale.
 */
import type { MetricRow, Unit } from './input.js'

const SPACE = '\u00a0'

/** `1,234.50`; rounded half away from zero as toFixed does. */
export function fixed(value: number, decimals: number): string {
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`
  return value < 0 && /[1-9]/.test(text) ? `\u2212${text}` : text
}

export function percent(fraction: number, decimals = 2): string {
  return `${fixed(fraction * 100, decimals)}${SPACE}%`
}

/** A price with as many decimals as its size asks for: 64,123.45 but 0.08123. */
export function price(value: number): string {
  const size = Math.abs(value)
  return fixed(value, size >= 1000 ? 2 : size >= 1 ? 4 : size >= 0.01 ? 6 : 8)
}

/** Three significant digits, whatever the size: 0.00123, 12.3, 4.56e+7. */
export function significant(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  const text = size < 1e-4 || size >= 1e6 ? size.toExponential(2) : String(Number(size.toPrecision(3)))
  return value < 0 ? `\u2212${text}` : text
}

/** A number with its sign, `+0.42`: for what lies above or below something. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals)
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

const UNITS: Readonly<Record<Unit, (value: number) => string>> = {
  fraction: (value) => percent(value),
  ratio: (value) => fixed(value, 2),
  score: (value) => fixed(value, 4),
  value: significant,
  quote: (value) => fixed(value, 2),
  count: (value) => fixed(value, 0),
  days: (value) => `${fixed(value, 1)}${SPACE}d`,
  hours: (value) => `${fixed(value, 1)}${SPACE}h`,
  'per day': (value) => `${fixed(value, 2)}${SPACE}/${SPACE}day`,
}

/** The value in its unit; null and whatever is not finite is `N/A`. */
export function inUnit(value: number | null, unit: Unit): string {
  return value === null || !Number.isFinite(value) ? 'N/A' : UNITS[unit](value)
}

/** The value, or `N/A (reason)`. */
export function metricText({ value, unit, reason }: Pick<MetricRow, 'value' | 'unit' | 'reason'>): string {
  return value === null || !Number.isFinite(value) ? notAvailable(reason) : UNITS[unit](value)
}

export function notAvailable(reason = 'not computed'): string {
  return `N/A (${reason})`
}

/** `0.51 … 0.58`; empty without an interval. */
export function intervalText({ interval, unit }: Pick<MetricRow, 'interval' | 'unit'>): string {
  return interval === undefined ? '' : `${inUnit(interval[0], unit)} … ${inUnit(interval[1], unit)}`
}

export function count(value: number): string {
  return fixed(value, 0)
}

/** `2024-01-31`. */
export function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** `2024-01-31 23:59`; the page says once that all times are UTC. */
export function minute(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}

/** Both days inclusive, from a span that ends before `to`. */
export function daysText(span: { readonly from: number; readonly to: number }): string {
  return span.to > span.from ? `${day(span.from)} … ${day(span.to - 1)}` : 'empty'
}

/** `a, b and c`. */
export function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`
}
