/**
 * Fees, gates, calibration and threshold decide what is made of a fit, never the fit: changed, no model is fitted
 * again.
 */
import { beforeAll, expect, it } from 'vitest'
import { hashesOf, SMALL, sluice, suiteFolder, type Unit, unitsOf, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
const options = { cwd }
const CHANGES = [
  ['backtest.takerBps', '9', '5 → 9'],
  ['gates.minTrades', '5', '30 → 5'],
  ['gates.precision', '0.55', '0.6 → 0.55'],
  ['decision.threshold', '0.2', 'auto → 0.2'],
  ['train.calibration', 'isotonic', 'auto → isotonic'],
] as const
const run = (root: string, set: readonly string[] = []) =>
  unitsOf(['run', '--to', 'select', '--root', root, ...set.flatMap((one) => ['--set', one])], options)
const of = (units: readonly Unit[], step: string) =>
  units.filter((unit) => unit.stage === 'train' && unit.step === step)
const isJudged = (path: string) => /^(artifacts\/(models|fits)|data\/predictions)\//.test(path)

let fits: Unit[]

beforeAll(async () => {
  await writeMarket(
    cwd,
    SMALL.replace('[logistic]', '[logistic, lstm, mean]').concat(
      'models: {lstm: {units: 3, steps: 4, rounds: 2, batch: 512}}\n',
    ),
  )
  fits = of(await run('kept'), 'fit')
}, 120_000)

it.each(CHANGES)('%s set to %s is said by status to change the bundles, and no fit', async (name, value, words) => {
  const units = await unitsOf(['status', '--root', 'kept', '--set', `${name}=${value}`], options)
  expect(of(units, 'fit').map(({ state }) => state)).toEqual(fits.map(() => 'fresh'))
  const [logistic, lstm] = of(units, 'bundle')
  for (const unit of [logistic, lstm])
    expect(unit).toMatchObject({ state: 'stale', reason: `${name} changed: ${words}` })
})

it('what a fit does depend on makes it stale, by name', async () => {
  const set = ['--set', 'train.classWeights=balanced', '--set', 'train.scaling=robust']
  const units = await unitsOf(['status', '--root', 'kept', ...set], options)
  for (const unit of of(units, 'fit'))
    expect(unit).toMatchObject({
      state: 'stale',
      reason: 'train.classWeights changed: none → balanced; train.scaling changed: auto → robust',
    })
  const { stdout, stderr } = await sluice(['status', '--root', 'kept', ...set], options)
  expect(stdout + stderr).toContain('train.classWeights changed: none → balanced; train.scaling changed: auto → robust')
})

it('with all of them changed nothing is fitted again, and all is what a run from the start makes', async () => {
  const changes = CHANGES.map(([name, value]) => `${name}=${value}`)
  const units = await run('kept', changes)
  expect(of(units, 'fit').map(({ outcome }) => outcome)).toEqual(fits.map(() => 'fresh'))
  expect(of(units, 'fit').map(({ manifest }) => manifest)).toEqual(fits.map(({ manifest }) => manifest))
  expect(of(units, 'bundle').map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
  await run('fresh', changes)
  const all = await hashesOf('kept', options)
  const own = Object.entries(await hashesOf('fresh', options)).filter(([path]) => isJudged(path))
  expect(own.length).toBeGreaterThan(60)
  for (const [path, hash] of own) expect(all[path], path).toBe(hash)
}, 120_000)
