/**
 * Candlestick patterns of four and five candles, and the hikkake, which may be confirmed up to three bars after it is
 * complete: the rules of TA-Lib 0.6 (see candles.ts).
 */
import { bodyGapDown, bodyGapUp, type CandlePattern, type Candles, definePattern } from './candles.js'

const HOLD = 0.5 // how far the pause of a mat hold may reach into the first body

function areBlack({ colour }: Candles, from: number, to: number): boolean {
  for (let j = from; j <= to; j++) if (colour[j] !== -1) return false
  return true
}

/** A long candle at i - 4 and three short ones after it. */
function pauses(candles: Candles & Readonly<Record<'bodyLong' | 'bodyShort', Float64Array>>, i: number): boolean {
  const { body, bodyLong, bodyShort } = candles
  if (!(body[i - 4] > bodyLong[i - 4])) return false
  for (let j = i - 3; j < i; j++) if (!(body[j] < bodyShort[j])) return false
  return true
}

const CONFIRM_WITHIN = 3 // bars

/**
 * Follows a hikkake, 1 up or -1 down where `startsAt` finds one complete: ±100 there, and ±200 on the first of the next
 * three bars that closes beyond the bar before the false break. A new one takes the place of an unconfirmed one.
 */
function hikkake<C extends Candles>(candles: C, i: number, startsAt: (candles: C, i: number) => number): number {
  const now = startsAt(candles, i)
  if (now !== 0) return 100 * now
  for (let start = i - 1; start >= i - CONFIRM_WITHIN; start--) {
    const way = startsAt(candles, start)
    if (way === 0) continue
    const border = way === 1 ? candles.high[start - 1] : candles.low[start - 1]
    for (let j = start + 1; j < i; j++) if (way * (candles.close[j] - border) > 0) return 0
    return way * (candles.close[i] - border) > 0 ? 200 * way : 0
  }
  return 0
}

/** Bar i - 1 inside the one before it, then a break to one side, which the pattern takes for false: 1 up, -1 down. */
function falseBreak({ high, low }: Candles, i: number): number {
  if (!(high[i - 1] < high[i - 2] && low[i - 1] > low[i - 2])) return 0
  if (high[i] < high[i - 1] && low[i] < low[i - 1]) return 1
  return high[i] > high[i - 1] && low[i] > low[i - 1] ? -1 : 0
}

/** The same after two bars each inside the one before; the first of them closes near the end it will break from. */
function modifiedBreak(candles: Candles & Readonly<Record<'near', Float64Array>>, i: number): number {
  const { high, low, close, near } = candles
  if (!(high[i - 2] < high[i - 3] && low[i - 2] > low[i - 3])) return 0
  const way = falseBreak(candles, i)
  if (way === 1) return close[i - 2] <= low[i - 2] + near[i - 2] ? 1 : 0
  return way === -1 && close[i - 2] >= high[i - 2] - near[i - 2] ? -1 : 0
}

