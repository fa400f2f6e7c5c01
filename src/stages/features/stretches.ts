/**
 * Columns that rank a pair among others, a stretch of months at a time: the bars of twenty pairs over years do not fit into
 * memory. The columns are windows with sums tied to absolute bar numbers, so no byte of them depends on where a stretch begins,
 * given the months before it that their look-back needs.
 */
import { basename } from 'node:path'
import { assert } from '../../core/errors.js'
import { type Timeframe, timeframeMs } from '../../core/time.js'
import type { Absence, FeatureSource } from '../../features/matrix.js'
import type { Column } from '../../features/selection.js'
import type { Done, TaskIo } from '../stage.js'
import { PAIR_VALUES } from './other-pairs.js'
import { rowsOf, timeOf } from './spans.js'

/** Months that are computed together, after reading those before that their look-back needs. */
export type Stretch = {
  readonly from: number // UTC ms
  readonly before: readonly string[]
  readonly months: readonly string[]
}

/** Bars of all pairs in memory together; see `PAIR_VALUES`. */
const PAIR_ROWS = 2e6

type Plan = { readonly pairs: number; readonly timeframe: Timeframe; readonly columns: readonly Column[] }

/** Whole months with at most PAIR_ROWS bars of all pairs, or one month. */
export function planStretches(
  months: readonly Done[],
  { pairs, timeframe, columns }: Plan,
): { readonly stretches: readonly Stretch[]; readonly memoryBytes: number } {
  const step = timeframeMs(timeframe)
  const room = (PAIR_ROWS / pairs) * step
  const lookback = Math.max(...columns.map(({ feature }) => feature.lookback(step))) * step
  const spans = months.map(({ settings }) => ({
    month: String(settings.month),
    from: timeOf(settings.from),
    to: timeOf(settings.to),
  }))
  const stretches: Stretch[] = []
  let longest = 0
  for (let at = 0; at < spans.length; ) {
    const { from } = spans[at]
    const own = spans.slice(at).filter(({ to }, i) => i === 0 || to - from <= room)
    const before = spans.slice(0, at).filter(({ to }) => to > from - lookback)
    stretches.push({ from, before: before.map(({ month }) => month), months: own.map(({ month }) => month) })
    longest = Math.max(longest, rowsOf(months.slice(at - before.length, at + own.length), timeframe))
    at += own.length
  }
  const result = rowsOf(months, timeframe) * columns.length * 4
  return { stretches, memoryBytes: longest * pairs * PAIR_VALUES * 8 + 2 * result }
}

type Work = {
  readonly stretches: readonly Stretch[]
  readonly selected: readonly Column[]
  readonly read: (io: Pick<TaskIo, 'paths'>) => Promise<FeatureSource>
}

export type ColumnValues = {
  readonly rows: number
  readonly from: number // UTC ms
  readonly columns: readonly Column[]
  readonly absent: readonly Absence[]
  readonly values: Iterable<Float32Array> // in the order of `columns`, each [rows]
}

/** A column is absent when it is so in every stretch. */
export async function valuesByStretch(io: TaskIo, { stretches, selected, read }: Work): Promise<ColumnValues> {
  const { columnValues, openSource, planColumns, stored } = await import('../../features/matrix.js')
  const parts = new Map<string, { readonly row: number; readonly values: Float32Array }[]>()
  let absences: readonly Absence[] = []
  let rows = 0
  for (const [at, { from, before, months }] of stretches.entries()) {
    const wanted = [...before, ...months]
    const source = await read({ paths: (name) => io.paths(name).filter((path) => isOf(path, wanted)) })
    const { decision } = source
    const skipped = (from - decision.openTime[0]) / timeframeMs(decision.timeframe)
    assert(skipped >= 0 && Number.isInteger(skipped), `the stretch from ${from} is not among the bars read`)
    const open = openSource(source)
    const { columns, absent } = planColumns(open, selected)
    for (const column of columns) {
      const values = stored(columnValues(open, column), decision.baseBars).slice(skipped)
      parts.set(column.name, [...(parts.get(column.name) ?? []), { row: rows, values }])
    }
    absences = absent
    rows += decision.rows - skipped
    io.progress(at + 1, stretches.length)
  }
  const columns = selected.filter(({ name }) => parts.has(name))
  const absent = absences.filter(({ name }) => !parts.has(name))
  return { rows, from: stretches[0].from, columns, absent, values: whole() }

  function* whole(): Generator<Float32Array> {
    for (const { name } of columns) {
      const column = new Float32Array(rows).fill(Number.NaN)
      for (const { row, values } of parts.get(name) ?? []) column.set(values, row)
      parts.delete(name)
      yield column
    }
  }
}

/** Bars are in a file a month; what is not by month, such as funding, belongs to all. */
function isOf(path: string, months: readonly string[]): boolean {
  const name = basename(path, '.parquet')
  return !/^\d{4}-\d{2}$/.test(name) || months.includes(name)
}
