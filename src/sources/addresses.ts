/**
 * Where the exchange is, as configured. Apart from what goes there, so that a plan can name addresses without an HTTP client.
 */
import type { Config } from '../config/settings.js'
import type { Venue } from './keys.js'

export type Addresses = {
  readonly venue: Venue
  readonly archiveUrl: string
  readonly listingUrl: string // or `auto`
  /** Null: the exchange is not asked for data. Its clock is asked all the same where the archive has none. */
  readonly restUrl: string | null
  readonly clockUrl: string
}

export function addressesOf(config: Config): Addresses {
  const venue = config['data.venue']
  const clockUrl = venue === 'binance-um' ? config['exchange.futuresUrl'] : config['exchange.spotUrl']
  const archiveUrl = config['exchange.archiveUrl']
  const rest = config['download.rest']
  // Another archive may be anything, a simulated one too: what the exchange says must not be mixed into it unasked.
  const isAsked = rest === 'always' || (rest === 'auto' && OFFICIAL_ARCHIVE.test(archiveUrl))
  return { venue, archiveUrl, listingUrl: config['exchange.listingUrl'], restUrl: isAsked ? clockUrl : null, clockUrl }
}

/** The exchange's own archive: the only one of which more than its files is known. */
export const OFFICIAL_ARCHIVE = /^https:\/\/data\.binance\.vision\/?$/

const OFFICIAL_LISTING = 'https://s3-ap-northeast-1.amazonaws.com/data.binance.vision'

/**
 * Where the archive's listing is; null where none is known.
 *
 * @param setting `exchange.listingUrl`: an address, or `auto`
 */
export function listingUrlOf(setting: string, archiveUrl: string): string | null {
  if (setting !== 'auto') return setting
  return OFFICIAL_ARCHIVE.test(archiveUrl) ? OFFICIAL_LISTING : null
}

export function isRemote(archiveUrl: string): boolean {
  return /^https?:\/\//i.test(archiveUrl)
}
