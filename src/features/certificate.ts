/**
 * The leakage certificate: every column is computed again from what had been available at some moments, and must be, up
 * to each of them, bit for bit what it is with all the data. It is evidence about these data and these moments, not a
 * proof: a feature that looks ahead where nothing changes, or only at moments that were not cut, is not caught.
 *
 * It judges whatever is called a subject, so that the planted leaks of the tests go through this very code.
 */
import { createRandom } from '../core/random.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { type Cut, chooseCuts } from './choose-cuts.js'
import { knownAt } from './cut.js'
import { definitionOf, type FeatureDefinition } from './definition.js'
import { type Broken, brokenByCut, brokenByWindow, measureWarmup } from './evidence.js'
import { brokenByAltering } from './evidence-altered.js'
import { differentBars } from './evidence-bars.js'
import { columnValues, type FeatureSource, type OpenSource, openSource } from './matrix.js'
import type { Column } from './selection.js'

/** Something that gives one value a decision row. */
export type Subject = {
  readonly definition: Pick<FeatureDefinition, 'name' | 'timeframe' | 'lookback' | 'memory' | 'inputs'>
  readonly values: (open: OpenSource) => Float64Array
}

export type Evidence = {
  readonly source: FeatureSource
  /** From which decision and context bars were made, over the same span; null leaves that unchecked. */
  readonly base: Bars | null
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
    features.push(...judge(subjects.slice(at, at + batch), source, cuts, options))
    options.onColumn?.(features.length, subjects.length)
  }
  const bars = base === null ? [] : [decision, ...source.context].map((own) => differentBars(own, base, cuts))
  const sound = [...features, ...bars].every(({ broken }) => broken.length === 0)
  return {
    verdict: sound && features.length > 0 && cuts.length > 0 ? 'passed' : 'failed',
    rows: decision.rows,
    from: decision.openTime[0],
    to: decision.openTime[decision.rows - 1] + timeframeMs(decision.timeframe),
    cuts,
    bars,
    features,
  }
}

/** Some subjects at a time: all their values, and what was known at one cut, are in memory together. */
function judge(
  subjects: readonly Subject[],
  source: FeatureSource,
  cuts: readonly Cut[],
  { seed, cuts: count }: CertificateOptions,
): FeatureVerdict[] {
  const whole = openSource(source)
  const values = subjects.map((subject) => subject.values(whole))
  const broken: Broken[][] = subjects.map(() => [])
  for (const cut of cuts) {
    const open = openSource(knownAt(source, cut.time))
    for (const [i, subject] of subjects.entries()) {
      if (broken[i].length === 0) broken[i].push(...brokenByCut(subject.values(open), values[i], { source, cut }))
    }
  }
  const random = createRandom(seed, 'certificate windows')
  const rows = [
    ...cuts.map(({ row }) => row),
    ...Array.from({ length: WINDOWS_PER_CUT * count }, () => random.below(source.decision.rows)),
  ]
  const altered = brokenByAltering(subjects, values, source, seed)
  return subjects.map((subject, i) => {
    const { name, timeframe, memory, lookback } = subject.definition
    if (memory === 'window') broken[i].push(...brokenByWindow(subject, values[i], source, rows))
    broken[i].push(...altered[i].broken)
    const warmup = measureWarmup(subject, values[i], source, seed)
    broken[i].push(...warmup.broken)
    return { name, timeframe, memory, declared: lookback, measured: warmup.measured, broken: broken[i] }
  })
}
