/**
 * Where a raw series on a grid has no rows.
 */
import type { Span } from '../core/time.js'
import { duckdb, literal } from './duckdb.js'
import { inTurn } from './parquet.js'

export type GridOf = { readonly time: string; readonly step: number; readonly span: Span }

/** Spans between the first and the last row of the file in which a row of the grid is missing, oldest first, cut to `span`. */
export function gridHoles(path: string, { time, step, span }: GridOf): Promise<Span[]> {
  return inTurn(async () => {
    const connection = await duckdb()
    const result = await connection.runAndReadAll(`
      SELECT "from", "to" FROM (
        SELECT t + ${step} AS "from", lead(t) OVER (ORDER BY t) AS "to"
        FROM (SELECT DISTINCT epoch_ms("${time}")::DOUBLE AS t FROM read_parquet(${literal(path)}))
      ) WHERE "to" > "from" AND "to" > ${span.from} AND "from" < ${span.to} ORDER BY "from"`)
    return result.getRowObjects().map((row) => ({
      from: Math.max(Number(row.from), span.from),
      to: Math.min(Number(row.to), span.to),
    }))
  })
}
