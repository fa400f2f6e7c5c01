/**
 * Expressions of SQL that read numbers and times from cells as people write them. Each gives NULL for what is unknown; what cannot be read
 * is found by asking for it apart, so that no value disappears by a failed cast.
 */
import { isPlain, MARK_SIGNS, type Marks, numberPattern } from '../market/recognise/marks.js'
import { TIME_PATTERNS, type TimeForm, type TimeUnit } from '../market/recognise/times.js'
import { literal } from './duckdb.js'

/** A column of the source, by name, and whether its cells are texts. */
export type Cell = { readonly name: string; readonly type: string }

/** Cells that say that nothing is known. */
const UNKNOWN = ['', 'nan', 'null', 'none', 'na', 'n/a', 'nat', '-']

export function isText({ type }: Cell): boolean {
  return type === 'VARCHAR'
}

/** The cell as a text, NULL when it says that nothing is known. */
export function known(cell: Cell): string {
  const column = quoted(cell.name)
  if (!isText(cell)) return column
  return `CASE WHEN lower(trim(${column})) NOT IN (${UNKNOWN.map(literal).join(', ')}) THEN trim(${column}) END`
}

/** DuckDB's cast passes over spaces, and gives NULL for the words that say that nothing is known, or NaN, which is the same. */
export function numberSql(cell: Cell, marks: Marks): string {
  const column = quoted(cell.name)
  if (!isText(cell) || isPlain(marks)) return `TRY_CAST(${column} AS DOUBLE)`
  const text = `trim(${column})`
  const whole = marks.thousands === '' ? text : `regexp_replace(${text}, ${literal(`[${marks.thousands}]`)}, '', 'g')`
  const plain = marks.decimal === 'comma' ? `replace(${whole}, ',', '.')` : whole
  return `CASE WHEN regexp_full_match(${text}, ${literal(numberPattern(marks))}) THEN TRY_CAST(${plain} AS DOUBLE) END`
}

/** How many cells of these columns show each sign of how numbers are written, and the first of them in order. */
export function marksSql(from: string, cells: readonly Cell[]): string {
  const texts = cells.filter(isText).map((cell) => `SELECT ${known(cell)} AS v FROM ${from}`)
  const signs = Object.entries(MARK_SIGNS).map(([sign, pattern]) => {
    const shows = `FILTER (regexp_full_match(v, ${literal(pattern)}))`
    return `count(*) ${shows}::DOUBLE AS ${sign}, min(v) ${shows} AS ${sign}_example`
  })
  return `SELECT ${signs.join(', ')} FROM (${texts.join(' UNION ALL ')})`
}

/** Words for the taker that sold, and for the one that bought. */
const SOLD = { side: ['sell', 's', 'ask'], is_buyer_maker: ['true', 't', '1'] } as const
const BOUGHT = { side: ['buy', 'b', 'bid'], is_buyer_maker: ['false', 'f', '0'] } as const

/** 1 where the buyer was the maker, which is where the taker sold; 0 where the taker bought. */
export function makerSql(cell: Cell, role: 'side' | 'is_buyer_maker'): string {
  const word = `lower(trim(${quoted(cell.name)}::VARCHAR))`
  const among = (words: readonly string[]) => `${word} IN (${words.map(literal).join(', ')})`
  return `CASE WHEN ${among(SOLD[role])} THEN 1.0 WHEN ${among(BOUGHT[role])} THEN 0.0 END`
}

/**
 * A time in two layers, so that what is long is worked out once a row: `helpers` are columns of an inner query, and `ms` is an expression
 * over them. Milliseconds since 1970; of times without a zone as if they were UTC. Finer units are floored.
 */
export type TimeSql = { readonly helpers: readonly string[]; readonly ms: string }

export function timeSql(cell: Cell, form: TimeForm, unit: TimeUnit | null): TimeSql {
  const column = quoted(cell.name)
  const trimmed = `trim(${column})`
  switch (form) {
    case 'instant':
    case 'local':
      return { helpers: [], ms: `epoch_us(${column}::${form === 'local' ? 'TIMESTAMP' : 'TIMESTAMPTZ'}) // 1000` }
    case 'epoch':
      return epochSql(cell, unit)
    case 'dotted':
      return { helpers: [], ms: parsedSql(trimmed, DOTTED_FORMATS) }
    case 'half':
      return { helpers: [], ms: parsedSql(dashed(trimmed), HALF_FORMATS) }
    case 'compact':
      return { helpers: [], ms: parsedSql(`regexp_replace(${trimmed}, '[T: ]', '', 'g')`, COMPACT_FORMATS) }
    default: {
      const type = form === 'naive' ? 'TIMESTAMP' : 'TIMESTAMPTZ'
      const fits = `regexp_full_match(${trimmed}, ${literal(TIME_PATTERNS[form])})`
      const read = `coalesce(TRY_CAST(${trimmed} AS ${type}), TRY_CAST(${mended(trimmed)} AS ${type}))`
      return { helpers: [], ms: `CASE WHEN ${fits} THEN epoch_us(${read}) // 1000 END` }
    }
  }
}

