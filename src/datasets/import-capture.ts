/**
 * Recorded websocket messages → temporary tables of trades and best prices. A recording is text, gzipped or not: the recorder's clock, a space
 * and the message as it came, line by line.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { constants, gunzipSync } from 'node:zlib'
import type { RawKind } from '../market/raw-kinds.js'
import { duckdb, literal } from './duckdb.js'
import { ask } from './import-table.js'

/** A value of a message, for the operator of JSON binds weaker than a comparison. */
function text(key: string): string {
  return `json_extract_string(data, '$.${key}')`
}

/** Streams whose messages are rows of an archive, and which of its columns they have; the time is `ms`. */
const STREAMS = {
  trade: {
    kind: 'trades',
    time: 'T',
    columns: { id: 't', price: 'p', quantity: 'q', is_buyer_maker: 'm' },
    // Futures tell of trades with the insurance fund as well, which the archive leaves out.
    where: `coalesce(${text('X')}, 'MARKET') = 'MARKET'`,
  },
  aggTrade: {
    kind: 'aggTrades',
    time: 'T',
    columns: {
      agg_trade_id: 'a',
      price: 'p',
      quantity: 'q',
      first_trade_id: 'f',
      last_trade_id: 'l',
      is_buyer_maker: 'm',
    },
    where: 'true',
  },
  bookTicker: {
    kind: 'bookTicker',
    time: 'T',
    columns: {
      update_id: 'u',
      best_bid_price: 'b',
      best_bid_qty: 'B',
      best_ask_price: 'a',
      best_ask_qty: 'A',
      event_time: 'E',
    },
    where: 'true',
  },
} as const satisfies Readonly<
  Record<string, { kind: RawKind; time: string; columns: Readonly<Record<string, string>>; where: string }>
>

/** Messages of one stream and symbol. */
export type CaptureTable = {
  readonly table: string
  readonly kind: (typeof STREAMS)[keyof typeof STREAMS]['kind']
  readonly symbol: string
  readonly columns: Readonly<Record<string, string>> // of the table → of the message
  readonly rows: number
  readonly first: number
  readonly last: number
}

export type Capture = {
  readonly tables: readonly CaptureTable[]
  /** Messages by stream, that are not used. */
  readonly unused: Readonly<Record<string, number>>
  /** Lines that are no message: the last one, where the recorder was killed. */
  readonly broken: number
  /** Some messages are as futures send them. */
  readonly isFutures: boolean
}

const LINE = /^\d{13,19} \{"(?:stream|lastUpdateId)"/

export function isCapture(path: string): boolean {
  const head = Buffer.alloc(65_536)
  try {
    const file = openSync(path, 'r')
    const bytes = readSync(file, head, 0, head.length, 0)
    closeSync(file)
    const isPacked = head[0] === 0x1f && head[1] === 0x8b
    const text = isPacked
      ? gunzipSync(head.subarray(0, bytes), { finishFlush: constants.Z_SYNC_FLUSH })
      : head.subarray(0, bytes)
    return LINE.test(text.toString('latin1', 0, 100))
  } catch {
    return false // whoever reads it as a table says why
  }
}

/** @param name  of the tables, before their numbers */
export async function loadCapture(path: string, name: string): Promise<Capture> {
  const connection = await duckdb()
  const isPacked = path.endsWith('.gz')
  const source = `read_csv(${literal(path)}, columns = {'line': 'VARCHAR'}, delim = '\\x01', quote = '', escape = '', header = false, auto_detect = false, max_line_size = 16000000, compression = '${isPacked ? 'gzip' : 'auto'}')`
  const message = `substr(line, strpos(line, ' ') + 1)`
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} AS
    SELECT regexp_extract(json_extract_string(message, '$.stream'), '@([A-Za-z]+)', 1) AS stream, message->'data' AS data
    FROM (SELECT CASE WHEN json_valid(${message}) THEN ${message}::JSON END AS message FROM ${source})`)
  const counts = await ask(
    `SELECT stream, ${text('s')} AS symbol, count(*)::DOUBLE AS n FROM ${name} WHERE data IS NOT NULL GROUP BY ALL ORDER BY ALL`,
  )
  const [found] = await ask(`SELECT count(*) FILTER (stream IS NULL AND data IS NULL)::DOUBLE AS none,
    bool_or(${text('pu')} IS NOT NULL OR (stream = 'trade' AND ${text('X')} IS NOT NULL) OR (stream = 'bookTicker' AND ${text('T')} IS NOT NULL)) AS futures FROM ${name}`)
  const tables: CaptureTable[] = []
  const unused: Record<string, number> = {}
  for (const { stream, symbol, n } of counts) {
    const of = STREAMS[stream as keyof typeof STREAMS]
    if (of === undefined || symbol === null) unused[String(stream)] = (unused[String(stream)] ?? 0) + Number(n)
    else {
      const table = `${name}_${tables.length}`
      const loaded = await loadStream({
        from: name,
        table,
        stream: stream as keyof typeof STREAMS,
        symbol: String(symbol),
      })
      if (loaded === null) unused[String(stream)] = Number(n)
      else tables.push(loaded)
    }
  }
  await connection.run(`DROP TABLE ${name}`)
  return { tables, unused, broken: Number(found.none), isFutures: found.futures === true }
}

/** Null where the messages have no time of their own, as those of best prices on spot. */
async function loadStream(of: {
  readonly from: string
  readonly table: string
  readonly stream: keyof typeof STREAMS
  readonly symbol: string
}): Promise<CaptureTable | null> {
  const { kind, time, columns, where } = STREAMS[of.stream]
  const numbers = Object.entries(columns).map(([column, key]) =>
    column === 'is_buyer_maker'
      ? `CASE ${text(key)} WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 END AS ${column}`
      : `TRY_CAST(${text(key)} AS DOUBLE) AS ${column}`,
  )
  await (await duckdb()).run(`CREATE OR REPLACE TEMP TABLE ${of.table} AS SELECT * FROM (
    SELECT TRY_CAST(${text(time)} AS BIGINT) AS ms, ${numbers.join(', ')} FROM ${of.from}
    WHERE stream = ${literal(of.stream)} AND ${text('s')} = ${literal(of.symbol)} AND ${where}) WHERE ms IS NOT NULL`)
  const [facts] = await ask(
    `SELECT count(*)::DOUBLE AS n, min(ms)::DOUBLE AS first, max(ms)::DOUBLE AS last FROM ${of.table}`,
  )
  if (Number(facts.n) === 0) return null
  return {
    ...{ table: of.table, kind, symbol: of.symbol, columns: { time, ...columns } },
    ...{ rows: Number(facts.n), first: Number(facts.first), last: Number(facts.last) },
  }
}
