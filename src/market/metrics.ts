/**
 * Open interest and ratios of five minutes each, on a complete grid. What is delicate is the label: until 2026-06-24 the archive named
 * a period by its end, since then by its start, without saying so. The key here is always the start, and a row may be used five
 * minutes after its label, whatever the label means: too late at worst, never too early.
 */
import { assert } from '../core/errors.js'
import { MINUTE, type Span } from '../core/time.js'
import { createList, finiteOrNull, relativeDifference } from './listed.js'
import { METRIC_COLUMNS, type MetricColumn, type MetricValues, periodsOf } from './metric-labels.js'
import type { Disagreement, RestFindings } from './rest-rows.js'
import { gridFindings, type SeriesFindings } from './series-quality.js'

export const METRICS_STEP = 5 * MINUTE

/** Rows of the archive in the order of the files, which may be doubled, unsorted or blank. */
export type RawMetrics = { readonly rows: number; readonly label: Float64Array; readonly values: MetricValues }

/** One column as REST gives it; its labels are taken for starts. */
export type RestMetric = { readonly label: Float64Array; readonly value: Float64Array }
export type RestMetrics = Readonly<Partial<Record<MetricColumn, RestMetric>>>

export type Metrics = {
  readonly rows: number
  readonly openTime: Float64Array // start of the period, on the grid
  readonly availableTime: Float64Array // label + 5 minutes, at or after the period's end
  readonly values: MetricValues // NaN where not known
}

/** REST prints ratios with four decimals, the archive with many; more than this fraction apart is a disagreement. */
export const METRICS_TOLERANCE = 1e-3

export type MetricsOptions = { readonly span: Span; readonly period: Span; readonly rest?: RestMetrics | null }

/**
 * Metrics of a span. The rules, in this order:
 *
 * 1. The label becomes the start of its period (`periodsOf`). A row off the grid, or of a period outside the file's month, or outside
 *    the span, is dropped and counted.
 * 2. Of rows of one period, equal ones are duplicates (a doubled file), and of those that differ the last published is kept.
 * 3. A cell that is blank, infinite or negative is not known; counted. Open interest of zero is not known either, nor its value: a
 *    market that trades has some.
 * 4. Where the archive does not know a cell, REST's stands in; where both do, the archive's is kept and a difference counted.
 * 5. A period of which no cell is known is a hole.
 */
export function cleanMetrics(raw: RawMetrics, options: MetricsOptions): { metrics: Metrics; findings: SeriesFindings } {
  const { rest = null } = options
  const span = {
    from: Math.ceil(options.span.from / METRICS_STEP) * METRICS_STEP,
    to: Math.floor(options.span.to / METRICS_STEP) * METRICS_STEP,
  }
  const metrics = emptyMetrics(span)
  const placed = placeRows(raw, span, options.period)
  const cells = fillCells(metrics, raw, placed.rowOf)
  const labels = placed.labels
  for (let i = 0; i < metrics.rows; i++) {
    if (placed.rowOf[i] >= 0) metrics.availableTime[i] = raw.label[placed.rowOf[i]] + METRICS_STEP
  }
  const fromRest = rest === null ? null : takeRest(metrics, rest, placed.rowOf)
  const isKnown = (i: number) => METRIC_COLUMNS.some((column) => !Number.isNaN(metrics.values[column][i]))
  const findings: SeriesFindings = {
    ...{ name: 'metrics', timeframe: '5m', span, rows: raw.rows },
    ...gridFindings(span, '5m', isKnown),
    ...{ dropped: placed.dropped, outOfOrder: placed.outOfOrder, duplicates: placed.duplicates },
    conflicts: placed.conflicts,
    impossible: cells.impossible,
    lost: { ...placed.lost, impossible: cells.impossibleRows, replaced: placed.conflicts.count },
    ...{ rest: fromRest?.findings ?? null, reference: null },
    counts: {
      'blank cells': cells.blank,
      'rows with no open interest': cells.zero,
      'cells from REST': fromRest?.cells ?? 0,
      'label at the seam that could be of either day': labels.ambiguous,
    },
    largest: {},
  }
  return { metrics, findings }
}

function emptyMetrics(span: Span): Metrics {
  const rows = Math.max(0, (span.to - span.from) / METRICS_STEP)
  const openTime = Float64Array.from({ length: rows }, (_, i) => span.from + i * METRICS_STEP)
  const values = Object.fromEntries(METRIC_COLUMNS.map((column) => [column, new Float64Array(rows).fill(Number.NaN)]))
  return {
    rows,
    openTime,
    availableTime: openTime.map((time) => time + METRICS_STEP),
    values: values as Record<MetricColumn, Float64Array>,
  }
}

