import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/load.js'
import type { Json } from '../../src/core/canonical.js'
import type { Done } from '../../src/stages/stage.js'
import { bestSoFar, trialsOf, tunedParameters } from '../../src/stages/train/tuned.js'

const { config } = resolveConfig([{ from: 'test', values: { models: { xgboost: { rounds: 20 } } } }])

/** Units as the runner hands them over: only the facts and the model matter. */
const done = (model: string, facts: { readonly [name: string]: Json }) =>
  ({ settings: { model }, manifest: { facts: { model, ...facts } } }) as unknown as Done

const trial = (number: number, state: string, losses: number[], eta: number, model = 'xgboost') =>
  done(model, { trial: number, state, losses, tried: { eta }, ...(state === 'failed' ? { reason: 'one class' } : {}) })

/** What the runner would say: these trials are done, so many were lost. */
const said = (units: readonly Done[], lost: readonly string[] = []) => ({
  config,
  done: () => units,
  failed: () =>
    lost.map((reason) => ({ step: 'tune', unit: 'trial', pair: null, settings: { model: 'xgboost' }, reason })),
})

describe('the parameters of a model', () => {
  it('without trials are what is fixed', () => {
    expect(tunedParameters(said([]), 'xgboost')).toEqual({ parameters: { rounds: 20 } })
    expect(tunedParameters(said([]), 'logistic')).toEqual({ parameters: {} })
  })

  it('are those of its best complete trial, the earliest of equals, under what is fixed', () => {
    const units = [
      trial(1, 'complete', [0.7, 0.7], 0.1),
      trial(2, 'complete', [0.6, 0.6], 0.2),
      trial(3, 'pruned', [0.1], 0.3),
      trial(4, 'complete', [0.5, 0.7], 0.4),
      trial(5, 'failed', [], 0.5),
      trial(1, 'complete', [0.01, 0.01], 0.9, 'logistic'),
    ]
    expect(tunedParameters(said(units), 'xgboost')).toEqual({ parameters: { eta: 0.2, rounds: 20 } })
    expect(bestSoFar(trialsOf(units, 'xgboost'))).toBe('best 0.6000 by trial 2, 1 pruned, 1 failed')
  })

  it('are none when no trial came to an end', () => {
    const units = [trial(1, 'failed', [], 0.1), trial(2, 'failed', [], 0.2)]
    const failed = 'none of its 2 trials came to an end: one class'
    expect(tunedParameters(said(units), 'xgboost')).toEqual({ failed })
    expect(bestSoFar(trialsOf(units, 'xgboost'))).toBe('none complete, 2 failed')
    // Units that failed altogether are no reason to fit with something that nobody tried.
    expect(tunedParameters(said([], ['too little data']), 'xgboost')).toEqual({
      failed: 'none of its 1 trials came to an end: too little data',
    })
    expect(tunedParameters(said([trial(1, 'complete', [0.5], 0.1)], ['killed']), 'xgboost')).toEqual({
      parameters: { eta: 0.1, rounds: 20 },
    })
  })
})
