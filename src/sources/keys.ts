/**
 * Names of files in the exchange's public archive, for the kinds that Sluice reads.
 */
import { assert, UserError } from '../core/errors.js'
import type { Month, Timeframe } from '../core/time.js'

export const VENUES = ['binance-um', 'binance-spot'] as const
export type Venue = (typeof VENUES)[number]

export type ArchiveKind = 'klines' | 'fundingRate'

export type ArchiveSeries =
  | { readonly venue: Venue; readonly pair: string; readonly kind: 'klines'; readonly timeframe: Timeframe }
  | { readonly venue: Venue; readonly pair: string; readonly kind: 'fundingRate' }

const ROOTS: Readonly<Record<Venue, string>> = { 'binance-um': 'data/futures/um', 'binance-spot': 'data/spot' }

/** Which kinds a venue has at all: spot pays no funding. */
export function publishes(venue: Venue, kind: ArchiveKind): boolean {
  return kind === 'klines' || venue === 'binance-um'
}

/** Funding is published by month only. */
export function publishesDaily(kind: ArchiveKind): boolean {
  return kind === 'klines'
}

/**
 * The key of one zip.
 *
 * @param period a month `2024-01` or a day `2024-01-31`
 * @throws UserError when the pair's name could not be part of a path
 */
export function archiveKey(series: ArchiveSeries, period: Month | string): string {
  const { venue, kind, pair } = series
  const daily = period.length === 10
  assert(
    publishes(venue, kind) && (!daily || publishesDaily(kind)),
    `${venue} has no ${daily ? 'daily' : 'monthly'} ${kind}`,
  )
  checkPair(pair)
  const cadence = daily ? 'daily' : 'monthly'
  const folder = series.kind === 'klines' ? `${pair}/${series.timeframe}` : pair
  const what = series.kind === 'klines' ? series.timeframe : series.kind
  return `${ROOTS[venue]}/${cadence}/${kind}/${folder}/${pair}-${what}-${period}.zip`
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
  if (!/^[\p{L}\p{N}_]+$/u.test(pair)) {
    throw new UserError(`${JSON.stringify(pair)} is not the name of a pair`, {
      hint: 'write pairs as the exchange does, such as BTCUSDT',
      exitCode: 2,
    })
  }
}
