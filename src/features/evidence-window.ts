/**
 * What a subject makes of its look-back alone: the values of its last rows, and how soon there is a first one. Subjects of one
 * timeframe and look-back see the same bars, which are made ready once for all of them.
 */
import { createRandom } from '../core/random.js'
import { isoMinute, timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import type { Subject } from './certificate.js'
import { knownAt, since, windowAt } from './cut.js'
import { type Broken, isSame, shown } from './evidence.js'
import { type FeatureSource, type OpenSource, openSource } from './matrix.js'

/** Rows that are compared in each window: as many bars ahead of the last one a look is caught at its end. */
const ROWS_OF_WINDOW = 32

/**
 * From the look-backs of some rows in a row, with nothing known of what came before and after, their values must be the same.
 *
 * @param values  of each subject with all data
 * @param rows    the last rows of the windows that are looked at
 * @returns       for each subject the first row that differs; none of those that remember
 */
export function brokenByWindow(
  subjects: readonly Subject[],
  values: readonly Float64Array[],
  source: FeatureSource,
  rows: readonly number[],
): Broken[][] {
  const found: Broken[][] = subjects.map(() => [])
  const windowed = [...subjects.keys()].filter((i) => subjects[i].definition.memory === 'window')
  for (const { timeframe, lookback, members } of sameLookback(subjects, windowed)) {
    for (const row of rows) {
      const alive = members.filter((i) => found[i].length === 0)
      const window = alive.length === 0 ? null : windowAt(source, row, { timeframe, lookback, rows: ROWS_OF_WINDOW })
      if (window === null) continue
      const open = openSource(window)
      const first = row + 1 - window.decision.rows
      // The first look-back of decision bars is there for those after it, and has no values of its own.
      const full = timeframe === source.decision.timeframe ? lookback : 0
      for (const i of alive) {
        const own = subjects[i].values(open)
        for (let k = full; k < window.decision.rows && found[i].length === 0; k++) {
          const whole = values[i][first + k]
          if (isSame(own[k], whole)) continue
          const at = isoMinute(source.decision.openTime[first + k])
          const detail = `bar ${at}: ${shown(own[k])} from its last ${lookback + 1} bars, ${shown(whole)} with all data`
          found[i].push({ rule: 'window', detail })
        }
      }
    }
  }
  return found
}

/** Beginnings from which a warm-up is measured: one may lie where a divisor is 0. */
const BEGINNINGS = 4
/** Bars beyond the look-back that a beginning is given. */
const MARGIN = 8

export type Warmup = { readonly measured: number | null; readonly broken: readonly Broken[] }

/**
 * Bars before the first value, the least of several beginnings on bars without a hole. A value that is known sooner than
 * declared must be the one that all data give there: what was made up from later bars is not.
 *
 * @param values  of each subject with all data
 * @returns       for each subject; null where the data are too short
 */
export function measureWarmups(
  subjects: readonly Subject[],
  values: readonly Float64Array[],
  source: FeatureSource,
  seed: number,
): Warmup[] {
  const found: Warmup[] = subjects.map(() => ({ measured: null, broken: [] }))
  for (const { timeframe, lookback, members } of sameLookback(subjects, [...subjects.keys()])) {
    const random = createRandom(seed, `warm-up ${timeframe} ${lookback}`)
    for (const beginning of beginningsOf(source, timeframe, lookback, random.below)) {
      for (const i of members) {
        if (found[i].broken.length > 0) continue
        const { measured, broken } = warmupFrom(beginning, subjects[i], values[i], source)
        const least = Math.min(found[i].measured ?? Number.POSITIVE_INFINITY, measured ?? Number.POSITIVE_INFINITY)
        found[i] = { measured: broken.length > 0 ? measured : Number.isFinite(least) ? least : null, broken }
      }
    }
  }
  return found
}

type Beginning = { readonly open: OpenSource; readonly from: number; readonly step: number }

function* beginningsOf(
  source: FeatureSource,
  timeframe: Subject['definition']['timeframe'],
  lookback: number,
  below: (n: number) => number,
): Generator<Beginning> {
  const bars = [source.decision, ...source.context].find((one) => one.timeframe === timeframe)
  const run = bars === undefined ? null : longestRun(bars)
  if (bars === undefined || run === null) return
  const room = run.end - run.start - (lookback + 1)
  if (room < 0) return
  const step = timeframeMs(timeframe)
  for (let k = 0; k < BEGINNINGS; k++) {
    const start = run.start + (k === 0 ? 0 : below(room + 1))
    const from = bars.openTime[start]
    const to = from + Math.min(run.end - start, lookback + 1 + MARGIN) * step
    yield { open: openSource(knownAt(since(source, from), to)), from, step }
  }
}

function warmupFrom(
  { open, from, step }: Beginning,
  subject: Subject,
  whole: Float64Array,
  { decision }: FeatureSource,
): Warmup {
  const { lookback } = subject.definition
  const { openTime, timeframe } = open.source.decision
  const rowStep = timeframeMs(timeframe)
  const values = subject.values(open)
  const begin = (openTime[0] - decision.openTime[0]) / rowStep
  const barsKnown = (row: number) => Math.floor((openTime[row] + rowStep - from) / step) - 1
  for (let row = 0; row < values.length && barsKnown(row) < lookback; row++) {
    if (Number.isNaN(values[row]) || isSame(values[row], whole[begin + row])) continue
    const at = isoMinute(openTime[row])
    const detail = `bar ${at}: ${shown(values[row])} from data that begin at ${isoMinute(from)}, ${shown(whole[begin + row])} with all data; declared ${lookback} bars`
    return { measured: barsKnown(row), broken: [{ rule: 'warmup', detail }] }
  }
  const first = values.findIndex((value) => !Number.isNaN(value))
  return { measured: first < 0 ? null : barsKnown(first), broken: [] }
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

type Alike = Pick<Subject['definition'], 'timeframe' | 'lookback'> & { readonly members: number[] }

/** The members by timeframe and look-back, in their order. */
function sameLookback(subjects: readonly Subject[], members: readonly number[]): Alike[] {
  const groups = new Map<string, Alike>()
  for (const i of members) {
    const { timeframe, lookback } = subjects[i].definition
    const key = `${timeframe} ${lookback}`
    const group = groups.get(key) ?? { timeframe, lookback, members: [] }
    groups.set(key, group)
    group.members.push(i)
  }
  return [...groups.values()]
}
