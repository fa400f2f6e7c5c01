/**
 * Expressions of SQL that read numbers and times from cells as people write them. Each gives NULL for what is unknown; what cannot be read
 * is found by asking for it apart, so that no value disappears by a failed cast.
 */
import { TIME_PATTERNS, type TimeForm, type TimeUnit } from '../market/recognise/times.js'
import { literal } from './duckdb.js'

/** A column of the source, by name, and whether its cells are texts. */
export type Cell = { readonly name: string; readonly type: string }

/** Cells that say that nothing is known. */
const UNKNOWN = ['', 'nan', 'null', 'none', 'na', 'n/a', 'nat', '-']

const MS_PER: Readonly<Record<TimeUnit, number>> = { s: 1000, ms: 1, us: 1 / 1000, ns: 1 / 1_000_000 }

export function isText({ type }: Cell): boolean {
  return type === 'VARCHAR'
}

/** The cell as a text, NULL when it says that nothing is known. */
export function known(cell: Cell): string {
  const column = quoted(cell.name)
  if (!isText(cell)) return column
  return `CASE WHEN lower(trim(${column})) NOT IN (${UNKNOWN.map(literal).join(', ')}) THEN trim(${column}) END`
}

export function numberSql(cell: Cell, decimalComma: boolean): string {
  if (!isText(cell)) return `TRY_CAST(${quoted(cell.name)} AS DOUBLE)`
  const text = known(cell)
  return `TRY_CAST(${decimalComma ? `replace(${text}, ',', '.')` : text} AS DOUBLE)`
}

/** Milliseconds since 1970; of times without a zone as if they were UTC. Finer units are floored. */
export function timeSql(cell: Cell, form: TimeForm, unit: TimeUnit | null): string {
  const text = known(cell)
  switch (form) {
    case 'instant':
    case 'local':
      return `epoch_us(${quoted(cell.name)}::${form === 'local' ? 'TIMESTAMP' : 'TIMESTAMPTZ'}) // 1000`
    case 'epoch':
      return epochSql(cell, unit)
    case 'dotted': {
      const formats = ['%d.%m.%Y %H:%M:%S.%g', '%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y']
      return `epoch_us(try_strptime(${text}, [${formats.map(literal).join(', ')}])) // 1000`
    }
    default: {
      const fits = `regexp_full_match(${text}, ${literal(TIME_PATTERNS[form])})`
      const dashed = `regexp_replace(${text}, '^(\\d{4})[/.](\\d{1,2})[/.](\\d{1,2})', '\\1-\\2-\\3')`
      if (form === 'naive') return `CASE WHEN ${fits} THEN epoch_us(TRY_CAST(${dashed} AS TIMESTAMP)) // 1000 END`
      // DuckDB reads +01 and +01:00, but not +0100, nor an offset behind minutes.
      const offset = `regexp_replace(${dashed}, '([-+]\\d{2}):?(\\d{2})$', '\\1:\\2')`
      const seconds = `regexp_replace(${offset}, '([T ]\\d{1,2}:\\d{2})( ?(?:Z|UTC|[-+]\\d{2}(?::\\d{2})?))$', '\\1:00\\2')`
      return `CASE WHEN ${fits} THEN epoch_us(TRY_CAST(${seconds} AS TIMESTAMPTZ)) // 1000 END`
    }
  }
}

/** The unit of a number since 1970 by its size, value by value: spot files of the exchange changed theirs in 2025. */
export function unitSql(cell: Cell): string {
  const size = `abs(${numberSql(cell, false)})`
  return `CASE WHEN ${size} < 1e11 THEN 's' WHEN ${size} < 1e14 THEN 'ms' WHEN ${size} < 1e17 THEN 'us' ELSE 'ns' END`
}

/** Whole numbers stay whole all the way: nanoseconds do not fit into a double. */
function epochSql(cell: Cell, unit: TimeUnit | null): string {
  const text = known(cell)
  const isWhole = /^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/.test(cell.type)
  const whole = isText(cell)
    ? `CASE WHEN regexp_full_match(${text}, '[-+]?\\d{1,18}|[-+]?[1-8]\\d{18}') THEN TRY_CAST(${text} AS BIGINT) END`
    : isWhole
      ? `TRY_CAST(${text} AS BIGINT)`
      : 'NULL::BIGINT'
  const real = `TRY_CAST(${text} AS DOUBLE)`
  const wholeIn = (of: TimeUnit) => ({ s: `v * 1000`, ms: 'v', us: 'v // 1000', ns: 'v // 1000000' })[of]
  const realIn = (of: TimeUnit) =>
    of === 's' ? 'round(d * 1000)' : of === 'ms' ? 'floor(d)' : `floor(d * ${MS_PER[of]})`
  const pick = (name: 'v' | 'd', as: (of: TimeUnit) => string) =>
    unit !== null
      ? as(unit)
      : `CASE WHEN abs(${name}) < 1e11 THEN ${as('s')} WHEN abs(${name}) < 1e14 THEN ${as('ms')} WHEN abs(${name}) < 1e17 THEN ${as('us')} ELSE ${as('ns')} END`
  const replace = (expression: string, name: 'v' | 'd', value: string) =>
    expression.replace(new RegExp(`\\b${name}\\b`, 'g'), () => `(${value})`)
  return `coalesce(${replace(pick('v', wholeIn), 'v', whole)}, TRY_CAST(${replace(pick('d', realIn), 'd', real)} AS BIGINT))`
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
