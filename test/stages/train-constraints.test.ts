import { describe, expect, it } from 'vitest'
import { checkConstraintsOf, checkTraining } from '../../src/cli/check-training.js'
import { resolveConfig } from '../../src/config/load.js'
import type { UserError } from '../../src/core/errors.js'
import { constraintsOf, fittingModels, librariesOf } from '../../src/stages/train/constraints.js'

const configOf = (values: Record<string, unknown>) => resolveConfig([{ from: 'test', values }]).config

describe('what the configuration says of single features', () => {
  it('is refused before any work when it names what is not there, all of it at once', async () => {
    const config = configOf({
      'labels.type': 'binary',
      'train.monotone': { rsi_14: 1, rsi_41: -1 },
      'train.categorical': ['hour_sinn', 'rsi_14'],
    })
    const refusal = await checkConstraintsOf(config).catch((thrown: unknown) => thrown)
    expect(refusal).toMatchObject({ exitCode: 2, hint: expect.stringContaining('sluice features list') })
    const { message } = refusal as Error
    expect(message).toContain('has 3 problems')
    expect(message).toContain('train.monotone: there is no feature rsi_41, did you mean rsi_14?')
    expect(message).toContain('train.categorical: there is no feature hour_sinn, did you mean hour_sin?')
    expect(message).toContain('feature rsi_14 is both monotone and categorical')
  })

  it('is refused for a direction among three classes', async () => {
    const config = configOf({ 'labels.type': 'ternary', 'train.monotone': { rsi_14: 1 } })
    await expect(checkConstraintsOf(config)).rejects.toThrow('cannot be monotone in 3 classes')
    await expect(checkConstraintsOf(configOf({ 'train.categorical': ['rsi_14'] }))).resolves.toBeUndefined()
    await expect(checkConstraintsOf(configOf({}))).resolves.toBeUndefined()
  })

  it('takes directions of 1 and -1 alone', () => {
    expect(() => configOf({ 'train.monotone': { rsi_14: 2 } })).toThrow('train.monotone')
  })

  it('reaches the fit as it stands in the settings of the unit', () => {
    const settings = { 'train.monotone': { rsi_14: -1 }, 'train.categorical': ['hour'] }
    expect(constraintsOf(settings)).toEqual({ monotone: { rsi_14: -1 }, categorical: ['hour'] })
  })
})

describe('the settings of training', () => {
  const refusal = (values: Parameters<typeof configOf>[0]) =>
    checkTraining(configOf(values)).then(
      () => '',
      (thrown: UserError) => `${thrown.exitCode}: ${thrown.message}`,
    )

  it('are refused before any work, with all that is wrong in models, constraints and selection', async () => {
    const text = await refusal({
      'train.models': ['xgbost'],
      'models.xgboost.maxDepth': 99,
      'train.monotone': { rsi_15: 1 },
      'train.selection': ['corelation'],
    })
    for (const part of [/^2: /, /xgbost, did you mean xgboost/, /maxDepth .* 99/, /rsi_15/, /corelation, did you mean/])
      expect(text).toMatch(part)
  })

  it('are refused when no candidate can learn the label, not when one can', async () => {
    expect(await refusal({ 'train.models': ['logistic'], 'labels.type': 'regression' })).toContain(
      'none can learn the label: logistic, it is for classification, labels.type regression asks for regression',
    )
    expect(await refusal({ 'train.models': ['logistic', 'linear'], 'labels.type': 'regression' })).toBe('')
    expect(await refusal({})).toBe('')
  })
})

describe('the candidates', () => {
  it('that cannot learn the label are left out with the reason; those that take no notice of a constraint say so', async () => {
    const said: string[] = []
    const config = configOf({
      'train.models': ['logistic', 'linear', 'random-forest', 'xgboost', 'lightgbm'],
      'labels.type': 'binary',
      'train.monotone': { rsi_14: 1 },
    })
    expect(await fittingModels(config, (text) => said.push(text))).toEqual([
      'logistic',
      'random-forest',
      'xgboost',
      'lightgbm',
    ])
    expect(said).toEqual([
      'logistic takes no notice of train.monotone',
      'linear is left out: it is for regression, labels.type binary asks for classification',
    ])
  })

  it('name the libraries that their results depend on', async () => {
    expect(await librariesOf('logistic')).toEqual(['duckdb'])
    expect(await librariesOf('random-forest')).toEqual(['duckdb', 'xgboost'])
    expect(await librariesOf('lightgbm')).toEqual(['duckdb', 'lightgbm'])
  })
})
