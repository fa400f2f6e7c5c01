/** A stress test as the backtest makes it, of random decisions on two weeks of a random walk. */
import { buyAndHold } from '../../src/backtest/buy-and-hold.js'
import { runBacktest } from '../../src/backtest/engine.js'
import { randomEntries } from '../../src/backtest/random-entries.js'
import { costReruns, type Stress, stressTest } from '../../src/backtest/stress/stress.js'
import { DEFAULTS, randomDecisions } from '../backtest/settings.js'
import { randomBars } from '../labels/make-bars.js'

let made: Stress | null = null

export function sampleStress(): Stress {
  if (made === null) {
    const base = randomBars({ rows: 14 * 1440, seed: 2, volatility: 0.002 })
    const decisions = randomDecisions(base, 3, 0.01, 240)
    const inputs = { base, decisions, funding: null, markPrice: null, settings: DEFAULTS }
    const result = runBacktest(inputs)
    const hold = buyAndHold(inputs)
    const random = randomEntries(inputs, result, { runs: 9, seed: 1 })
    const settings = { seed: 1, replicates: 50, level: 0.95 }
    made = stressTest(
      inputs,
      result,
      'unavailable' in hold ? null : hold,
      random,
      costReruns(inputs, result),
      inputs.base,
      settings,
    )
  }
  return made
}
