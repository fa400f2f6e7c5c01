/**
 * Raw rows → bars on a complete grid at every timeframe, month by month; funding prints; and what was found on the way, in a quality
 * report for the pair. Nothing is filled: a bar that was not published is a row without values, and stands in the gap manifest.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Json, prettyJson } from '../core/canonical.js'
import { intersect, type Month, monthSpan, monthsOf, type Span, type Timeframe } from '../core/time.js'
import { absentSpans, evidenceOf, listingOf, unverifiedKeys } from '../datasets/raw-evidence.js'
import type { Bars } from '../market/bars.js'
import type { ComparedBars } from '../market/compare-bars.js'
import type { FundingFindings } from '../market/funding.js'
import type { GapEvidence } from '../market/gaps.js'
import type { Findings, ReportOptions } from '../market/quality.js'
import type { RawKind } from '../market/raw-kinds.js'
import { SERIES, SERIES_NAMES, type SeriesName } from '../market/series.js'
import type { SeriesFindings } from '../market/series-quality.js'
import { qualityWarnings } from './clean/warnings.js'
import {
  type Done,
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Stage,
  type Task,
  type TaskIo,
  type TaskResult,
} from './stage.js'

export const clean: Stage = {
  name: 'clean',
  purpose: 'Put bars on a complete grid, resample them, list gaps and faults',
  steps: [
    { name: 'bars', scope: 'pair', plan: planBars, run: cleanMonth },
    { name: 'series', scope: 'pair', plan: planSeries, run: cleanSeries },
    { name: 'quality', scope: 'pair', plan: planQuality, run: reportQuality },
  ],
}

/** Before the timeframe in the name of an input: bars of the exchange itself. */
const PUBLISHED = 'published_'

function planBars(context: PlanContext): PlannedTask[] {
  const { config, span, pair, done } = context
  if (pair === null) return []
  const base = config['bars.base']
  const files = filesOf(done, 'klines', base)
  const higher = done('download', 'files').filter(
    ({ settings }) => settings.kind === 'klines' && settings.timeframe !== base,
  )
  const present = files.filter((file) => file.manifest.files.length > 0).map(monthOfFile)
  const folder = `data/clean/${config['data.venue']}/${pair}`
  // A month that is absent between two that are there becomes holes, so that the grid has no end in the middle.
  return monthsOf(span)
    .filter((month) => month >= present[0] && month <= (present.at(-1) ?? ''))
    .map((month) => ({
      stage: 'clean' as const,
      step: 'bars',
      pair,
      unit: `${pair} ${month}`,
      inputs: [
        ...inputsFrom(ofMonth(files, month), ['klines', 'klines_rest']),
        ...ofMonth(higher, month).flatMap((file) =>
          inputsFrom([file], ['klines']).map((input) => ({ ...input, name: `${PUBLISHED}${file.settings.timeframe}` })),
        ),
      ],
      settings: {
        ...monthSettings(span, month),
        ...pick(config, ['bars.base', 'bars.decision', 'bars.context']),
        ...listing(context),
      },
      manifest: `${folder}/months/${month}.manifest.json`,
      libraries: ['duckdb' as const],
      memoryBytes: 250e6,
    }))
}

/** Units of one kind; of bars the base timeframe alone. */
function filesOf(done: PlanContext['done'], kind: RawKind, base: Timeframe): readonly Done[] {
  return done('download', 'files').filter(
    ({ settings }) =>
      settings.kind === kind && [null, undefined, base].includes(settings.timeframe as Timeframe | null),
  )
}

function ofMonth(files: readonly Done[], month: Month): readonly Done[] {
  return files.filter((file) => monthOfFile(file) === month)
}

function monthOfFile(file: Done): Month {
  return String(file.settings.month)
}

function monthSettings(span: Span, month: Month) {
  const part = intersect(span, monthSpan(month))
  return { month, from: new Date(part.from).toISOString(), to: new Date(part.to).toISOString() }
}

