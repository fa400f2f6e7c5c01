/** All 61 candlestick patterns of TA-Lib, by the names that are in use for them. */
import { MORE_CANDLES } from './candle-more.js'
import { ONE_CANDLE } from './candle-one.js'
import { THREE_CANDLES } from './candle-three.js'
import { THREE_ALIKE } from './candle-three-alike.js'
import { TWO_CANDLES } from './candle-two.js'

export const CANDLE_PATTERNS = {
  ...ONE_CANDLE,
  ...TWO_CANDLES,
  ...THREE_CANDLES,
  ...THREE_ALIKE,
  ...MORE_CANDLES,
} as const
export type CandlePatternName = keyof typeof CANDLE_PATTERNS
