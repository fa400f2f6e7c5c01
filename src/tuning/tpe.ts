/**
 * The tree-structured Parzen estimator of Bergstra, Bardenet, Bengio & Kégl 2011 (Algorithms for Hyper-Parameter Optimization, NIPS),
 * each parameter by itself as hyperopt and Optuna do by default: where the good trials are dense and the others are not.
 *
 * Departures: trials are proposed in batches that see only what was complete before them, and each other's place; the very first trial is the model's own
 * defaults, so the winner is never worse than they are on the inner folds; a whole number is scored by the density at its value and not
 * by the mass of its bin.
 */
import { createRandom } from '../core/random.js'
import { drawFrom, logDensity, parzen } from './parzen.js'
import { coordinateOf, type Dimension, edges, type Point, valueAt } from './space.js'
import { rankTrials, type Trial } from './trial.js'

/** Share of the trials that count as good: gamma of the paper. Of 0.1, 0.15 and 0.25 this one was best for some dozens of trials in batches of four. */
const GOOD = 0.25
/** Never more of them than this, as in hyperopt and Optuna. */
const MOST_GOOD = 25
/** Draws from the good ones, of which the most promising is taken. */
const CANDIDATES = 24

export type ProposalOptions = {
  readonly seed: number
  readonly model: string
  readonly batch: number // from 0
  readonly size: number // trials of the batch
  /** Fewer usable trials than this, and chance alone proposes. */
  readonly startup: number
}

/**
 * Parameters of the trials of the next batch. They depend on the options and on the set of `history`, not on its order, and a smaller batch
 * is the beginning of a larger one.
 *
 * @param history  trials of all earlier batches, and of no other
 */
export function proposeBatch(
  space: readonly Dimension[],
  history: readonly Trial[],
  { size, ...options }: ProposalOptions,
): Point[] {
  const ranked = rankTrials(history).map(({ parameters }) => parameters)
  const pending: Point[] = []
  for (let index = 0; index < size; index++) pending.push(propose(space, ranked, pending, { ...options, index }))
  return pending
}

type Place = Omit<ProposalOptions, 'size'> & { readonly index: number }

/** @param pending  those before it in its batch: what they will give is not known, so where they are counts as bad (Optuna's constant liar) */
function propose(
  space: readonly Dimension[],
  ranked: readonly Point[],
  pending: readonly Point[],
  place: Place,
): Point {
  const { seed, model, batch, index, startup } = place
  if (batch === 0 && index === 0) return Object.fromEntries(space.map((one) => [one.name, one.default]))
  const good = Math.min(Math.ceil(GOOD * ranked.length), MOST_GOOD)
  return Object.fromEntries(
    space.map((dimension) => {
      // A stream for each parameter: one more of them does not change the others.
      const random = createRandom(seed, `tune ${model} ${batch} ${index} ${dimension.name}`)
      const ends = edges(dimension)
      if (ranked.length < startup) {
        return [dimension.name, valueAt(dimension, ends.low + random.next() * (ends.high - ends.low))]
      }
      const densityOf = (points: readonly Point[]) =>
        parzen(
          points.map((point) => coordinateOf(dimension, point[dimension.name])),
          ends,
        )
      const better = densityOf(ranked.slice(0, good))
      const worse = densityOf([...ranked.slice(good), ...pending])
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
