/**
 * An order book around the price of the moment: the same for the same second.
 */
import { SECOND } from '../../../src/core/time.js'
import type { Market } from './market.js'
import { createDice, decimal } from './numbers.js'

export type Book = { readonly bids: [string, string][]; readonly asks: [string, string][] }

/** Best first, `[price, quantity]`, without empty levels. */
export function bookAt({ contract, level }: Market, time: number, levels: number): Book {
  const { tick, priceDecimals, lotDecimals, name } = contract
  const second = Math.floor(time / SECOND)
  const dice = createDice(second % 1000, `book ${name}`)
  const best = Math.round(level(second * SECOND) / tick)
  const side = (sign: number): [string, string][] =>
    Array.from({ length: levels }, (_, i): [number, number] => [
      best + (sign > 0 ? 1 + i : -i),
      1 + Math.floor(dice(i, sign) ** 3 * 20_000),
    ])
      .filter(([ticks]) => ticks > 0)
      .map(([ticks, lots]) => [decimal(ticks * tick, priceDecimals), decimal(lots, lotDecimals)])
  return { bids: side(-1), asks: side(1) }
}
