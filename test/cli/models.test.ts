import { describe, expect, it, onTestFinished } from 'vitest'
import {
  approveModel,
  listModels,
  rejectModel,
  renderModel,
  renderModelList,
  rollbackModel,
  showModel,
} from '../../src/cli/models.js'
import { compareModels, renderComparison } from '../../src/cli/models-compare.js'
import { UserError } from '../../src/core/errors.js'
import { openRegistry, type Registry } from '../../src/datasets/model-registry.js'
import { judge } from '../../src/validation/gates.js'
import { entry, failedGates } from '../support/model-entry.js'

const idA = 'aaaa1111'.padEnd(64, '0')
const idB = 'aaaa2222'.padEnd(64, '0')
const idC = 'cccc3333'.padEnd(64, '0')
const by = { who: 'ann', time: Date.UTC(2024, 1, 1, 9, 30) }

/** BTCUSDT 1.0.0 passed; BTCUSDT 1.0.1 did not; ETHUSDT 1.0.0 has no metric at all. */
async function threeModels(): Promise<Registry> {
  const registry = await openRegistry(':memory:')
  onTestFinished(() => registry.close())
  registry.register(entry('a', { id: idA }))
  registry.register(entry('b', { id: idB, model: 'logistic', gates: failedGates, score: 0.4321 }))
  registry.register(entry('c', { id: idC, pair: 'ETHUSDT', gates: judge({}, { minTrades: 30 }), score: 0 }))
  return registry
}

function refusal(action: () => unknown): UserError {
  try {
    action()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UserError)
    return thrown as UserError
  }
  throw new Error('nothing was thrown')
}

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

describe('renderModelList', () => {
  it('aligns one line per model, and marks what is not known', async () => {
    const registry = await threeModels()
    approveModel(registry, { model: idA, ...by })
    expect(plain(renderModelList(listModels(registry)))).toBe(
      [
        'id        pair     model     version  state      precision  Sharpe  drawdown   score',
        'aaaa2222  BTCUSDT  logistic  1.0.1    candidate    55.00 %    1.80   11.00 %  0.4321',
        'aaaa1111  BTCUSDT  xgboost   1.0.0    approved     65.00 %    1.80   11.00 %  0.6100',
        'cccc3333  ETHUSDT  xgboost   1.0.0    candidate        N/A     N/A       N/A  0.0000',
      ].join('\n'),
    )
  })

  it('shows the venue where there is more than one', async () => {
    const registry = await threeModels()
    expect(renderModelList(registry.list())).not.toContain('binance-um')
    registry.register(entry('spot', { venue: 'binance-spot' }))
    expect(renderModelList(registry.list()).split('\n')[1]).toMatch(/^\w{8} {2}binance-spot {2}BTCUSDT /)
  })

  it('says when there is none', () => {
    expect(renderModelList([])).toBe('no model is registered')
  })
})

describe('listModels', () => {
  it('filters by pairs, venue and state', async () => {
    const registry = await threeModels()
    approveModel(registry, { model: idA, ...by })
    const versions = (filter: Parameters<typeof listModels>[1]) =>
      listModels(registry, filter).map(({ pair, version }) => `${pair} ${version}`)
    expect(versions({ pairs: ['ETHUSDT'] })).toEqual(['ETHUSDT 1.0.0'])
    expect(versions({ pairs: ['ETHUSDT', 'BTCUSDT'], state: 'candidate' })).toEqual(['BTCUSDT 1.0.1', 'ETHUSDT 1.0.0'])
    expect(versions({ venue: 'binance-spot' })).toEqual([])
  })

  it('refuses a state that is none', async () => {
    const registry = await threeModels()
    const error = refusal(() => listModels(registry, { state: 'aproved' }))
    expect(error.message).toBe('aproved is not a state of a model, did you mean approved?')
    expect(error.exitCode).toBe(2)
  })
})

