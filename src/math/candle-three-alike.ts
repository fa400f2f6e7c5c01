/**
 * Candlestick patterns of three candles, i - 2 … i, that go on in one direction or leave a gap open: the rules of TA-Lib
 * 0.6 (see candles.ts).
 */
import { bodyGapDown, bodyGapUp, type CandlePattern, type Candles, definePattern, isWithin } from './candles.js'

function allAre({ colour }: Candles, i: number, wanted: 1 | -1): boolean {
  return colour[i - 2] === wanted && colour[i - 1] === wanted && colour[i] === wanted
}

/** The close of each of the three lies beyond the one before, upwards (1) or downwards (-1). */
function closesGoOn({ close }: Candles, i: number, sign: 1 | -1): boolean {
  return sign * (close[i] - close[i - 1]) > 0 && sign * (close[i - 1] - close[i - 2]) > 0
}

type Near = Candles & Readonly<Record<'near', Float64Array>>

/** White bar i opens above the open of the one before, and within or near its body. */
function opensInOrNear({ open, close, near }: Near, i: number): boolean {
  return open[i] > open[i - 1] && open[i] <= close[i - 1] + near[i - 1]
}

type Advance = Near & Readonly<Record<'far' | 'shadowShort' | 'shadowLong', Float64Array>>

/** Ways in which three white candles lose their force. */
function tires({ body, upper, near, far, shadowShort, shadowLong }: Advance, i: number): boolean {
  const smaller = body[i] < body[i - 1]
  const muchSmaller = body[i] < body[i - 1] - far[i - 1]
  const stalled = body[i - 1] < body[i - 2] - far[i - 2] && body[i] < body[i - 1] + near[i - 1]
  const shadowed = upper[i] > shadowShort[i] || upper[i - 1] > shadowShort[i - 1]
  const shrinking = smaller && body[i - 1] < body[i - 2] && shadowed
  return stalled || muchSmaller || shrinking || (smaller && upper[i] > shadowLong[i])
}

