/**
 * How far the headline carries: a ratio of a year says little when it was measured in days, and every number says little of few trades.
 */
import { DAY } from '../core/time.js'
import { count, fixed } from './format.js'
import type { MetricRow, PartReport } from './input.js'

type Part = Pick<PartReport, 'span'> & { readonly trades: { readonly rows: number } }

/** In 90 days without any skill, chance alone makes a Sharpe ratio between −3.9 and 3.9: three times what a fund is proud of. */
const ENOUGH_DAYS = 90

/** Of a normal distribution, on both sides together 5 % lie beyond so many deviations. */
const NORMAL_95 = 1.96

/** Calendar days that the part touches, as its first and last day are written; 0 of an empty one. */
export function daysOf({ from, to }: PartReport['span']): number {
  return to > from ? Math.floor((to - 1) / DAY) - Math.floor(from / DAY) + 1 : 0
}

/** `19 days, 26 trades`. */
export function sizeText({ span, trades }: Part): string {
  const [days, rows] = [daysOf(span), trades.rows]
  return `${count(days)} ${days === 1 ? 'day' : 'days'}, ${count(rows)} ${rows === 1 ? 'trade' : 'trades'}`
}

/** What is said beside the numbers of a part that is too short for them; null where it is long enough. */
export function shortMark(part: Part, minTrades: number): string | null {
  const isShort = daysOf(part.span) < ENOUGH_DAYS
  const isFew = part.trades.rows < minTrades
  if (!isShort && !isFew) return null
  return `${sizeText(part)}: ${isShort ? 'too short' : 'too few'} to mean much`
}

/**
 * What luck makes of so many days: the 95 % range of the yearly Sharpe ratio of daily returns whose mean is zero, ±1.96 · √(365 ÷ days)
 * (Lo 2002, Financial Analysts Journal 58: independent returns).
 */
export function luckText(span: PartReport['span']): string {
  const bound = NORMAL_95 * Math.sqrt(365 / daysOf(span))
  return `In ${count(daysOf(span))} days luck alone makes a Sharpe ratio between ${fixed(-bound, 1)} and ${fixed(bound, 1)} (95 %).`
}

/** Of each metric the backtest says that it rests on few trades; where that is said of the whole part, once is enough. */
const FEW = /^rests on \d+ trades, fewer than \d+$/

/** The note without what `shortMark` says of the whole part; undefined where nothing is left. */
export function ownNote({ note }: Pick<MetricRow, 'note'>): string | undefined {
  const own = note
    ?.split('; ')
    .filter((text) => !FEW.test(text))
    .join('; ')
  return own === '' ? undefined : own
}
