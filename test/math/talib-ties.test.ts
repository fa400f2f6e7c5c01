/**
 * Where we differ from TA-Lib on purpose: bars on which two moves are equal in truth. Prices are whole numbers of ticks of 0.001, whose
 * nearest doubles lie beside them, so that TA-Lib's comparisons of differences and of typical prices are decided by rounding. Each
 * indicator is written out here with the comparison left open: with TA-Lib's it gives TA-Lib's numbers, with that of whole ticks ours.
 */
import { describe, expect, it } from 'vitest'
import { directionalMovement } from '../../src/math/directional.js'
import { moneyFlow } from '../../src/math/range-oscillators.js'
import { referenceTable } from '../support/reference.js'
import { compare } from './difference.js'

const TICK = 0.001
const inTicks = (x: Float64Array) => x.map((price) => Math.round(price / TICK))

type Columns = Readonly<Record<'high' | 'low' | 'close', Float64Array>>
/** 1, 0 or -1 for bar i. */
type Rule = (i: number) => number

/** +DI, -DI and ADX by Wilder with TA-Lib's starting values; `rule` says whether bar i moved up (1), down (-1) or neither way (0). */
function wilder({ high, low, close }: Columns, period: number, rule: Rule) {
  const n = close.length
  const lines = { plusDi: new Float64Array(n), minusDi: new Float64Array(n), adx: new Float64Array(n) }
  for (const line of Object.values(lines)) line.fill(Number.NaN)
  let [plus, minus, range] = [0, 0, 0]
  const strengths: number[] = []
  for (let i = 1; i < n; i++) {
    if (i >= period) [plus, minus, range] = [plus, minus, range].map((sum) => sum - sum / period)
    if (rule(i) > 0) plus += Math.max(0, high[i] - high[i - 1])
    if (rule(i) < 0) minus += Math.max(0, low[i - 1] - low[i])
    range += Math.max(high[i], close[i - 1]) - Math.min(low[i], close[i - 1])
    if (i < period) continue
    lines.plusDi[i] = (100 * plus) / range
    lines.minusDi[i] = (100 * minus) / range
    strengths.push((100 * Math.abs(plus - minus)) / (plus + minus))
    const known = strengths.length
    if (known === period) lines.adx[i] = strengths.reduce((sum, dx) => sum + dx / period, 0)
    if (known > period) lines.adx[i] = (lines.adx[i - 1] * (period - 1) + strengths[known - 1]) / period
  }
  return lines
}

/** Money flow index of 14 bars; `rule` says whether the typical price of bar i rose (1), fell (-1) or stayed (0). */
function flowIndex({ high, low, close, volume }: Columns & { readonly volume: Float64Array }, rule: Rule) {
  return close.map((_, end) => {
    if (end < 14) return Number.NaN
    const flows = [0, 0, 0] // falling, level, rising
    for (let i = end - 13; i <= end; i++) flows[1 + rule(i)] += ((high[i] + low[i] + close[i]) / 3) * volume[i]
    return (100 * flows[2]) / (flows[0] + flows[2])
  })
}

describe('ties, beside TA-Lib 0.6.4', () => {
  const input = referenceTable('talib-input.csv')
  const talib = referenceTable('talib-indicators.csv')
  const [high, low, close, volume] = ['high', 'low', 'close', 'volume'].map(input)
  const bars = { high, low, close, volume }
  const ticks = { high: inTicks(high), low: inTicks(low), close: inTicks(close) }
  const lead =
    ({ high, low }: Pick<Columns, 'high' | 'low'>): Rule =>
    (i) =>
      Math.sign(high[i] - high[i - 1] - (low[i - 1] - low[i]))
  const typical =
    ({ high, low, close }: Columns): Rule =>
    (i) =>
      Math.sign((high[i] + low[i] + close[i]) / 3 - (high[i - 1] + low[i - 1] + close[i - 1]) / 3)
  const change: Rule = (i) =>
    Math.sign(ticks.high[i] + ticks.low[i] + ticks.close[i] - ticks.high[i - 1] - ticks.low[i - 1] - ticks.close[i - 1])
  const decidedByRounding = (rounded: Rule, exact: Rule) =>
    Array.from({ length: close.length - 1 }, (_, i) => i + 1).filter((i) => rounded(i) !== exact(i))

  it('a bar that reaches as far up as down moved neither way, in DI and ADX', () => {
    const differing = decidedByRounding(lead(bars), lead(ticks))
    expect(differing.length).toBeGreaterThan(10)
    for (const i of differing) expect(lead(ticks)(i)).toBe(0)
    for (const period of [14, 21]) {
      const theirs = wilder(bars, period, lead(bars))
      const exact = wilder(bars, period, lead(ticks))
      const ours = directionalMovement(bars, period)
      for (const [line, column] of [
        ['plusDi', 'plus_di'],
        ['minusDi', 'minus_di'],
        ['adx', 'adx'],
      ] as const) {
        const reference = talib(`talib_${column}_${period}`)
        expect(compare(theirs[line], reference, 1).worst, `${column}, TA-Lib's rule`).toBeLessThan(1e-9)
        expect(compare(ours[line], exact[line], 1).worst, `${column}, whole ticks`).toBeLessThan(1e-9)
        expect(compare(ours[line], reference, 1).worst, `${column}, ours beside TA-Lib`).toBeGreaterThan(0.01)
        expect(compare(ours[line], reference, 1).silenceDiffers).toBe(0)
      }
    }
  })

  it('a typical price that stays is no flow, in MFI', () => {
    const differing = decidedByRounding(typical(bars), change)
    expect(differing.length).toBeGreaterThan(10)
    for (const i of differing) expect(change(i)).toBe(0)
    const reference = talib('talib_mfi_14')
    const ours = moneyFlow(bars, 14, input('open_time')[0] / 60_000)
    expect(compare(flowIndex(bars, typical(bars)), reference, 1).worst, "TA-Lib's rule").toBeLessThan(1e-9)
    expect(compare(ours, flowIndex(bars, change), 1).worst, 'whole ticks').toBeLessThan(1e-9)
    expect(compare(ours, reference, 1).worst, 'ours beside TA-Lib').toBeGreaterThan(0.001)
    expect(compare(ours, reference, 1).silenceDiffers).toBe(0)
  })
})