function placeRows(raw: RawMetrics, span: Span, period: Span) {
  const labels = periodsOf(raw)
  const rowOf = new Int32Array(Math.max(0, (span.to - span.from) / METRICS_STEP)).fill(-1)
  const conflicts = createList<number | null>()
  const lost = { foreign: 0, offGrid: 0 }
  let dropped = 0
  let outOfOrder = 0
  let duplicates = 0
  let latest = Number.NEGATIVE_INFINITY
  for (let row = 0; row < raw.rows; row++) {
    const start = labels.start[row]
    const isForeign = !(start >= period.from && start < period.to)
    const isOffGrid = !isForeign && start % METRICS_STEP !== 0
    if (isForeign) lost.foreign++
    if (isOffGrid) lost.offGrid++
    if (isForeign || isOffGrid || start < span.from || start >= span.to) {
      dropped++
      continue
    }
    if (start < latest) outOfOrder++
    latest = Math.max(latest, start)
    const i = (start - span.from) / METRICS_STEP
    if (rowOf[i] < 0) {
      rowOf[i] = row
    } else if (METRIC_COLUMNS.every((column) => Object.is(raw.values[column][rowOf[i]], raw.values[column][row]))) {
      duplicates++
    } else {
      conflicts.add(start)
      rowOf[i] = row
    }
  }
  return { rowOf, labels, lost, dropped, outOfOrder, duplicates, conflicts: conflicts.listed() }
}

function fillCells(metrics: Metrics, raw: RawMetrics, rowOf: Int32Array) {
  let blank = 0
  let impossible = 0
  let impossibleRows = 0
  let zero = 0
  for (let i = 0; i < metrics.rows; i++) {
    const row = rowOf[i]
    if (row < 0) continue
    const before = impossible
    for (const column of METRIC_COLUMNS) {
      const value = raw.values[column][row]
      if (Number.isNaN(value)) blank++
      else if (!Number.isFinite(value) || value < 0) impossible++
      else metrics.values[column][i] = value
    }
    if (impossible > before) impossibleRows++
    const { sum_open_interest: interest, sum_open_interest_value: inQuote } = metrics.values
    if (interest[i] !== 0 && inQuote[i] !== 0) continue
    zero++
    interest[i] = Number.NaN
    inQuote[i] = Number.NaN
  }
  return { blank, impossible, impossibleRows, zero }
}

function takeRest(metrics: Metrics, rest: RestMetrics, rowOf: Int32Array): { findings: RestFindings; cells: number } {
  const used = createList<number | null>()
  const disagreements = createList<Disagreement>()
  const counts = { rows: 0, dropped: 0, duplicates: 0, conflicts: 0, compared: 0, cells: 0 }
  let largestDifference = 0
  const isUsed = new Uint8Array(metrics.rows)
  for (const column of METRIC_COLUMNS) {
    const series = rest[column]
    if (series === undefined) continue
    assert(series.label.length === series.value.length, `${column} of REST has no value for each label`)
    const theirs = onGrid(series, metrics.openTime, counts)
    for (let i = 0; i < metrics.rows; i++) {
      const [ours, other] = [metrics.values[column][i], theirs[i]]
      if (!(Number.isFinite(other) && other >= 0)) continue
      if (Number.isNaN(ours)) {
        metrics.values[column][i] = other
        counts.cells++
        if (rowOf[i] < 0) isUsed[i] = 1
        continue
      }
      counts.compared++
      const difference = relativeDifference(ours, other)
      largestDifference = Math.max(largestDifference, difference)
      if (difference <= METRICS_TOLERANCE) continue
      disagreements.add({ time: metrics.openTime[i], column, archive: ours, rest: finiteOrNull(other) })
    }
  }
  for (let i = 0; i < metrics.rows; i++) if (isUsed[i] === 1) used.add(metrics.openTime[i])
  const { cells, ...rows } = counts
  return { findings: { ...rows, used: used.listed(), disagreements: disagreements.listed(), largestDifference }, cells }
}

type RestCounts = { rows: number; dropped: number; duplicates: number; conflicts: number }

/** The last value of each period; what replaced what is added to `counts`. */
function onGrid({ label, value }: RestMetric, openTime: Float64Array, counts: RestCounts): Float64Array {
  const values = new Float64Array(openTime.length).fill(Number.NaN)
  const isTaken = new Uint8Array(openTime.length)
  counts.rows += label.length
  for (let row = 0; row < label.length; row++) {
    const i = (label[row] - openTime[0]) / METRICS_STEP
    if (!Number.isInteger(i) || i < 0 || i >= openTime.length) {
      counts.dropped++
      continue
    }
    if (isTaken[i] === 1) counts[Object.is(values[i], value[row]) ? 'duplicates' : 'conflicts']++
    isTaken[i] = 1
    values[i] = value[row]
  }
  return values
}
