/**
 * What the exchange says of its contracts: those of the truth, and a zoo of others that a client must not stumble over.
 */
import { DAY } from '../../../src/core/time.js'
import { decimal } from './numbers.js'
import type { Pair } from './truth.js'

/** A perpetual's delivery date: 2100-12-25. */
const NEVER = 4133404800000

export type Listed = {
  readonly symbol: string
  readonly pair: string
  readonly contractType: string
  readonly deliveryDate: number
  readonly onboardDate: number
  readonly status: string
  readonly tick: string
  readonly step: string
  readonly extra?: Readonly<Record<string, unknown>>
}

/** Symbols that exchangeInfo lists beside the truth's: known, but without a row. */
export const ZOO_SYMBOLS = new Set([
  'BTCUSDT_261225',
  'NEWUSDT',
  'OLDUSDT',
  '1000BONKUSDT',
  '龙虾USDT',
  'ODDUSDT',
  'SPCXUSDT',
])

export const ended = (pair: Pair, now: number) => pair.delisting !== undefined && now >= pair.delisting

export function listed(pair: Pair, now: number): Listed {
  const { contract } = pair.markets.um
  const pending = now < pair.life.from
  return {
    symbol: pair.name,
    pair: pair.name.split('_')[0],
    contractType: pair.contractType ?? (pair.name.includes('_') ? 'CURRENT_QUARTER' : 'PERPETUAL'),
    deliveryDate: ended(pair, now) ? (pair.delisting ?? NEVER) : NEVER,
    onboardDate: pair.onboardDate ?? pair.life.from,
    status: ended(pair, now) ? 'SETTLING' : pending ? 'PENDING_TRADING' : 'TRADING',
    tick: decimal(contract.tick, contract.priceDecimals),
    step: decimal(1, contract.lotDecimals),
  }
}

export function zoo(now: number): Listed[] {
  const plain = {
    contractType: 'PERPETUAL',
    deliveryDate: NEVER,
    onboardDate: Date.UTC(2024, 0),
    status: 'TRADING',
    tick: '0.0100',
    step: '1',
  }
  const own: Readonly<Record<string, Partial<Listed>>> = {
    BTCUSDT_261225: { pair: 'BTCUSDT', contractType: 'NEXT_QUARTER', deliveryDate: Date.UTC(2026, 11, 25, 8) },
    NEWUSDT: { status: 'PENDING_TRADING', onboardDate: now + 3 * DAY },
    OLDUSDT: { status: 'SETTLING', deliveryDate: now - 90 * DAY },
    ODDUSDT: {
      status: 'UNDER_OBSERVATION',
      contractType: 'EVENT_PERPETUAL',
      extra: { riskTier: 3, notes: ['a', { b: 1 }] },
    },
    SPCXUSDT: { contractType: 'TRADIFI_PERPETUAL', extra: { underlyingType: 'EQUITY' } },
  }
  return [...ZOO_SYMBOLS].map((symbol) => ({ symbol, pair: symbol, ...plain, ...own[symbol] }))
}
