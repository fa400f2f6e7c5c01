import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/load.js'
import { modelsLeftOut } from '../../src/stages/select/left-out.js'
import type { Done, Failed, PlanContext } from '../../src/stages/stage.js'

const { config } = resolveConfig([
  { from: 'test', values: { train: { models: ['logistic', 'linear', 'xgboost', 'lightgbm'] } } },
])

type Units = { readonly [step: string]: readonly { readonly model: string; readonly [name: string]: unknown }[] }

/** What the runner would say of `train`; only what the reasons are taken from. */
function context(done: Units, failed: Units, own = config): PlanContext {
  const unitsOf = (units: Units, step: string) =>
    (units[step] ?? []).map(({ model, fold = 1, reason = '', ...facts }) => ({
      settings: { model, fold },
      reason,
      manifest: { facts: { ...facts, reason } },
    }))
  return {
    config: own,
    done: (_: string, step: string) => unitsOf(done, step) as unknown as Done[],
    failed: (_: string, step: string) => unitsOf(failed, step) as unknown as Failed[],
  } as unknown as PlanContext
}

describe('a candidate that was asked for and cannot be judged', () => {
  it('is named with what kept it from being fitted', async () => {
    const trial = { model: 'xgboost', state: 'failed', reason: 'one class' }
    const said = context({ tune: [trial, trial] }, { fit: [{ model: 'lightgbm', fold: 0, reason: 'no memory' }] })
    expect(await modelsLeftOut(said, ['logistic'])).toEqual([
      { model: 'linear', why: 'it is for regression, labels.type ternary asks for classification' },
      { model: 'xgboost', why: 'none of its 2 trials came to an end: one class' },
      { model: 'lightgbm', why: 'the final fit failed: no memory' },
    ])
  })

  it('for want of a library says no more than that: the reason stands in artefacts, and paths of a machine do not', async () => {
    const trials = [
      { model: 'xgboost', state: 'failed', reason: 'one class' },
      { model: 'xgboost', state: 'complete' },
    ]
    const left = await modelsLeftOut(context({ tune: trials }, {}), ['logistic', 'linear', 'lightgbm'])
    expect(left).toEqual([{ model: 'xgboost', why: 'it cannot be fitted here; sluice doctor says why' }])
  })

  it('whose bundle failed is told apart from one whose fits did', async () => {
    const said = context({}, { bundle: [{ model: 'xgboost', reason: 'disk full' }] })
    expect(await modelsLeftOut(said, ['logistic', 'linear', 'lightgbm'])).toEqual([
      { model: 'xgboost', why: 'its bundle failed: disk full' },
    ])
  })

  it('as an ensemble is told that models which saw later rows say nothing to learn from', async () => {
    const values = { train: { models: ['logistic', 'xgboost', 'stack'], split: 'purged-kfold' } }
    const own = resolveConfig([{ from: 'test', values }]).config
    const said = context({ bundle: [{ model: 'logistic' }, { model: 'xgboost' }] }, {}, own)
    expect(await modelsLeftOut(said, ['logistic', 'xgboost'])).toEqual([
      { model: 'stack', why: expect.stringMatching(/models trained on later rows \(purged k-fold\)/) },
    ])
  })
})
