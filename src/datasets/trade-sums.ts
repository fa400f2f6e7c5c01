/**
 * Millions of trades → sums of each bar, inside DuckDB: no row comes into JavaScript, and memory does not grow with the month.
 */
import { DAY, type Span } from '../core/time.js'
import type { TradeCounts, TradeSums } from '../market/trade-bars.js'
import { duckdb, listLiteral, outsideSql } from './duckdb.js'
import { guarded, inTurn } from './parquet.js'

export type TradeKind = 'trades' | 'aggTrades'

/** The columns of a kind under common names; `n` = single trades of a row. */
const NAMES: Readonly<Record<TradeKind, string>> = {
  trades: 'id, price, qty AS quantity, 1 AS n, "time" AS moment, is_buyer_maker AS maker',
  aggTrades:
    'agg_trade_id AS id, price, quantity, last_trade_id - first_trade_id + 1 AS n, transact_time AS moment, is_buyer_maker AS maker',
}

export type TradeFiles = {
  readonly kind: TradeKind
  readonly archive: readonly string[]
  readonly rest: readonly string[]
  /** What the archive's files say they hold. */
  readonly period: Span
}

/**
 * Sums of the bars in which something was traded, oldest first.
 *
 * Where the ids of a day rise, duplicates are neighbours and the rows go through once, as they come. A day of which they do not, or of
 * which REST has rows as well, is sorted by itself: the first row of an id is kept, the archive's before that of REST.
 *
 * @param step length of a bar in ms
 */
export function sumTrades(
  files: TradeFiles,
  span: Span,
  step: number,
): Promise<{ sums: TradeSums[]; counts: TradeCounts }> {
  return inTurn(() => sum(files, span, step))
}

async function sum(files: TradeFiles, span: Span, step: number) {
  const { archive, rest, period } = files
  const ask = async (sql: string) =>
    guarded([...archive, ...rest], async () => (await (await duckdb()).runAndReadAll(sql)).getRowObjects())
  const rowsIn = async (paths: readonly string[], where = 'true') => {
    if (paths.length === 0) return 0
    const rows = `(SELECT ${NAMES[files.kind]} FROM read_parquet(${listLiteral(paths)}))`
    return Number((await ask(`SELECT count(*)::DOUBLE AS n FROM ${rows} WHERE ${where}`))[0].n)
  }
  const rows = await rowsIn(archive)
  const restRows = await rowsIn(rest)
  const foreign = await rowsIn(archive, outsideSql('moment', period))
  const counts = {
    ...{ rows, restRows, restUsed: 0, dropped: 0, foreign, impossible: 0, duplicates: 0, conflicts: 0, outOfOrder: 0 },
  }
  const sums: TradeSums[] = []
  let inside = 0
  for (let from = span.from; from < span.to; from += DAY - (from % DAY)) {
    const to = Math.min(span.to, from + DAY - (from % DAY))
    const day = { from, to }
    const [found] = await ask(streamed(files, day))
    const number = (name: string) => Number(found[name] ?? 0)
    inside += number('rows')
    counts.impossible += number('impossible')
    counts.outOfOrder += number('late')
    const isSimple = number('late') === 0 && number('rest') === 0
    if (isSimple) {
      counts.duplicates += number('equal')
      counts.conflicts += number('differing')
    } else {
      const [sorted] = await ask(`${sortedRows(files, day)} SELECT ${REPEATS} FROM ranked`)
      counts.duplicates += Number(sorted.equal ?? 0)
      counts.conflicts += Number(sorted.differing ?? 0)
      counts.restUsed += Number(sorted.used ?? 0)
    }
    const source = isSimple
      ? `WITH ranked AS (${numbered(files, day)}) ${barSums(step)} WHERE before IS DISTINCT FROM id`
      : `${sortedRows(files, day)} ${barSums(step)} WHERE place = 1`
    for (const row of await ask(`${source} GROUP BY open_time ORDER BY open_time`))
      sums.push(row as unknown as TradeSums)
  }
  counts.dropped = rows + restRows - inside
  return { sums, counts }
}

const POSSIBLE = 'id IS NOT NULL AND price > 0 AND quantity > 0 AND isfinite(price) AND isfinite(quantity)'

function rowsOf({ kind, archive, rest }: TradeFiles, { from, to }: Span): string {
  const part = (paths: readonly string[], origin: number) =>
    `SELECT ${NAMES[kind]}, ${origin} AS origin FROM read_parquet(${listLiteral(paths)})`
  const parts = [...(archive.length > 0 ? [part(archive, 0)] : []), ...(rest.length > 0 ? [part(rest, 1)] : [])]
  return `SELECT * FROM (${parts.join(' UNION ALL ')}) WHERE moment >= make_timestamp_ms(${from}) AND moment < make_timestamp_ms(${to})`
}

/** Rows as they come, each with the id before it. Windows without an order go along with the rows and hold nothing. */
function numbered(files: TradeFiles, day: Span): string {
  return `SELECT *, lag(id) OVER () AS before, lag(price) OVER () AS price_before, lag(quantity) OVER () AS quantity_before,
    max(id) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest
    FROM (${rowsOf(files, day)}) WHERE ${POSSIBLE}`
}

function streamed(files: TradeFiles, day: Span): string {
  const rows = `(SELECT count(*) FROM (${rowsOf(files, day)}))`
  return `SELECT ${rows}::DOUBLE AS rows, (${rows} - count(*))::DOUBLE AS impossible,
    count(*) FILTER (id < latest)::DOUBLE AS late, count(*) FILTER (origin = 1)::DOUBLE AS rest,
    count(*) FILTER (id = before AND price = price_before AND quantity = quantity_before)::DOUBLE AS equal,
    count(*) FILTER (id = before AND (price <> price_before OR quantity <> quantity_before))::DOUBLE AS differing
    FROM (${numbered(files, day)})`
}

/** Rows of a day by id; `place` 1 is the one that is kept. */
function sortedRows(files: TradeFiles, day: Span): string {
  return `WITH ranked AS (SELECT *, row_number() OVER same AS place, first_value(price) OVER same AS price_kept,
      first_value(quantity) OVER same AS quantity_kept
    FROM (SELECT *, row_number() OVER () AS nr FROM (${rowsOf(files, day)}) WHERE ${POSSIBLE})
    WINDOW same AS (PARTITION BY id ORDER BY origin, nr))`
}

const REPEATS = `
  count(*) FILTER (place > 1 AND origin = 0 AND price = price_kept AND quantity = quantity_kept)::DOUBLE AS equal,
  count(*) FILTER (place > 1 AND (price <> price_kept OR quantity <> quantity_kept))::DOUBLE AS differing,
  count(*) FILTER (place = 1 AND origin = 1)::DOUBLE AS used`

function barSums(step: number): string {
  return `SELECT (epoch_ms(moment) // ${step} * ${step})::DOUBLE AS open_time, sum(n)::DOUBLE AS trade_count, count(*)::DOUBLE AS prints,
    count(*) FILTER (NOT maker)::DOUBLE AS buy_prints, sum(quantity) AS volume, sum(price * quantity) AS quote_volume,
    coalesce(sum(quantity) FILTER (NOT maker), 0) AS buy_volume, coalesce(sum(quantity) FILTER (maker), 0) AS sell_volume,
    max(quantity) AS max_quantity, sum(price * price * quantity) AS price_squares, min(id)::DOUBLE AS first_id, max(id)::DOUBLE AS last_id
    FROM ranked`
}
