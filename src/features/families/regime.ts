/**
 * Which state the market is in, as far as it could be told at the bar's close: filtered probabilities of a hidden Markov
 * model. Smoothed ones, as papers plot them, know the future.
 */
import { logReturn } from '../../math/elementwise.js'
import { stateProbabilities } from '../../math/hidden-markov.js'
import { defineFeature, type Feature, type SharedWork } from '../feature.js'
import { dailyRefit, dailyRefitLookback, FITTED_DAILY } from './daily-refit.js'

type StateColumn = {
  readonly name: string
  readonly states: 2 | 3
  readonly meaning: string
  /** Which state's probability, 0 = calmest. */
  readonly state: number
}

const probabilities = (states: number): SharedWork<'close', readonly Float64Array[]> => ({
  inputs: ['close'],
  of: ({ close, origin, stepMs }) => stateProbabilities(logReturn(close, 1), states, { ...dailyRefit(stepMs), origin }),
})
const PROBABILITIES = { 2: probabilities(2), 3: probabilities(3) }

const stateFeature = ({ name, states, state, meaning }: StateColumn): Feature =>
  defineFeature({
    name,
    family: 'regime',
    meaning: `${meaning}; Gaussian hidden Markov model of log returns, ${FITTED_DAILY}.`,
    inputs: ['close'],
    lookback: dailyRefitLookback,
    timeframes: 'every',
    reference: 'Hamilton 1989, Econometrica 57(2); Rabiner 1989, Proc. IEEE 77(2); states by rising variance',
    work: PROBABILITIES[states],
    compute: (_inputs, of) => of[state],
  })

export const regimeFeatures: readonly Feature[] = [
  stateFeature({
    name: 'hmm_volatile_2',
    states: 2,
    meaning: 'Probability of the more volatile of two states, 0 … 1',
    state: 1,
  }),
  stateFeature({
    name: 'hmm_calm_3',
    states: 3,
    meaning: 'Probability of the calmest of three states, 0 … 1',
    state: 0,
  }),
  stateFeature({
    name: 'hmm_volatile_3',
    states: 3,
    meaning: 'Probability of the most volatile of three states, 0 … 1',
    state: 2,
  }),
]
