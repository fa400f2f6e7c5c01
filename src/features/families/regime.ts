/**
 * Which state the market is in, as far as it could be told at the bar's close: filtered probabilities of a hidden Markov
 * model. Smoothed ones, as papers plot them, know the future.
 */
import { logReturn } from '../../math/elementwise.js'
import { stateProbabilities } from '../../math/hidden-markov.js'
import { defineFeature, type Feature } from '../feature.js'
import { dailyRefit, dailyRefitLookback, FITTED_DAILY } from './daily-refit.js'

type StateColumn = {
  readonly name: string
  readonly states: number
  readonly meaning: string
  /** From the probabilities of the states, calmest first, at one bar. */
  readonly of: (probability: readonly Float64Array[], bar: number) => number
}

const stateFeature = ({ name, states, meaning, of }: StateColumn): Feature =>
  defineFeature({
    name,
    family: 'regime',
    meaning: `${meaning}; Gaussian hidden Markov model of log returns, ${FITTED_DAILY}.`,
    inputs: ['close'],
    lookback: dailyRefitLookback,
    timeframes: 'every',
    reference: 'Hamilton 1989, Econometrica 57(2); Rabiner 1989, Proc. IEEE 77(2); states by rising variance',
    compute({ close, origin, stepMs, rows }) {
      const probability = stateProbabilities(logReturn(close, 1), states, { ...dailyRefit(stepMs), origin })
      return Float64Array.from({ length: rows }, (_, bar) => of(probability, bar))
    },
  })

export const regimeFeatures: readonly Feature[] = [
  stateFeature({
    name: 'hmm_volatile_2',
    states: 2,
    meaning: 'Probability of the more volatile of two states, 0 … 1',
    of: (probability, bar) => probability[1][bar],
  }),
  stateFeature({
    name: 'hmm_calm_3',
    states: 3,
    meaning: 'Probability of the calmest of three states, 0 … 1',
    of: (probability, bar) => probability[0][bar],
  }),
  stateFeature({
    name: 'hmm_volatile_3',
    states: 3,
    meaning: 'Probability of the most volatile of three states, 0 … 1',
    of: (probability, bar) => probability[2][bar],
  }),
  stateFeature({
    name: 'hmm_expected_state_3',
    states: 3,
    meaning: 'Mean number of the state, 0 = calmest … 2 = most volatile of three, each by its probability',
    of: (probability, bar) => probability[1][bar] + 2 * probability[2][bar],
  }),
]
