/**
 * One month of a series beside the bars: raw rows read, cleaned by its rules, as the table that is written. The rules themselves are in
 * market/; here is only which of them reads what.
 */
import { assert } from '../core/errors.js'
import { type Span, type Timeframe, timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { bookBars } from '../market/book-bars.js'
import { type CleanOptions, cleanKlines } from '../market/clean.js'
import { type ComparedBars, comparePublished } from '../market/compare-bars.js'
import { findGaps } from '../market/gaps.js'
import { liquidationBars } from '../market/liquidations.js'
import { lostRows, refuseLoss } from '../market/lost-rows.js'
import { cleanMetrics, METRICS_STEP } from '../market/metrics.js'
import { findFarFromReference } from '../market/outliers.js'
import { resample } from '../market/resample.js'
import { SERIES, type SeriesName } from '../market/series.js'
import { priceFindings, type SeriesFindings } from '../market/series-quality.js'
import { tickerBars } from '../market/ticker-bars.js'
import { tradeBars } from '../market/trade-bars.js'
import { readBars, readRawKlines } from './bars-table.js'
import { readSnapshots, sumTicker } from './book-tables.js'
import type { Frame, Schema } from './parquet.js'
import * as table from './series-table.js'
import { sumTrades } from './trade-sums.js'

export type SeriesOptions = {
  readonly name: SeriesName
  readonly timeframe: Timeframe // of the base bars
  readonly span: Span
  /** What the files say they hold: the month. */
  readonly period: Span
  readonly listedFrom: number | null
  /** Days of which there is no file, ISO; for a series in which silence means something. */
  readonly absentDays: readonly string[]
  /** Files by name: `<kind>`, `<kind>_rest`, `bars` (base bars of the same span). */
  readonly paths: (name: string) => readonly string[]
}

export type CleanSeries = { readonly schema: Schema; readonly frame: Frame; readonly findings: SeriesFindings }

/** @throws UserError when too many of the archive's rows are of no use (`refuseLoss`) */
export async function readCleanSeries(options: SeriesOptions): Promise<CleanSeries> {
  const series = await cleanSeries(options)
  const { rows, lost } = series.findings
  refuseLoss(options.name.replaceAll('_', ' '), rows, lost)
  return series
}

function cleanSeries(options: SeriesOptions): Promise<CleanSeries> {
  const { name } = options
  if (name === 'metrics') return metrics(sinceListing(options, METRICS_STEP))
  const step = timeframeMs(options.timeframe)
  if (name === 'trade_bars') return trades(sinceListing(options, step))
  if (name === 'book_depth_bars') return bookDepth(sinceListing(options, step))
  if (name === 'book_ticker_bars') return bookTicker(sinceListing(options, step))
  if (name === 'liquidation_bars') return liquidations(sinceListing(options, step))
  return prices(options)
}

/** What lies before the listing belongs to an earlier instrument of the same name; bars see to it themselves. */
function sinceListing(options: SeriesOptions, step: number): SeriesOptions {
  const { span, listedFrom } = options
  if (listedFrom === null) return options
  const from = Math.max(span.from, Math.floor(listedFrom / step) * step)
  return { ...options, span: { from: Math.min(from, span.to), to: span.to } }
}

async function prices({ name, timeframe, span, period, listedFrom, paths }: SeriesOptions): Promise<CleanSeries> {
  const [kind] = SERIES[name].kinds
  const asked = paths(`${kind}_rest`)
  const { bars, findings } = cleanKlines(await table.readRawPrices(paths(kind)), {
    ...{ timeframe, span, period, listedFrom },
    rest: asked.length > 0 ? await table.readRawPrices(asked) : null,
    sign: name === 'premium_index' ? 'any' : 'positive',
  })
  const traded = name === 'premium_index' ? [] : paths('bars')
  const base = traded.length > 0 ? await readBars(traded, timeframe) : null
  const reference = base === null ? null : findFarFromReference(base, bars)
  const gaps = findGaps(bars, findings.refused)
  return {
    schema: table.PRICE_SCHEMA,
    frame: table.priceFrame(bars),
    findings: priceFindings(name, { findings, gaps }, reference),
  }
}

async function metrics({ span, period, paths }: SeriesOptions): Promise<CleanSeries> {
  const rest = await table.readRestMetrics(paths)
  const cleaned = cleanMetrics(await table.readRawMetrics(paths('metrics')), { span, period, rest })
  return { schema: table.METRICS_SCHEMA, frame: table.metricsFrame(cleaned.metrics), findings: cleaned.findings }
}

async function trades(options: SeriesOptions): Promise<CleanSeries> {
  const { timeframe, paths } = options
  const kind = (['trades', 'aggTrades'] as const).find((one) => paths(one).length + paths(`${one}_rest`).length > 0)
  assert(kind !== undefined, 'no trades to add up')
  const step = timeframeMs(timeframe)
  const span = wholeBars(options, step)
  const files = { kind, archive: paths(kind), rest: paths(`${kind}_rest`), period: options.period }
  const { sums, counts } = await sumTrades(files, span, step)
  const klines = paths('bars').length > 0 ? await readBars(paths('bars'), timeframe) : null
  const { bars, findings } = tradeBars(sums, counts, { span, timeframe, source: kind, klines })
  return { schema: table.TRADE_BARS_SCHEMA, frame: table.tradeBarsFrame(bars, step), findings }
}

async function bookDepth(options: SeriesOptions): Promise<CleanSeries> {
  const { timeframe, paths } = options
  const step = timeframeMs(timeframe)
  const { snapshots, counts } = await readSnapshots(paths('bookDepth'), options.period)
  const { bars, findings } = bookBars(snapshots, counts, { span: wholeBars(options, step), timeframe })
  return { schema: table.BOOK_DEPTH_SCHEMA, frame: table.bookDepthFrame(bars, step), findings }
}

async function bookTicker(options: SeriesOptions): Promise<CleanSeries> {
  const { timeframe, paths } = options
  const step = timeframeMs(timeframe)
  const span = wholeBars(options, step)
  const { sums, counts } = await sumTicker(paths('bookTicker'), span, step, options.period)
  const { bars, findings } = tickerBars(sums, counts, { span, timeframe })
  return { schema: table.BOOK_TICKER_SCHEMA, frame: table.bookTickerFrame(bars, step), findings }
}

async function liquidations(options: SeriesOptions): Promise<CleanSeries> {
  const { period, timeframe, absentDays, paths } = options
  const step = timeframeMs(timeframe)
  const raw = await table.readRawLiquidations(paths('liquidationSnapshot'))
  const { bars, findings } = liquidationBars(raw, { span: wholeBars(options, step), period, timeframe, absentDays })
  return { schema: table.LIQUIDATION_SCHEMA, frame: table.liquidationFrame(bars, step), findings }
}

function wholeBars({ span }: SeriesOptions, step: number): Span {
  const from = Math.ceil(span.from / step) * step
  return { from, to: Math.max(from, Math.floor(span.to / step) * step) }
}

/**
 * The exchange's own higher bars of a month against those resampled from ours.
 *
 * @param published files by timeframe; one that is no multiple of ours is left out, for it says nothing of it
 */
export async function comparePublishedBars(
  bars: Bars,
  published: ReadonlyMap<Timeframe, readonly string[]>,
  options: Omit<CleanOptions, 'timeframe'>,
): Promise<ComparedBars[]> {
  const compared: ComparedBars[] = []
  for (const [timeframe, paths] of published) {
    if (timeframeMs(timeframe) % timeframeMs(bars.timeframe) !== 0) continue
    const { bars: cleaned, findings } = cleanKlines(await readRawKlines(paths), { ...options, timeframe })
    refuseLoss(`published bars ${timeframe}`, findings.rows, lostRows(findings))
    compared.push(comparePublished(cleaned, resample(bars, timeframe), bars.timeframe))
  }
  return compared
}
