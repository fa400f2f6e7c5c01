/**
 * What a simulated archive can hold: one entry a kind, with the way the files are cut and what makes one. The kinds are those of the
 * futures archive, all of them.
 */
import { UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { daysOf, type Month, monthSpan } from '../core/time.js'
import { type RawKind, rawKind } from '../market/raw-kinds.js'
import { daysOfPublication, depthOfDay, liquidationsOfDay, type Publication } from '../simulate/publication.js'
import { archiveKey } from './keys.js'
import {
  bookDepthCsv,
  fundingCsv,
  klinesCsv,
  liquidationsCsv,
  metricsCsv,
  type UntradedKind,
  untradedCsv,
} from './mirror-csv.js'
import { aggTradesCsv, bookTickerCsv, tradesCsv } from './mirror-ticks.js'

export type MirrorKind = {
  /** By month, as far as the archive has it so; by day where it has not, and where a month would be gigabytes. */
  readonly cut: 'month' | 'day'
  readonly byDefault: boolean
  /** The CSV of one file: whole, or piece by piece. */
  readonly csv: (part: Publication) => Buffer | Iterable<Buffer>
}

const untraded = (kind: UntradedKind, column: 'mark' | 'index' | 'premium'): MirrorKind => ({
  cut: 'month',
  byDefault: true,
  csv: ({ bars, [column]: prices }) => untradedCsv(kind, prices, bars.openTime),
})

export const MIRROR_KINDS = {
  klines: {
    cut: 'month',
    byDefault: true,
    csv: ({ bars, instrument }) =>
      klinesCsv(bars, { price: instrument.priceDecimals, quantity: instrument.lotDecimals }),
  },
  fundingRate: { cut: 'month', byDefault: true, csv: ({ funding }) => fundingCsv(funding) },
  markPriceKlines: untraded('markPriceKlines', 'mark'),
  indexPriceKlines: untraded('indexPriceKlines', 'index'),
  premiumIndexKlines: untraded('premiumIndexKlines', 'premium'),
  metrics: { cut: 'day', byDefault: true, csv: ({ positions, pair }) => metricsCsv(positions, pair) },
  aggTrades: { cut: 'day', byDefault: false, csv: aggTradesCsv },
  trades: { cut: 'day', byDefault: false, csv: tradesCsv },
  bookDepth: { cut: 'day', byDefault: false, csv: (day) => bookDepthCsv(depthOfDay(day)) },
  bookTicker: { cut: 'day', byDefault: false, csv: bookTickerCsv },
  liquidationSnapshot: {
    cut: 'day',
    byDefault: false,
    csv: (day) => liquidationsCsv(liquidationsOfDay(day), day.instrument),
  },
} as const satisfies { readonly [kind in RawKind]?: MirrorKind }

export type MirrorKindName = keyof typeof MIRROR_KINDS
export const MIRROR_KIND_NAMES = Object.keys(MIRROR_KINDS) as readonly MirrorKindName[]
export const DEFAULT_MIRROR_KINDS = MIRROR_KIND_NAMES.filter((kind) => MIRROR_KINDS[kind].byDefault)

/**
 * Names of kinds, `all` among them, in the order of the table; none at all means the default.
 *
 * @throws UserError when one is no kind
 */
export function mirrorKinds(names: readonly string[]): readonly MirrorKindName[] {
  if (names.length === 0) return DEFAULT_MIRROR_KINDS
  const known = ['all', ...MIRROR_KIND_NAMES]
  for (const name of names) {
    if (known.includes(name)) continue
    throw new UserError(`there is no kind ${name}${suggestion(name, known)}`, {
      hint: `there are ${known.join(', ')}`,
      exitCode: 2,
    })
  }
  return MIRROR_KIND_NAMES.filter((kind) => names.includes('all') || names.includes(kind))
}

/** The keys of a kind's files in a month, oldest first. */
export function keysOfMonth(kind: MirrorKindName, pair: string, month: Month): string[] {
  const timeframe = rawKind(kind).byTimeframe ? { timeframe: '1m' as const } : {}
  const series = { venue: 'binance-um', pair, kind, ...timeframe } as const
  const periods = MIRROR_KINDS[kind].cut === 'month' ? [month] : daysOf(monthSpan(month))
  return periods.map((period) => archiveKey(series, period))
}

/** The key of a file, and what makes its CSV when it is asked for. */
export type MirrorEntry = readonly [key: string, csv: () => Buffer | Iterable<Buffer>]

/** The files of a kind in a month, in the order of their keys. */
export function* filesOfMonth(kind: MirrorKindName, whole: Publication, month: Month): Generator<MirrorEntry> {
  const { cut, csv }: MirrorKind = MIRROR_KINDS[kind]
  const keys = keysOfMonth(kind, whole.pair, month)
  const parts = cut === 'month' ? [whole] : daysOfPublication(whole)
  let file = 0
  for (const part of parts) yield [keys[file++], () => csv(part)]
}
