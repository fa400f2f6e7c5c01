/**
 * Whether the stored table has the values that are computed here. What was stored was computed in another process and in
 * another order, so that a column which keeps something from one call to the next differs.
 */
import { isoMinute } from '../core/time.js'
import type { StoredTable, Subject } from './certificate.js'
import { firstFullRow } from './cut.js'
import { type Broken, shown } from './evidence.js'
import { type FeatureSource, stored } from './matrix.js'

/** Of the largest value of the column: what float32 and a past that is not at hand may differ by. */
const NEAR = 1e-5

/**
 * A window is compared bit for bit from the row on at which it is full. What remembers has in the table a past that is not at
 * hand where the source begins later: it is compared, within `NEAR`, from the row on at which that is forgotten.
 */
export function brokenByTable(
  { definition }: Subject,
  values: Float64Array,
  source: FeatureSource,
  table: StoredTable | null,
): Broken[] {
  const { name, memory } = definition
  const there = table?.column(name) ?? null
  if (table === null || there === null) return []
  const isExact = memory === 'window' || table.start === 0
  const own = stored(values, source.decision.baseBars)
  const first = firstSame(definition, source, table)
  const near = isExact ? 0 : NEAR * largest(there)
  for (let row = first; row < own.length; row++) {
    if (Object.is(own[row], there[row]) || Math.abs(own[row] - there[row]) <= near) continue
    const at = isoMinute(source.decision.openTime[row])
    const detail = `bar ${at}: ${shown(there[row])} in the table, ${shown(own[row])} when it is computed again`
    return [{ rule: 'stored', detail }]
  }
  return []
}

/** The first row that has all of its look-back and all that it has not forgotten, or all that the table had. */
function firstSame(
  { timeframe, lookback, settle }: Subject['definition'],
  source: FeatureSource,
  { start }: StoredTable,
): number {
  if (start === 0) return 0
  return firstFullRow(source, timeframe, lookback + settle) ?? source.decision.rows
}

function largest(x: Float32Array): number {
  let most = 0
  for (const value of x) if (Math.abs(value) > most) most = Math.abs(value)
  return most
}
