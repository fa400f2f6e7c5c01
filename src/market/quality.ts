/**
 * The quality report of one pair: what cleaning did to the published rows, and what the bars of every timeframe look like.
 * Measured month by month, combined exactly, then written as plain values that JSON can hold.
 */
import { assert } from '../core/errors.js'
import { type Span, type Timeframe, timeframeMs } from '../core/time.js'
import type { Bars } from './bars.js'
import type { KlineFindings } from './clean.js'
import { combineKlineFindings } from './combine.js'
import { type ComparedBars, combineCompared } from './compare-bars.js'
import { isHole } from './entry.js'
import type { FundingFindings } from './funding.js'
import { findGaps, type Gap, type GapEvidence, mergeGaps } from './gaps.js'
import { combineOutliers, findOutliers, type OutlierFindings } from './outliers.js'
import { combineRuns, frozenRuns, type Run, type RunFindings, zeroVolumeRuns } from './runs.js'
import type { SeriesName } from './series.js'
import { type SeriesFindings, type SeriesQuality, seriesQuality } from './series-quality.js'

/** How many runs of a kind are listed in a report; all are counted. */
export const LISTED_RUNS = 200

/** What the bars of one timeframe look like in one span. */
export type BarFindings = {
  readonly timeframe: Timeframe
  readonly span: Span
  readonly present: number
  /** Bars that are known, but rest on fewer base bars than fit into them. */
  readonly partial: number
  readonly first: number | null // opening time of the first known bar
  readonly last: number | null
  readonly gaps: readonly Gap[]
  readonly zeroVolume: RunFindings
  readonly frozen: RunFindings
  readonly outliers: OutlierFindings
}

/** Of one month, or of any longer span. */
export type Findings = {
  readonly rows: KlineFindings
  readonly bars: readonly BarFindings[]
  /** The exchange's own higher bars, where they were downloaded, against ours. */
  readonly published: readonly ComparedBars[]
}

/** Bars of one month by where their rows came from. */
export type SourceCounts = { readonly from: number; readonly archive: number; readonly rest: number }

export type TimeframeQuality = {
  readonly timeframe: Timeframe
  readonly span: Span
  readonly expected: number // bars of the span
  readonly present: number
  readonly missing: number
  readonly partial: number
  readonly completeness: number // present / expected
  readonly first: number | null
  readonly last: number | null
  /** The manifest of gaps: every hole, and the first `LISTED_RUNS` runs without volume, oldest first. */
  readonly gaps: readonly Gap[]
  /** `runs`: how many there are of at least `LISTED_RUN_BARS`. */
  readonly zeroVolume: RunCounts
  /** Runs of bars with the same four prices; `longest` is 1 when no two neighbours agree. */
  readonly frozen: Omit<RunCounts, 'bars'> & { readonly first: readonly Run[] }
  readonly outliers: OutlierFindings
}

export type RunCounts = {
  readonly bars: number
  readonly longest: number
  readonly longestFrom: number | null
  readonly runs: number
}

export type QualityReport = {
  readonly pair: string
  readonly rows: Omit<KlineFindings, 'zeroVolume' | 'refused'>
  readonly sources: readonly SourceCounts[]
  readonly timeframes: readonly TimeframeQuality[]
  readonly published: readonly ComparedBars[]
  readonly series: readonly SeriesQuality[]
  readonly funding: FundingFindings | null // null: the instrument has none, or none was fetched
}

/**
 * Measures bars of one span: the base bars (`baseTimeframe` = their own) or what was resampled from them.
 *
 * @param refused spans of base rows that could not be true
 */
export function barFindings(bars: Bars, baseTimeframe: Timeframe, refused: readonly Span[] = []): BarFindings {
  assert(bars.rows > 0, 'no bars to measure')
  const step = timeframeMs(bars.timeframe)
  const perBar = step / timeframeMs(baseTimeframe)
  let present = 0
  let partial = 0
  let first = -1
  let last = -1
  for (let i = 0; i < bars.rows; i++) {
    if (isHole(bars, i)) continue
    present++
    if (bars.baseBars[i] < perBar) partial++
    if (first < 0) first = i
    last = i
  }
  const from = bars.openTime[0]
  return {
    timeframe: bars.timeframe,
    span: { from, to: from + bars.rows * step },
    present,
    partial,
    first: first < 0 ? null : from + first * step,
    last: last < 0 ? null : from + last * step,
    gaps: findGaps(bars, refused),
    zeroVolume: zeroVolumeRuns(bars),
    frozen: frozenRuns(bars),
    outliers: findOutliers(bars),
  }
}

/**
 * Findings of several months as those of the whole. Exactly what one pass would find, but for two things: outliers are
 * measured against their own month, and a row that two months hold is not known as a duplicate, since each month sees
 * only its own rows. Time between the parts counts as missing.
 *
 * @param list at least one; any order; every timeframe in each
 */
export function combineFindings(list: readonly Findings[]): Findings {
  assert(list.length > 0, 'no findings to combine')
  const timeframes = list[0].bars.map((findings) => findings.timeframe)
  return {
    rows: combineKlineFindings(list.map((findings) => findings.rows)),
    bars: timeframes.map((timeframe) => combineBarFindings(list.map((findings) => ofTimeframe(findings, timeframe)))),
    published: combinePublished(list),
  }
}

