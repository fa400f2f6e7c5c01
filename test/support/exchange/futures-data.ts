/**
 * /futures/data: open interest, ratios and taker volume of the last 30 days. No weight, no header, a bucket of their own.
 */
import { DAY } from '../../../src/core/time.js'
import { json, Refusal, type Reply, whole } from './replies.js'
import { disputed, type RestContext, type Route, symbolOf } from './rest.js'
import { COLUMNS, PERIODS, ratioRows } from './rows.js'

const KINDS = [
  'openInterestHist',
  'topLongShortAccountRatio',
  'topLongShortPositionRatio',
  'globalLongShortAccountRatio',
  'takerlongshortRatio',
] as const
type DataKind = (typeof KINDS)[number]

export function dataRoutes(): Record<string, Route> {
  return Object.fromEntries(
    KINDS.map((kind) => [
      `/futures/data/${kind}`,
      { bucket: 'data', weight: () => 1, answer: (context: RestContext) => dataReply(kind, context) } satisfies Route,
    ]),
  )
}

/** Here the message stands before the code. */
const invalid = (name: string) => new Refusal(-1130, `parameter '${name}' is invalid.`, { msgFirst: true })

function dataReply(kind: DataKind, context: RestContext): Reply {
  const { query, switches, now } = context
  if (query.symbol === undefined || query.symbol === '') throw invalid('symbol')
  const length = PERIODS[query.period]
  if (length === undefined) throw invalid('period')
  const limit = whole(query, 'limit') ?? 30
  if (limit < 1 || limit > 500) throw invalid('limit')
  const from = whole(query, 'startTime')
  const to = whole(query, 'endTime')
  const wall = now - switches.dataDays * DAY
  if (from !== undefined && from < wall) throw invalid('startTime')
  if (to !== undefined && (to < wall || (from !== undefined && to < from))) throw invalid('endTime')
  const pair = symbolOf(context)
  const label = kind === 'takerlongshortRatio' ? switches.takerLabel : switches.dataLabel
  const span = {
    // Without a start only the newest rows are wanted; twice their span leaves room for gaps.
    from: Math.max(wall, from ?? Math.min(to ?? now, now) - 2 * limit * length) - length,
    to: Math.min(to ?? now, now) + length,
    timeframe: query.period as '5m',
    label,
  }
  const shift = label === 'start' ? length : 0
  const rows = ratioRows(kind, pair, span).filter((row) => {
    const time = Number(row[row.length - 1])
    // A period is published when it has ended.
    const known = time + shift + switches.dataLagMs <= now
    return known && time >= (from ?? wall) && time <= (to ?? now)
  })
  const newest = from === undefined || to === undefined || switches.dataBothBounds === 'newest'
  const chosen = newest ? rows.slice(-limit) : rows.slice(0, limit)
  return json(
    `[${disputed(context, kind, pair, chosen)
      .map((row) => rowJson(kind, row, switches.dataTimestamp))
      .join(',')}]`,
  )
}

function rowJson(kind: DataKind, row: readonly string[], timestamp: 'number' | 'string'): string {
  const names = COLUMNS[kind].split(',')
  const fields = row.map(
    (cell, i) => `"${names[i]}":${names[i] === 'timestamp' && timestamp === 'number' ? cell : `"${cell}"`}`,
  )
  return `{${fields.join(',')}}`
}