/** When the exchange listed the instrument, where the download asked for it; absent otherwise, so that it changes no fingerprint. */
function listing({ done }: PlanContext): { readonly listedFrom?: number } {
  const { listedFrom } = listingOf(done('download', 'instrument'))
  return listedFrom === null ? {} : { listedFrom }
}

/** Base, decision and context timeframes, finest first, each once. */
function timeframesOf(settings: Task['settings']): Timeframe[] {
  const context = settings['bars.context'] as Timeframe[]
  return [...new Set([settings['bars.base'] as Timeframe, settings['bars.decision'] as Timeframe, ...context])]
}

async function cleanMonth(task: Task, io: TaskIo): Promise<TaskResult> {
  const { cleanKlines } = await import('../market/clean.js')
  const { lossWarning, lostRows, refuseLoss } = await import('../market/lost-rows.js')
  const { resample } = await import('../market/resample.js')
  const { barFindings } = await import('../market/quality.js')
  const { BARS_SCHEMA, barsFrame, readRawKlines } = await import('../datasets/bars-table.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const month = String(task.settings.month)
  const timeframes = timeframesOf(task.settings)
  const base = timeframes[0]
  const options = cleanOptions(task.settings)
  const asked = io.paths('klines_rest')
  const rest = asked.length > 0 ? await readRawKlines(asked) : null
  const { bars, findings } = cleanKlines(await readRawKlines(io.paths('klines')), { ...options, timeframe: base, rest })
  const lost = lostRows(findings)
  const { foreign, offGrid, impossible } = findings
  const firstLost = [foreign.first[0], offGrid.first[0], impossible.first[0]?.time].find((time) => time != null)
  refuseLoss(`bars ${base}`, findings.rows, lost, firstLost)
  const folder = io.folder.replace(/\/months$/, '')
  const all = timeframes.map((timeframe) => (timeframe === base ? bars : resample(bars, timeframe)))
  for (const [i, resampled] of all.entries()) {
    const path = `${folder}/bars/${resampled.timeframe}/${month}.parquet`
    await io.write(`bars_${resampled.timeframe}`, path, (temporary) =>
      writeParquet(temporary, BARS_SCHEMA, barsFrame(resampled)),
    )
    io.progress(i + 1, all.length)
  }
  const found: Findings = {
    rows: findings,
    bars: all.map((some) => barFindings(some, base, findings.refused)),
    published: await publishedBars(task, io, bars),
  }
  await io.write('findings', `${folder}/months/${month}.findings.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(found as unknown as Json)),
  )
  const missing = bars.rows - found.bars[0].present
  const differing = found.published.filter((compared) => compared.differing.count > 0)
  return {
    facts: { rows: bars.rows, present: found.bars[0].present },
    summary: `${bars.rows.toLocaleString('en')} × ${base} → ${timeframes.slice(1).join(', ') || base}${missing > 0 ? `, ${missing.toLocaleString('en')} missing` : ''}`,
    warnings: [
      ...lossWarning(findings.rows, lost),
      ...differing.map(
        ({ timeframe, differing: { count }, compared }) =>
          `${count} of ${compared} published ${timeframe} bars differ from those resampled from ${base}`,
      ),
    ],
  }
}

function cleanOptions(settings: Task['settings']) {
  const listedFrom = (settings.listedFrom as number | undefined) ?? null
  return { span: spanOf(settings), period: monthSpan(String(settings.month)), listedFrom }
}

/** Every published timeframe that the month has, against what the bars resample to. */
async function publishedBars(task: Task, io: TaskIo, bars: Bars): Promise<ComparedBars[]> {
  const names = new Set(task.inputs.map(({ name }) => name).filter((name) => name.startsWith(PUBLISHED)))
  if (names.size === 0) return []
  const { comparePublishedBars } = await import('../datasets/clean-series.js')
  const files = [...names].map((name) => [name.slice(PUBLISHED.length) as Timeframe, io.paths(name)] as const)
  return comparePublishedBars(bars, new Map(files), cleanOptions(task.settings))
}

function spanOf(settings: Task['settings']): Span {
  return { from: Date.parse(String(settings.from)), to: Date.parse(String(settings.to)) }
}

/** One unit a series and month; none where nothing of the series was downloaded. */
function planSeries(context: PlanContext): PlannedTask[] {
  const { config, span, pair, done } = context
  if (pair === null) return []
  const base = config['bars.base']
  return SERIES_NAMES.flatMap((name) => {
    const files = filesOfSeries(done, name, base).filter(({ manifest }) => manifest.files.length > 0)
    const bars = SERIES[name].isBesideBars ? done('clean', 'bars') : []
    const folder = `data/clean/${config['data.venue']}/${pair}/${name}`
    return [...new Set(files.map(monthOfFile))].sort().map((month) => ({
      stage: 'clean' as const,
      step: 'series',
      pair,
      unit: `${pair} ${name} ${month}`,
      inputs: [
        ...inputsFrom(ofMonth(files, month), null),
        ...inputsFrom(ofMonth(bars, month), [`bars_${base}`]).map((input) => ({ ...input, name: 'bars' })),
      ],
      settings: {
        ...{ series: name, ...monthSettings(span, month), ...pick(config, ['bars.base']), ...listing(context) },
        ...silence(name, ofMonth(files, month)),
      },
      manifest: `${folder}/${month}.manifest.json`,
      libraries: ['duckdb' as const],
      memoryBytes: name === 'trade_bars' || name === 'book_ticker_bars' ? 1e9 : 300e6,
    }))
  })
}

/** Where no row means that nothing happened, the days without a file do not mean it. */
function silence(name: SeriesName, files: readonly Done[]): { readonly absentDays?: Json } {
  return name === 'liquidation_bars'
    ? { absentDays: files.flatMap(({ manifest }) => manifest.facts.absentDays ?? []) }
    : {}
}

/** Trades, or else trades that were put together. */
function filesOfSeries(done: PlanContext['done'], name: SeriesName, base: Timeframe): readonly Done[] {
  return SERIES[name].kinds.flatMap((kind) => filesOf(done, kind, base))
}

async function cleanSeries(task: Task, io: TaskIo): Promise<TaskResult> {
  const { readCleanSeries } = await import('../datasets/clean-series.js')
  const { lossWarning } = await import('../market/lost-rows.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const { month, series } = task.settings
  const name = String(series) as SeriesName
  const { schema, frame, findings } = await readCleanSeries({
    ...{ name, timeframe: task.settings['bars.base'] as Timeframe, paths: (file) => io.paths(file) },
    ...cleanOptions(task.settings),
    absentDays: (task.settings.absentDays ?? []) as string[],
  })
  await io.write(name, `${io.folder}/${month}.parquet`, (temporary) => writeParquet(temporary, schema, frame))
  await io.write('series_findings', `${io.folder}/${month}.findings.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(findings as unknown as Json)),
  )
  const { kept, rest } = findings
  const differing = rest?.disagreements.count ?? 0
  return {
    facts: { rows: frame.rows, present: kept },
    summary: `${findings.rows.toLocaleString('en')} rows → ${kept.toLocaleString('en')} of ${frame.rows.toLocaleString('en')} × ${findings.timeframe}`,
    warnings: [
      ...lossWarning(findings.rows, findings.lost),
      ...(differing > 0
        ? [`archive and REST disagree in ${differing} of ${rest?.compared ?? 0} values that both have`]
        : []),
    ],
  }
}

