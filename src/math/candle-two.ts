/**
 * Candlestick patterns of two candles, i - 1 and i: the rules of TA-Lib 0.6 (see candles.ts).
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

const HALF = 0.5 // how far a dark cloud reaches into the body before it

/** Small body and long lower shadow below almost no upper one: a hammer or a hanging man, by where it stands. */
type Lantern = Candles & Readonly<Record<'bodyShort' | 'shadowLong' | 'shadowVeryShort', Float64Array>>

function hangsDown({ body, upper, lower, bodyShort, shadowLong, shadowVeryShort }: Lantern, i: number): boolean {
  return body[i] < bodyShort[i] && lower[i] > shadowLong[i] && upper[i] < shadowVeryShort[i]
}

function standsUp({ body, upper, lower, bodyShort, shadowLong, shadowVeryShort }: Lantern, i: number): boolean {
  return body[i] < bodyShort[i] && upper[i] > shadowLong[i] && lower[i] < shadowVeryShort[i]
}

/** 100 where the body of bar i lies inside the one before it, 80 where it shares an end, 0 elsewhere. */
function inside({ top, bottom }: Candles, i: number): number {
  if (top[i] < top[i - 1] && bottom[i] > bottom[i - 1]) return 100
  return top[i] <= top[i - 1] && bottom[i] >= bottom[i - 1] ? 80 : 0
}

/** Two marubozus of opposite colours with a gap between them. */
function kicks(candles: Candles & Readonly<Record<'bodyLong' | 'shadowVeryShort', Float64Array>>, i: number): boolean {
  const { colour, body, upper, lower, bodyLong, shadowVeryShort } = candles
  if (colour[i - 1] !== -colour[i]) return false
  for (let j = i - 1; j <= i; j++) {
    if (!(body[j] > bodyLong[j] && upper[j] < shadowVeryShort[j] && lower[j] < shadowVeryShort[j])) return false
  }
  return colour[i - 1] === -1 ? gapUp(candles, i, i - 1) : gapDown(candles, i, i - 1)
}

/** A long black candle, then a white one that opens below its low: on-neck, in-neck, thrusting. */
function opensBelow(candles: Candles & Readonly<Record<'bodyLong', Float64Array>>, i: number): boolean {
  const { open, low, colour, body, bodyLong } = candles
  return colour[i - 1] === -1 && body[i - 1] > bodyLong[i - 1] && colour[i] === 1 && open[i] < low[i - 1]
}