export const THREE_ALIKE = {
  three_white_soldiers: definePattern({
    talib: '3WHITESOLDIERS',
    lookback: 12,
    measures: ['shadowVeryShort', 'near', 'far', 'bodyShort'],
    at(candles, i) {
      const { body, upper, shadowVeryShort, far, bodyShort } = candles
      if (!allAre(candles, i, 1) || !closesGoOn(candles, i, 1)) return 0
      for (let j = i - 2; j <= i; j++) if (!(upper[j] < shadowVeryShort[j])) return 0
      const opens = opensInOrNear(candles, i - 1) && opensInOrNear(candles, i)
      const equals = body[i - 1] > body[i - 2] - far[i - 2] && body[i] > body[i - 1] - far[i - 1]
      return opens && equals && body[i] > bodyShort[i] ? 100 : 0
    },
  }),
  advance_block: definePattern({
    talib: 'ADVANCEBLOCK',
    lookback: 12,
    measures: ['bodyLong', 'shadowShort', 'shadowLong', 'near', 'far'],
    at(candles, i) {
      const { body, upper, bodyLong, shadowShort } = candles
      if (!allAre(candles, i, 1) || !closesGoOn(candles, i, 1)) return 0
      const opens = opensInOrNear(candles, i - 1) && opensInOrNear(candles, i)
      const first = body[i - 2] > bodyLong[i - 2] && upper[i - 2] < shadowShort[i - 2]
      return opens && first && tires(candles, i) ? -100 : 0
    },
  }),
  stalled_pattern: definePattern({
    talib: 'STALLEDPATTERN',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort', 'shadowVeryShort', 'near'],
    at(candles, i) {
      const { open, close, body, upper, bodyLong, bodyShort, shadowVeryShort, near } = candles
      if (!allAre(candles, i, 1) || !closesGoOn(candles, i, 1)) return 0
      const long = body[i - 2] > bodyLong[i - 2] && body[i - 1] > bodyLong[i - 1]
      const second = upper[i - 1] < shadowVeryShort[i - 1] && opensInOrNear(candles, i - 1)
      const rides = body[i] < bodyShort[i] && open[i] >= close[i - 1] - body[i] - near[i - 1]
      return long && second && rides ? -100 : 0
    },
  }),
  identical_three_crows: definePattern({
    talib: 'IDENTICAL3CROWS',
    lookback: 12,
    measures: ['shadowVeryShort', 'equal'],
    at(candles, i) {
      const { open, close, lower, shadowVeryShort, equal } = candles
      if (!allAre(candles, i, -1) || !closesGoOn(candles, i, -1)) return 0
      for (let j = i - 2; j <= i; j++) if (!(lower[j] < shadowVeryShort[j])) return 0
      for (let j = i - 1; j <= i; j++) if (!isWithin(open[j], close[j - 1], equal[j - 1])) return 0
      return -100
    },
  }),
  three_stars_in_south: definePattern({
    talib: '3STARSINSOUTH',
    lookback: 12,
    measures: ['bodyLong', 'bodyShort', 'shadowLong', 'shadowVeryShort'],
    at(candles, i) {
      const { open, high, low, close, body, lower, upper } = candles
      const { bodyLong, bodyShort, shadowLong, shadowVeryShort } = candles
      if (!allAre(candles, i, -1)) return 0
      const first = body[i - 2] > bodyLong[i - 2] && lower[i - 2] > shadowLong[i - 2]
      const opens = open[i - 1] > close[i - 2] && open[i - 1] <= high[i - 2]
      const trades = low[i - 1] < close[i - 2] && low[i - 1] >= low[i - 2]
      const second = body[i - 1] < body[i - 2] && opens && trades && lower[i - 1] > shadowVeryShort[i - 1]
      const bare = lower[i] < shadowVeryShort[i] && upper[i] < shadowVeryShort[i]
      const third = body[i] < bodyShort[i] && bare && low[i] > low[i - 1] && high[i] < high[i - 1]
      return first && second && third ? 100 : 0
    },
  }),
  gap_side_side_white: definePattern({
    talib: 'GAPSIDESIDEWHITE',
    lookback: 7,
    measures: ['near', 'equal'],
    at(candles, i) {
      const { open, colour, body, near, equal } = candles
      const up = bodyGapUp(candles, i - 1, i - 2) && bodyGapUp(candles, i, i - 2)
      const down = bodyGapDown(candles, i - 1, i - 2) && bodyGapDown(candles, i, i - 2)
      const white = colour[i - 1] === 1 && colour[i] === 1
      const alike = isWithin(body[i], body[i - 1], near[i - 1]) && isWithin(open[i], open[i - 1], equal[i - 1])
      if (!(up || down) || !white || !alike) return 0
      return up ? 100 : -100
    },
  }),
  tasuki_gap: definePattern({
    talib: 'TASUKIGAP',
    lookback: 7,
    measures: ['near'],
    at(candles, i) {
      const { open, close, colour, top, bottom, body, near } = candles
      const way = colour[i - 1]
      if (colour[i] !== -way || !(Math.abs(body[i - 1] - body[i]) < near[i - 1])) return 0
      if (!(open[i] < top[i - 1] && open[i] > bottom[i - 1])) return 0
      // The third closes inside the gap: past the open of the second, short of the body of the first.
      if (way === 1) {
        const closesIn = bodyGapUp(candles, i - 1, i - 2) && close[i] < open[i - 1] && close[i] > top[i - 2]
        return closesIn ? 100 : 0
      }
      return bodyGapDown(candles, i - 1, i - 2) && close[i] > open[i - 1] && close[i] < bottom[i - 2] ? -100 : 0
    },
  }),
  gap_three_methods: definePattern({
    talib: 'XSIDEGAP3METHODS',
    lookback: 2,
    measures: [],
    at(candles, i) {
      const { open, close, colour, top, bottom } = candles
      const way = colour[i - 2]
      if (colour[i - 1] !== way || colour[i] !== -way) return 0
      const opens = open[i] < top[i - 1] && open[i] > bottom[i - 1]
      const closes = close[i] < top[i - 2] && close[i] > bottom[i - 2]
      const gap = way === 1 ? bodyGapUp(candles, i - 1, i - 2) : bodyGapDown(candles, i - 1, i - 2)
      return opens && closes && gap ? 100 * way : 0
    },
  }),
} as const satisfies Record<string, CandlePattern>
