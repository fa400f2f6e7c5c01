/**
 * Candlestick patterns of three candles, i - 2 … i, that turn a trend: the rules of TA-Lib 0.6 (see candles.ts). Crows,
 * soldiers and what else goes on in one direction stand in candle-three-alike.ts.
 */
import {
  bodyGapDown,
  bodyGapUp,
  type CandlePattern,
  type Candles,
  definePattern,
  gapDown,
  gapUp,
  isWithin,
} from './candles.js'

const STAR_REACH = 0.3 // how far the third candle of a star reaches into the body of the first

type Star = Candles & Readonly<Record<'bodyLong' | 'bodyShort', Float64Array>>

/** Around a star at i - 1: a long candle of `first` colour, and one of the other that reaches back into its body. */
function turns(candles: Star, i: number, first: 1 | -1): boolean {
  const { close, colour, body, bodyLong, bodyShort } = candles
  if (colour[i - 2] !== first || colour[i] !== -first) return false
  const reaches = first * (close[i] - close[i - 2]) < -body[i - 2] * STAR_REACH
  return body[i - 2] > bodyLong[i - 2] && body[i] > bodyShort[i] && reaches
}

export const THREE_CANDLES = {
  abandoned_baby: definePattern({
    talib: 'ABANDONEDBABY',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort', 'bodyDoji'],
    at(candles, i) {
      const { body, bodyDoji } = candles
      if (!(body[i - 1] <= bodyDoji[i - 1])) return 0
      if (turns(candles, i, 1) && gapUp(candles, i - 1, i - 2) && gapDown(candles, i, i - 1)) return -100
      return turns(candles, i, -1) && gapDown(candles, i - 1, i - 2) && gapUp(candles, i, i - 1) ? 100 : 0
    },
  }),
  evening_doji_star: definePattern({
    talib: 'EVENINGDOJISTAR',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort', 'bodyDoji'],
    at(candles, i) {
      const doji = candles.body[i - 1] <= candles.bodyDoji[i - 1]
      return doji && bodyGapUp(candles, i - 1, i - 2) && turns(candles, i, 1) ? -100 : 0
    },
  }),
  evening_star: definePattern({
    talib: 'EVENINGSTAR',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort'],
    at(candles, i) {
      const short = candles.body[i - 1] <= candles.bodyShort[i - 1]
      return short && bodyGapUp(candles, i - 1, i - 2) && turns(candles, i, 1) ? -100 : 0
    },
  }),
  morning_doji_star: definePattern({
    talib: 'MORNINGDOJISTAR',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort', 'bodyDoji'],
    at(candles, i) {
      const doji = candles.body[i - 1] <= candles.bodyDoji[i - 1]
      return doji && bodyGapDown(candles, i - 1, i - 2) && turns(candles, i, -1) ? 100 : 0
    },
  }),
  morning_star: definePattern({
    talib: 'MORNINGSTAR',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort'],
    at(candles, i) {
      const short = candles.body[i - 1] <= candles.bodyShort[i - 1]
      return short && bodyGapDown(candles, i - 1, i - 2) && turns(candles, i, -1) ? 100 : 0
    },
  }),
  tristar: definePattern({
    talib: 'TRISTAR',
    lookback: 12,
    measures: ['bodyDoji'],
    at(candles, i) {
      const { body, bodyDoji, top, bottom } = candles
      const doji = bodyDoji[i - 2] // all three are measured by the bars before the first
      if (!(body[i - 2] <= doji && body[i - 1] <= doji && body[i] <= doji)) return 0
      if (bodyGapDown(candles, i - 1, i - 2) && bottom[i] > bottom[i - 1]) return 100
      return bodyGapUp(candles, i - 1, i - 2) && top[i] < top[i - 1] ? -100 : 0
    },
  }),
  two_crows: definePattern({
    talib: '2CROWS',
    lookback: 12,
    measures: ['bodyLong'],
    at(candles, i) {
      const { open, close, colour, body, bodyLong } = candles
      const colours = colour[i - 2] === 1 && colour[i - 1] === -1 && colour[i] === -1
      const first = body[i - 2] > bodyLong[i - 2] && bodyGapUp(candles, i - 1, i - 2)
      const opens = open[i] < open[i - 1] && open[i] > close[i - 1]
      return colours && first && opens && close[i] > open[i - 2] && close[i] < close[i - 2] ? -100 : 0
    },
  }),
  upside_gap_two_crows: definePattern({
    talib: 'UPSIDEGAP2CROWS',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort'],
    at(candles, i) {
      const { open, close, colour, body, bodyLong, bodyShort } = candles
      const colours = colour[i - 2] === 1 && colour[i - 1] === -1 && colour[i] === -1
      const sizes = body[i - 2] > bodyLong[i - 2] && body[i - 1] <= bodyShort[i - 1]
      const engulfs = open[i] > open[i - 1] && close[i] < close[i - 1] && close[i] > close[i - 2]
      return colours && sizes && bodyGapUp(candles, i - 1, i - 2) && engulfs ? -100 : 0
    },
  }),
  three_inside: definePattern({
    talib: '3INSIDE',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort'],
    at({ open, close, colour, top, bottom, body, bodyLong, bodyShort }, i) {
      const sizes = body[i - 2] > bodyLong[i - 2] && body[i - 1] <= bodyShort[i - 1]
      const inside = top[i - 1] < top[i - 2] && bottom[i - 1] > bottom[i - 2]
      const first = colour[i - 2]
      const confirmed = colour[i] === -first && first * (close[i] - open[i - 2]) < 0
      return sizes && inside && confirmed ? -100 * first : 0
    },
  }),
  three_outside: definePattern({
    talib: '3OUTSIDE',
    lookback: 3,
    measures: [],
    at({ close, colour, top, bottom }, i) {
      const second = colour[i - 1]
      const engulfs = second === -colour[i - 2] && top[i - 1] > top[i - 2] && bottom[i - 1] < bottom[i - 2]
      return engulfs && second * (close[i] - close[i - 1]) > 0 ? 100 * second : 0
    },
  }),
  stick_sandwich: definePattern({
    talib: 'STICKSANDWICH',
    lookback: 7,
    measures: ['equal'],
    at({ low, close, colour, equal }, i) {
      const colours = colour[i - 2] === -1 && colour[i - 1] === 1 && colour[i] === -1
      return colours && low[i - 1] > close[i - 2] && isWithin(close[i], close[i - 2], equal[i - 2]) ? 100 : 0
    },
  }),
  unique_three_river: definePattern({
    talib: 'UNIQUE3RIVER',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort'],
    at({ open, low, close, colour, body, bodyLong, bodyShort }, i) {
      const colours = colour[i - 2] === -1 && colour[i - 1] === -1 && colour[i] === 1
      const sizes = body[i - 2] > bodyLong[i - 2] && body[i] < bodyShort[i]
      const inside = close[i - 1] > close[i - 2] && open[i - 1] <= open[i - 2] && low[i - 1] < low[i - 2]
      return colours && sizes && inside && open[i] > low[i - 1] ? 100 : 0
    },
  }),
} as const satisfies Record<string, CandlePattern>