export type ReportOptions = {
  readonly pair: string
  readonly span: Span
  /** Where rows of the bars could have come from. */
  readonly evidence: GapEvidence
  readonly funding: FundingFindings | null
  readonly series?: readonly SeriesFindings[]
  /** The same of the other series; without it, that of the bars. */
  readonly seriesEvidence?: Readonly<Partial<Record<SeriesName, GapEvidence>>> | undefined
}

/**
 * The report over the whole span: what lies outside of the findings is missing.
 *
 * @param months at least one, in any order
 */
export function qualityReport(months: readonly Findings[], options: ReportOptions): QualityReport {
  const { pair, span, evidence, funding, series = [], seriesEvidence = {} } = options
  const findings = combineFindings(months)
  const { zeroVolume: _, refused: __, ...rows } = findings.rows
  const names = [...new Set(series.map(({ name }) => name))]
  return {
    pair,
    rows,
    sources: months.map((month) => sourcesOf(month.rows)).sort((a, b) => a.from - b.from),
    timeframes: findings.bars.map((bars) => timeframeQuality(bars, options)),
    published: findings.published,
    series: names.map((name) =>
      seriesQuality(
        series.filter((part) => part.name === name),
        span,
        seriesEvidence[name] ?? evidence,
      ),
    ),
    funding,
  }
}

/** An impossible row has a source as well. */
function sourcesOf({ span, kept, impossible, rest }: KlineFindings): SourceCounts {
  const used = rest?.used.count ?? 0
  return { from: span.from, archive: kept + impossible.count - used, rest: used }
}

function timeframeQuality(bars: BarFindings, { span, evidence }: ReportOptions): TimeframeQuality {
  const step = timeframeMs(bars.timeframe)
  const whole = {
    from: Math.min(bars.span.from, Math.ceil(span.from / step) * step),
    to: Math.max(bars.span.to, Math.floor(span.to / step) * step),
  }
  const around = outside(bars.timeframe, [bars.span], whole)
  const expected = (whole.to - whole.from) / step
  const { zeroVolume, frozen } = bars
  const holes = mergeGaps([bars.gaps, around], { timeframe: bars.timeframe, span: whole, evidence })
  const still = zeroVolume.runs
    .slice(0, LISTED_RUNS)
    .map((run): Gap => ({ from: run.from, to: run.from + run.bars * step, bars: run.bars, cause: 'zero-volume' }))
  return {
    timeframe: bars.timeframe,
    span: whole,
    expected,
    present: bars.present,
    missing: expected - bars.present,
    partial: bars.partial,
    completeness: bars.present / expected,
    first: bars.first,
    last: bars.last,
    gaps: [...holes, ...still].sort((a, b) => a.from - b.from),
    zeroVolume: { bars: zeroVolume.bars, ...runCounts(zeroVolume) },
    frozen: { ...runCounts(frozen), first: frozen.runs.slice(0, LISTED_RUNS) },
    outliers: bars.outliers,
  }
}

function runCounts({ longest, longestFrom, runs }: RunFindings): Omit<RunCounts, 'bars'> {
  return { longest, longestFrom, runs: runs.length }
}

/** A month of which a timeframe was not downloaded has nothing to compare. */
function combinePublished(list: readonly Findings[]): ComparedBars[] {
  const all = [...list].sort((a, b) => a.rows.span.from - b.rows.span.from).flatMap(({ published }) => published)
  const timeframes = [...new Set(all.map(({ timeframe }) => timeframe))]
  return timeframes.map((timeframe) => combineCompared(all.filter((part) => part.timeframe === timeframe)))
}

function combineBarFindings(list: readonly BarFindings[]): BarFindings {
  const parts = [...list].sort((a, b) => a.span.from - b.span.from)
  const { timeframe } = parts[0]
  const span = { from: parts[0].span.from, to: parts[parts.length - 1].span.to }
  const between = outside(
    timeframe,
    parts.map((part) => part.span),
    span,
  )
  return {
    timeframe,
    span,
    present: parts.reduce((sum, part) => sum + part.present, 0),
    partial: parts.reduce((sum, part) => sum + part.partial, 0),
    first: parts.find((part) => part.first !== null)?.first ?? null,
    last: parts.findLast((part) => part.last !== null)?.last ?? null,
    gaps: mergeGaps([...parts.map((part) => part.gaps), between], { timeframe, span }),
    zeroVolume: parts.map((part) => part.zeroVolume).reduce(combineRuns),
    frozen: parts.map((part) => part.frozen).reduce(combineRuns),
    outliers: combineOutliers(parts.map((part) => part.outliers)),
  }
}

/** What of `whole` lies in none of the spans, which are in order and do not overlap. */
function outside(timeframe: Timeframe, spans: readonly Span[], whole: Span): Gap[] {
  const borders = [whole.from, ...spans.flatMap((span) => [span.from, span.to]), whole.to]
  const gaps: Gap[] = []
  for (let i = 0; i < borders.length; i += 2) {
    const [from, to] = [borders[i], borders[i + 1]]
    assert(to >= from, `findings overlap at ${to}`)
    if (to > from) gaps.push({ from, to, bars: (to - from) / timeframeMs(timeframe), cause: 'unknown' })
  }
  return gaps
}

function ofTimeframe(findings: Findings, timeframe: Timeframe): BarFindings {
  const found = findings.bars.find((bars) => bars.timeframe === timeframe)
  assert(found !== undefined, `no findings of ${timeframe}`)
  return found
}
