/** A small seeded market for the feature tests: all twelve columns, higher timeframes, funding, every other series, other pairs; and ways to cut it. */
import { createRandom } from '../../src/core/random.js'
import { DAY, HOUR, MINUTE, type Timeframe, timeframeMs } from '../../src/core/time.js'
import { availableTimes, SERIES, type SeriesName, type SeriesTable } from '../../src/features/inputs.js'
import type { FeatureSource } from '../../src/features/matrix.js'
import { fundingSeries } from '../../src/features/series/funding.js'
import { marketSeries } from '../../src/features/series/market.js'
import { peersSeries } from '../../src/features/series/peers.js'
import { referenceSeries } from '../../src/features/series/references.js'
import type { AsOfSeries } from '../../src/features/series.js'
import { BAR_VALUES, type Bars, emptyBars, type Funding, sliceBars } from '../../src/market/bars.js'

/** A source whose prints and other pairs are also at hand as they were published. */
export type Market = FeatureSource & { readonly funding: Funding | null; readonly others: readonly Bars[] }

/** Series besides funding and other pairs, and the bars of those, of which the first stands for the market. */
type Rest = { readonly series?: SeriesTable; readonly others?: readonly Bars[] }

export function marketOf(
  decision: Bars,
  context: readonly Bars[],
  funding: Funding | null,
  { series = {}, others = [] }: Rest = {},
): Market {
  const [market] = others
  const table = {
    ...series,
    funding: funding && fundingSeries(funding),
    market: market === undefined ? null : marketSeries(market),
    peers: others.length === 0 ? null : peersSeries(others),
    spy: others.length < 2 ? null : referenceSeries(duringHours(others[1], 14, 21)),
    dxy: others.length < 3 ? null : referenceSeries(duringHours(others[2], 0, 24)),
  }
  return { decision, context, funding, others, series: table }
}

/** Bars of a market that is open on weekdays, between these hours UTC. */
export function duringHours(bars: Bars, from: number, to: number): Bars {
  const isOpen = (time: number) => {
    const day = new Date(time).getUTCDay()
    const hour = (time % DAY) / HOUR
    return day !== 0 && day !== 6 && hour >= from && hour < to
  }
  return { ...bars, close: bars.close.map((close, i) => (isOpen(bars.openTime[i]) ? close : Number.NaN)) }
}

/** Not a multiple of most windows, so that blocks do not begin with the data. */
export const START = Date.UTC(2024, 0, 2, 7)

/** Hourly bars of a random walk, 4h and 1d bars of the same, funding every 8 hours from 40 days before, the other series from a day before, other pairs. */
export function randomMarket(rows: number, seed: number): Market {
  const decision = randomBars(rows, seed)
  const context = (['4h', '1d'] as const).map((timeframe) => resampled(decision, timeframe))
  const end = START + rows * HOUR
  const others = Array.from({ length: OTHERS }, (_, i) => randomBars(rows, seed + 1000 * (i + 1)))
  const series = randomSeries(START - DAY, end, seed)
  return marketOf(decision, context, randomFunding(START - 40 * DAY, end, seed), { series, others })
}

const OTHERS = 4

/**
 * Metrics as they were before their labels changed: known five minutes after the period's end; prices, trades and books by bars of a
 * quarter of an hour. Trades and books are of a market of their own, for no test needs them to fit the bars.
 */
