/**
 * Published rows become bars on a complete grid. Every rule that drops, replaces or refuses a row is stated here once,
 * and whatever a rule did is counted: nothing disappears silently and nothing is invented.
 */
import { assert } from '../core/errors.js'
import { type Span, type Timeframe, timeframeMs } from '../core/time.js'
import { type Bars, emptyBars } from './bars.js'
import { createJudge } from './implausible.js'
import {
  IMPOSSIBLE_REASONS,
  type ImpossibleReason,
  KLINE_VALUES,
  type KlineValue,
  type PriceSign,
  type RawKlines,
} from './impossible.js'
import { createList, finiteOrNull, LISTED, type ListedTimes } from './listed.js'
import { compareRest, type RestFindings } from './rest-rows.js'
import { type RunFindings, zeroVolumeRuns } from './runs.js'
import { EVER, joinSpans } from './spans.js'

export type CleanOptions = {
  readonly timeframe: Timeframe
  /** What is asked for. */
  readonly span: Span
  /** What the files say they hold, such as their month; rows outside of it are foreign. Without it no row is foreign. */
  readonly period?: Span
  /** Rows of the same series that REST gave; null or absent: it was not asked. */
  readonly rest?: RawKlines | null
  /** When the exchange listed the instrument, where that is known. */
  readonly listedFrom?: number | null
  readonly sign?: PriceSign
}

export type ImpossibleRow = {
  readonly time: number
  readonly reason: ImpossibleReason
  /** As published; null for what is no finite number. */
  readonly values: Readonly<Record<KlineValue, number | null>>
}

export type KlineFindings = {
  readonly timeframe: Timeframe
  readonly span: Span // of the grid
  readonly rows: number // read
  readonly kept: number // bars that are known
  readonly outsideSpan: number
  readonly foreign: ListedTimes
  readonly offGrid: ListedTimes
  /** Of an earlier instrument that had the same name. */
  readonly beforeListing: ListedTimes
  readonly outOfOrder: number
  readonly duplicates: number
  readonly conflicts: ListedTimes
  readonly impossible: {
    readonly count: number
    readonly reasons: Readonly<Record<ImpossibleReason, number>>
    readonly first: readonly ImpossibleRow[]
  }
  /** Bars that are holes because their row was impossible, those that touch as one. */
  readonly refused: readonly Span[]
  readonly rest: RestFindings | null // null: REST gave no rows
  /** Bars, otherwise known, of which this column is not. */
  readonly unknown: Readonly<Record<KlineValue, number>>
  readonly zeroVolume: RunFindings
}

export type CleanedKlines = { readonly bars: Bars; readonly findings: KlineFindings }

/**
 * Bars on the complete grid of a span. The grid holds the bars that lie wholly inside the span. The rules, in this order:
 *
 * 1. A row outside `period` is foreign: dropped, counted, listed.
 * 2. A row off the grid (`openTime` not a multiple of the timeframe) is dropped, counted, listed.
 * 3. A row that ends before the instrument was listed belongs to an earlier one of the same name: dropped, counted, listed.
 * 4. A row outside the span was cut by the configuration: dropped and counted, which is no defect.
 * 5. Rows are sorted by time. Counted as out of order: those that come after a row with a later time.
 * 6. A row equal in every column to the one kept for its time is a duplicate: the first is kept, the others counted.
 * 7. A row that differs from the one kept for its time is a conflict: the last published is kept; counted, listed.
 * 8. A bar without a row takes that of REST, which went through rules 1 to 7 by itself; where both have one, the archive's stands, and
 *    what they disagree in is counted and listed (`RestFindings`).
 * 9. A kept row that cannot be true (`IMPOSSIBLE_REASONS`, judged by itself and the rows before it) makes its bar a hole: counted by reason,
 *    listed with its values. So no label, no fill and no higher bar rests on it. Nothing is repaired: neither an earlier row that rule 7
 *    replaced comes back, nor does REST stand in.
 * 10. A bar without a row is a hole: every value NaN, `baseBars` 0. Every other bar has `baseBars` 1.
 * 11. Bars in which nothing was traded stay as published and are counted, with their runs.
 *
 * Counts of rules 1 to 7 are those of the archive; `rows` too.
 *
 * Columns other than prices that are not known (NaN) stay so and are counted.
 */
