/**
 * Which five minutes a label of the archive's metrics names. Files up to that of 2026-06-24 hold 00:05 … 00:00 of the next day, each label
 * the end of its period; those after hold 00:00 … 23:55, each the start. So the label 2026-06-25 00:00 occurs twice, and means two periods.
 */
import { MINUTE } from '../core/time.js'

export const METRIC_COLUMNS = [
  'sum_open_interest',
  'sum_open_interest_value',
  'count_toptrader_long_short_ratio',
  'sum_toptrader_long_short_ratio',
  'count_long_short_ratio',
  'sum_taker_long_short_vol_ratio',
] as const
export type MetricColumn = (typeof METRIC_COLUMNS)[number]
export type MetricValues = Readonly<Record<MetricColumn, Float64Array>>

/** The first label that may be a start: binance/binance-public-data issue 491. */
export const LABEL_SEAM = Date.UTC(2026, 5, 25)
const PERIOD = 5 * MINUTE

type Labelled = { readonly rows: number; readonly label: Float64Array; readonly values: MetricValues }

/**
 * Starts of the periods, by row.
 *
 * At the seam the first row published, and what equals it, belongs to the older file and ends its period; one that differs starts it. Where
 * there is only one, it starts a period if the row after it in the file is five minutes later and the row before is not five minutes
 * earlier, and ends one otherwise. With both neighbours either could be: counted, and taken for an end, which is the older day's.
 */
export function periodsOf({ rows, label, values }: Labelled): { start: Float64Array; ambiguous: number } {
  const start = new Float64Array(rows)
  const seam: number[] = []
  for (let row = 0; row < rows; row++) {
    if (label[row] === LABEL_SEAM) seam.push(row)
    start[row] = label[row] < LABEL_SEAM ? label[row] - PERIOD : label[row]
  }
  const [first] = seam
  const isSameAsFirst = (row: number) =>
    METRIC_COLUMNS.every((name) => Object.is(values[name][row], values[name][first]))
  const ends = seam.filter(isSameAsFirst)
  let ambiguous = 0
  if (ends.length === seam.length && seam.length > 0) {
    const isAfterOlder = label[first - 1] === LABEL_SEAM - PERIOD
    const isBeforeNewer = label[ends[ends.length - 1] + 1] === LABEL_SEAM + PERIOD
    if (isBeforeNewer && !isAfterOlder) return { start, ambiguous: 0 }
    if (isBeforeNewer && isAfterOlder) ambiguous = 1
  }
  for (const row of ends) start[row] = LABEL_SEAM - PERIOD
  return { start, ambiguous }
}