export const MORE_CANDLES = {
  three_line_strike: definePattern({
    talib: '3LINESTRIKE',
    lookback: 8,
    measures: ['near'],
    at({ open, close, colour, top, bottom, near }, i) {
      const way = colour[i - 1]
      if (colour[i - 3] !== way || colour[i - 2] !== way || colour[i] !== -way) return 0
      for (let j = i - 2; j < i; j++) {
        if (!(open[j] >= bottom[j - 1] - near[j - 1] && open[j] <= top[j - 1] + near[j - 1])) return 0
        if (!(way * (close[j] - close[j - 1]) > 0)) return 0
      }
      return way * (open[i] - close[i - 1]) > 0 && way * (close[i] - open[i - 3]) < 0 ? 100 * way : 0
    },
  }),
  three_black_crows: definePattern({
    talib: '3BLACKCROWS',
    lookback: 13,
    measures: ['shadowVeryShort'],
    at(candles, i) {
      const { open, high, close, colour, lower, shadowVeryShort } = candles
      if (colour[i - 3] !== 1 || !areBlack(candles, i - 2, i)) return 0
      for (let j = i - 2; j <= i; j++) if (!(lower[j] < shadowVeryShort[j])) return 0
      for (let j = i - 1; j <= i; j++) {
        if (!(open[j] < open[j - 1] && open[j] > close[j - 1] && close[j] < close[j - 1])) return 0
      }
      return high[i - 3] > close[i - 2] ? -100 : 0
    },
  }),
  concealing_baby_swallow: definePattern({
    talib: 'CONCEALBABYSWALL',
    lookback: 13,
    measures: ['shadowVeryShort'],
    at(candles, i) {
      const { high, low, close, upper, lower, shadowVeryShort } = candles
      if (!areBlack(candles, i - 3, i)) return 0
      for (let j = i - 3; j <= i - 2; j++) {
        if (!(upper[j] < shadowVeryShort[j] && lower[j] < shadowVeryShort[j])) return 0
      }
      const reaches = upper[i - 1] > shadowVeryShort[i - 1] && high[i - 1] > close[i - 2]
      const swallows = high[i] > high[i - 1] && low[i] < low[i - 1]
      return bodyGapDown(candles, i - 1, i - 2) && reaches && swallows ? 100 : 0
    },
  }),
  breakaway: definePattern({
    talib: 'BREAKAWAY',
    lookback: 14,
    measures: ['bodyLong'],
    at(candles, i) {
      const { open, high, low, close, colour, body, bodyLong } = candles
      const way = colour[i - 4]
      if (!(body[i - 4] > bodyLong[i - 4])) return 0
      if (colour[i - 3] !== way || colour[i - 1] !== way || colour[i] !== -way) return 0
      const gap = way === 1 ? bodyGapUp(candles, i - 3, i - 4) : bodyGapDown(candles, i - 3, i - 4)
      if (!gap) return 0
      for (let j = i - 2; j < i; j++) {
        if (!(way * (high[j] - high[j - 1]) > 0 && way * (low[j] - low[j - 1]) > 0)) return 0
      }
      const inGap = way * (close[i] - open[i - 3]) < 0 && way * (close[i] - close[i - 4]) > 0
      return inGap ? -100 * way : 0
    },
  }),
  ladder_bottom: definePattern({
    talib: 'LADDERBOTTOM',
    lookback: 14,
    measures: ['shadowVeryShort'],
    at(candles, i) {
      const { open, high, close, colour, upper, shadowVeryShort } = candles
      if (!areBlack(candles, i - 4, i - 1) || colour[i] !== 1) return 0
      for (let j = i - 3; j <= i - 2; j++) if (!(open[j] < open[j - 1] && close[j] < close[j - 1])) return 0
      const reaches = upper[i - 1] > shadowVeryShort[i - 1]
      return reaches && open[i] > open[i - 1] && close[i] > high[i - 1] ? 100 : 0
    },
  }),
  mat_hold: definePattern({
    talib: 'MATHOLD',
    lookback: 14,
    measures: ['bodyLong', 'bodyShort'],
    at(candles, i) {
      const { open, high, close, colour, top, bottom, body } = candles
      const colours = colour[i - 4] === 1 && colour[i - 3] === -1 && colour[i] === 1
      if (!colours || !pauses(candles, i) || !bodyGapUp(candles, i - 3, i - 4)) return 0
      const floor = close[i - 4] - body[i - 4] * HOLD
      for (let j = i - 2; j < i; j++) {
        if (!(bottom[j] < close[i - 4] && bottom[j] > floor)) return 0
      }
      const falls = top[i - 2] < open[i - 3] && top[i - 1] < top[i - 2]
      const highest = Math.max(high[i - 3], high[i - 2], high[i - 1])
      return falls && open[i] > close[i - 1] && close[i] > highest ? 100 : 0
    },
  }),
  rising_falling_three_methods: definePattern({
    talib: 'RISEFALL3METHODS',
    lookback: 14,
    measures: ['bodyLong', 'bodyShort'],
    at(candles, i) {
      const { open, high, low, close, colour, top, bottom, body, bodyLong } = candles
      const way = colour[i - 4]
      if (colour[i] !== way || !pauses(candles, i) || !(body[i] > bodyLong[i])) return 0
      for (let j = i - 3; j < i; j++) {
        if (colour[j] !== -way || !(bottom[j] < high[i - 4] && top[j] > low[i - 4])) return 0
      }
      const retreats = way * (close[i - 2] - close[i - 3]) < 0 && way * (close[i - 1] - close[i - 2]) < 0
      const goesOn = way * (open[i] - close[i - 1]) > 0 && way * (close[i] - close[i - 4]) > 0
      return retreats && goesOn ? 100 * way : 0
    },
  }),
  hikkake: definePattern({
    talib: 'HIKKAKE',
    lookback: 5,
    measures: [],
    at: (candles, i) => hikkake(candles, i, falseBreak),
  }),
  modified_hikkake: definePattern({
    talib: 'HIKKAKEMOD',
    lookback: 10,
    measures: ['near'],
    at: (candles, i) => hikkake(candles, i, modifiedBreak),
  }),
} as const satisfies Record<string, CandlePattern>
