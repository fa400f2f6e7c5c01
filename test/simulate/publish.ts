/**
 * Publications of a simulated pair, for the tests of what stands in them.
 */
import { DAY, MINUTE } from '../../src/core/time.js'
import { createMarket } from '../../src/simulate/market.js'
import { createPublisher, type Publication } from '../../src/simulate/publication.js'

export const FROM = Date.UTC(2024, 0, 1)

/** The contract with the fewest trades among those drawn from two-letter names, so that a day of them is soon made. */
export const THIN = 'ADUSDT'

type Wish = { readonly pair?: string; readonly seed?: number; readonly edge?: number; readonly days: readonly number[] }

/** One publication after another, of so many days each. */
export function publish({ pair = 'BTCUSDT', seed = 5, edge = 0.6, days }: Wish): Publication[] {
  const market = createMarket({ seed, edge, pairs: [pair], from: FROM })
  const publisher = createPublisher(seed, pair, FROM)
  return days.map((count) => publisher.next(market.advance((count * DAY) / MINUTE)[0]))
}
