/**
 * Candlestick patterns: 100 on the bar that completes one which is taken to rise, -100 for one taken to fall, 0 elsewhere.
 * What is long, short or near is measured by the 5 to 10 bars before (src/math/candles.ts).
 */
import { CANDLE_PATTERNS, type CandlePatternName } from '../../math/candle-patterns.js'
import { type Candles, candlesOf } from '../../math/candles.js'
import { defineFeature, type Feature, type SharedWork } from '../feature.js'

const ONE = {
  doji: 'Open and close almost equal: 100.',
  dragonfly_doji: 'Doji with a lower shadow only: 100.',
  gravestone_doji: 'Doji with an upper shadow only: 100.',
  long_legged_doji: 'Doji with a shadow longer than its body: 100.',
  rickshaw_man: 'Doji in the middle of two long shadows: 100.',
  takuri: 'Doji with a very long lower shadow and almost no upper one: 100.',
  spinning_top: 'Short body between two shadows that are longer than it: 100 white, -100 black.',
  high_wave: 'Short body between two very long shadows: 100 white, -100 black.',
  short_line: 'Short body, short shadows: 100 white, -100 black.',
  long_line: 'Long body, short shadows: 100 white, -100 black.',
  marubozu: 'Long body, almost no shadows: 100 white, -100 black.',
  closing_marubozu: 'Long body, almost no shadow at its close: 100 white, -100 black.',
  belt_hold: 'Long body, almost no shadow at its open: 100 white, -100 black.',
} as const

const TWO = {
  hammer: 'Short body low in the range of the bar before, long lower shadow, almost no upper one: 100.',
  hanging_man: 'Short body high in the range of the bar before, long lower shadow, almost no upper one: -100.',
  inverted_hammer: 'Short body below that of the bar before, long upper shadow, almost no lower one: 100.',
  shooting_star: 'Short body above that of the bar before, long upper shadow, almost no lower one: -100.',
  engulfing: 'Body around that of the bar before, which has the other colour: ±100, ±80 if they share an end.',
  harami: 'Short body inside the long one before: 100 after black, -100 after white, ±80 if they share an end.',
  harami_cross: 'Doji inside the long body before: 100 after black, -100 after white, ±80 if they share an end.',
  doji_star: 'Doji beyond a long body, with a gap: 100 after black, -100 after white.',
  piercing: 'Long black body, then a long white one from below its low to above its middle: 100.',
  dark_cloud_cover: 'Long white body, then a black one from above its high to below its middle: -100.',
  counterattack: 'Two long bodies of other colours with the same close: 100 if the second is white, -100 if black.',
  separating_lines: 'Two bodies of other colours with the same open, the second long: 100 white, -100 black.',
  kicking: 'Marubozu, then one of the other colour beyond a gap: 100 if the second is white, -100 if black.',
  kicking_by_length: 'Kicking, in the colour of the longer marubozu: 100 white, -100 black.',
  homing_pigeon: 'Short black body inside a long black one: 100.',
  matching_low: 'Two black bodies with the same close: 100.',
  on_neck: 'Long black body, then a white one from below its low to its low: -100.',
  in_neck: 'Long black body, then a white one from below its low to its close: -100.',
  thrusting: 'Long black body, then a white one from below its low to above its close, not past its middle: -100.',
} as const

const THREE = {
  morning_star: 'Long black body, short one below a gap, white one back into the first: 100.',
  evening_star: 'Long white body, short one above a gap, black one back into the first: -100.',
  morning_doji_star: 'Morning star whose star is a doji: 100.',
  evening_doji_star: 'Evening star whose star is a doji: -100.',
  abandoned_baby: 'Star that is a doji with gaps on both sides, shadows included: 100 morning, -100 evening.',
  tristar: 'Three dojis, the second beyond a gap: 100 if it lies lowest, -100 if highest.',
  three_inside: 'Harami and a close beyond the first open: 100 after black, -100 after white.',
  three_outside: 'Engulfing and a further close the same way: 100 upwards, -100 downwards.',
  two_crows: 'Long white body, black one above a gap, black one back into the first: -100.',
  upside_gap_two_crows: 'Long white body, two black ones above a gap, the second around the first: -100.',
  stick_sandwich: 'Black, white above its close, black with the same close: 100.',
  unique_three_river: 'Long black body, black one inside it with a lower low, short white one above that low: 100.',
  three_white_soldiers: 'Three white bodies of like size, each from within the last to a new close: 100.',
  advance_block: 'Three white bodies to new closes, which shrink or grow upper shadows: -100.',
  stalled_pattern: 'Two long white bodies, then a short one at the top of the second: -100.',
  identical_three_crows: 'Three black bodies, each from the close of the last: -100.',
  three_stars_in_south: 'Three black candles, each smaller than the last, in a fall that dries up: 100.',
  gap_side_side_white: 'Two white bodies of the same open and size beyond a gap: 100 upwards, -100 downwards.',
  tasuki_gap: 'A gap and a body that closes back within it: 100 for a gap upwards, -100 downwards.',
  gap_three_methods: 'A gap and a body that closes it: 100 for a gap upwards, -100 downwards.',
} as const

const MORE = {
  three_line_strike:
    'Three bodies one way, then one of the other colour around all: 100 after white, -100 after black.',
  three_black_crows: 'After a white candle three black ones, each from within the last to a new close: -100.',
  concealing_baby_swallow: 'Two black marubozus, a black one below a gap that reaches back up, one around it: 100.',
  breakaway: 'A gap in a run of four, closed into by the fifth of the other colour: 100 upwards, -100 downwards.',
  ladder_bottom: 'Four black candles downwards, the last with an upper shadow, then a white one above it: 100.',
  mat_hold: 'Long white body, three short ones above its middle, white one to a new high: 100.',
  rising_falling_three_methods: 'Long body, three short ones against it, long one on: 100 upwards, -100 downwards.',
  hikkake:
    'Bar inside the last, then a break taken for false: 100 against one downwards, -100 upwards; ±200 confirmed.',
  modified_hikkake: 'Hikkake after two bars inside each other: 100 up, -100 down, ±200 when confirmed within 3 bars.',
} as const

const MEANINGS = { ...ONE, ...TWO, ...THREE, ...MORE } as const satisfies Record<CandlePatternName, string>

const CANDLES: SharedWork<'open' | 'high' | 'low' | 'close', Candles> = {
  inputs: ['open', 'high', 'low', 'close'],
  of: candlesOf,
}

const patternFeature = (name: CandlePatternName): Feature => {
  const { talib, lookback, find } = CANDLE_PATTERNS[name]
  return defineFeature({
    name: `candle_${name}`,
    family: 'candlestick',
    meaning: MEANINGS[name],
    inputs: ['open', 'high', 'low', 'close'],
    lookback,
    timeframes: 'every',
    reference: `TA-Lib CDL${talib}`,
    work: CANDLES,
    compute: ({ origin }, candles) => find(candles, origin),
  })
}

export const candlestickFeatures: readonly Feature[] = (Object.keys(MEANINGS) as CandlePatternName[]).map(
  patternFeature,
)
