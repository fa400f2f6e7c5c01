/**
 * The parts of a candle and what counts as long, short or near, as TA-Lib 0.6 has it: each yardstick is a factor times
 * the mean of a part over the bars BEFORE the candle that is measured. Patterns are built on these in candle-*.ts.
 *
 * TA-Lib slides its sums along from the start of the data; here they are cut at absolute bar numbers (see blocks.ts), so
 * that a pattern is the same wherever the data begins. Where a part equals its yardstick but for the last bit the two
 * may differ; on the reference's 2,000 real bars none of the 61 does.
 */
import type { PriceBars } from './range-volatility.js'
import { rollingSum } from './rolling-sum.js'

type Part = 'body' | 'range' | 'shadows'
type Yardstick = { readonly part: Part; readonly bars: number; readonly factor: number }

/** TA-Lib's candle settings as it sets them at the start. 0 bars: the candle is measured by itself. */
const YARDSTICKS = {
  bodyLong: { part: 'body', bars: 10, factor: 1 },
  bodyShort: { part: 'body', bars: 10, factor: 1 },
  bodyDoji: { part: 'range', bars: 10, factor: 0.1 },
  shadowLong: { part: 'body', bars: 0, factor: 1 },
  shadowVeryLong: { part: 'body', bars: 0, factor: 2 },
  shadowShort: { part: 'shadows', bars: 10, factor: 0.5 }, // of one shadow: half the mean of both
  shadowVeryShort: { part: 'range', bars: 10, factor: 0.1 },
  near: { part: 'range', bars: 5, factor: 0.2 },
  far: { part: 'range', bars: 5, factor: 0.6 },
  equal: { part: 'range', bars: 5, factor: 0.05 },
} as const satisfies Record<string, Yardstick>
export type YardstickName = keyof typeof YARDSTICKS

/** All [n]. */
export type Candles = PriceBars & {
  readonly colour: Float64Array // 1 white (close >= open), -1 black
  readonly top: Float64Array // of the body
  readonly bottom: Float64Array // of the body
  readonly body: Float64Array
  readonly upper: Float64Array // shadow
  readonly lower: Float64Array // shadow
}

export type CandlePattern = {
  readonly talib: string // TA-Lib's name without its CDL
  readonly lookback: number // bars before the first value; TA-Lib's, though two patterns need one bar less
  /** Value per bar: 100 or -100 where the pattern is complete, for some 80 or 200, 0 elsewhere; NaN = not known [n]. */
  readonly find: (candles: Candles, origin: number) => Float64Array
}

type Rule<K extends YardstickName> = {
  readonly talib: string
  readonly lookback: number
  readonly measures: readonly K[]
  /** The value at bar i, read from bars i - lookback … i alone. */
  readonly at: (candles: Candles & Readonly<Record<K, Float64Array>>, i: number) => number
}

/** A pattern from its rule, which sees the yardsticks that it names and no others. */
export function definePattern<const K extends YardstickName>({
  talib,
  lookback,
  measures,
  at,
}: Rule<K>): CandlePattern {
  return {
    talib,
    lookback,
    find(candles, origin) {
      const measured = (name: YardstickName) =>
        (measures as readonly YardstickName[]).includes(name) ? yardstick(candles, name, origin) : UNMEASURED
      return scan({ ...candles, ...yardsticks(measured) }, lookback, at)
    },
  }
}

const UNMEASURED = new Float64Array(0)

/** All of them, named or not: were the object of another shape for each pattern, reading it would cost twice as much. */
function yardsticks(of: (name: YardstickName) => Float64Array): Record<YardstickName, Float64Array> {
  return {
    bodyLong: of('bodyLong'),
    bodyShort: of('bodyShort'),
    bodyDoji: of('bodyDoji'),
    shadowLong: of('shadowLong'),
    shadowVeryLong: of('shadowVeryLong'),
    shadowShort: of('shadowShort'),
    shadowVeryShort: of('shadowVeryShort'),
    near: of('near'),
    far: of('far'),
    equal: of('equal'),
  }
}

function scan<C extends Candles>(candles: C, lookback: number, at: (candles: C, i: number) => number): Float64Array {
  const { open, high, low, close } = candles
  const out = new Float64Array(close.length).fill(Number.NaN)
  let known = 0
  for (let i = 0; i < out.length; i++) {
    known = Number.isNaN(open[i] + high[i] + low[i] + close[i]) ? 0 : known + 1
    // `+ 0` for -colour · 0 would be -0.
    if (known > lookback) out[i] = at(candles, i) + 0
  }
  return out
}

/** What the patterns read of the bars. */
export function candlesOf({ open, high, low, close }: PriceBars): Candles {
  const n = close.length
  const [colour, top, bottom] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]
  const [body, upper, lower] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]
  for (let i = 0; i < n; i++) {
    colour[i] = close[i] >= open[i] ? 1 : -1
    top[i] = Math.max(open[i], close[i])
    bottom[i] = Math.min(open[i], close[i])
    body[i] = Math.abs(close[i] - open[i])
    upper[i] = high[i] - top[i]
    lower[i] = bottom[i] - low[i]
  }
  return { open, high, low, close, colour, top, bottom, body, upper, lower }
}

/** The yardstick for each candle, from the bars before it; NaN until they are known [n]. */
function yardstick(candles: Candles, name: YardstickName, origin: number): Float64Array {
  const { part, bars, factor } = YARDSTICKS[name]
  const lengths = partOf(candles, part)
  const out = new Float64Array(lengths.length)
  if (bars === 0) {
    for (let i = 0; i < out.length; i++) out[i] = factor * lengths[i]
    return out
  }
  const sums = rollingSum(lengths, bars, origin)
  if (out.length > 0) out[0] = Number.NaN
  for (let i = 1; i < out.length; i++) out[i] = factor * (sums[i - 1] / bars)
  return out
}

function partOf({ body, upper, lower, high, low }: Candles, part: Part): Float64Array {
  if (part === 'body') return body
  const out = new Float64Array(body.length)
  if (part === 'range') for (let i = 0; i < out.length; i++) out[i] = high[i] - low[i]
  else for (let i = 0; i < out.length; i++) out[i] = upper[i] + lower[i]
  return out
}

/** The body of bar i lies above that of bar j, without touching it. */
export function bodyGapUp({ top, bottom }: Candles, i: number, j: number): boolean {
  return bottom[i] > top[j]
}

/** The body of bar i lies below that of bar j, without touching it. */
export function bodyGapDown({ top, bottom }: Candles, i: number, j: number): boolean {
  return top[i] < bottom[j]
}

/** The whole of bar i, shadows included, lies above bar j. */
export function gapUp({ high, low }: Candles, i: number, j: number): boolean {
  return low[i] > high[j]
}

/** The whole of bar i, shadows included, lies below bar j. */
export function gapDown({ high, low }: Candles, i: number, j: number): boolean {
  return high[i] < low[j]
}

/** x lies within `reach` of `level`, ends included. */
export function isWithin(x: number, level: number, reach: number): boolean {
  return x <= level + reach && x >= level - reach
}
