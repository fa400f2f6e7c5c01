/**
 * What a file's name says of its content: pair, timeframe, kind and venue, after the habits of the exchange's archive, of freqtrade and
 * of people. A guess is said aloud and never overrules what the rows themselves show.
 */
import { TIMEFRAME_NAMES, type Timeframe } from '../../core/time.js'
import type { Venue } from '../../sources/keys.js'
import type { RawKind } from '../raw-kinds.js'

/** What a user's own file can hold. */
export type ImportKind = Extract<RawKind, 'klines' | 'fundingRate' | 'trades' | 'metrics'>

export type NameGuess = {
  readonly pair: string | null
  readonly timeframe: Timeframe | null
  readonly kind: ImportKind | null
  readonly venue: Venue | null
  /** Prices that are not traded ones, such as `mark`; null for all that can be imported. */
  readonly foreign: string | null
  /** Whose ratio of longs to shorts it is. */
  readonly ratio: RatioRole | null
}

type RatioRole = 'account_ratio' | 'top_account_ratio' | 'top_position_ratio'

/** The exchange's own words for its three series; what says `topLongShortRatio` alone could be two of them. */
const RATIO_WORDS: readonly (readonly [RegExp, RatioRole])[] = [
  [/global.?long.?short/i, 'account_ratio'],
  [/top.?long.?short.?account/i, 'top_account_ratio'],
  [/top.?long.?short.?position/i, 'top_position_ratio'],
]

/** Quote assets in which pairs are written apart; those that are coins themselves come last, for they also stand first. */
const QUOTES = ['USDT', 'USDC', 'FDUSD', 'BUSD', 'TUSD', 'USD', 'EUR', 'GBP', 'TRY', 'BRL', 'JPY']
const COIN_QUOTES = ['BTC', 'ETH', 'BNB']

/** @param name with or without folders and ending */
export function guessFromName(name: string): NameGuess {
  const stem = name.slice(name.lastIndexOf('/') + 1).replace(/(?:\.(?:csv|txt|tsv|parquet|pq|json|gz))+$/i, '')
  const tokens = stem.split(/[-_. ]+/).filter((token) => token !== '')
  const { pair, isPerpetual } = pairIn(tokens)
  const isFunding = /funding/i.test(stem)
  const foreign = /(?:^|[-_. ])(mark|index|premium)(?:price|index)?(?:klines)?(?=[-_. ]|$)/i.exec(stem)
  return {
    pair,
    timeframe: isFunding ? null : timeframeIn(tokens),
    kind: isFunding ? 'fundingRate' : null,
    venue: /\bspot\b/i.test(tokens.join(' '))
      ? 'binance-spot'
      : isPerpetual || isFunding || /\b(?:futures?|perp|perpetual|swap|um)\b/i.test(tokens.join(' '))
        ? 'binance-um'
        : null,
    foreign: foreign === null || isFunding ? null : foreign[1].toLowerCase(),
    ratio: RATIO_WORDS.find(([words]) => words.test(stem))?.[1] ?? null,
  }
}

/** `BTC/USDT:USDT`, `btc-usdt` or `BTC_USDT_USDT` as the exchange writes it; null for what cannot be a pair. */
export function pairFromSymbol(symbol: string): string | null {
  const bare = symbol
    .trim()
    .toUpperCase()
    .replace(/:.*$/, '')
    .replace(/[-_ ]?(?:PERP|PERPETUAL|SWAP)$/, '')
  const parts = bare.split(/[-/_ ]/)
  const isSettled = parts.length === 3 && parts[1] === parts[2]
  const pair = (isSettled ? parts.slice(0, 2) : parts).join('')
  return parts.length <= 3 && /^[\p{L}\p{N}]{4,30}$/u.test(pair) ? pair : null
}

function pairIn(tokens: readonly string[]): { readonly pair: string | null; readonly isPerpetual: boolean } {
  const upper = tokens.map((token) => token.toUpperCase())
  for (const quotes of [QUOTES, COIN_QUOTES]) {
    // From the right, for an exchange's name may stand before a coin that is a quote as well: binance_ETH_BTC.
    for (let i = upper.length - 1; i > 0; i--) {
      if (!quotes.includes(upper[i]) || upper[i - 1] === upper[i] || !/^[A-Z0-9]{2,}$/.test(upper[i - 1])) continue
      return { pair: upper[i - 1] + upper[i], isPerpetual: upper[i + 1] === upper[i] }
    }
    const joined = upper.find((token) =>
      quotes.some((quote) => token.length > quote.length + 1 && token.endsWith(quote)),
    )
    if (joined !== undefined && /^[\p{L}\p{N}]+$/u.test(joined)) return { pair: joined, isPerpetual: false }
  }
  return { pair: null, isPerpetual: false }
}

/** Its names of timeframes; MN1 is a month, which Sluice has not. */
const METATRADER = new Map(
  ['M1', 'M5', 'M15', 'M30', 'H1', 'H4', 'D1'].map((name) => [name, `${name.slice(1)}${name[0].toLowerCase()}`]),
)

function timeframeIn(tokens: readonly string[]): Timeframe | null {
  for (const token of tokens) {
    const timeframe = timeframeFromText(token) ?? timeframeFromText(METATRADER.get(token) ?? '')
    if (timeframe !== null) return timeframe
  }
  return null
}

/** `5m`, `5min`, `1H`, `60m`, `1day`; a capital M alone is a month, which Sluice has not. */
export function timeframeFromText(text: string): Timeframe | null {
  const match = /^(\d{1,4})(m|min|mins|minutes?|[hH]|hours?|[dD]|days?)$/.exec(text)
  if (match === null) return null
  const unit = match[2][0].toLowerCase()
  const minutes = Number(match[1]) * { m: 1, h: 60, d: 1440 }[unit as 'm' | 'h' | 'd']
  const [hours, days] = [minutes / 60, minutes / 1440]
  const name = Number.isInteger(days) ? `${days}d` : Number.isInteger(hours) ? `${hours}h` : `${minutes}m`
  return TIMEFRAME_NAMES.find((known) => known === name) ?? null
}
