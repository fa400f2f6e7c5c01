/** A small seeded market for the feature tests: all twelve columns, higher timeframes, funding; and ways to cut it. */
import { createRandom } from '../../src/core/random.js'
import { DAY, HOUR, type Timeframe, timeframeMs } from '../../src/core/time.js'
import { availableTimes } from '../../src/features/inputs.js'
import type { FeatureSource } from '../../src/features/matrix.js'
import { fundingSeries } from '../../src/features/series/funding.js'
import { marketSeries } from '../../src/features/series/market.js'
import { peersSeries } from '../../src/features/series/peers.js'
import { BAR_VALUES, type Bars, emptyBars, type Funding, sliceBars } from '../../src/market/bars.js'

/** A source whose prints and other pairs are also at hand as they were published. */
export type Market = FeatureSource & { readonly funding: Funding | null; readonly others: readonly Bars[] }

/** @param others  bars of other pairs, the first of which stands for the market */
export function marketOf(
  decision: Bars,
  context: readonly Bars[],
  funding: Funding | null,
  others: readonly Bars[] = [],
): Market {
  const [market] = others
  const series = {
    funding: funding && fundingSeries(funding),
    market: market === undefined ? null : marketSeries(market),
    peers: others.length === 0 ? null : peersSeries(others),
  }
  return { decision, context, funding, others, series }
}

/** Not a multiple of most windows, so that blocks do not begin with the data. */
export const START = Date.UTC(2024, 0, 2, 7)

/** Hourly bars of a random walk, 4h and 1d bars of the same, funding every 8 hours from 40 days before, other pairs. */
export function randomMarket(rows: number, seed: number): Market {
  const decision = randomBars(rows, seed)
  const context = (['4h', '1d'] as const).map((timeframe) => resampled(decision, timeframe))
  const funding = randomFunding(START - 40 * DAY, START + rows * HOUR, seed)
  const others = Array.from({ length: OTHERS }, (_, i) => randomBars(rows, seed + 1000 * (i + 1)))
  return marketOf(decision, context, funding, others)
}

const OTHERS = 4

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
export function knownBy({ decision, context, funding, others }: Market, rows: number): Market {
  const now = availableTimes(decision)[rows - 1]
  return marketOf(
    sliceBars(decision, 0, rows),
    context.map((bars) => sliceBars(bars, 0, availableTimes(bars).filter((time) => time <= now).length)),
    funding && sliceFunding(funding, 0, funding.time.filter((time) => time <= now).length),
    others.map((bars) => sliceBars(bars, 0, availableTimes(bars).filter((time) => time <= now).length)),
  )
}

/** The market without its first `rows` decision bars; what is slower stays whole. */
export function from({ decision, context, funding, others }: Market, rows: number): Market {
  return marketOf(sliceBars(decision, rows, decision.rows), context, funding, others)
}

/** A copy of the market in which the exchange published no bars `start` … `end - 1`. */
export function withHole({ decision, context, funding, others }: Market, start: number, end: number): Market {
  return marketOf(silenced(decision, start, end), context, funding, others)
}

/** The same, but that other pair number `index` is the one without bars. */
export function withHoleInOther(market: Market, index: number, [start, end]: readonly [number, number]): Market {
  const { decision, context, funding, others } = market
  const changed = others.map((bars, i) => (i === index ? silenced(bars, start, end) : bars))
  return marketOf(decision, context, funding, changed)
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
