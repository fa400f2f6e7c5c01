/**
 * The tree-structured Parzen estimator of Bergstra, Bardenet, Bengio & Kégl 2011 (Algorithms for Hyper-Parameter Optimization, NIPS),
 * each parameter by itself as hyperopt and Optuna do by default: where the good trials are dense and the others are not.
 *
 * Departures: trials are proposed in batches that see only what was complete before them; the very first trial is the model's own
 * defaults, so the winner is never worse than they are on the inner folds; a whole number is scored by the density at its value and not
 * by the mass of its bin.
 */
import { createRandom } from '../core/random.js'
import { drawFrom, logDensity, parzen } from './parzen.js'
import { coordinateOf, type Dimension, edges, type Point, valueAt } from './space.js'
import { rankTrials, type Trial } from './trial.js'

/** Share of the trials that count as good: gamma of the paper. Of 0.1, 0.15 and 0.25 this one was best for some dozens of trials. */
const GOOD = 0.25
/** Never more of them than this, as in hyperopt and Optuna. */
const MOST_GOOD = 25
/** Draws from the good ones, of which the most promising is taken. */
const CANDIDATES = 24

export type ProposalOptions = {
  readonly seed: number
  readonly model: string
  /** From 0; all trials of a batch see the same history. */
  readonly batch: number
  readonly index: number // within the batch, from 0
  /** Fewer usable trials than this, and chance alone proposes. */
  readonly startup: number
}

/**
 * Parameters to try next. Depends on the options and on the set of `history`, not on its order.
 *
 * @param history  trials of all earlier batches, and of no other
 */
export function propose(space: readonly Dimension[], history: readonly Trial[], options: ProposalOptions): Point {
  const { seed, model, batch, index, startup } = options
  if (batch === 0 && index === 0) return Object.fromEntries(space.map((one) => [one.name, one.default]))
  const ranked = rankTrials(history)
  const good = Math.min(Math.ceil(GOOD * ranked.length), MOST_GOOD)
  return Object.fromEntries(
    space.map((dimension) => {
      // A stream for each parameter: one more of them does not change the others.
      const random = createRandom(seed, `tune ${model} ${batch} ${index} ${dimension.name}`)
      const { low, high } = edges(dimension)
      if (ranked.length < startup) return [dimension.name, valueAt(dimension, low + random.next() * (high - low))]
      const seen = ranked.map(({ parameters }) => coordinateOf(dimension, parameters[dimension.name]))
      const [better, worse] = [seen.slice(0, good), seen.slice(good)].map((some) => parzen(some, { low, high }))
      let best = { value: Number.NaN, gain: Number.NEGATIVE_INFINITY }
      for (let i = 0; i < CANDIDATES; i++) {
        const value = valueAt(dimension, drawFrom(better, random))
        const x = coordinateOf(dimension, value)
        const gain = logDensity(better, x) - logDensity(worse, x)
        if (gain > best.gain) best = { value, gain }
      }
      return [dimension.name, best.value]
    }),
  )
}
