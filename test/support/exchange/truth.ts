/**
 * What really happened on the exchange of the tests: a seeded little market that archive and REST are printed from, and that a test compares
 * its final tables with, row for row. Everything is made when it is asked for.
 */
import { DAY, HOUR, MINUTE, type Span } from '../../../src/core/time.js'
import { type FundingPrint, fundingPrints } from './funding.js'
import { createMarket, type Market, type PriceKind } from './market.js'
import { createDice, type Dice } from './numbers.js'
import { createRows, type Kind, type RowQuery } from './rows.js'

export type VenueName = 'um' | 'spot'

/** Where something is missing: [from, to), of the kinds named. Default: klines, aggTrades and trades together. */
export type Gap = Span & { readonly kinds?: readonly Kind[] }

export type PairOptions = {
  readonly name: string
  /** UTC ms, whole minutes. A pair listed after the server's `now` is PENDING_TRADING. */
  readonly listing?: number
  readonly delisting?: number
  /** What exchangeInfo says; default the first minute. On the exchange it may lie before the first trade. */
  readonly onboardDate?: number
  /** Gone from exchangeInfo and from REST after delisting, as many are; otherwise it lingers as SETTLING. */
  readonly vanishes?: boolean
  readonly contractType?: string
  readonly price?: number
  readonly priceDecimals?: number
  readonly tick?: number // units of the last price decimal
  readonly lotDecimals?: number
  readonly gaps?: readonly Gap[]
  readonly zeroVolume?: readonly Span[]
  /** Hours between prints from a time on; default 8 throughout. */
  readonly funding?: readonly { readonly from: number; readonly hours: number }[]
  /** Extra prints off the grid, `rateType` Special. */
  readonly specialFunding?: readonly number[]
}

export type TruthOptions = {
  readonly seed: number
  readonly pairs: readonly (string | PairOptions)[]
  readonly from: number
  readonly to: number
  /** Mean aggregate trades of a minute; default 6. */
  readonly tradesPerMinute?: number
  /** For every pair. */
  readonly gaps?: readonly Gap[]
  readonly zeroVolume?: readonly Span[]
  /** Funding prints before this have no mark price ("" over REST), as the old ones of the exchange; default 2022-02-01. */
  readonly markPriceSince?: number
}

export type Pair = PairOptions & {
  readonly life: Span
  readonly markets: Readonly<Record<VenueName, Market>>
  readonly dice: Dice
  readonly missing: (kind: Kind) => readonly Span[]
}

export interface Truth {
  readonly options: TruthOptions
  readonly pairs: ReadonlyMap<string, Pair>
  pair(name: string): Pair
  market(name: string, venue?: VenueName): Market
  /**
   * Rows with from <= time < to as the exchange would print them: decimal strings, in the published column order (`COLUMNS` in rows.ts).
   *
   * Time is the open time of bars, the trade's time, the funding time. Five-minute kinds are chosen by the *start* of their period, whatever
   * their label says. Of `trades` and the like all rows; of bars only closed ones unless `asOf` says when to look.
   */
  rows(kind: Kind, pair: string, query: RowQuery): string[][]
  funding(pair: string, span: Span): FundingPrint[]
}

const TRADED: readonly Kind[] = ['klines', 'aggTrades', 'trades']

export function createTruth(options: TruthOptions): Truth {
  const pairs = new Map<string, Pair>()
  for (const entry of options.pairs) {
    const pair = createPair(typeof entry === 'string' ? { name: entry } : entry, options)
    pairs.set(pair.name, pair)
  }
  const pair = (name: string) => {
    const found = pairs.get(name)
    if (found === undefined) throw new Error(`the truth has no pair ${name}`)
    return found
  }
  const funding = (name: string, span: Span) =>
    fundingPrints(pair(name), span, options.markPriceSince ?? Date.UTC(2022, 1))
  const rows = createRows({ pair, funding })
  return { options, pairs, pair, market: (name, venue = 'um') => pair(name).markets[venue], rows, funding }
}

function createPair(own: PairOptions, options: TruthOptions): Pair {
  const { seed, from, to } = options
  const dice = createDice(seed, `pair ${own.name}`)
  const life = { from: Math.max(from, own.listing ?? from), to: Math.min(to, own.delisting ?? to) }
  const gaps = [...(options.gaps ?? []), ...(own.gaps ?? [])]
  const missing = (kind: Kind) => gaps.filter((gap) => (gap.kinds ?? TRADED).includes(kind))
  const priceGaps: Record<PriceKind, readonly Span[]> = {
    markPriceKlines: missing('markPriceKlines'),
    indexPriceKlines: missing('indexPriceKlines'),
    premiumIndexKlines: missing('premiumIndexKlines'),
  }
  const known = own.name.startsWith('BTC')
    ? { price: 60_000, decimals: 2, tick: 10, lots: 3 }
    : own.name.startsWith('ETH')
      ? { price: 3000, decimals: 2, tick: 1, lots: 3 }
      : { price: 0.5 + 9 * dice(1), decimals: 4, tick: 1, lots: 1 }
  const build = (venue: VenueName) => {
    const priceDecimals = own.priceDecimals ?? known.decimals
    return createMarket(
      {
        name: own.name,
        price: Math.round((own.price ?? known.price) * 10 ** priceDecimals),
        priceDecimals,
        tick: own.tick ?? known.tick,
        lotDecimals: own.lotDecimals ?? known.lots,
        tradesPerMinute: options.tradesPerMinute ?? 6,
        life,
        gaps: missing('klines'),
        quiet: [...(options.zeroVolume ?? []), ...(own.zeroVolume ?? [])],
        priceGaps,
      },
      seed,
      venue,
    )
  }
  const markets = { um: build('um'), spot: build('spot') }
  for (const time of [life.from, life.to]) if (time % MINUTE !== 0) throw new Error(`${time} is not a whole minute`)
  return { ...own, life, markets, dice, missing }
}

/** A pair of each kind that a client must survive, over one span: gaps, silence, a listing and a delisting inside it. */
export function eventfulPairs({ from, to }: Span): PairOptions[] {
  const middle = Math.floor((from + to) / 2 / HOUR) * HOUR
  return [
    {
      name: 'BTCUSDT',
      gaps: [{ from: from + 3 * HOUR + 7 * MINUTE, to: from + 3 * HOUR + 18 * MINUTE }],
      zeroVolume: [{ from: from + 5 * HOUR, to: from + 5 * HOUR + 9 * MINUTE }],
    },
    {
      name: 'ETHUSDT',
      funding: [
        { from, hours: 8 },
        { from: middle, hours: 4 },
        { from: middle + DAY, hours: 1 },
      ],
    },
    { name: '1000SHIBUSDT', listing: middle + 17 * MINUTE, price: 0.0123, priceDecimals: 6, lotDecimals: 0 },
    { name: 'OMGUSDT', delisting: middle - 23 * MINUTE },
    { name: '币安人生USDT', specialFunding: [middle + 95 * MINUTE] },
  ]
}