describe('showModel', () => {
  it('shows facts, gates, metrics and history', async () => {
    const registry = await threeModels()
    approveModel(registry, { model: 'aaaa2', ...by, why: 'a test of the signals' })
    const { model, events } = showModel(registry, { model: 'aaaa2' })
    const text = renderModel(model, events)
    expect(text.split('\n')[0]).toBe('logistic 1.0.1')
    expect(text).toContain(`id          ${idB}\n`)
    expect(text).toContain('state       approved (in production)\n')
    expect(text).toContain('parameters  {"max_depth":4}')
    expect(text).toMatch(/precision {9}failed {2}0\.55, at least 0\.6\n/)
    expect(text).toMatch(/deflatedSharpe {4}passed {2}0\.97, at least 0\.95\n/)
    expect(text).toMatch(/precision {6}0\.65 \[0\.55 … 0\.725\] {2}120\n/)
    expect(text).toMatch(/profit_factor {2}1\.7 {18}120\n/)
    expect(text).toMatch(/2024-01-01 00:00 UTC {2}register {2}select \(automatic\) {2}passed every required gate\n/)
    expect(text).toMatch(/2024-02-01 09:30 UTC {2}approve {3}ann {17}a test of the signals$/)
  })

  it('suggests what was meant', async () => {
    const registry = await threeModels()
    const message = (choice: Parameters<typeof showModel>[1]) => refusal(() => showModel(registry, choice)).message
    expect(message({ model: 'cccc3334' })).toBe('no model has the id or version cccc3334, did you mean cccc3333?')
    expect(message({ model: '1.0.2', pair: 'ETHUSDT' })).toBe(
      'no model of ETHUSDT has the id or version 1.0.2, did you mean 1.0.0?',
    )
    expect(message({ model: '1.0.0', pair: 'ETHUSD' })).toBe('no model of ETHUSD is registered, did you mean ETHUSDT?')
    expect(message({ model: 'something else' })).toBe('no model has the id or version something else')
  })

  it('refuses a choice that means two models', async () => {
    const registry = await threeModels()
    expect(refusal(() => showModel(registry, { model: 'aaaa' })).message).toContain('aaaa is the name of 2 models')
    expect(showModel(registry, { model: 'aaaa1' }).model.id).toBe(idA)
    expect(showModel(registry, { model: '1.0.0', pair: 'BTCUSDT' }).model.id).toBe(idA)
  })
})

describe('approveModel and rejectModel', () => {
  it('ask for a reason where the gates were not passed', async () => {
    const registry = await threeModels()
    for (const why of [undefined, '  ']) {
      const error = refusal(() => approveModel(registry, { model: idB, ...by, ...(why === undefined ? {} : { why }) }))
      expect(error.message).toBe('logistic 1.0.1 (aaaa2222) of BTCUSDT did not pass precision (0.55, at least 0.6)')
      expect(error.hint).toContain('--why')
      expect(error.exitCode).toBe(3)
    }
    expect(registry.list({ state: 'approved' })).toEqual([])
    expect(approveModel(registry, { model: idB, ...by, why: 'wanted' }).message).toBe(
      'logistic 1.0.1 (aaaa2222) of BTCUSDT is now in production',
    )
    expect(registry.events(idB).at(-1)).toEqual({
      action: 'approve',
      modelId: idB,
      who: 'ann',
      why: 'wanted',
      time: by.time,
      automatic: false,
    })
  })

  it('say what became of the others', async () => {
    const registry = await threeModels()
    approveModel(registry, { model: idB, ...by, why: 'wanted' })
    expect(approveModel(registry, { model: idA, ...by }).message).toBe(
      'xgboost 1.0.0 (aaaa1111) of BTCUSDT is now in production; logistic 1.0.1 (aaaa2222) of BTCUSDT is retired',
    )
    expect(approveModel(registry, { model: idA, ...by }).message).toBe(
      'xgboost 1.0.0 (aaaa1111) of BTCUSDT: nothing to do, it is in production already',
    )
    expect(rejectModel(registry, { model: idA, ...by }).message).toBe(
      'xgboost 1.0.0 (aaaa1111) of BTCUSDT is rejected; BTCUSDT on binance-um has no model in production now',
    )
    expect(rejectModel(registry, { model: idB, ...by }).message).toBe(
      'logistic 1.0.1 (aaaa2222) of BTCUSDT is rejected',
    )
  })

  it('ask who decides', async () => {
    const registry = await threeModels()
    expect(refusal(() => rejectModel(registry, { model: idA, ...by, who: ' ' })).hint).toBe('add --who NAME')
  })
})

