import { describe, expect, it } from 'vitest'
import { SETTING_NAMES } from '../../src/config/settings.js'
import { nearest, suggestion } from '../../src/core/suggest.js'
import { flatName, lastPart, USUAL_NAMES } from '../../src/core/usual-names.js'
import { modelKind, modelNames } from '../../src/models/registry.js'

describe('what was meant', () => {
  it.each([
    ['labels.horizn', 'labels.horizon'],
    ['backtest.maker_bps', 'backtest.makerBps'],
    ['LABELS.PROFIT', 'labels.profit'],
    ['horizon', 'labels.horizon'],
    ['leverge', 'backtest.leverage'],
    ['symbol', 'data.pairs'],
    ['timeframe', 'bars.decision'],
    ['stop_loss', 'labels.stop'],
    ['take-profit', 'labels.profit'],
    ['fees', 'backtest.takerBps'],
    ['trading.fees', 'backtest.takerBps'],
    ['initialCapital', 'backtest.equity'],
    ['random_state', 'seed'],
    ['n_jobs', 'run.jobs'],
    ['test_size', 'train.testShare'],
    ['model', 'train.models'],
  ])('by the setting %s is %s', (typed, meant) => expect(nearest(typed, SETTING_NAMES)).toBe(meant))

  it('is nothing where nothing is near', () => {
    for (const typed of ['home', 'xyzzy', 'constructor', '__proto__', ''])
      expect(suggestion(typed, SETTING_NAMES)).toBe('')
  })

  it('among the parameters of a model goes by what other tools call them', () => {
    expect(nearest('n_estimators', ['maxDepth', 'trees', 'subsample'])).toBe('trees')
    expect(nearest('epochs', ['units', 'rounds'])).toBe('rounds')
    expect(nearest('learning_rate', ['eta', 'rounds'])).toBe('eta')
    expect(nearest('learning_rate', ['learningRate', 'rounds'])).toBe('learningRate')
  })
})

it('every usual name leads to a setting or to a parameter of a model, and is written flat', async () => {
  const kinds = await Promise.all(modelNames.map(modelKind))
  const known = new Set([
    ...SETTING_NAMES.flatMap((name) => [name, lastPart(name)]),
    ...kinds.flatMap(({ parameters }) => Object.keys(parameters)),
  ])
  for (const [usual, ours] of Object.entries(USUAL_NAMES)) {
    expect(flatName(usual), usual).toBe(usual)
    expect(ours.length, usual).toBeGreaterThan(0)
    for (const word of ours) expect(known, `${usual} → ${word}`).toContain(word)
  }
})
