/**
 * A fit that fails, fails alone: by its memory, by native code that ends the process. What can go on goes on, what is
 * missing is named, and the next run makes it. A fold with labels of one class has no model, and no signal.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { xgboost } from '../../src/models/xgboost.js'
import { SMALL, sluice, suiteFolder, type Unit, unfinishedFiles, unitsOf, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
const options = { cwd }
const MODELS = SMALL.replace('[logistic]', '[logistic, xgboost]').concat('models: {xgboost: {rounds: 20}}\n')

const ofTrain = (units: readonly Unit[]) => units.filter(({ stage }) => stage === 'train')
const brief = (units: readonly Unit[]) => units.map(({ unit, outcome }) => `${unit} ${outcome}`)
type Selection = { candidates: { model: string }[]; leftOut: { model: string; why: string }[] }

function fileOf(units: readonly Unit[], stage: string, name: string): string {
  const path = units
    .filter((unit) => unit.stage === stage)
    .flatMap(({ files }) => files)
    .find((file) => file.name === name)?.path
  if (path === undefined) throw new Error(`${stage} made no ${name}`)
  return readFileSync(join(cwd, path), 'utf8')
}

beforeAll(() => writeMarket(cwd, MODELS))

describe('a fit that takes too much memory', () => {
  it('is ended, with both numbers and a hint, by itself; other stages are not', async () => {
    const { code, stdout, stderr } = await sluice(['run', '--json', '--set', 'run.workerMemory=24MB'], options)
    const units: Unit[] = JSON.parse(stdout).units
    expect(code, stderr).toBe(1)
    const labels = units.filter(({ stage }) => stage === 'labels')
    expect(new Set(labels.map(({ outcome }) => outcome))).toEqual(new Set(['done']))
    const fits = ofTrain(units).filter(({ step }) => step === 'fit')
    expect(fits).toHaveLength(6)
    for (const fit of fits) {
      expect(fit).toMatchObject({
        outcome: 'failed',
        reason: expect.stringMatching(/^the worker held [\d,]+ MB, allowed are 25 MB \(run\.workerMemory\)$/),
        hint: expect.stringContaining('raise run.workerMemory'),
      })
    }
    expect(ofTrain(units).at(-1)).toMatchObject({
      step: 'bundle',
      reason:
        'no candidate has all of its 3 fits: 6 failed, BTCUSDT logistic fold 1: it took more memory than is allowed',
    })
    expect(units.filter(({ stage }) => stage === 'select')).toMatchObject([{ outcome: 'waiting' }])
    expect(unfinishedFiles(cwd)).toEqual([])
  })
})

const library = await xgboost.available(process.env)
const compiler = ['cc', 'gcc', 'clang'].find((name) => {
  try {
    return execFileSync(name, ['--version'], { stdio: 'ignore' }) !== undefined
  } catch {
    return false
  }
})
const canBreak = compiler !== undefined && library.ok && library.path !== null && process.platform === 'linux'
if (!canBreak) console.log('SKIPPED: a native library that breaks, a C compiler or XGBoost is absent')

describe.runIf(canBreak)('a native library that ends the process', () => {
  /** XGBoost as it is, but for the call that adds a round. */
  function brokenLibrary(): string {
    const path = join(cwd, 'libxgboost-broken.so')
    const code = '#include <stdlib.h>\nint XGBoosterUpdateOneIter(void *b, int i, void *d) { abort(); }\n'
    writeFileSync(join(cwd, 'broken.c'), code)
    const real = library.ok ? String(library.path) : ''
    const link = [`-Wl,-rpath,${real.slice(0, real.lastIndexOf('/'))}`, '-Wl,--no-as-needed', real]
    execFileSync(String(compiler), ['-shared', '-fPIC', '-o', path, join(cwd, 'broken.c'), ...link])
    return path
  }
  let broken: Unit[]

  it('fails each of its fits; the other candidate is bundled, judged, traded and reported', async () => {
    const env = { SLUICE_XGBOOST_LIB: brokenLibrary() }
    const { code, stdout, stderr } = await sluice(['run', '--json'], { cwd, env })
    broken = JSON.parse(stdout).units
    expect(code, stderr).toBe(1)
    expect(brief(ofTrain(broken))).toEqual([
      'BTCUSDT logistic fold 1 done',
      'BTCUSDT logistic fold 2 done',
      'BTCUSDT logistic final done',
      'BTCUSDT xgboost fold 1 failed',
      'BTCUSDT xgboost fold 2 failed',
      'BTCUSDT xgboost final failed',
      'BTCUSDT logistic done',
    ])
    expect(ofTrain(broken)[3].reason).toBe('the worker process ended (SIGABRT)')
    expect(broken.filter(({ stage }) => stage === 'report').map(({ outcome }) => outcome)).toEqual(
      Array(3).fill('done'),
    )
    expect(unfinishedFiles(cwd)).toEqual([])
  })

  it('is named where the result stands', async () => {
    const why = 'fold 1 failed: the worker process ended (SIGABRT) (and 2 more fits)'
    const selection = JSON.parse(fileOf(broken, 'select', 'selection')) as Selection
    expect(selection.candidates.map(({ model }) => model)).toEqual(['logistic'])
    expect(selection.leftOut).toEqual([{ model: 'xgboost', why }])
    expect(broken.find(({ stage }) => stage === 'select')?.summary).toContain(`left out: xgboost, ${why}`)
    expect(fileOf(broken, 'report', 'page')).toContain(`xgboost was asked for and not judged (${why})`)
  })

  it('stands in status as failed, without holding up the rest', async () => {
    const units = await unitsOf(['status'], options)
    expect(units.filter(({ state }) => state === 'failed').map(({ unit }) => unit)).toEqual([
      'BTCUSDT xgboost fold 1',
      'BTCUSDT xgboost fold 2',
      'BTCUSDT xgboost final',
    ])
    expect(units.filter(({ state }) => state !== 'failed').every(({ state }) => state === 'fresh')).toBe(true)
    const later = await sluice(['select'], options)
    expect(later.code).toBe(1) // nothing to do, but what it was made of is not whole
    expect(later.stderr).toMatch(
      /failed +train BTCUSDT xgboost fold 1 and 2 more: the worker process ended \(SIGABRT\)/,
    )
  })

  it('is made by the next run with a whole one, and judged like the other', async () => {
    const { code, stdout, stderr } = await sluice(['run', '--json'], options)
    const units: Unit[] = JSON.parse(stdout).units
    expect([0, 3], stderr).toContain(code)
    expect(brief(ofTrain(units)).filter((text) => text.endsWith('done'))).toEqual([
      'BTCUSDT xgboost fold 1 done',
      'BTCUSDT xgboost fold 2 done',
      'BTCUSDT xgboost final done',
      'BTCUSDT xgboost done',
    ])
    const selection = JSON.parse(fileOf(units, 'select', 'selection')) as Selection
    expect(selection.candidates).toHaveLength(2)
    expect(selection.leftOut).toEqual([])
  })
})

