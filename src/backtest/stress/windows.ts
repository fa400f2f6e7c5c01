/**
 * The worst stretches of days that the account lived through, and what the market did meanwhile.
 */
import { DAY, monthSpan } from '../../core/time.js'
import { dailyEquity, monthlyReturns } from '../periods.js'
import type { Backtest } from '../types.js'

export type WorstWindow =
  | {
      readonly name: string
      readonly from: number // UTC ms
      readonly to: number // exclusive
      readonly return: number
      readonly buyAndHold: number | null // in the same time
    }
  | { readonly name: string; readonly return: null; readonly reason: string }

const STRETCHES = [
  ['Day', 1],
  ['7 days', 7],
  ['30 days', 30],
] as const

/** Days in a row, wherever they start, and calendar months; a first or last month counts as far as it goes. */
export function worstWindows(result: Backtest, hold: Backtest | null, openTime: Float64Array): WorstWindow[] {
  const own = dailyEquity(openTime, result.equity, result.initialEquity)
  const market = hold === null ? null : dailyEquity(openTime, hold.equity, hold.initialEquity).returns
  const stretches = STRETCHES.map(([name, length]): WorstWindow => {
    const days = own.returns.length
    if (days < length) return { name, return: null, reason: `${days} days are fewer than ${length}` }
    let worst = 0
    let least = Number.POSITIVE_INFINITY
    for (let start = 0; start + length <= days; start++) {
      const value = compounded(own.returns, start, length)
      if (value < least) [worst, least] = [start, value]
    }
    return {
      name,
      from: own.day[worst],
      to: own.day[worst] + length * DAY,
      return: least,
      buyAndHold: market === null ? null : compounded(market, worst, length),
    }
  })
  return [...stretches, worstMonth(result, hold, openTime)]
}

function worstMonth(result: Backtest, hold: Backtest | null, openTime: Float64Array): WorstWindow {
  const name = 'Calendar month'
  const months = monthlyReturns(openTime, result.equity, result.initialEquity)
  if (months.length === 0) return { name, return: null, reason: 'no bars' }
  const held = hold === null ? null : monthlyReturns(openTime, hold.equity, hold.initialEquity)
  const worst = months.reduce((least, { value }, i) => (value < months[least].value ? i : least), 0)
  return {
    name,
    ...monthSpan(months[worst].month),
    return: months[worst].value,
    buyAndHold: held?.[worst].value ?? null,
  }
}

function compounded(returns: Float64Array, start: number, length: number): number {
  let growth = 1
  for (let i = start; i < start + length; i++) growth *= 1 + returns[i]
  return growth - 1
}