describe('rollbackModel', () => {
  const where = { venue: 'binance-um', pair: 'BTCUSDT', ...by }

  it('rejects the model in production and puts the one before it back, with who and why', async () => {
    const registry = await threeModels()
    approveModel(registry, { model: idA, ...by })
    approveModel(registry, { model: idB, ...by, why: 'wanted' })
    expect(registry.predecessor('binance-um', 'BTCUSDT').id).toBe(idA)
    expect(registry.rival('binance-um', 'BTCUSDT', idB)?.id, 'of the one in production: the one before').toBe(idA)
    expect(registry.rival('binance-um', 'BTCUSDT', idA)?.id, 'of any other: the one in production').toBe(idB)
    expect(rollbackModel(registry, { ...where, why: 'loses' }).message).toBe(
      'xgboost 1.0.0 (aaaa1111) of BTCUSDT is back in production; logistic 1.0.1 (aaaa2222) of BTCUSDT is rejected',
    )
    expect(registry.list({ pair: 'BTCUSDT' }).map(({ id, state }) => [id, state])).toEqual([
      [idB, 'rejected'],
      [idA, 'approved'],
    ])
    expect(registry.events().slice(-2)).toMatchObject([
      { modelId: idB, action: 'reject', who: 'ann', why: 'rolled back: loses', automatic: false },
      { modelId: idA, action: 'approve', who: 'ann', why: 'back in the place of 1.0.1 (aaaa2222): loses' },
    ])
    const again = registry.approve({ id: idB, who: 'ann', why: '', time: 1, automatic: false })
    expect(again.changed, 'a person takes a rejection back').toBe(true)
  })

  it('passes over a model that was rejected since', async () => {
    const registry = await threeModels()
    registry.register(entry('d'))
    for (const model of [idA, idB]) approveModel(registry, { model, ...by, why: 'wanted' })
    const third = registry.list({ pair: 'BTCUSDT' })[0].id
    approveModel(registry, { model: third, ...by })
    rejectModel(registry, { model: idB, ...by })
    rollbackModel(registry, { ...where, why: 'loses' })
    expect(registry.production('binance-um', 'BTCUSDT')?.id).toBe(idA)
  })

  it('refuses without a reason, without a model in production, and without one before it', async () => {
    const registry = await threeModels()
    expect(refusal(() => rollbackModel(registry, { ...where, why: ' ' })).message).toBe(
      'nobody says why BTCUSDT is rolled back',
    )
    expect(refusal(() => rollbackModel(registry, { ...where, why: 'x' })).message).toBe(
      'no model of BTCUSDT on binance-um is in production',
    )
    approveModel(registry, { model: idA, ...by })
    expect(refusal(() => rollbackModel(registry, { ...where, why: 'x' })).message).toBe(
      'no model of BTCUSDT on binance-um was in production before 1.0.0',
    )
    expect(registry.production('binance-um', 'BTCUSDT')?.id, 'nothing was changed').toBe(idA)
  })
})

describe('compareModels', () => {
  const days = (gain: number) =>
    Array.from({ length: 40 }, (_, i) => ({
      ...{ day: i * 86_400_000, return: 0.01 * Math.sin(i) + gain + 0.0003 * Math.cos(i * gain) },
      ...{ signals: 2, won: gain > 0 ? 2 : 1, trades: 1, gains: 3, losses: 1 },
    }))

  it('names what differs, and judges on the days that both have', async () => {
    const registry = await threeModels()
    const daysOf = (id: string) => days(id === idB ? 0.005 : 0)
    const made = compareModels(registry, [{ model: idB }, { model: idA }], { daysOf, minTrades: 30, seed: 1 })
    expect(made.differences).toEqual(['kind'])
    expect(made.paired).toMatchObject({ better: true, days: 40, test: { p: 1 / 2001 } })
    const text = plain(renderComparison(made))
    expect(text).toContain('kind *  ')
    expect(text).toMatch(/precision +failed: 0\.55, at least 0\.6 +passed: 0\.65, at least 0\.6/)
    expect(text).toContain('40 days out of sample of both  1.0.1     1.0.0')
    expect(text).toContain('1.0.1 is better than 1.0.0\n  precision 1 against 0.5')
  })

  it('says when there are no days, and refuses models of two pairs', async () => {
    const registry = await threeModels()
    const options = { daysOf: () => null, minTrades: 30, seed: 1 }
    const made = compareModels(registry, [{ model: idA }, { model: idB }], options)
    expect(made.paired).toBeNull()
    expect(renderComparison(made)).toContain('the daily record of one is not on disk')
    const error = refusal(() => compareModels(registry, [{ model: idA }, { model: idC }], options))
    expect(error.message).toBe('aaaa1111 is of BTCUSDT on binance-um, cccc3333 of ETHUSDT on binance-um')
  })
})