function planQuality(context: PlanContext): PlannedTask[] {
  const { config, span, pair, done } = context
  if (pair === null) return []
  const base = config['bars.base']
  const funding = filesOf(done, 'fundingRate', base)
  const klines = filesOf(done, 'klines', base)
  const folder = `data/clean/${config['data.venue']}/${pair}`
  return [
    {
      stage: 'clean',
      step: 'quality',
      pair,
      unit: pair,
      inputs: [
        ...inputsFrom(done('clean', 'bars'), ['findings']),
        ...inputsFrom(funding, ['fundingRate', 'fundingRate_rest']),
        ...inputsFrom(done('clean', 'series'), ['series_findings']),
      ],
      settings: {
        from: new Date(span.from).toISOString(),
        to: new Date(span.to).toISOString(),
        ...pick(config, ['data.venue']),
        evidence: evidenceOf(klines, done('download', 'instrument')) as Json,
        ...seriesEvidence(context),
        absent: klines.flatMap(absentSpans) as Json,
        unverified: unverifiedKeys([...klines, ...funding]),
      },
      manifest: `${folder}/quality.manifest.json`,
      libraries: ['duckdb'],
      memoryBytes: 150e6,
    },
  ]
}

/** By series, of those that there are; absent when there is none, so that it changes no fingerprint. */
function seriesEvidence({ done, config }: PlanContext): { readonly seriesEvidence?: Json } {
  const names = SERIES_NAMES.filter((name) => done('clean', 'series').some(({ settings }) => settings.series === name))
  if (names.length === 0) return {}
  const instrument = done('download', 'instrument')
  const entries = names.map((name) => [name, evidenceOf(filesOfSeries(done, name, config['bars.base']), instrument)])
  return { seriesEvidence: Object.fromEntries(entries) }
}

