/**
 * Rows of the order book's archives → snapshots and bars, inside DuckDB.
 */
import { DAY, type Span } from '../core/time.js'
import { BANDS, type SnapshotCounts, type Snapshots, UNUSED_BANDS } from '../market/book-bars.js'
import type { TickerCounts, TickerSums } from '../market/ticker-bars.js'
import { duckdb, listLiteral, outsideSql } from './duckdb.js'
import { guarded, inTurn } from './parquet.js'

/**
 * Snapshots of the book depth, oldest first; of rows of the same time and band the last published counts. `-5` and `-5.00` are one band, for
 * the column is a number.
 *
 * @param period what the files say they hold
 */
export function readSnapshots(
  paths: readonly string[],
  period: Span,
): Promise<{ snapshots: Snapshots; counts: SnapshotCounts }> {
  return inTurn(() => guarded(paths, () => snapshotsOf(paths, period)))
}

async function snapshotsOf(paths: readonly string[], period: Span) {
  const connection = await duckdb()
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects()
  const bands = BANDS.join(', ')
  const rows = `(SELECT "timestamp" AS moment, percentage, depth, notional, row_number() OVER () AS nr FROM read_parquet(${listLiteral(paths)}))`
  const possible = `depth >= 0 AND notional >= 0 AND isfinite(depth) AND isfinite(notional)`
  const kept = `percentage IN (${bands}) AND ${possible}`
  const [found] = await ask(`SELECT count(*)::DOUBLE AS rows, count(*) FILTER (moment < latest)::DOUBLE AS late,
    count(*) FILTER (percentage NOT IN (${bands}))::DOUBLE AS others,
    count(*) FILTER ((percentage IN (${bands}, ${UNUSED_BANDS.join(', ')})) IS NOT TRUE)::DOUBLE AS unknown,
    count(*) FILTER (${outsideSql('moment', period)})::DOUBLE AS outside,
    count(*) FILTER (percentage IN (${bands}) AND (${possible}) IS NOT TRUE)::DOUBLE AS impossible
    FROM (SELECT *, max(moment) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest FROM ${rows})`)
  const [repeated] =
    await ask(`SELECT coalesce(sum(n - kinds), 0)::DOUBLE AS duplicates, coalesce(sum(kinds - 1), 0)::DOUBLE AS conflicts
    FROM (SELECT count(*) AS n, count(DISTINCT (depth, notional)) AS kinds FROM ${rows} WHERE ${kept} GROUP BY moment, percentage)`)
  const columns = ['depth', 'notional'].flatMap((name) =>
    BANDS.map((band, i) => `arg_max(${name}, nr) FILTER (percentage = ${band}) AS ${name}_${i}`),
  )
  const result = await connection.runAndReadAll(
    `SELECT epoch_ms(moment)::DOUBLE AS ms, ${columns.join(', ')} FROM ${rows} WHERE ${kept} AND moment IS NOT NULL GROUP BY moment ORDER BY moment`,
  )
  const values = result
    .getColumns()
    .map((column) => Float64Array.from(column, (value) => (value as number | null) ?? Number.NaN))
  const [time, ...rest] = values
  const none = BANDS.map(() => new Float64Array(0))
  const isEmpty = result.currentRowCount === 0
  const snapshots: Snapshots = {
    rows: isEmpty ? 0 : time.length,
    time: isEmpty ? new Float64Array(0) : time,
    depth: isEmpty ? none : rest.slice(0, BANDS.length),
    notional: isEmpty ? none : rest.slice(BANDS.length),
  }
  const counts: SnapshotCounts = {
    rows: Number(found.rows),
    outOfOrder: Number(found.late),
    duplicates: Number(repeated.duplicates),
    conflicts: Number(repeated.conflicts),
    impossible: Number(found.impossible),
    otherBands: Number(found.others),
    unknownBands: Number(found.unknown),
    foreign: Number(found.outside),
  }
  return { snapshots, counts }
}

/**
 * Best bid and ask: the last of each bar by update id, mean spread, updates. An update counts from when it was sent, if that is later than
 * when it happened. One whose bid is not below its ask, or lacks a price, is left out.
 *
 * @param step   length of a bar in ms
 * @param period what the files say they hold
 */
export function sumTicker(
  paths: readonly string[],
  span: Span,
  step: number,
  period: Span,
): Promise<{ sums: TickerSums[]; counts: TickerCounts }> {
  return inTurn(() => guarded(paths, () => tickerOf(paths, span, step, period)))
}

async function tickerOf(paths: readonly string[], span: Span, step: number, period: Span) {
  const connection = await duckdb()
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects()
  const source = `read_parquet(${listLiteral(paths)})`
  const isOutside = outsideSql('transaction_time', period)
  const [{ n, outside }] = await ask(
    `SELECT count(*)::DOUBLE AS n, count(*) FILTER (${isOutside})::DOUBLE AS outside FROM ${source}`,
  )
  const foreign = Number(outside)
  const counts = { rows: Number(n), dropped: Number(n), foreign, impossible: 0, duplicates: 0, outOfOrder: 0 }
  const sums: TickerSums[] = []
  // Happened and sent lie milliseconds apart; the day before is read as well for what was sent after midnight.
  const possible = 'best_bid_price > 0 AND best_ask_price > best_bid_price'
  for (let from = span.from; from < span.to; from += DAY - (from % DAY)) {
    const to = Math.min(span.to, from + DAY - (from % DAY))
    const rows = `SELECT *, greatest(transaction_time, coalesce(event_time, transaction_time)) AS moment FROM ${source}
      WHERE transaction_time >= make_timestamp_ms(${from - 3_600_000}) AND transaction_time < make_timestamp_ms(${to})`
    const day = `SELECT * FROM (${rows}) WHERE moment >= make_timestamp_ms(${from}) AND moment < make_timestamp_ms(${to})`
    const [found] =
      await ask(`SELECT count(*)::DOUBLE AS rows, count(*) FILTER ((${possible}) IS NOT TRUE)::DOUBLE AS impossible,
      count(*) FILTER (update_id < latest)::DOUBLE AS late, count(*) FILTER (update_id = before)::DOUBLE AS equal
      FROM (SELECT *, lag(update_id) OVER () AS before,
        max(update_id) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest FROM (${day}))`)
    counts.dropped -= Number(found.rows)
    counts.impossible += Number(found.impossible)
    counts.outOfOrder += Number(found.late)
    counts.duplicates += Number(found.equal)
    const last = (column: string, name: string) => `arg_max(${column}, update_id) AS ${name}`
    const bars = await ask(`SELECT (epoch_ms(moment) // ${step} * ${step})::DOUBLE AS open_time,
      ${last('best_bid_price', 'bid_price')}, ${last('best_bid_qty', 'bid_quantity')},
      ${last('best_ask_price', 'ask_price')}, ${last('best_ask_qty', 'ask_quantity')},
      avg(best_ask_price - best_bid_price) AS mean_spread, count(*)::DOUBLE AS updates
      FROM (SELECT *, lag(update_id) OVER () AS before FROM (${day}))
      WHERE ${possible} AND before IS DISTINCT FROM update_id GROUP BY open_time ORDER BY open_time`)
    sums.push(...(bars as unknown as TickerSums[]))
  }
  return { sums, counts }
}
