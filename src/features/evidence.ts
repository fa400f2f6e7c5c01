/**
 * What the certificate looks at for one subject. Each rule names the first place where it is broken, with both values.
 */
import { createRandom } from '../core/random.js'
import { isoMinute, timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import type { Subject } from './certificate.js'
import type { Cut } from './choose-cuts.js'
import { knownAt, since, windowAt } from './cut.js'
import { type FeatureSource, openSource } from './matrix.js'

export const RULES = {
  future: 'its value is the same when nothing is known of what came later',
  window: 'its value is the same when only its look-back is known',
  altered: 'its value is the same when everything that it may not know is another',
  warmup: 'it is not known too early, before its look-back is over',
  available: 'the rows of its series become known after they have happened',
  stored: 'the stored table has the values that are computed here',
  bars: 'the bars are made of base bars that had closed',
} as const
export type Rule = keyof typeof RULES

export type Broken = { readonly rule: Rule; readonly detail: string }

/** Up to the cut the values must be those of the whole. */
export function brokenByCut(
  part: Float64Array,
  whole: Float64Array,
  { source, cut }: { readonly source: FeatureSource; readonly cut: Cut },
): Broken[] {
  const row = firstDifference(part, whole, cut.row + 1)
  if (row < 0) return []
  const at = isoMinute(source.decision.openTime[row])
  const detail = `bar ${at}: ${shown(part[row])} by ${isoMinute(cut.time)}, ${shown(whole[row])} with all data`
  return [{ rule: 'future', detail }]
}

/** From the last look-back + 1 bars alone the value must be the same. */
export function brokenByWindow(
  subject: Subject,
  whole: Float64Array,
  source: FeatureSource,
  rows: readonly number[],
): Broken[] {
  for (const row of rows) {
    const window = windowAt(source, row, subject.definition)
    if (window === null) continue
    const own = subject.values(openSource(window)).at(-1) ?? Number.NaN
    if (isSame(own, whole[row])) continue
    const { lookback } = subject.definition
    const at = isoMinute(source.decision.openTime[row])
    const detail = `bar ${at}: ${shown(own)} from its last ${lookback + 1} bars, ${shown(whole[row])} with all data`
    return [{ rule: 'window', detail }]
  }
  return []
}

/** Beginnings from which a warm-up is measured: one may lie where a divisor is 0. */
const BEGINNINGS = 4
/** Bars beyond the look-back that a beginning is given. */
const MARGIN = 8

/**
 * Bars before the first value, the least of several beginnings on bars without a hole. A value that is known sooner than
 * declared must be the one that all data give there: what was made up from later bars is not.
 */
export function measureWarmup(
  subject: Subject,
  whole: Float64Array,
  source: FeatureSource,
  seed: number,
): { readonly measured: number | null; readonly broken: Broken[] } {
  const { timeframe, lookback, name } = subject.definition
  const bars = [source.decision, ...source.context].find((one) => one.timeframe === timeframe)
  const run = bars === undefined ? null : longestRun(bars)
  if (bars === undefined || run === null) return { measured: null, broken: [] }
  const room = run.end - run.start - (lookback + 1)
  if (room < 0) return { measured: null, broken: [] }
  const random = createRandom(seed, `warm-up of ${name}`)
  const step = timeframeMs(bars.timeframe)
  const rowStep = timeframeMs(source.decision.timeframe)
  let measured: number | null = null
  for (let i = 0; i < BEGINNINGS; i++) {
    const start = run.start + (i === 0 ? 0 : random.below(room + 1))
    const from = bars.openTime[start]
    const to = from + Math.min(run.end - start, lookback + 1 + MARGIN) * step
    const own = knownAt(since(source, from), to)
    const values = subject.values(openSource(own))
    const begin = (own.decision.openTime[0] - source.decision.openTime[0]) / rowStep
    const barsKnown = (row: number) => Math.floor((own.decision.openTime[row] + rowStep - from) / step) - 1
    for (let row = 0; row < values.length && barsKnown(row) < lookback; row++) {
      if (Number.isNaN(values[row]) || isSame(values[row], whole[begin + row])) continue
      const at = isoMinute(own.decision.openTime[row])
      const detail = `bar ${at}: ${shown(values[row])} from data that begin at ${isoMinute(from)}, ${shown(whole[begin + row])} with all data; declared ${lookback} bars`
      return { measured: barsKnown(row), broken: [{ rule: 'warmup', detail }] }
    }
    const first = values.findIndex((value) => !Number.isNaN(value))
    if (first >= 0) measured = Math.min(measured ?? barsKnown(first), barsKnown(first))
  }
  return { measured, broken: [] }
}

/** The longest run of bars that were published; null when there is none. */
function longestRun(bars: Bars): { readonly start: number; readonly end: number } | null {
  let best: { start: number; end: number } | null = null
  for (let i = 0; i < bars.rows; ) {
    let end = i
    while (end < bars.rows && bars.baseBars[end] > 0) end++
    if (end > i && (best === null || end - i > best.end - best.start)) best = { start: i, end }
    i = end + 1
  }
  return best
}

/** Of the first `rows`; -1 when there is none. A part that ends too early differs where it ends. */
function firstDifference(a: Float64Array, b: Float64Array, rows: number): number {
  for (let i = 0; i < rows; i++) {
    if (i >= a.length || i >= b.length) return i
    if (!isSame(a[i], b[i])) return i
  }
  return -1
}

/** Bit for bit, but that one NaN is as good as another: not known. */
export function isSame(a: number, b: number): boolean {
  return Object.is(a, b)
}

export function shown(value: number | undefined): string {
  return value === undefined ? 'nothing' : Number.isNaN(value) ? 'not known' : String(value)
}
