import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readLedger } from '../../src/datasets/ledger.js'
import {
  filesUnder,
  hashesOf,
  notFresh,
  readJsonFile,
  sluice,
  startSluice,
  suiteFolder,
  timesUnder,
  unitsOf,
  writeMarket,
} from '../support/sluice.js'

/** Three batches of two: chance, then the sampler with pruning. Few columns and rounds, so that a trial takes a moment. */
const SETTINGS = `exchange: {archiveUrl: archive}
download: {kinds: [klines, fundingRate]}
data: {from: 2024-01-01, to: 2024-01-13}
bars: {context: [1h]}
features: {include: [time, rsi*]}
labels: {horizon: 1h}
train: {folds: 2, models: [logistic, xgboost]}
models: {xgboost: {rounds: 10, maxDepth: 3}, logistic: {iterations: 20}}
tuning: {trials: 6, batch: 2, startup: 2}
run: {jobs: 2}
`
const TRIALS = 6
const cwd = suiteFolder()
const options = { cwd }
let whole: Record<string, string> = {}

type TrialFile = {
  readonly model: string
  readonly trial: number
  readonly state: string
  readonly losses: readonly number[]
  readonly limits: readonly number[]
  readonly tried: Record<string, number>
  readonly parameters: Record<string, number>
}

function trialsIn(root: string): TrialFile[] {
  return filesUnder(join(cwd, root, 'artifacts/trials'))
    .filter((name) => name.endsWith('trial.json'))
    .map((name) => readJsonFile<TrialFile>(join(cwd, root, 'artifacts/trials', name)))
    .sort((a, b) => (a.model < b.model ? -1 : a.model > b.model ? 1 : a.trial - b.trial))
}

async function ledgerOf(root: string) {
  const rows = await readLedger(join(cwd, root, 'artifacts/registry.sqlite'))
  return rows.filter(({ kind }) => kind === 'trial')
}

beforeAll(async () => {
  await writeMarket(cwd, SETTINGS)
  const { code, stderr } = await sluice(['run', '--root', 'whole'], options)
  // Refused by a gate, as it should be with so little.
  expect(code, stderr).toBe(3)
  expect(stderr).toMatch(/train +BTCUSDT xgboost: 4 of 6 trials, best \d\.\d+ by trial \d/)
  whole = await hashesOf('whole', options)
})

describe('a search for parameters', () => {
  it('begins with the defaults, leaves alone what is set, and gives its best to every fit', async () => {
    const trials = trialsIn('whole')
    expect(trials.map(({ model, trial }) => `${model} ${trial}`)).toEqual(
      ['logistic', 'xgboost'].flatMap((model) => [1, 2, 3, 4, 5, 6].map((trial) => `${model} ${trial}`)),
    )
    const xgboost = trials.filter(({ model }) => model === 'xgboost')
    expect(xgboost[0].tried).toMatchObject({ eta: 0.05, minChildWeight: 20 })
    for (const { tried, parameters } of xgboost) {
      expect(Object.keys(tried)).not.toContain('maxDepth')
      expect(parameters).toEqual({ ...tried, rounds: 10, maxDepth: 3 })
    }
    expect(xgboost.map(({ limits }) => limits.length)).toEqual([0, 0, 2, 2, 2, 2])
    const mean = (losses: readonly number[]) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length
    const [best] = xgboost.filter(({ state }) => state === 'complete').sort((a, b) => mean(a.losses) - mean(b.losses))
    const fits = (await unitsOf(['status', '--root', 'whole'], options)).filter(
      ({ step, unit }) => step === 'fit' && unit.includes('xgboost'),
    )
    expect(fits).toHaveLength(3)
    for (const { manifest } of fits) {
      const { made } = readJsonFile<{ made: { settings: { parameters: object } } }>(
        join(cwd, 'whole', String(manifest)),
      )
      expect(made.settings.parameters).toEqual(best.parameters)
    }
  })

  it('has every trial in the ledger, once', async () => {
    const rows = await ledgerOf('whole')
    expect(rows).toHaveLength(2 * TRIALS)
    expect(new Set(rows.map(({ key }) => key)).size).toBe(2 * TRIALS)
    const states = rows.map(({ entry }) => (entry.outcome as { state: string }).state).sort()
    expect(states).toEqual(
      trialsIn('whole')
        .map(({ state }) => state)
        .sort(),
    )
  })

  it('is not done twice', async () => {
    expect(await notFresh(options, ['--root', 'whole'])).toEqual([])
    const before = timesUnder(join(cwd, 'whole/artifacts/trials'))
    const { stderr } = await sluice(['run', '--root', 'whole'], options)
    expect(stderr).toMatch(/everything is fresh: \d+ units/)
    expect(timesUnder(join(cwd, 'whole/artifacts/trials'))).toEqual(before)
    expect(await ledgerOf('whole')).toHaveLength(2 * TRIALS)
  })

  it('goes on where more trials are asked for', async () => {
    const units = await unitsOf(['status', '--root', 'whole', '--set', 'tuning.trials=8'], options)
    const trials = units.filter(({ step }) => step === 'tune')
    expect(trials.filter(({ state }) => state === 'fresh')).toHaveLength(2 * TRIALS)
    expect(trials.filter(({ state }) => state === 'missing').map(({ unit }) => unit)).toEqual(
      ['logistic', 'xgboost'].flatMap((model) => [7, 8].map((trial) => `BTCUSDT ${model} trial ${trial}`)),
    )
  })
})