async function reportQuality(task: Task, io: TaskIo): Promise<TaskResult> {
  const { qualityReport } = await import('../market/quality.js')
  const span = spanOf(task.settings)
  const evidence = task.settings.evidence as unknown as GapEvidence
  // Prints from before the listing are of an earlier instrument of the same name.
  const listedFrom = Math.min(evidence.listedFrom ?? span.from, span.to)
  const months = monthsOf(span).map(monthSpan)
  const period = { from: months[0].from, to: months[months.length - 1].to }
  const funding = await cleanPrints(io, { from: Math.max(span.from, listedFrom), to: span.to }, period)
  const found = io.paths('findings').map((path) => JSON.parse(readFileSync(path, 'utf8')) as Findings)
  const series = io.paths('series_findings').map((path) => JSON.parse(readFileSync(path, 'utf8')) as SeriesFindings)
  const report = qualityReport(found, {
    ...{ pair: task.pair ?? '', span, evidence, funding, series },
    seriesEvidence: task.settings.seriesEvidence as ReportOptions['seriesEvidence'],
  })
  const { absent, unverified } = task.settings
  await io.write('quality', `${io.folder}/quality.json`, (temporary) =>
    writeFileSync(temporary, prettyJson({ ...report, absent, unverified } as unknown as Json)),
  )
  const base = report.timeframes[0]
  const gaps = base.gaps.filter(({ cause }) => cause !== 'zero-volume').length
  return {
    facts: { completeness: base.completeness, gaps, funding: funding !== null },
    summary: `${(100 * base.completeness).toFixed(2)} % of ${base.timeframe} bars, ${gaps} ${gaps === 1 ? 'gap' : 'gaps'}, ${funding === null ? 'no funding' : `${funding.prints} funding prints`}`,
    warnings: qualityWarnings(report),
  }
}

/** null when there is no print at all. */
async function cleanPrints(io: TaskIo, span: Span, period: Span): Promise<FundingFindings | null> {
  const [archive, asked] = [io.paths('fundingRate'), io.paths('fundingRate_rest')]
  if (archive.length + asked.length === 0) return null
  const { cleanFunding } = await import('../market/funding.js')
  const { refuseLoss } = await import('../market/lost-rows.js')
  const table = await import('../datasets/bars-table.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const { raw, rest } = await table.readRawFunding(archive, asked)
  const { funding, special, findings } = cleanFunding(raw, span, rest, period)
  refuseLoss('funding', findings.rows, findings.lost)
  await io.write('funding', `${io.folder}/funding.parquet`, (temporary) =>
    writeParquet(temporary, table.FUNDING_SCHEMA, table.fundingFrame(funding)),
  )
  if (special.time.length > 0) {
    await io.write('funding_special', `${io.folder}/funding_special.parquet`, (temporary) =>
      writeParquet(temporary, table.SPECIAL_FUNDING_SCHEMA, table.specialFundingFrame(special)),
    )
  }
  return findings
}
