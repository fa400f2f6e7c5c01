/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado & Zhu 2017, "The probability
 * of backtest overfitting", J. Comp. Finance 20): how often the candidate that is best in one half of the record lies in the lower half of
 * the candidates in the other. It judges the choosing, not the chosen: candidates that are all equally good, or all without skill, have a
 * high one, for then the choice says nothing.
 */
import { assert } from '../core/errors.js'

export type Overfitting = {
  readonly value: number
  readonly candidates: number
  readonly splits: number
  /** Share of the splits in which the one chosen lost money in the half it was not chosen by. */
  readonly lossProbability: number
}

/** Blocks that the record is cut into: 16, as in the paper, make C(16, 8) = 12,870 splits. */
export const BLOCKS = 16

/**
 * @param returns  of each candidate on the same days, in time order [candidates][days]; a return that is not known counts as none made
 * @returns        the reason, where there are fewer than two candidates or two days a block
 *
 * Performance is the Sharpe ratio, 0 for a candidate whose returns do not vary (it did not trade). Ranks of equals are averaged, the relative rank
 * is rank / (candidates + 1), and a logit of exactly 0 counts as overfit, as the paper's integral up to 0 does. Of equals in the half that
 * chooses, the first is chosen. Departure: blocks differ by a day where the days are no multiple of 16, so that none is left out.
 */
export function backtestOverfitting(returns: readonly Float64Array[], blocks = BLOCKS): Overfitting | string {
  assert(blocks >= 2 && blocks % 2 === 0, `${blocks} blocks cannot be halved`)
  const candidates = returns.length
  if (candidates < 2) return `${candidates} candidate leaves no choice to overfit`
  const days = returns[0].length
  assert(
    returns.every(({ length }) => length === days),
    'candidates of different length',
  )
  if (days < 2 * blocks) return `${days} days are fewer than 2 in each of ${blocks} blocks`
  const sums = returns.map((x) => blockSums(x, blocks))
  const inside = new Float64Array(candidates)
  const outside = new Float64Array(candidates)
  let [splits, overfit, losses] = [0, 0, 0]
  for (let half = 0; half < 2 ** blocks; half++) {
    if (bitCount(half) !== blocks / 2) continue
    for (let c = 0; c < candidates; c++) {
      inside[c] = sharpeOf(sums[c], half, 1)
      outside[c] = sharpeOf(sums[c], half, 0)
    }
    const best = indexOfLargest(inside)
    splits++
    // logit(rank / (candidates + 1)) <= 0 where the rank is at most the middle one.
    if (rankOf(best, outside) <= (candidates + 1) / 2) overfit++
    if (outside[best] < 0) losses++
  }
  return { value: overfit / splits, candidates, splits, lossProbability: losses / splits }
}

/** Days, sum and sum of squares of each block, one after another [3 · blocks]. */
function blockSums(x: Float64Array, blocks: number): Float64Array {
  const sums = new Float64Array(3 * blocks)
  for (let block = 0; block < blocks; block++) {
    const end = Math.floor(((block + 1) * x.length) / blocks)
    for (let day = Math.floor((block * x.length) / blocks); day < end; day++) {
      const value = Number.isNaN(x[day]) ? 0 : x[day]
      sums[3 * block] += 1
      sums[3 * block + 1] += value
      sums[3 * block + 2] += value * value
    }
  }
  return sums
}

/** Over the blocks whose bit of `half` is `side`. */
function sharpeOf(sums: Float64Array, half: number, side: 0 | 1): number {
  let [n, sum, squares] = [0, 0, 0]
  for (let block = 0; 3 * block < sums.length; block++) {
    if (((half >> block) & 1) !== side) continue
    n += sums[3 * block]
    sum += sums[3 * block + 1]
    squares += sums[3 * block + 2]
  }
  const mean = sum / n
  const variance = (squares - n * mean * mean) / (n - 1)
  // Returns that are all equal leave what rounding makes of zero.
  return variance > 1e-12 * (squares / n) ? mean / Math.sqrt(variance) : 0
}

function indexOfLargest(x: Float64Array): number {
  let best = 0
  for (let i = 1; i < x.length; i++) if (x[i] > x[best]) best = i
  return best
}

/** From 1 for the lowest; equals share their mean. */
function rankOf(one: number, x: Float64Array): number {
  let [below, equal] = [0, 0]
  for (const value of x) {
    if (value < x[one]) below++
    else if (value === x[one]) equal++
  }
  return below + (equal + 1) / 2
}

function bitCount(x: number): number {
  let count = 0
  for (let rest = x; rest > 0; rest &= rest - 1) count++
  return count
}
