/**
 * Where a raw series has no rows.
 */
import type { Span } from '../core/time.js'
import { duckdb, literal } from './duckdb.js'
import { inTurn } from './parquet.js'

export type GridOf = { readonly time: string; readonly step: number; readonly span: Span }

/** Parts of `span` in which rows of the grid are missing from the file, at its edges as inside, oldest first. */
export function gridHoles(path: string, { time, step, span }: GridOf): Promise<Span[]> {
  return inTurn(async () => {
    const connection = await duckdb()
    // What lies just outside of the span stands for a row on either side, so that the edges are holes like any other.
    const result = await connection.runAndReadAll(`
      SELECT "from", "to" FROM (
        SELECT t + ${step} AS "from", lead(t) OVER (ORDER BY t) AS "to" FROM (
          SELECT epoch_ms("${time}")::DOUBLE AS t FROM read_parquet(${literal(path)})
          UNION SELECT ${span.from - step}::DOUBLE UNION SELECT ${span.to}::DOUBLE
        )
      ) WHERE "to" > "from" AND "to" > ${span.from} AND "from" < ${span.to} ORDER BY "from"`)
    return result.getRowObjects().map((row) => ({
      from: Math.max(Number(row.from), span.from),
      to: Math.min(Number(row.to), span.to),
    }))
  })
}

/** The UTC days on which the file has rows, `2024-01-31`. */
export function daysWithRows(path: string, time: string): Promise<Set<string>> {
  return inTurn(async () => {
    const connection = await duckdb()
    const result = await connection.runAndReadAll(
      `SELECT DISTINCT strftime("${time}", '%Y-%m-%d') AS day FROM read_parquet(${literal(path)})`,
    )
    return new Set(result.getRowObjects().map(({ day }) => String(day)))
  })
}