const DOTTED_FORMATS = ['%d.%m.%Y %H:%M:%S.%g', '%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y']
const HALF_FORMATS = ['%H:%M:%S', '%H:%M', '%H'].map((clock) => `%Y-%m-%d ${clock.replace('%H', '%I')} %p`)
const COMPACT_FORMATS = ['%Y%m%d%H%M%S', '%Y%m%d%H%M']

function parsedSql(text: string, formats: readonly string[]): string {
  return `epoch_us(try_strptime(${text}, [${formats.map(literal).join(', ')}])) // 1000`
}

/** With dashes in its date, and one space before AM or PM. */
function dashed(text: string): string {
  const date = `regexp_replace(${text}, '^(\\d{4})[/.](\\d{1,2})[/.](\\d{1,2})[T ]', '\\1-\\2-\\3 ')`
  return `upper(regexp_replace(${date}, ' ?([AaPp][Mm])$', ' \\1'))`
}

/** DuckDB reads neither dots in a date, nor +0100 for +01:00, nor an offset behind minutes. */
function mended(text: string): string {
  const dashed = `regexp_replace(${text}, '^(\\d{4})[/.](\\d{1,2})[/.](\\d{1,2})', '\\1-\\2-\\3')`
  const offset = `regexp_replace(${dashed}, '([-+]\\d{2}):?(\\d{2})$', '\\1:\\2')`
  return `regexp_replace(${offset}, '([T ]\\d{1,2}:\\d{2})( ?(?:Z|UTC|[-+]\\d{2}(?::\\d{2})?))$', '\\1:00\\2')`
}

/** The unit of a number since 1970 by its size, value by value: spot files of the exchange changed theirs in 2025. */
export function unitSql(cell: Cell): string {
  return bySize(`abs(${helper(cell, 'real')})`, (unit) => literal(unit))
}

/** Whole numbers stay whole all the way: nanoseconds do not fit into a double. */
function epochSql(cell: Cell, unit: TimeUnit | null): TimeSql {
  const column = quoted(cell.name)
  const isWhole = /^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/.test(cell.type)
  const whole = isText(cell)
    ? `CASE WHEN NOT contains(${column}, '.') AND NOT contains(lower(${column}), 'e') THEN TRY_CAST(${column} AS BIGINT) END`
    : isWhole
      ? `TRY_CAST(${column} AS BIGINT)`
      : 'NULL::BIGINT'
  const v = helper(cell, 'whole')
  const d = helper(cell, 'real')
  const wholeIn = (of: TimeUnit) => ({ s: `${v} * 1000`, ms: v, us: `${v} // 1000`, ns: `${v} // 1000000` })[of]
  const realIn = (of: TimeUnit) =>
    ({ s: `round(${d} * 1000)`, ms: `floor(${d})`, us: `floor(${d} / 1000)`, ns: `floor(${d} / 1000000)` })[of]
  const pick = (size: string, as: (of: TimeUnit) => string) => (unit === null ? bySize(size, as) : as(unit))
  return {
    helpers: [`${whole} AS ${v}`, `TRY_CAST(${column} AS DOUBLE) AS ${d}`],
    ms: `CASE WHEN ${v} IS NOT NULL THEN ${pick(`abs(${v})`, wholeIn)} ELSE TRY_CAST(${pick(`abs(${d})`, realIn)} AS BIGINT) END`,
  }
}

function bySize(size: string, as: (unit: TimeUnit) => string): string {
  return `CASE WHEN ${size} < 1e11 THEN ${as('s')} WHEN ${size} < 1e14 THEN ${as('ms')} WHEN ${size} < 1e17 THEN ${as('us')} ELSE ${as('ns')} END`
}

function helper(cell: Cell, name: 'whole' | 'real'): string {
  return quoted(`${cell.name} as ${name}`)
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
