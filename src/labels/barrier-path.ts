/**
 * The price path as labels ask it: "which bar first touches one of two prices?" Blocks of bars carry their extremes,
 * so a stretch that stays between the barriers is passed over 16 bars at a time, and holes are counted once, so the
 * search itself never tests for them.
 */
import { timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { isHole } from '../market/entry.js'

const SHIFT = 4
const BLOCK = 1 << SHIFT

export type BarrierPath = {
  readonly base: Bars
  readonly stepMs: number
  readonly blockHigh: Float64Array // highest high of each 16 bars, holes apart
  readonly blockLow: Float64Array // lowest low of each 16 bars, holes apart
  readonly holesBefore: Int32Array // holes among the bars before this index [rows + 1]
}

export function barrierPath(base: Bars): BarrierPath {
  const blocks = Math.ceil(base.rows / BLOCK)
  const blockHigh = new Float64Array(blocks).fill(Number.NEGATIVE_INFINITY)
  const blockLow = new Float64Array(blocks).fill(Number.POSITIVE_INFINITY)
  const holesBefore = new Int32Array(base.rows + 1)
  for (let i = 0; i < base.rows; i++) {
    const hole = isHole(base, i)
    holesBefore[i + 1] = holesBefore[i] + (hole ? 1 : 0)
    if (hole) continue
    const block = i >> SHIFT
    if (base.high[i] > blockHigh[block]) blockHigh[block] = base.high[i]
    if (base.low[i] < blockLow[block]) blockLow[block] = base.low[i]
  }
  return { base, stepMs: timeframeMs(base.timeframe), blockHigh, blockLow, holesBefore }
}

/**
 * First bar of `from` … `to` (both inclusive) whose high reaches `up` or whose low reaches `down`.
 *
 * A hole has NaN prices, which reach nothing; whoever asks must look at `holesBefore` for the stretch walked.
 *
 * @returns its index, or -1 where no bar does; bars after the end of the data touch nothing
 */
export function firstTouch(path: BarrierPath, from: number, to: number, up: number, down: number): number {
  const { blockHigh, blockLow } = path
  const { high, low, rows } = path.base
  const last = Math.min(to, rows - 1)
  for (let block = from >> SHIFT; block << SHIFT <= last; block++) {
    if (blockHigh[block] < up && blockLow[block] > down) continue
    const end = Math.min(last, (block << SHIFT) + BLOCK - 1)
    for (let i = Math.max(from, block << SHIFT); i <= end; i++) if (high[i] >= up || low[i] <= down) return i
  }
  return -1
}