describe('the same trials', () => {
  it('whatever the number of workers', async () => {
    const { code, stderr } = await sluice(['run', '--root', 'alone', '--jobs', '1', '--quiet'], options)
    expect(code, stderr).toBe(3)
    expect(await hashesOf('alone', options)).toEqual(whole)
  })

  it('when it is killed in the middle and goes on: none is lost, none is counted twice', async () => {
    const running = startSluice(['run', '--root', 'killed'], options)
    await running.said('xgboost trial 3')
    running.killGroup()
    await running.done
    const kept = Object.fromEntries(
      Object.entries(timesUnder(join(cwd, 'killed/artifacts/trials'))).filter(([name]) =>
        name.endsWith('manifest.json'),
      ),
    )
    const finished = Object.keys(kept)
    expect(finished.length).toBeGreaterThanOrEqual(5)
    expect(finished.length).toBeLessThan(2 * TRIALS)
    const states = (await unitsOf(['status', '--root', 'killed'], options)).filter(({ step }) => step === 'tune')
    expect(states.filter(({ state }) => state === 'fresh')).toHaveLength(finished.length)
    const { code, stderr } = await sluice(['run', '--root', 'killed', '--quiet'], options)
    expect(code, stderr).toBe(3)
    expect(await hashesOf('killed', options)).toEqual(whole)
    expect(timesUnder(join(cwd, 'killed/artifacts/trials'))).toMatchObject(kept)
    const keys = async (root: string) => (await ledgerOf(root)).map(({ key }) => key).sort()
    expect(await keys('killed')).toEqual(await keys('whole'))
  })
})

describe('trials that cannot be fitted', () => {
  // No move is that large: every row has the label 0.
  const impossible = ['--set', 'labels.profit=0.9', '--set', 'labels.stop=0.9']

  it('are results with a reason, end the search after one batch, and leave the model out', async () => {
    const { code, stderr } = await sluice(['run', '--root', 'alone', '--to', 'train', ...impossible], options)
    expect(code, stderr).toBe(1)
    expect(stderr).toMatch(/xgboost trial 1 +done +failed: inner fold 1: the \d+ training rows are all of one class/)
    expect(stderr).toMatch(
      /none of the models can be fitted here: logistic is left out: none of its 2 trials came to an end: inner fold 1: the \d+ .*; xgboost is left out: none/,
    )
    expect(stderr).not.toContain('trial 3')
    const rows = await ledgerOf('alone')
    expect(rows.filter(({ entry }) => (entry.outcome as { state: string }).state === 'failed')).toHaveLength(4)
  })

  it('that have too few rows leave the model out: nothing is fitted with parameters that nobody tried', async () => {
    const { code, stderr } = await sluice(
      ['run', '--root', 'alone', '--to', 'train', '--set', 'tuning.folds=10', '--set', 'labels.horizon=8h'],
      options,
    )
    expect(code, stderr).toBe(1)
    expect(stderr).toMatch(
      /can be fitted here: logistic is left out: none of its 2 trials came to an end: too little data to tune: inner fold 1: train keeps \d+ rows/,
    )
  })
})
