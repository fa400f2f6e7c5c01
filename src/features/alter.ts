/**
 * A source in which other things happen during some spans of time: what became known in them is as it was at other times, or
 * was never published. Everything else is the same, so that a value which may not know the spans must be the same too.
 * Nothing is written to: the altered source has arrays of its own.
 */
import { power } from '../core/power.js'
import type { Random } from '../core/random.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import { BAR_VALUES, type Bars } from '../market/bars.js'
import { SERIES_NAMES, type SeriesTable, seriesOf } from './inputs.js'
import type { FeatureSource } from './matrix.js'
import { type AsOfSeries, rowsKnownAt } from './series.js'

/** What became known after `from`; UTC ms. */
export type AlteredSpan = {
  readonly from: number
  /** Up to here bars. */
  readonly barsTo: number
  /** Up to here rows of series, which count for longer than the bar that they lie in. */
  readonly seriesTo: number
}

type Alteration = {
  /** The bars that are altered; those of other timeframes stay, the series all go along. */
  readonly timeframe: Timeframe
  /** The inputs that are looked at; what no column sees need not be altered. */
  readonly inputs: ReadonlySet<string>
  readonly spans: readonly AlteredSpan[]
}

/** Each span as at moments drawn by chance, prices up to twice or half of what they were; every fourth as if nothing was published. */
export function alteredIn(source: FeatureSource, alteration: Alteration, random: Random): FeatureSource {
  const factor = () => power(2, 2 * random.next() - 1)
  const kinds = alteration.spans.map(() => ({ isPublished: random.below(4) > 0, price: factor(), volume: factor() }))
  return rewritten(source, alteration, { kinds, random })
}

/** Each span as if nothing was published. */
export function silencedIn(source: FeatureSource, alteration: Alteration): FeatureSource {
  return rewritten(source, alteration, { kinds: [], random: null })
}

/** What is written into each span: nothing where it is not given, or not published. */
type Writing = {
  readonly kinds: readonly { readonly isPublished: boolean; readonly price: number; readonly volume: number }[]
  readonly random: Random | null
}

function rewritten(source: FeatureSource, alteration: Alteration, writing: Writing): FeatureSource {
  const bars = (own: Bars) => (own.timeframe === alteration.timeframe ? rewrittenBars(own, alteration, writing) : own)
  return {
    decision: bars(source.decision),
    context: source.context.map(bars),
    series: rewrittenSeries(source.series, alteration, writing),
  }
}

const PRICES: ReadonlySet<string> = new Set(['open', 'high', 'low', 'close'])
/** Values in the quote asset go with those in the base asset. */
const VOLUMES: ReadonlySet<string> = new Set(['volume', 'quoteVolume', 'takerBuyVolume', 'takerBuyQuoteVolume'])

function rewrittenBars(bars: Bars, { spans, inputs }: Alteration, writing: Writing): Bars {
  const step = timeframeMs(bars.timeframe)
  const rowsOf = ({ from, barsTo }: AlteredSpan) => ({
    first: Math.max(0, Math.floor((from - bars.openTime[0]) / step)),
    end: Math.min(bars.rows, Math.floor((barsTo - bars.openTime[0]) / step)),
  })
  const { kinds } = writing
  const { rows, span, others } = choicesOf(spans.map(rowsOf), bars.rows, writing)
  const names = BAR_VALUES.filter((name) => inputs.has(name))
  const copies = names.map((name) => {
    const own = bars[name]
    const copy = own.slice()
    const nothing = name === 'baseBars' ? 0 : Number.NaN
    const scales = kinds.map(({ price, volume }) => (PRICES.has(name) ? price : VOLUMES.has(name) ? volume : 1))
    for (let i = 0; i < rows.length; i++) {
      copy[rows[i]] = others[i] < 0 ? nothing : own[others[i]] * scales[span[i]]
    }
    return [name, copy] as const
  })
  return { ...bars, ...Object.fromEntries(copies) }
}

type RowsOfSpan = { readonly first: number; readonly end: number }

/** For every row in a span, which span that is and the row that is written there, -1 for none. */
function choicesOf(spans: readonly RowsOfSpan[], count: number, { kinds, random }: Writing) {
  const length = spans.reduce((sum, { first, end }) => sum + Math.max(0, end - first), 0)
  const [rows, span, others] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)]
  let i = 0
  for (const [own, { first, end }] of spans.entries()) {
    for (let row = first; row < end; row++, i++) {
      rows[i] = row
      span[i] = own
      others[i] = random !== null && kinds[own].isPublished ? random.below(count) : -1
    }
  }
  return { rows, span, others }
}

/** Columns that say which row it is, not what is in it. */
const KEYS: ReadonlySet<string> = new Set(['time', 'open_time', 'snapshot_time', 'peer', 'intervalHours'])

function rewrittenSeries(series: SeriesTable, { spans, inputs }: Alteration, writing: Writing): SeriesTable {
  const used = seriesOf([...inputs])
  const altered = SERIES_NAMES.map((name) => {
    const own: AsOfSeries | null | undefined = series[name]
    if (own === undefined || own === null || !used.includes(name)) return [name, own ?? null]
    return [name, rewrittenRows(own, spans, writing)]
  })
  // One name, one series: each keeps the columns that it had.
  return Object.fromEntries(altered) as SeriesTable
}

function rewrittenRows(series: AsOfSeries, spans: readonly AlteredSpan[], writing: Writing): AsOfSeries {
  const { available, columns } = series
  const known = spans.map(({ from, seriesTo }) => ({
    first: rowsKnownAt(available, from),
    end: rowsKnownAt(available, seriesTo),
  }))
  const { rows, others } = choicesOf(known, available.length, writing)
  const sources = others.map((other, i) => (other < 0 ? -1 : sameKind(columns, rows[i], other)))
  const names = Object.keys(columns).filter((name) => !KEYS.has(name))
  const copies = names.map((name) => {
    const copy = columns[name].slice()
    for (let i = 0; i < rows.length; i++) copy[rows[i]] = sources[i] < 0 ? Number.NaN : columns[name][sources[i]]
    return [name, copy] as const
  })
  return { ...series, columns: { ...columns, ...Object.fromEntries(copies) } }
}

/** Of several pairs in one series, the next row that is of the same pair. */
function sameKind({ peer }: AsOfSeries['columns'], row: number, other: number): number {
  if (peer === undefined) return other
  for (let i = 0; i < peer.length; i++) {
    const next = (other + i) % peer.length
    if (peer[next] === peer[row]) return next
  }
  return other
}