export function randomSeries(from: number, to: number, seed: number): SeriesTable {
  const metrics = walks({ name: 'metrics', from, to, stepMs: 5 * MINUTE, delayMs: 5 * MINUTE, seed })
  const own = (name: SeriesName) => walks({ name, from, to, stepMs: 15 * MINUTE, delayMs: 0, seed })
  const premium = own('premium_index')
  const trades = own('trade_bars')
  const book = own('book_ticker_bars')
  const { volume, buy_volume, prints, quote_volume, price_squares } = trades.columns
  const { ask_price, bid_price } = book.columns
  for (let i = 0; i < volume.length; i++) {
    const [price, spread] = [quote_volume[i], 1e-3 * (price_squares[i] / 100)]
    buy_volume[i] = 0.5 * volume[i] * (1 + Math.sin(i))
    trades.columns.sell_volume[i] = volume[i] - buy_volume[i]
    trades.columns.buy_prints[i] = Math.floor((buy_volume[i] / volume[i]) * prints[i])
    trades.columns.max_quantity[i] = 0.3 * volume[i]
    trades.columns.missing_ids[i] = 0
    quote_volume[i] = price * volume[i]
    price_squares[i] = price * price * volume[i] * (1 + spread * spread)
    ask_price[i] = bid_price[i] * (1 + 1e-5 * book.columns.mean_spread[i])
  }
  const liquidations = own('liquidation_bars')
  const { long_orders, long_value, short_orders, short_value } = liquidations.columns
  for (let i = 0; i < long_orders.length; i++) {
    // Most quarters of an hour are without any.
    const [longs, shorts] = [Number(i % 3 === 0), Number(i % 4 === 1)]
    long_orders[i] = longs
    short_orders[i] = shorts
    long_value[i] *= longs
    short_value[i] *= shorts
  }
  const depth = own('book_depth_bars')
  depth.columns.snapshot_time.set(depth.available.map((time) => time - 20_000))
  return {
    ...{ metrics, mark_price: own('mark_price'), index_price: own('index_price'), trade_bars: trades },
    premium_index: { ...premium, columns: { close: premium.columns.close.map((value) => 1e-5 * (value - 100)) } },
    ...{ book_depth_bars: depth, book_ticker_bars: book, liquidation_bars: liquidations },
  } as SeriesTable
}

type Walks = {
  readonly name: SeriesName
  readonly from: number
  readonly to: number
  readonly stepMs: number
  readonly delayMs: number
  readonly seed: number
}

/** Each column a random walk from 100, all positive; `open_time` where the series has it. */
function walks({ name, from, to, stepMs, delayMs, seed }: Walks): AsOfSeries {
  const first = Math.ceil(from / stepMs) * stepMs
  const rows = Math.floor((to - first) / stepMs)
  const openTime = Float64Array.from({ length: rows }, (_, i) => first + i * stepMs)
  const columns = SERIES[name].columns.map((column) => {
    const random = createRandom(seed, `test ${name} ${column}`)
    let value = 100
    const walk = openTime.map(() => {
      value *= Math.exp(0.01 * random.normal())
      return value
    })
    return [column, column === 'open_time' ? openTime : walk] as const
  })
  const available = openTime.map((time) => time + stepMs + delayMs)
  return { available, time: openTime, columns: Object.fromEntries(columns) }
}

function randomBars(rows: number, seed: number): Bars {
  const random = createRandom(seed, 'test market')
  const bars = emptyBars('1h', START, rows)
  let close = 60_000
  for (let i = 0; i < rows; i++) {
    const open = close * (1 + 0.0005 * random.normal())
    close = open * Math.exp(0.005 * random.normal())
    const volume = 1000 * Math.exp(0.6 * random.normal())
    bars.open[i] = open
    bars.close[i] = close
    bars.high[i] = Math.max(open, close) * (1 + 0.002 * random.next())
    bars.low[i] = Math.min(open, close) * (1 - 0.002 * random.next())
    bars.volume[i] = volume
    bars.quoteVolume[i] = (volume * (open + close)) / 2
    bars.count[i] = 1 + random.below(5000)
    bars.takerBuyVolume[i] = volume * random.next()
    bars.takerBuyQuoteVolume[i] = (bars.takerBuyVolume[i] * (open + close)) / 2
    bars.baseBars[i] = 60
  }
  return bars
}

export function randomFunding(from: number, to: number, seed: number): Funding {
  const random = createRandom(seed, 'test funding')
  const first = Math.ceil(from / (8 * HOUR)) * 8 * HOUR
  const time = Float64Array.from({ length: Math.floor((to - first) / (8 * HOUR)) + 1 }, (_, i) => first + i * 8 * HOUR)
  return { time, rate: time.map(() => 1e-4 * random.normal()), intervalHours: time.map(() => 8) }
}