export function cleanKlines(raw: RawKlines, options: CleanOptions): CleanedKlines {
  const step = timeframeMs(options.timeframe)
  const from = Math.ceil(options.span.from / step) * step
  const grid = { from, to: Math.max(from, Math.floor(options.span.to / step) * step) }
  const { period = EVER, listedFrom = null, rest = null, sign = 'positive' } = options
  const placement = { grid, step, period, listedFrom: listedFrom ?? Number.NEGATIVE_INFINITY }
  const { rowOf, ...counts } = placeRows(raw, placement)
  const bars = emptyBars(options.timeframe, grid.from, (grid.to - grid.from) / step)
  const restRows = rest === null ? null : placeRows(rest, placement)
  const impossible = fillBars(bars, { raw, rowOf, rest, restRowOf: restRows?.rowOf ?? null, sign })
  const findings = {
    timeframe: options.timeframe,
    span: grid,
    rows: raw.rows,
    kept: bars.baseBars.reduce((sum, known) => sum + known, 0),
    ...counts,
    ...impossible,
    rest:
      rest === null || restRows === null
        ? null
        : compareRest({ raw, rowOf, rest, placed: restRows, from: grid.from, step }),
    unknown: countUnknown(bars),
    zeroVolume: zeroVolumeRuns(bars),
  }
  return { bars, findings }
}

type Placement = {
  readonly grid: Span
  readonly step: number
  readonly period: Span
  readonly listedFrom: number
}

/** Rules 1 to 7: which row stands for each bar of the grid, -1 for none. */
function placeRows(raw: RawKlines, { grid, step, period, listedFrom }: Placement) {
  const rowOf = new Int32Array((grid.to - grid.from) / step).fill(-1)
  const foreign = createList<number | null>()
  const offGrid = createList<number | null>()
  const beforeListing = createList<number | null>()
  const conflicts = createList<number | null>()
  let outsideSpan = 0
  let outOfOrder = 0
  let duplicates = 0
  let latest = Number.NEGATIVE_INFINITY
  for (let row = 0; row < raw.rows; row++) {
    const time = raw.openTime[row]
    if (time < period.from || time >= period.to) {
      foreign.add(finiteOrNull(time))
    } else if (time % step !== 0) {
      offGrid.add(finiteOrNull(time))
    } else if (time + step <= listedFrom) {
      beforeListing.add(time)
    } else if (time < grid.from || time >= grid.to) {
      outsideSpan++
    } else {
      if (time < latest) outOfOrder++
      latest = Math.max(latest, time)
      const bar = (time - grid.from) / step
      if (rowOf[bar] < 0) {
        rowOf[bar] = row
      } else if (isSameRow(raw, rowOf[bar], row)) {
        duplicates++
      } else {
        conflicts.add(time)
        rowOf[bar] = row
      }
    }
  }
  return {
    rowOf,
    outsideSpan,
    outOfOrder,
    duplicates,
    foreign: foreign.listed(),
    offGrid: offGrid.listed(),
    beforeListing: beforeListing.listed(),
    conflicts: conflicts.listed(),
  }
}

type Sources = {
  readonly raw: RawKlines
  readonly rowOf: Int32Array
  readonly rest: RawKlines | null
  readonly restRowOf: Int32Array | null
  readonly sign: PriceSign
}

/** Rules 8 to 10. */
function fillBars(bars: Bars, { raw, rowOf, rest, restRowOf, sign }: Sources) {
  assert(rowOf.length === bars.rows, `${rowOf.length} places for ${bars.rows} bars`)
  const reasons = Object.fromEntries(IMPOSSIBLE_REASONS.map((reason) => [reason, 0])) as Record<
    ImpossibleReason,
    number
  >
  const first: ImpossibleRow[] = []
  const refused: Span[] = []
  const judge = createJudge(sign)
  const step = timeframeMs(bars.timeframe)
  let count = 0
  for (let bar = 0; bar < bars.rows; bar++) {
    const isFromRest = rowOf[bar] < 0 && rest !== null && restRowOf !== null
    const source = isFromRest ? rest : raw
    const row = isFromRest ? restRowOf[bar] : rowOf[bar]
    if (row < 0) continue
    const reason = judge(source, row, bar)
    if (reason === null) {
      for (const column of KLINE_VALUES) bars[column][bar] = source[column][row]
      bars.baseBars[bar] = 1
    } else {
      const time = bars.openTime[bar]
      count++
      reasons[reason]++
      refused.push({ from: time, to: time + step })
      if (first.length < LISTED) first.push({ time, reason, values: valuesOf(source, row) })
    }
  }
  return { impossible: { count, reasons, first }, refused: joinSpans(refused) }
}

function isSameRow(raw: RawKlines, a: number, b: number): boolean {
  return KLINE_VALUES.every((column) => Object.is(raw[column][a], raw[column][b]))
}

function valuesOf(raw: RawKlines, row: number): Record<KlineValue, number | null> {
  const entries = KLINE_VALUES.map((column) => [column, finiteOrNull(raw[column][row])])
  return Object.fromEntries(entries) as Record<KlineValue, number | null>
}

function countUnknown(bars: Bars): Record<KlineValue, number> {
  const entries = KLINE_VALUES.map((column) => {
    let count = 0
    for (let i = 0; i < bars.rows; i++) if (bars.baseBars[i] > 0 && Number.isNaN(bars[column][i])) count++
    return [column, count]
  })
  return Object.fromEntries(entries) as Record<KlineValue, number>
}
