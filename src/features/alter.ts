/**
 * A source in which other things happen during some spans of time: what became known in them is as it was at other times, or
 * was never published. Everything else is the same, so that a value which may not know the spans must be the same too.
 * Nothing is written to: the altered source has arrays of its own.
 */
import type { Random } from '../core/random.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import { BAR_VALUES, type Bars } from '../market/bars.js'
import { SERIES_NAMES, type SeriesTable } from './inputs.js'
import type { FeatureSource } from './matrix.js'
import { type AsOfSeries, rowsKnownAt } from './series.js'

/** What became known after `from`, up to `to`; UTC ms. */
export type AlteredSpan = { readonly from: number; readonly to: number }

/** How a row within a span is written: from row `other` of all there are; null for one that was never published. */
type Choice = (rows: number) => number | null

type Alteration = {
  /** The bars that are altered; those of other timeframes stay, the series all go along. */
  readonly timeframe: Timeframe
  readonly spans: readonly AlteredSpan[]
}

/** Each span as at moments drawn by chance, prices up to twice or half of what they were; every fourth as if nothing was published. */
export function alteredIn(source: FeatureSource, { timeframe, spans }: Alteration, random: Random): FeatureSource {
  const kinds = spans.map((span) => ({ span, choose: random.below(4) === 0 ? unpublished : (n: number) => random.below(n) }))
  return rewritten(source, timeframe, kinds, () => 2 ** (2 * random.next() - 1))
}

/** Each span as if nothing was published. */
export function silencedIn(source: FeatureSource, { timeframe, spans }: Alteration): FeatureSource {
  return rewritten(
    source,
    timeframe,
    spans.map((span) => ({ span, choose: unpublished })),
    () => 1,
  )
}

const unpublished: Choice = () => null

type Rewritten = { readonly span: AlteredSpan; readonly choose: Choice }

function rewritten(
  { decision, context, series }: FeatureSource,
  timeframe: Timeframe,
  spans: readonly Rewritten[],
  factor: () => number,
): FeatureSource {
  const bars = (own: Bars) => (own.timeframe === timeframe ? rewrittenBars(own, spans, factor) : own)
  return { decision: bars(decision), context: context.map(bars), series: rewrittenSeries(series, spans) }
}

const PRICES: ReadonlySet<string> = new Set(['open', 'high', 'low', 'close'])
/** Values in the quote asset go with the price, those in the base asset with the volume. */
const VOLUMES: ReadonlySet<string> = new Set(['volume', 'quoteVolume', 'takerBuyVolume', 'takerBuyQuoteVolume'])

function rewrittenBars(bars: Bars, spans: readonly Rewritten[], factor: () => number): Bars {
  const step = timeframeMs(bars.timeframe)
  const copies = Object.fromEntries(BAR_VALUES.map((name) => [name, bars[name].slice()])) as Pick<
    Bars,
    (typeof BAR_VALUES)[number]
  >
  for (const { span, choose } of spans) {
    const [price, volume] = [factor(), factor()]
    const first = Math.max(0, Math.floor((span.from - bars.openTime[0]) / step))
    const end = Math.min(bars.rows, Math.floor((span.to - bars.openTime[0]) / step))
    for (let row = first; row < end; row++) {
      const other = choose(bars.rows)
      for (const name of BAR_VALUES) {
        const scale = PRICES.has(name) ? price : VOLUMES.has(name) ? volume : 1
        if (other !== null) copies[name][row] = bars[name][other] * scale
        else copies[name][row] = name === 'baseBars' ? 0 : Number.NaN
      }
    }
  }
  return { ...bars, ...copies }
}

/** Columns that say which row it is, not what is in it. */
const KEYS: ReadonlySet<string> = new Set(['time', 'open_time', 'snapshot_time', 'peer', 'intervalHours'])

function rewrittenSeries(series: SeriesTable, spans: readonly Rewritten[]): SeriesTable {
  const altered = SERIES_NAMES.map((name) => {
    const own: AsOfSeries | null | undefined = series[name]
    return [name, own === undefined || own === null ? null : rewrittenRows(own, spans)]
  })
  // One name, one series: each keeps the columns that it had.
  return Object.fromEntries(altered) as SeriesTable
}

function rewrittenRows(series: AsOfSeries, spans: readonly Rewritten[]): AsOfSeries {
  const { available, columns } = series
  const names = Object.keys(columns).filter((name) => !KEYS.has(name))
  const copies = Object.fromEntries(names.map((name) => [name, columns[name].slice()]))
  for (const { span, choose } of spans) {
    const end = rowsKnownAt(available, span.to)
    for (let row = rowsKnownAt(available, span.from); row < end; row++) {
      const other = sameKind(columns, row, choose(available.length))
      for (const name of names) copies[name][row] = other === null ? Number.NaN : columns[name][other]
    }
  }
  return { ...series, columns: { ...columns, ...copies } }
}

/** Of several pairs in one series, the next row that is of the same pair. */
function sameKind({ peer }: AsOfSeries['columns'], row: number, other: number | null): number | null {
  if (peer === undefined || other === null) return other
  for (let i = 0; i < peer.length; i++) {
    const next = (other + i) % peer.length
    if (peer[next] === peer[row]) return next
  }
  return other
}