describe('a fold whose training rows are of one class', () => {
  /**
   * Ten days: without movement at first, then such that hit barriers. Two folds train on the first 3.4 and 5.1, the
   * final split on 7.
   */
  async function runCalm(calmDays: number, root: string, more: readonly string[] = []) {
    const random = createRandom(5)
    const bars = ['time,open,high,low,close,volume']
    let price = 100
    for (let minute = 0; minute < 10 * 1440; minute++) {
      const move = (minute < calmDays * 1440 ? 1e-5 : 3e-3) * random.normal()
      const next = price * Math.exp(move)
      const [low, high] = [Math.min(price, next), Math.max(price, next)]
      const time = new Date(Date.UTC(2024, 0, 1) + minute * 60_000).toISOString()
      bars.push([time, ...[price, high, low, next].map((value) => value.toFixed(4)), 10].join(','))
      price = Number(next.toFixed(4))
    }
    writeFileSync(join(cwd, `${root}.csv`), `${bars.join('\n')}\n`)
    const archive = `${root}-archive`
    const made = await sluice(
      ['import', `${root}.csv`, '--pair', 'CALMUSDT', '--timeframe', '1m', '--out', archive],
      options,
    )
    expect(made.code, made.stderr).toBe(0)
    const own = ['--pair', 'CALMUSDT', '--models', 'logistic', '--set', `exchange.archiveUrl=${archive}`]
    return sluice(['run', '--json', '--root', root, ...own, ...more], options)
  }

  it('counts as one without signals; the candidate is bundled, judged, traded and reported', async () => {
    const { code, stdout, stderr } = await runCalm(5, 'one-class')
    expect([0, 3], stderr).toContain(code)
    const units: Unit[] = JSON.parse(stdout).units
    expect(brief(ofTrain(units))).toEqual([
      'CALMUSDT logistic fold 1 done',
      'CALMUSDT logistic fold 2 done',
      'CALMUSDT logistic final done',
      'CALMUSDT logistic done',
    ])
    const [silent] = ofTrain(units)
    expect(silent.summary).toBe('no model, no signal')
    expect(silent.warnings.join()).toMatch(
      /^logistic, fold 1: the [\d,]+ training rows are all of one class: there it has no model and gives no signal$/,
    )
    const { folds } = JSON.parse(readFileSync(join(cwd, 'one-class', pathIn(units, 'metrics')), 'utf8'))
    expect(folds).toMatchObject([
      {
        fold: 1,
        noModel: expect.stringContaining('all of one class'),
        scores: { rows: 0, signals: 0, precision: null },
      },
      { fold: 2, scores: { rows: expect.any(Number) } },
    ])
    expect(folds[1].noModel).toBeUndefined()
    const { numbers } = await readParquet([join(cwd, 'one-class', pathIn(units, 'predictions'))], null)
    const first = [...numbers.fold.keys()].filter((row) => numbers.fold[row] === 1)
    expect(first.length).toBeGreaterThan(300)
    for (const row of first) {
      expect([numbers.p_long[row], numbers.confidence[row]]).toEqual([Number.NaN, Number.NaN])
      expect([numbers.side[row], numbers.usable[row]]).toEqual([0, 0])
    }
    const reports = units.filter(({ stage }) => stage === 'report')
    expect(new Set(reports.map(({ outcome }) => outcome))).toEqual(new Set(['done']))
  })

  it('leaves the candidate out where more than half of its folds are such, and says so', async () => {
    const { code, stdout, stderr } = await runCalm(6, 'calmer', ['--to', 'select'])
    expect(code, stderr).toBe(1)
    const last = ofTrain(JSON.parse(stdout).units).at(-1)
    expect(last).toMatchObject({ step: 'bundle', outcome: 'failed' })
    expect(last?.reason).toMatch(
      /^no candidate can be judged: logistic, 2 of its 2 folds have no model, more than half: fold 1: /,
    )
  })
})

function pathIn(units: readonly Unit[], name: string): string {
  return (
    ofTrain(units)
      .flatMap(({ files }) => files)
      .find((file) => file.name === name)?.path ?? ''
  )
}
