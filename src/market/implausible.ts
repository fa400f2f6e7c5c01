/**
 * Rows that do not contradict themselves, and yet hold what no market did: a price or a volume that is off by orders of magnitude. Each rule
 * asks the row and the rows before it, never a later one, so that a bar is the same whether or not its future is known. The limits are far
 * from every real bar: of 3.6 million bars of 17 pairs from 2017 to 2025, crashes among them, none meets one.
 */
import { type ImpossibleReason, impossibleReason, type PriceSign, type RawKlines } from './impossible.js'

/** A wick is beyond reason when its end is this many times the nearer of open and close, or this part of it, and no volume is known. */
export const WICK_TIMES = 10

/** Where volume and quote volume are known, less is enough, if they show that next to nothing was traded out there. */
export const WICK_TIMES_UNTRADED = 3

/** The largest share of a bar's volume that counts as next to nothing. LINKUSDT of 2020 fell to a 20,000th for a moment, with 32 % of the
 * day's volume that may have been traded there. */
export const WICK_SHARE = 0.01

/** Prices are beyond reason when all four are this many times the close before, or this part of it. */
export const STEP_TIMES = 10

/** A premium is a fraction of the price; beyond reason is what is larger. */
export const PREMIUM_LIMIT = 10

/** A volume is beyond reason when it is this many times the largest before it, of at least `VOLUME_BARS` bars in which something was traded.
 * The most that was seen is 18 times. */
export const VOLUME_TIMES = 10_000
export const VOLUME_BARS = 100

/** Judges the rows of consecutive bars, oldest first; remembers what it has seen. */
export type Judge = (raw: RawKlines, row: number, bar: number) => ImpossibleReason | null

/**
 * A judge that gives the first reason, in the order of `IMPOSSIBLE_REASONS`, for which the row of a bar cannot be true, and null when there
 * is none.
 *
 * A step in price is judged where the bar before has a row. A second bar near the first one beyond reason shows that prices went there,
 * and is taken: a change of denomination costs one bar. A volume beyond reason is not remembered. Neither is asked of a premium.
 */
export function createJudge(sign: PriceSign): Judge {
  const volumes = { largest: 0, bars: 0 }
  const near = { bar: Number.NaN, close: Number.NaN, accepted: Number.NaN }
  return (raw, row, bar) => {
    const own = impossibleReason(raw, row, sign)
    if (own !== null) return own
    if (sign === 'any') return isLargePremium(raw, row) ? 'price beyond reason' : null
    if (isWickBeyond(raw, row)) return 'wick beyond reason'
    const isStep = near.bar === bar - 1 && isFar(raw, row, near.close) && isFar(raw, row, near.accepted)
    near.bar = bar
    near.close = raw.close[row]
    if (isStep) return 'price beyond reason'
    near.accepted = near.close
    const volume = raw.volume[row]
    if (volumes.bars >= VOLUME_BARS && volume > VOLUME_TIMES * volumes.largest) return 'volume beyond reason'
    if (volume > 0) {
      volumes.largest = Math.max(volumes.largest, volume)
      volumes.bars++
    }
    return null
  }
}

function isLargePremium(raw: RawKlines, row: number): boolean {
  return raw.high[row] > PREMIUM_LIMIT || raw.low[row] < -PREMIUM_LIMIT
}

/** All four prices of the row against one price. */
function isFar(raw: RawKlines, row: number, price: number): boolean {
  return raw.low[row] > STEP_TIMES * price || raw.high[row] < price / STEP_TIMES
}

/**
 * The mean price says how much can have been traded at the end of a wick at most: with the rest at the other end of the bar, the share
 * (mean − low) / (high − low) at the high, and (high − mean) / (high − low) at the low.
 */
function isWickBeyond(raw: RawKlines, row: number): boolean {
  const [open, high, low, close] = [raw.open[row], raw.high[row], raw.low[row], raw.close[row]]
  const up = high / Math.max(open, close)
  const down = Math.min(open, close) / low
  if (up < WICK_TIMES_UNTRADED && down < WICK_TIMES_UNTRADED) return false
  const mean = raw.quoteVolume[row] / raw.volume[row]
  if (!Number.isFinite(mean)) return up > WICK_TIMES || down > WICK_TIMES
  const isUntraded = (part: number) => part < WICK_SHARE * (high - low)
  return (up > WICK_TIMES_UNTRADED && isUntraded(mean - low)) || (down > WICK_TIMES_UNTRADED && isUntraded(high - mean))
}
