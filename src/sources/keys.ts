/**
 * Names of files in the exchange's public archive.
 */
import { assert, UserError } from '../core/errors.js'
import type { Month, Timeframe } from '../core/time.js'
import { pairNameProblem } from '../market/pair-name.js'
import { type RawKind, rawKind } from '../market/raw-kinds.js'

export const VENUES = ['binance-um', 'binance-spot'] as const
export type Venue = (typeof VENUES)[number]

/** What a file is about; a timeframe exactly where the kind has one series for each. */
export type ArchiveSeries = {
  readonly venue: Venue
  readonly pair: string
  readonly kind: RawKind
  readonly timeframe?: Timeframe
}

const ROOTS: Readonly<Record<Venue, string>> = { 'binance-um': 'data/futures/um', 'binance-spot': 'data/spot' }

/** Which kinds a venue has at all: spot pays no funding. */
export function publishes(venue: Venue, kind: RawKind): boolean {
  return rawKind(kind).venues.includes(venue)
}

/**
 * The key of one zip.
 *
 * @param period a month `2024-01` or a day `2024-01-31`
 * @throws UserError when the pair's name could not be part of a path
 */
export function archiveKey(series: ArchiveSeries, period: Month | string): string {
  const { venue, kind, pair, timeframe } = series
  const cadence = period.length === 10 ? 'daily' : 'monthly'
  const { byTimeframe, [cadence]: isPublished } = rawKind(kind)
  assert(publishes(venue, kind) && isPublished, `${venue} has no ${cadence} ${kind}`)
  assert(byTimeframe === (timeframe !== undefined), `${kind} with timeframe ${timeframe}`)
  checkPair(pair)
  const folder = byTimeframe ? `${pair}/${timeframe}` : pair
  return `${ROOTS[venue]}/${cadence}/${kind}/${folder}/${pair}-${timeframe ?? kind}-${period}.zip`
}

/** The folder under which an archive keeps one folder of monthly klines per pair. */
export function klinesFolder(venue: Venue): string {
  return `${ROOTS[venue]}/monthly/klines`
}

/** `BTCUSDT-1m-2024-01.zip` of a key. */
export function fileNameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

/** The key as the path of a URL: symbols such as 币安人生USDT need encoding. */
export function urlPath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}

function checkPair(pair: string): void {
  const problem = pairNameProblem(pair)
  if (problem !== null) {
    throw new UserError(`${JSON.stringify(pair)} ${problem}`, {
      hint: 'write pairs as the exchange does, such as BTCUSDT',
      exitCode: 2,
    })
  }
}
