/**
 * Raw rows → bars on a complete grid at every timeframe, month by month; funding prints; and what was found on the way, in a quality
 * report for the pair. Nothing is filled: a bar that was not published is a row without values, and stands in the gap manifest.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Json, prettyJson } from '../core/canonical.js'
import { intersect, type Month, monthSpan, monthsOf, parseTime, type Span, type Timeframe } from '../core/time.js'
import type { Findings } from '../market/quality.js'
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
    { name: 'quality', scope: 'pair', plan: planQuality, run: reportQuality },
  ],
}

function planBars({ config, span, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  const files = done('download', 'files').filter((file) => file.settings.kind === 'klines')
  const present = files.filter((file) => file.manifest.files.length > 0).map(monthOfFile)
  const folder = `data/clean/${config['data.venue']}/${pair}`
  // A month that is absent between two that are there becomes holes, so that the grid has no end in the middle.
  return monthsOf(span)
    .filter((month) => month >= present[0] && month <= (present.at(-1) ?? ''))
    .map((month) => {
      const part = intersect(span, monthSpan(month))
      return {
        stage: 'clean' as const,
        step: 'bars',
        pair,
        unit: `${pair} ${month}`,
        inputs: inputsFrom(
          files.filter((file) => monthOfFile(file) === month),
          ['klines'],
        ),
        settings: {
          month,
          from: new Date(part.from).toISOString(),
          to: new Date(part.to).toISOString(),
          ...pick(config, ['bars.base', 'bars.decision', 'bars.context']),
        },
        manifest: `${folder}/months/${month}.manifest.json`,
        libraries: ['duckdb' as const],
        memoryBytes: 250e6,
      }
    })
}

function monthOfFile(file: Done): Month {
  return String(file.settings.month)
}

/** Base, decision and context timeframes, finest first, each once. */
function timeframesOf(settings: Task['settings']): Timeframe[] {
  const context = settings['bars.context'] as Timeframe[]
  return [...new Set([settings['bars.base'] as Timeframe, settings['bars.decision'] as Timeframe, ...context])]
}

