/**
 * The leakage certificate: every column is computed again from what had been available at some moments, and must be, up
 * to each of them, bit for bit what it is with all the data. It is evidence about these data and these moments, not a
 * proof: a feature that looks ahead where nothing changes, or only at moments that were not looked at, is not caught. It is to
 * be made in a process of its own: what others computed before may be kept, and would answer for what is asked here.
 *
 * It judges whatever is called a subject, so that the planted leaks of the tests go through this very code.
 */
import { createRandom } from '../core/random.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { type Cut, chooseCuts } from './choose-cuts.js'
import { knownAt } from './cut.js'
import { definitionOf, type FeatureDefinition } from './definition.js'
import { type Broken, brokenByCut } from './evidence.js'
import { brokenByAltering } from './evidence-altered.js'
import { differentBars } from './evidence-bars.js'
import { brokenByTime } from './evidence-series.js'
import { brokenByTable } from './evidence-table.js'
import { brokenByWindow, measureWarmups } from './evidence-window.js'
import { SERIES_NAMES, type SeriesName } from './inputs.js'
import { columnValues, type FeatureSource, type OpenSource, openSource } from './matrix.js'
import type { Column } from './selection.js'

/** Something that gives one value a decision row. */
export type Subject = {
  readonly definition: Pick<
    FeatureDefinition,
    'name' | 'family' | 'timeframe' | 'lookback' | 'memory' | 'settle' | 'inputs'
  >
  readonly values: (open: OpenSource) => Float64Array
}

export type Evidence = {
  readonly source: FeatureSource
  /** From which decision and context bars were made, over the same span; null leaves that unchecked. */
  readonly base: Bars | null
  /** The table that is certified; null leaves that unchecked. */
  readonly table: StoredTable | null
}

/** What another process computed, as it is on disk. */
export type StoredTable = {
  /** Of the source's first row in the table. */
  readonly start: number
  /** A column at the rows of the source; null where it is not in the table. */
  readonly column: (name: string) => Float32Array | null
}

export type CertificateOptions = {
  readonly seed: number
  /** Cuts by chance; see `chooseCuts`. */
  readonly cuts: number
  readonly onColumn?: (done: number, total: number) => void
}

export type FeatureVerdict = {
  readonly name: string
  readonly timeframe: Timeframe
  readonly memory: 'window' | 'recursive'
  readonly declared: number // bars of its timeframe before the first value
  /** The same as found, the least of several beginnings on bars without a hole; null where the data are too short. */
  readonly measured: number | null
  /** Rows whose value stayed while what they may not know was altered; see `brokenByAltering`. */
  readonly compared: number
  readonly broken: readonly Broken[]
}

export type Certificate = {
  readonly verdict: 'passed' | 'failed'
  readonly rows: number
  readonly from: number // UTC ms
  readonly to: number // UTC ms
  readonly cuts: readonly Cut[]
  /** Bars that are not those which the closed base bars make, by timeframe. */
  readonly bars: readonly { readonly timeframe: Timeframe; readonly broken: readonly Broken[] }[]
  /** Series of the source, with rows that are called known before they happened. */
  readonly series: readonly { readonly name: SeriesName; readonly broken: readonly Broken[] }[]
  readonly features: readonly FeatureVerdict[]
}

export function columnSubject(column: Column): Subject {
  return { definition: definitionOf(column), values: (open) => columnValues(open, column) }
}

/** Values of columns held at a time: 128 MB. */
const HELD_VALUES = 16e6

/** Rows at which a windowed feature is computed from its window alone, for each cut by chance. */
const WINDOWS_PER_CUT = 2

export function certify(subjects: readonly Subject[], evidence: Evidence, options: CertificateOptions): Certificate {
  const { seed, cuts: count } = options
  const { source, base } = evidence
  const { decision } = source
  const cuts = chooseCuts(source, { seed, count })
  const features: FeatureVerdict[] = []
  const batch = Math.max(1, Math.floor(HELD_VALUES / Math.max(1, decision.rows)))
  for (let at = 0; at < subjects.length; at += batch) {
    features.push(...judge(subjects.slice(at, at + batch), evidence, cuts, options))
    options.onColumn?.(features.length, subjects.length)
  }
  const bars = base === null ? [] : [decision, ...source.context].map((own) => differentBars(own, base, cuts))
  const series = SERIES_NAMES.flatMap((name) => {
    const own = source.series[name]
    return own === undefined || own === null ? [] : [{ name, broken: brokenByTime(name, own) }]
  })
  const sound = [...features, ...bars, ...series].every(({ broken }) => broken.length === 0)
  return {
    verdict: sound && features.length > 0 && cuts.length > 0 ? 'passed' : 'failed',
    rows: decision.rows,
    from: decision.openTime[0],
    to: decision.openTime[decision.rows - 1] + timeframeMs(decision.timeframe),
    cuts,
    bars,
    series,
    features,
  }
}

/** Some subjects at a time: all their values, and what was known at one cut, are in memory together. */
function judge(
  subjects: readonly Subject[],
  { source, table }: Evidence,
  cuts: readonly Cut[],
  { seed, cuts: count }: CertificateOptions,
): FeatureVerdict[] {
  // What is known least comes first: whatever a column keeps from one call to the next, it cannot have from later bars, and
  // if it gives that again where all is known, the table has another value.
  const early = cuts.slice(0, 1).map((cut) => {
    const open = openSource(knownAt(source, cut.time))
    return { cut, parts: subjects.map((subject) => subject.values(open)) }
  })
  const whole = openSource(source)
  const values = subjects.map((subject) => subject.values(whole))
  const broken: Broken[][] = subjects.map((subject, i) => brokenByTable(subject, values[i], source, table))
  for (const { cut, parts } of early) {
    for (const [i, part] of parts.entries()) broken[i].push(...brokenByCut(part, values[i], { source, cut }))
  }
  // What a window knows is all that its rows may rest on: at the other cuts it is looked at by its look-back alone, below.
  const remembering = [...subjects.keys()].filter((i) => subjects[i].definition.memory === 'recursive')
  for (const cut of cuts.slice(1)) {
    const open = openSource(knownAt(source, cut.time))
    for (const i of remembering) {
      if (broken[i].length === 0) broken[i].push(...brokenByCut(subjects[i].values(open), values[i], { source, cut }))
    }
  }
  const random = createRandom(seed, 'certificate windows')
  const rows = [
    ...cuts.map(({ row }) => row),
    ...Array.from({ length: WINDOWS_PER_CUT * count }, () => random.below(source.decision.rows)),
  ]
  const windows = brokenByWindow(subjects, values, source, rows)
  const altered = brokenByAltering(subjects, values, source, seed)
  const warmups = measureWarmups(subjects, values, source, seed)
  return subjects.map((subject, i) => {
    const { name, timeframe, memory, lookback } = subject.definition
    const { rows: compared, broken: moved } = altered[i]
    const { measured, broken: early } = warmups[i]
    const all = [...broken[i], ...windows[i], ...moved, ...early]
    return { name, timeframe, memory, declared: lookback, measured, compared, broken: all }
  })
}