export const TWO_CANDLES = {
  counterattack: definePattern({
    talib: 'COUNTERATTACK',
    lookback: 11,
    measures: ['bodyLong', 'equal'],
    at({ close, colour, body, bodyLong, equal }, i) {
      const long = body[i - 1] > bodyLong[i - 1] && body[i] > bodyLong[i]
      const meets = colour[i - 1] === -colour[i] && isWithin(close[i], close[i - 1], equal[i - 1])
      return long && meets ? 100 * colour[i] : 0
    },
  }),
  dark_cloud_cover: definePattern({
    talib: 'DARKCLOUDCOVER',
    lookback: 11,
    measures: ['bodyLong'],
    at({ open, high, close, colour, body, bodyLong }, i) {
      const rose = colour[i - 1] === 1 && body[i - 1] > bodyLong[i - 1]
      const falls = colour[i] === -1 && open[i] > high[i - 1] && close[i] > open[i - 1]
      return rose && falls && close[i] < close[i - 1] - body[i - 1] * HALF ? -100 : 0
    },
  }),
  doji_star: definePattern({
    talib: 'DOJISTAR',
    lookback: 11,
    measures: ['bodyLong', 'bodyDoji'],
    at(candles, i) {
      const { colour, body, bodyLong, bodyDoji } = candles
      const gap = colour[i - 1] === 1 ? bodyGapUp(candles, i, i - 1) : bodyGapDown(candles, i, i - 1)
      return body[i - 1] > bodyLong[i - 1] && body[i] <= bodyDoji[i] && gap ? -100 * colour[i - 1] : 0
    },
  }),
  engulfing: definePattern({
    talib: 'ENGULFING',
    lookback: 2,
    measures: [],
    at({ colour, top, bottom }, i) {
      if (colour[i] !== -colour[i - 1] || top[i] < top[i - 1] || bottom[i] > bottom[i - 1]) return 0
      const ends = Number(top[i] === top[i - 1]) + Number(bottom[i] === bottom[i - 1])
      return ends === 2 ? 0 : (ends === 1 ? 80 : 100) * colour[i]
    },
  }),
  hammer: definePattern({
    talib: 'HAMMER',
    lookback: 11,
    measures: ['bodyShort', 'shadowLong', 'shadowVeryShort', 'near'],
    at: (candles, i) =>
      hangsDown(candles, i) && candles.bottom[i] <= candles.low[i - 1] + candles.near[i - 1] ? 100 : 0,
  }),
  hanging_man: definePattern({
    talib: 'HANGINGMAN',
    lookback: 11,
    measures: ['bodyShort', 'shadowLong', 'shadowVeryShort', 'near'],
    at: (candles, i) =>
      hangsDown(candles, i) && candles.bottom[i] >= candles.high[i - 1] - candles.near[i - 1] ? -100 : 0,
  }),
  inverted_hammer: definePattern({
    talib: 'INVERTEDHAMMER',
    lookback: 11,
    measures: ['bodyShort', 'shadowLong', 'shadowVeryShort'],
    at: (candles, i) => (standsUp(candles, i) && bodyGapDown(candles, i, i - 1) ? 100 : 0),
  }),
  shooting_star: definePattern({
    talib: 'SHOOTINGSTAR',
    lookback: 11,
    measures: ['bodyShort', 'shadowLong', 'shadowVeryShort'],
    at: (candles, i) => (standsUp(candles, i) && bodyGapUp(candles, i, i - 1) ? -100 : 0),
  }),
  harami: definePattern({
    talib: 'HARAMI',
    lookback: 11,
    measures: ['bodyLong', 'bodyShort'],
    at(candles, i) {
      const { colour, body, bodyLong, bodyShort } = candles
      return body[i - 1] > bodyLong[i - 1] && body[i] <= bodyShort[i] ? -colour[i - 1] * inside(candles, i) : 0
    },
  }),
  harami_cross: definePattern({
    talib: 'HARAMICROSS',
    lookback: 11,
    measures: ['bodyLong', 'bodyDoji'],
    at(candles, i) {
      const { colour, body, bodyLong, bodyDoji } = candles
      return body[i - 1] > bodyLong[i - 1] && body[i] <= bodyDoji[i] ? -colour[i - 1] * inside(candles, i) : 0
    },
  }),
  homing_pigeon: definePattern({
    talib: 'HOMINGPIGEON',
    lookback: 11,
    measures: ['bodyLong', 'bodyShort'],
    at({ open, close, colour, body, bodyLong, bodyShort }, i) {
      const black = colour[i - 1] === -1 && colour[i] === -1
      const sizes = body[i - 1] > bodyLong[i - 1] && body[i] <= bodyShort[i]
      return black && sizes && open[i] < open[i - 1] && close[i] > close[i - 1] ? 100 : 0
    },
  }),
  in_neck: definePattern({
    talib: 'INNECK',
    lookback: 11,
    measures: ['bodyLong', 'equal'],
    at(candles, i) {
      const { close, equal } = candles
      const meets = close[i] <= close[i - 1] + equal[i - 1] && close[i] >= close[i - 1]
      return opensBelow(candles, i) && meets ? -100 : 0
    },
  }),
  on_neck: definePattern({
    talib: 'ONNECK',
    lookback: 11,
    measures: ['bodyLong', 'equal'],
    at: (candles, i) =>
      opensBelow(candles, i) && isWithin(candles.close[i], candles.low[i - 1], candles.equal[i - 1]) ? -100 : 0,
  }),
  thrusting: definePattern({
    talib: 'THRUSTING',
    lookback: 11,
    measures: ['bodyLong', 'equal'],
    at(candles, i) {
      const { close, body, equal } = candles
      const reaches = close[i] > close[i - 1] + equal[i - 1] && close[i] <= close[i - 1] + body[i - 1] * 0.5
      return opensBelow(candles, i) && reaches ? -100 : 0
    },
  }),
  piercing: definePattern({
    talib: 'PIERCING',
    lookback: 11,
    measures: ['bodyLong'],
    at(candles, i) {
      const { open, close, body, bodyLong } = candles
      const reaches = close[i] < open[i - 1] && close[i] > close[i - 1] + body[i - 1] * 0.5
      return opensBelow(candles, i) && body[i] > bodyLong[i] && reaches ? 100 : 0
    },
  }),
  kicking: definePattern({
    talib: 'KICKING',
    lookback: 11,
    measures: ['bodyLong', 'shadowVeryShort'],
    at: (candles, i) => (kicks(candles, i) ? 100 * candles.colour[i] : 0),
  }),
  kicking_by_length: definePattern({
    talib: 'KICKINGBYLENGTH',
    lookback: 11,
    measures: ['bodyLong', 'shadowVeryShort'],
    at(candles, i) {
      const { body, colour } = candles
      return kicks(candles, i) ? 100 * colour[body[i] > body[i - 1] ? i : i - 1] : 0
    },
  }),
  matching_low: definePattern({
    talib: 'MATCHINGLOW',
    lookback: 6,
    measures: ['equal'],
    at({ close, colour, equal }, i) {
      const black = colour[i - 1] === -1 && colour[i] === -1
      return black && isWithin(close[i], close[i - 1], equal[i - 1]) ? 100 : 0
    },
  }),
  separating_lines: definePattern({
    talib: 'SEPARATINGLINES',
    lookback: 11,
    measures: ['bodyLong', 'shadowVeryShort', 'equal'],
    at({ open, colour, body, upper, lower, bodyLong, shadowVeryShort, equal }, i) {
      const parts = colour[i - 1] === -colour[i] && isWithin(open[i], open[i - 1], equal[i - 1])
      const opening = colour[i] === 1 ? lower[i] : upper[i]
      return parts && body[i] > bodyLong[i] && opening < shadowVeryShort[i] ? 100 * colour[i] : 0
    },
  }),
} as const satisfies Record<string, CandlePattern>