async function cleanMonth(task: Task, io: TaskIo): Promise<TaskResult> {
  const { cleanKlines } = await import('../market/clean.js')
  const { resample } = await import('../market/resample.js')
  const { barFindings } = await import('../market/quality.js')
  const { BARS_SCHEMA, barsFrame, readRawKlines } = await import('../datasets/bars-table.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const month = String(task.settings.month)
  const span = spanOf(task.settings)
  const timeframes = timeframesOf(task.settings)
  const base = timeframes[0]
  const raw = await readRawKlines(io.paths('klines'))
  const { bars, findings } = cleanKlines(raw, { timeframe: base, span, period: monthSpan(month) })
  const folder = io.folder.replace(/\/months$/, '')
  const all = timeframes.map((timeframe) => (timeframe === base ? bars : resample(bars, timeframe)))
  for (const [i, resampled] of all.entries()) {
    const path = `${folder}/bars/${resampled.timeframe}/${month}.parquet`
    await io.write(`bars_${resampled.timeframe}`, path, (temporary) =>
      writeParquet(temporary, BARS_SCHEMA, barsFrame(resampled)),
    )
    io.progress(i + 1, all.length)
  }
  const found: Findings = { rows: findings, bars: all.map((some) => barFindings(some, base)) }
  await io.write('findings', `${folder}/months/${month}.findings.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(found as unknown as Json)),
  )
  const missing = bars.rows - found.bars[0].present
  return {
    facts: { rows: bars.rows, present: found.bars[0].present },
    summary: `${bars.rows.toLocaleString('en')} × ${base} → ${timeframes.slice(1).join(', ') || base}${missing > 0 ? `, ${missing.toLocaleString('en')} missing` : ''}`,
  }
}

function spanOf(settings: Task['settings']): Span {
  return { from: Date.parse(String(settings.from)), to: Date.parse(String(settings.to)) }
}

function planQuality({ config, span, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  const funding = done('download', 'files').filter((file) => file.settings.kind === 'fundingRate')
  const klines = done('download', 'files').filter((file) => file.settings.kind === 'klines')
  const folder = `data/clean/${config['data.venue']}/${pair}`
  return [
    {
      stage: 'clean',
      step: 'quality',
      pair,
      unit: pair,
      inputs: [...inputsFrom(done('clean', 'bars'), ['findings']), ...inputsFrom(funding, ['fundingRate'])],
      settings: {
        from: new Date(span.from).toISOString(),
        to: new Date(span.to).toISOString(),
        ...pick(config, ['data.venue']),
        absent: klines.flatMap(absentSpans) as Json,
        unverified: [...klines, ...funding].flatMap((file) =>
          (file.manifest.facts.sources as { key: string; verified: boolean }[])
            .filter(({ verified }) => !verified)
            .map(({ key }) => key),
        ),
      },
      manifest: `${folder}/quality.manifest.json`,
      libraries: ['duckdb'],
      memoryBytes: 150e6,
    },
  ]
}

/** Whole months, or days, that the archive does not have. */
function absentSpans({ manifest, settings }: Done): { from: string; to: string }[] {
  const { absentDays, rows } = manifest.facts
  if (rows === 0) return [{ from: String(settings.from), to: String(settings.to) }]
  return (absentDays as string[]).map((day) => ({
    from: day,
    to: new Date(parseTime(day) + 86_400_000).toISOString().slice(0, 10),
  }))
}

async function reportQuality(task: Task, io: TaskIo): Promise<TaskResult> {
  const { combineFindings, qualityReport } = await import('../market/quality.js')
  const { cleanFunding } = await import('../market/funding.js')
  const { FUNDING_SCHEMA, fundingFrame } = await import('../datasets/bars-table.js')
  const { readParquet, writeParquet } = await import('../datasets/parquet.js')
  const span = spanOf(task.settings)
  const prints = io.paths('fundingRate')
  let funding = null
  if (prints.length > 0) {
    const { numbers } = await readParquet(prints, null)
    const raw = {
      time: numbers.calc_time,
      rate: numbers.last_funding_rate,
      intervalHours: numbers.funding_interval_hours,
    }
    const cleaned = cleanFunding(raw, span)
    funding = cleaned.findings
    await io.write('funding', `${io.folder}/funding.parquet`, (temporary) =>
      writeParquet(temporary, FUNDING_SCHEMA, fundingFrame(cleaned.funding)),
    )
  }
  const absent = (task.settings.absent as { from: string; to: string }[]).map(({ from, to }) => ({
    from: parseTime(from),
    to: parseTime(to),
  }))
  const months = io.paths('findings').map((path) => JSON.parse(readFileSync(path, 'utf8')) as Findings)
  const report = qualityReport(combineFindings(months), { pair: task.pair ?? '', span, absent, funding })
  await io.write('quality', `${io.folder}/quality.json`, (temporary) =>
    writeFileSync(temporary, prettyJson({ ...report, unverified: task.settings.unverified } as unknown as Json)),
  )
  const base = report.timeframes[0]
  return {
    facts: { completeness: base.completeness, gaps: base.gaps.length, funding: funding !== null },
    summary: `${(100 * base.completeness).toFixed(2)} % of ${base.timeframe} bars, ${base.gaps.length} ${base.gaps.length === 1 ? 'gap' : 'gaps'}, ${funding === null ? 'no funding' : `${funding.prints} funding prints`}`,
    warnings: [
      ...(funding !== null && funding.holes.length > 0 ? [`${funding.holes.length} holes in the funding series`] : []),
      ...(report.rows.impossible.count > 0 ? [`${report.rows.impossible.count} impossible rows became holes`] : []),
    ],
  }
}