/** Higher bars from whole sets of lower ones. Written out here so that the tests rest on no other part. */
export function resampled(bars: Bars, timeframe: Timeframe): Bars {
  const step = timeframeMs(timeframe)
  const per = step / timeframeMs(bars.timeframe)
  const skipped = Math.ceil(bars.openTime[0] / step) * step - bars.openTime[0]
  const from = skipped / timeframeMs(bars.timeframe)
  const rows = Math.max(0, Math.floor((bars.rows - from) / per))
  const out = emptyBars(timeframe, bars.openTime[0] + skipped, rows)
  for (let i = 0; i < rows; i++) {
    const part = sliceBars(bars, from + i * per, from + (i + 1) * per)
    out.open[i] = part.open[0]
    out.close[i] = part.close[per - 1]
    out.high[i] = Math.max(...part.high)
    out.low[i] = Math.min(...part.low)
    for (const sum of [
      'volume',
      'quoteVolume',
      'count',
      'takerBuyVolume',
      'takerBuyQuoteVolume',
      'baseBars',
    ] as const) {
      out[sum][i] = part[sum].reduce((total, value) => total + value, 0)
    }
  }
  return out
}

/** What of the market was known when row `rows - 1` closed. */
export function knownBy({ decision, context, funding, series, others }: Market, rows: number): Market {
  const now = availableTimes(decision)[rows - 1]
  const closed = (bars: Bars) => sliceBars(bars, 0, availableTimes(bars).filter((time) => time <= now).length)
  return marketOf(
    sliceBars(decision, 0, rows),
    context.map(closed),
    funding && sliceFunding(funding, 0, funding.time.filter((time) => time <= now).length),
    {
      series: mapSeries(series, (own) => rowsWhere(own, (row) => own.available[row] <= now)),
      others: others.map(closed),
    },
  )
}

export function mapSeries(series: SeriesTable, change: (own: AsOfSeries, name: string) => AsOfSeries): SeriesTable {
  const entries = Object.entries(series).map(([name, own]) => [name, own && change(own as AsOfSeries, name)])
  return Object.fromEntries(entries)
}

export function rowsWhere(series: AsOfSeries, isKept: (row: number) => boolean): AsOfSeries {
  const keep = (x: Float64Array) => x.filter((_, row) => isKept(row))
  const columns = Object.entries(series.columns).map(([name, values]) => [name, keep(values)])
  return { available: keep(series.available), time: keep(series.time), columns: Object.fromEntries(columns) }
}

/** The market without its first `rows` decision bars; what is slower stays whole. */
export function from({ decision, context, funding, series, others }: Market, rows: number): Market {
  return marketOf(sliceBars(decision, rows, decision.rows), context, funding, { series, others })
}

/** A copy of the market in which the exchange published no bars `start` … `end - 1`. */
export function withHole({ decision, context, funding, ...rest }: Market, start: number, end: number): Market {
  return marketOf(silenced(decision, start, end), context, funding, rest)
}

/** The same, but that other pair number `index` is the one without bars. */
export function withHoleInOther(market: Market, index: number, [start, end]: readonly [number, number]): Market {
  const { decision, context, funding, series } = market
  const others = market.others.map((bars, i) => (i === index ? silenced(bars, start, end) : bars))
  return marketOf(decision, context, funding, { series, others })
}

function silenced(whole: Bars, start: number, end: number): Bars {
  const bars = copyOf(whole)
  for (const name of BAR_VALUES) bars[name].fill(name === 'baseBars' ? 0 : Number.NaN, start, end)
  return bars
}

export function copyOf(bars: Bars): Bars {
  const whole = emptyBars(bars.timeframe, bars.openTime[0], bars.rows)
  for (const name of BAR_VALUES) whole[name].set(bars[name])
  return whole
}

export function sliceFunding({ time, rate, intervalHours }: Funding, start: number, end: number): Funding {
  return {
    time: time.slice(start, end),
    rate: rate.slice(start, end),
    intervalHours: intervalHours.slice(start, end),
  }
}

export function joinFunding(a: Funding, b: Funding): Funding {
  const join = (x: Float64Array, y: Float64Array) => Float64Array.from([...x, ...y])
  return {
    time: join(a.time, b.time),
    rate: join(a.rate, b.rate),
    intervalHours: join(a.intervalHours, b.intervalHours),
  }
}
