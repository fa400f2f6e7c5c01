/**
 * The leakage certificate: every column is computed again from what had been available at some moments, and must be, up
 * to each of them, bit for bit what it is with all the data. It is evidence about these data and these moments, not a
 * proof: a feature that looks ahead where nothing changes, or only at moments that were not cut, is not caught.
 *
 * It judges whatever is called a subject, so that the planted leaks of the tests go through this very code.
 */
import { createRandom } from '../core/random.js'
import type { Timeframe } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { type Cut, chooseCuts } from './choose-cuts.js'
import { knownAt } from './cut.js'
import { definitionOf, type FeatureDefinition } from './definition.js'
import { type Broken, brokenByCut, brokenByWindow, measureWarmup } from './evidence.js'
import { differentBars } from './evidence-bars.js'
import { columnValues, type FeatureSource, type OpenSource, openSource } from './matrix.js'
import type { Column } from './selection.js'

/** Something that gives one value a decision row. */
export type Subject = {
  readonly definition: Pick<FeatureDefinition, 'name' | 'timeframe' | 'lookback' | 'memory'>
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

/** Rows at which a windowed feature is computed from its window alone, for each cut by chance. */
const WINDOWS_PER_CUT = 2

export function certify(subjects: readonly Subject[], evidence: Evidence, options: CertificateOptions): Certificate {
  const { seed, cuts: count, onColumn } = options
  const { source, base } = evidence
  const { decision } = source
  const cuts = chooseCuts(source, { seed, count })
  const whole = openSource(source)
  const known = cuts.map((cut) => ({ cut, open: openSource(knownAt(source, cut.time)) }))
  const random = createRandom(seed, 'certificate windows')
  const rows = Array.from({ length: WINDOWS_PER_CUT * count }, () => random.below(Math.max(1, decision.rows)))
  const features = subjects.map((subject, i) => {
    const { name, timeframe, memory, lookback } = subject.definition
    const values = subject.values(whole)
    const warmup = measureWarmup(subject, source, seed)
    const broken = [
      ...brokenByCut(subject, values, decision, known),
      ...(memory === 'window' ? brokenByWindow(subject, values, source, [...rows, ...cuts.map(({ row }) => row)]) : []),
      ...warmup.broken,
    ]
    onColumn?.(i + 1, subjects.length)
    return { name, timeframe, memory, declared: lookback, measured: warmup.measured, broken }
  })
  const bars = base === null ? [] : [decision, ...source.context].map((own) => differentBars(own, base, cuts))
  const sound = [...features, ...bars].every(({ broken }) => broken.length === 0)
  return {
    verdict: sound && features.length > 0 ? 'passed' : 'failed',
    rows: decision.rows,
    from: decision.openTime[0],
    to: whole.source.decision.openTime[decision.rows - 1],
    cuts,
    bars,
    features,
  }
}
