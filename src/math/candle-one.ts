/**
 * Candlestick patterns of one candle, measured by those before it: the rules of TA-Lib 0.6 (see candles.ts). Values
 * carry the candle's colour where TA-Lib's do; dojis, of which it says no direction, are 100.
 */
import { type CandlePattern, definePattern } from './candles.js'

export const ONE_CANDLE = {
  belt_hold: definePattern({
    talib: 'BELTHOLD',
    lookback: 10,
    measures: ['bodyLong', 'shadowVeryShort'],
    at({ body, colour, upper, lower, bodyLong, shadowVeryShort }, i) {
      const opening = colour[i] === 1 ? lower[i] : upper[i]
      return body[i] > bodyLong[i] && opening < shadowVeryShort[i] ? 100 * colour[i] : 0
    },
  }),
  closing_marubozu: definePattern({
    talib: 'CLOSINGMARUBOZU',
    lookback: 10,
    measures: ['bodyLong', 'shadowVeryShort'],
    at({ body, colour, upper, lower, bodyLong, shadowVeryShort }, i) {
      const closing = colour[i] === 1 ? upper[i] : lower[i]
      return body[i] > bodyLong[i] && closing < shadowVeryShort[i] ? 100 * colour[i] : 0
    },
  }),
  marubozu: definePattern({
    talib: 'MARUBOZU',
    lookback: 10,
    measures: ['bodyLong', 'shadowVeryShort'],
    at({ body, colour, upper, lower, bodyLong, shadowVeryShort }, i) {
      const bare = upper[i] < shadowVeryShort[i] && lower[i] < shadowVeryShort[i]
      return body[i] > bodyLong[i] && bare ? 100 * colour[i] : 0
    },
  }),
  long_line: definePattern({
    talib: 'LONGLINE',
    lookback: 10,
    measures: ['bodyLong', 'shadowShort'],
    at({ body, colour, upper, lower, bodyLong, shadowShort }, i) {
      const short = upper[i] < shadowShort[i] && lower[i] < shadowShort[i]
      return body[i] > bodyLong[i] && short ? 100 * colour[i] : 0
    },
  }),
  short_line: definePattern({
    talib: 'SHORTLINE',
    lookback: 10,
    measures: ['bodyShort', 'shadowShort'],
    at({ body, colour, upper, lower, bodyShort, shadowShort }, i) {
      const short = upper[i] < shadowShort[i] && lower[i] < shadowShort[i]
      return body[i] < bodyShort[i] && short ? 100 * colour[i] : 0
    },
  }),
  spinning_top: definePattern({
    talib: 'SPINNINGTOP',
    lookback: 10,
    measures: ['bodyShort'],
    at({ body, colour, upper, lower, bodyShort }, i) {
      return body[i] < bodyShort[i] && upper[i] > body[i] && lower[i] > body[i] ? 100 * colour[i] : 0
    },
  }),
  high_wave: definePattern({
    talib: 'HIGHWAVE',
    lookback: 10,
    measures: ['bodyShort', 'shadowVeryLong'],
    at({ body, colour, upper, lower, bodyShort, shadowVeryLong }, i) {
      const long = upper[i] > shadowVeryLong[i] && lower[i] > shadowVeryLong[i]
      return body[i] < bodyShort[i] && long ? 100 * colour[i] : 0
    },
  }),
  doji: definePattern({
    talib: 'DOJI',
    lookback: 10,
    measures: ['bodyDoji'],
    at: ({ body, bodyDoji }, i) => (body[i] <= bodyDoji[i] ? 100 : 0),
  }),
  dragonfly_doji: definePattern({
    talib: 'DRAGONFLYDOJI',
    lookback: 10,
    measures: ['bodyDoji', 'shadowVeryShort'],
    at({ body, upper, lower, bodyDoji, shadowVeryShort }, i) {
      return body[i] <= bodyDoji[i] && upper[i] < shadowVeryShort[i] && lower[i] > shadowVeryShort[i] ? 100 : 0
    },
  }),
  gravestone_doji: definePattern({
    talib: 'GRAVESTONEDOJI',
    lookback: 10,
    measures: ['bodyDoji', 'shadowVeryShort'],
    at({ body, upper, lower, bodyDoji, shadowVeryShort }, i) {
      return body[i] <= bodyDoji[i] && lower[i] < shadowVeryShort[i] && upper[i] > shadowVeryShort[i] ? 100 : 0
    },
  }),
  long_legged_doji: definePattern({
    talib: 'LONGLEGGEDDOJI',
    lookback: 10,
    measures: ['bodyDoji', 'shadowLong'],
    at({ body, upper, lower, bodyDoji, shadowLong }, i) {
      return body[i] <= bodyDoji[i] && (lower[i] > shadowLong[i] || upper[i] > shadowLong[i]) ? 100 : 0
    },
  }),
  rickshaw_man: definePattern({
    talib: 'RICKSHAWMAN',
    lookback: 10,
    measures: ['bodyDoji', 'shadowLong', 'near'],
    at({ body, upper, lower, top, bottom, high, low, bodyDoji, shadowLong, near }, i) {
      const long = lower[i] > shadowLong[i] && upper[i] > shadowLong[i]
      const middle = low[i] + (high[i] - low[i]) / 2
      const central = bottom[i] <= middle + near[i] && top[i] >= middle - near[i]
      return body[i] <= bodyDoji[i] && long && central ? 100 : 0
    },
  }),
  takuri: definePattern({
    talib: 'TAKURI',
    lookback: 10,
    measures: ['bodyDoji', 'shadowVeryShort', 'shadowVeryLong'],
    at({ body, upper, lower, bodyDoji, shadowVeryShort, shadowVeryLong }, i) {
      return body[i] <= bodyDoji[i] && upper[i] < shadowVeryShort[i] && lower[i] > shadowVeryLong[i] ? 100 : 0
    },
  }),
} as const satisfies Record<string, CandlePattern>
