/**
 * What the columns of a feature table are like: how much of them is known, how they are spread, which say the same, whether
 * they stay what they were. One column at a time; of a column stay some sampled rows, so that a table of any size fits.
 *
 * Known shares and months are of all rows; quantiles, drift and correlations of sampled rows. Nothing here judges a feature:
 * no label is looked at.
 */
import { createRandom } from '../../core/random.js'
import type { Span } from '../../core/time.js'
import { kolmogorovSmirnov, populationStability } from '../../math/two-samples.js'
import type { FeatureDefinition } from '../definition.js'
import { likeness } from './likeness.js'
import { distributionOf, type MonthRange, monthShifts, type Range } from './spread.js'

/** Rows sampled of each part for quantiles and drift: the noise of an index of ten bins is then about 0.005. */
export const SAMPLED = 4000
/** Columns that are drawn: the first by gain. */
export const DRAWN = 12

export type StudyInput = {
  readonly rows: number
  readonly from: number // open time of the first row, UTC ms
  readonly stepMs: number
  readonly columns: readonly Pick<FeatureDefinition, 'name' | 'family' | 'timeframe'>[]
  /** Values of a column over all rows; NaN = not known. Asked for once each, in order. */
  readonly valuesOf: (column: number) => Float32Array
  /** When the rows of the model's parts were available, UTC ms. */
  readonly train: Span
  readonly test: Span
  /** By name; a column that is not among them has none. */
  readonly gain: ReadonlyMap<string, number>
  readonly seed: number
  readonly onColumn?: (done: number) => void
}

/** Numbers of one column; null = not known, as in JSON. */
export type ColumnStudy = {
  readonly name: string
  readonly family: string
  readonly timeframe: string
  readonly known: number // rows
  readonly firstKnown: number | null // when the first known row was available, UTC ms
  readonly sampled: { readonly train: number; readonly test: number } // of them known
  readonly psi: number | null
  readonly ks: number | null
  /** The month whose mean lies furthest from that of the train part, in standard deviations of the train part. */
  readonly furthest: { readonly month: string; readonly shift: number } | null
}

export type MonthShift = {
  readonly month: string
  readonly shift: number | null // (mean - mean of train) / standard deviation of train
  readonly spread: number | null // standard deviation / that of train
}

/** Shares of the sampled rows by equally wide bins; both parts on the same bins. */
export type Distribution = {
  readonly name: string
  readonly low: number
  readonly high: number
  readonly train: readonly number[]
  readonly test: readonly number[]
  readonly quantiles: { readonly train: readonly number[]; readonly test: readonly number[] } // QUANTILES
  readonly months: readonly MonthShift[]
}

export type FeatureStudy = {
  readonly rows: number
  readonly span: Span // of the rows' open times
  readonly train: Span
  readonly test: Span
  readonly sampled: {
    readonly train: number
    readonly test: number
    readonly correlation: number
    readonly seed: number
  }
  readonly columns: readonly ColumnStudy[] // in the order of the table
  readonly drawn: readonly Distribution[] // the first by gain
  readonly clusters: readonly { readonly representative: string; readonly members: readonly string[] }[] // largest first
  /** Rank correlations of the first representatives by gain; null where one does not move. */
  readonly correlations: { readonly names: readonly string[]; readonly values: readonly (readonly (number | null)[])[] }
}

export function studyFeatures(input: StudyInput): FeatureStudy {
  const { rows, from, stepMs, columns, gain, seed } = input
  const random = createRandom(seed, 'feature study')
  const train = rangeOf(input, input.train)
  const test = rangeOf(input, input.test)
  const sampled = { train: sampleRows(train, SAMPLED, random.next), test: sampleRows(test, SAMPLED, random.next) }
  const months = monthsOfRows(input)
  const order = [...columns.keys()].sort((a, b) => gainOf(b) - gainOf(a) || a - b)
  const drawn = new Map(order.slice(0, DRAWN).map((column) => [column, null as Distribution | null]))
  const alike = likeness(sampleRows(train, SAMPLED / 2, random.next))
  const studied = columns.map(({ name, family, timeframe }, column): ColumnStudy => {
    const values = input.valuesOf(column)
    const parts = {
      train: knownSorted(values, sampled.train),
      test: knownSorted(values, sampled.test),
    }
    const shifts = monthShifts(values, train, months)
    if (drawn.has(column)) drawn.set(column, { name, ...distributionOf(parts), months: shifts })
    alike.add(values)
    input.onColumn?.(column + 1)
    const first = values.findIndex((value) => !Number.isNaN(value))
    return {
      ...{ name, family, timeframe, known: countKnown(values) },
      firstKnown: first < 0 ? null : from + (first + 1) * stepMs,
      sampled: { train: parts.train.length, test: parts.test.length },
      psi: finite(populationStability(parts.train, parts.test)),
      ks: finite(kolmogorovSmirnov(parts.train, parts.test)),
      furthest: furthestOf(shifts),
    }
  })
  function gainOf(column: number): number {
    return gain.get(columns[column].name) ?? 0
  }
  return {
    ...{ rows, span: { from, to: from + rows * stepMs }, train: input.train, test: input.test },
    sampled: { train: sampled.train.length, test: sampled.test.length, correlation: alike.rows, seed },
    columns: studied,
    drawn: [...drawn.values()].filter((one) => one !== null),
    ...alike.result(
      columns.map(({ name }) => name),
      order,
    ),
  }
}

/** Rows that were available within a span. */
function rangeOf({ rows, from, stepMs }: StudyInput, span: Span): Range {
  const at = (time: number) => Math.min(rows, Math.max(0, Math.ceil((time - from) / stepMs) - 1))
  return { start: at(span.from), end: Math.max(at(span.from), at(span.to)) }
}

/** One row by chance of each of `count` equal parts, rising; all where there are no more. */
export function sampleRows({ start, end }: Range, count: number, chance: () => number): Int32Array {
  const length = end - start
  if (length <= count) return Int32Array.from({ length }, (_, i) => start + i)
  return Int32Array.from({ length: count }, (_, i) => start + Math.floor(((i + chance()) * length) / count))
}

function knownSorted(values: Float32Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row])
    .filter((value) => !Number.isNaN(value))
    .sort()
}

function countKnown(values: Float32Array): number {
  let known = 0
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) known++
  return known
}

/** Calendar months by open time, UTC, the first and the last perhaps in part. */
function monthsOfRows({ rows, from, stepMs }: StudyInput): MonthRange[] {
  const months: MonthRange[] = []
  for (let start = 0; start < rows; ) {
    const first = new Date(from + start * stepMs)
    const next = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1)
    const end = Math.min(rows, Math.ceil((next - from) / stepMs))
    months.push({ month: first.toISOString().slice(0, 7), start, end })
    start = end
  }
  return months
}

function furthestOf(shifts: readonly MonthShift[]): ColumnStudy['furthest'] {
  let furthest: ColumnStudy['furthest'] = null
  for (const { month, shift } of shifts) {
    if (shift !== null && Math.abs(shift) > Math.abs(furthest?.shift ?? 0)) furthest = { month, shift }
  }
  return furthest
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
