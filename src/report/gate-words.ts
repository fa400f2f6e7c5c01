/**
 * Gates in words: which failed and why, each number once and in its own unit.
 */
import { count, inUnit, listed } from './format.js'
import type { GateRow } from './input.js'
import { gateTitle, gateUnit } from './titles.js'

/** `0.55, at least 0.6`: what the columns beside a reason say in the gate's unit. */
const COMPARED = /^[-\d.e]+, at (?:least|most) [-\d.e]+(?:, |; |$)/
/** How many a metric rests on, and how many it takes. */
export const FEW = /^rests on (\d+)(?: \w+)?, needs (\d+)/

/** What the reason says beyond value, limit and count; empty where that is nothing. */
export function gateRemark({ reason }: Pick<GateRow, 'reason'>): string {
  return reason.replace(COMPARED, '').replace(FEW, (_, __, needed: string) => `too few: ${needed} are needed`)
}

/** `too few trades or signals to judge precision and Sharpe ratio (22 and 26; 30 are needed); calibration error 0.0757, at most 0.0500`. */
export function failedWords(gates: readonly GateRow[]): string {
  const failed = gates.filter(({ passed, required }) => required && !passed)
  const few = failed.filter(({ reason }) => FEW.test(reason))
  const needed = [...new Set(few.map(({ reason }) => FEW.exec(reason)?.[2]))]
  const grouped = needed.map((number) => {
    const own = few.filter(({ reason }) => FEW.exec(reason)?.[2] === number)
    const counts = [...new Set(own.map((row) => count(row.count)))]
    return `too few trades or signals to judge ${listed(own.map(lowerTitle))} (${listed(counts)}; ${number} are needed)`
  })
  const others = failed.filter((row) => !few.includes(row)).map(words)
  return [...grouped, ...others].join('; ')
}

function words(row: GateRow): string {
  if (row.value === null) return `${lowerTitle(row)} not known (${row.reason})`
  const remark = gateRemark(row)
  const compared = `${lowerTitle(row)} ${inUnit(row.value, gateUnit(row))}, ${row.bound} ${inUnit(row.limit, gateUnit(row))}`
  return remark === '' ? compared : `${compared} (${remark})`
}

/** Within a sentence; what begins with a name keeps its capital. */
function lowerTitle(row: GateRow): string {
  const title = gateTitle(row)
  return /^(?:Sharpe|PBO)/.test(title) ? title : title.charAt(0).toLowerCase() + title.slice(1)
}
