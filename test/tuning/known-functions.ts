/** Functions with a known minimum, and a search over them in batches, as the stage does it. */
import type { Dimension } from '../../src/tuning/space.js'
import { proposeBatch } from '../../src/tuning/tpe.js'
import type { Trial } from '../../src/tuning/trial.js'

export const dimension = (name: string, low: number, high: number, more: Partial<Dimension> = {}): Dimension => ({
  ...{ name, low, high, log: false, integer: false, default: low },
  ...more,
})

/** Branin & Hoo 1972: three minima of 0.397887. */
export const branin = {
  space: [dimension('x', -5, 10), dimension('y', 0, 15)],
  minimum: 0.397887,
  loss: ({ x, y }: Readonly<Record<string, number>>) =>
    (y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2 +
    10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
    10,
}

/** What a tree model is like: a rate on a logarithmic scale, a whole depth, and parameters that hardly matter. */
export const bowl = {
  space: [
    dimension('eta', 1e-3, 1, { log: true }),
    dimension('depth', 1, 12, { integer: true }),
    dimension('weight', 1, 1000, { log: true }),
    dimension('idle', 0, 1),
  ],
  minimum: 0,
  loss: ({ eta, depth, weight, idle }: Readonly<Record<string, number>>) =>
    (Math.log10(eta) + 1.5) ** 2 + ((depth - 4) / 4) ** 2 + 0.3 * (Math.log10(weight) - 2) ** 2 + 0.01 * idle,
}

/** Loss of the best of `trials`, less the minimum. */
export function regret(
  { space, minimum, loss }: typeof branin,
  { seed, trials, startup, batch = 4 }: { seed: number; trials: number; startup: number; batch?: number },
): number {
  const history: Trial[] = []
  for (let round = 0; history.length < trials; round++) {
    const size = Math.min(batch, trials - history.length)
    const proposals = proposeBatch(space, history, { seed, model: 'known', batch: round, size, startup })
    for (const parameters of proposals) {
      history.push({ number: history.length + 1, parameters, state: 'complete', losses: [loss(parameters)] })
    }
  }
  return Math.min(...history.map(({ losses }) => losses[0])) - minimum
}
