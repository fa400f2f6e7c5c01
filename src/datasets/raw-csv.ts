/**
 * The exchange's CSV files → raw Parquet, inside DuckDB: all published columns, nothing changed but the unit of time.
 */
import { messageOf, UserError } from '../core/errors.js'
import { MICROSECONDS_ABOVE } from '../core/time.js'
import { duckdb, literal } from './duckdb.js'
import { PARQUET_OPTIONS } from './parquet.js'

export type RawKind = 'klines' | 'fundingRate'

const NUMBER_COLUMNS: Readonly<Record<RawKind, Readonly<Record<string, string>>>> = {
  klines: {
    open_time: 'BIGINT',
    open: 'DOUBLE',
    high: 'DOUBLE',
    low: 'DOUBLE',
    close: 'DOUBLE',
    volume: 'DOUBLE',
    close_time: 'BIGINT',
    quote_volume: 'DOUBLE',
    count: 'BIGINT',
    taker_buy_volume: 'DOUBLE',
    taker_buy_quote_volume: 'DOUBLE',
    ignore: 'DOUBLE',
  },
  fundingRate: { calc_time: 'BIGINT', funding_interval_hours: 'DOUBLE', last_funding_rate: 'DOUBLE' },
}
const TIMES: readonly string[] = ['open_time', 'close_time', 'calc_time']

export type RawFacts = { readonly rows: number; readonly first: number | null; readonly last: number | null }

/**
 * @param csvs   files of one kind, in the order in which their rows shall stand
 * @param target a temporary path
 */
export async function csvToParquet(
  csvs: readonly { readonly path: string; readonly header: boolean; readonly name: string }[],
  kind: RawKind,
  target: string,
): Promise<RawFacts> {
  const connection = await duckdb()
  const types = NUMBER_COLUMNS[kind]
  const columns = Object.entries(types)
    .map(([name, type]) => `${literal(name)}: ${literal(type)}`)
    .join(', ')
  const selected = Object.keys(types).map((name) =>
    TIMES.includes(name)
      ? `make_timestamp_ms(CASE WHEN "${name}" > ${MICROSECONDS_ABOVE} THEN "${name}" // 1000 ELSE "${name}" END)::TIMESTAMP_MS AS "${name}"`
      : `"${name}"`,
  )
  const parts = csvs.map(
    ({ path, header }) =>
      `SELECT ${selected.join(', ')} FROM read_csv(${literal(path)}, columns = {${columns}}, header = ${header}, delim = ',', nullstr = '', auto_detect = false)`,
  )
  try {
    await connection.run(`CREATE OR REPLACE TEMP TABLE raw AS ${parts.join(' UNION ALL ')}`)
  } catch (error) {
    throw new UserError(`${csvs[0].name}: the rows cannot be read as ${kind}: ${messageOf(error).split('\n')[0]}`, {
      hint: 'the file in the archive is not what its name says; take another mirror, or report it',
      cause: error,
    })
  }
  try {
    await connection.run(`COPY raw TO ${literal(target)} ${PARQUET_OPTIONS}`)
    const time = Object.keys(types)[0]
    const facts = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER AS n, epoch_ms(min("${time}"))::DOUBLE AS first, epoch_ms(max("${time}"))::DOUBLE AS last FROM raw`,
    )
    const [row] = facts.getRowObjects()
    return { rows: Number(row.n), first: row.first as number | null, last: row.last as number | null }
  } finally {
    await connection.run('DROP TABLE IF EXISTS raw')
  }
}
