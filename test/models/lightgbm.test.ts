import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { lightgbm } from '../../src/models/lightgbm.js'
import type { FittedModel } from '../../src/models/model.js'
import { openLibrary } from '../../src/models/native/library.js'
import { runPython } from './python.js'
import { features, fitOptions, regression, sample, twoClasses, valueSample } from './sample.js'

const availability = await lightgbm.available(process.env)
if (!availability.ok) console.log(`SKIPPED: LightGBM: ${availability.reason}; ${availability.hint}`)
const hasPython = spawnSync('/usr/bin/python3', ['-c', 'import ctypes, numpy']).status === 0
if (!hasPython) console.log('SKIPPED: a second reader of LightGBM models: there is no /usr/bin/python3 with NumPy')

/** The library called from Python, which shares nothing with koffi and our bindings but the C header. */
const reader = `
import sys, ctypes, numpy
library, folder, columns = ctypes.CDLL(sys.argv[1]), sys.argv[2], int(sys.argv[3])
def check(status):
  if status != 0: raise RuntimeError('the library refused')
booster, rounds = ctypes.c_void_p(), ctypes.c_int()
check(library.LGBM_BoosterCreateFromModelfile((folder + '/model.txt').encode(), ctypes.byref(rounds), ctypes.byref(booster)))
x = numpy.fromfile(folder + '/x.f32', dtype='<f4').reshape(-1, columns).astype('f8')
assert numpy.isnan(x).any()
def predict(kind, width):
  out, length = numpy.zeros(len(x) * width), ctypes.c_int64()
  check(library.LGBM_BoosterPredictForMat(booster, x.ctypes.data_as(ctypes.c_void_p), 1, len(x), columns, 1, kind, 0, -1, b'',
    ctypes.byref(length), out.ctypes.data_as(ctypes.c_void_p)))
  assert length.value == len(out), (length.value, len(out))
  return out
trees = int(sys.argv[4])
predict(1, trees).tofile(folder + '/margins.f64')
predict(3, trees * (columns + 1)).tofile(folder + '/contributions.f64')
gain = numpy.zeros(columns)
check(library.LGBM_BoosterFeatureImportance(booster, -1, 1, gain.ctypes.data_as(ctypes.c_void_p)))
print(rounds.value, *gain)`

describe.skipIf(!availability.ok)('LightGBM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lightgbm-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const fresh = sample(13, 400)

  const tasks: [string, () => Promise<FittedModel>, number][] = [
    ['three classes', () => lightgbm.fit(sample(11, 1500, { weighted: true }), sample(12, 600), fitOptions()), 3],
    [
      'two classes',
      () => lightgbm.fit(twoClasses(sample(11, 1500)), null, fitOptions({ classes: 2, monotone: { signal_a: 1 } })),
      1,
    ],
    ['a regression', () => lightgbm.fit(valueSample(11, 1500), valueSample(12, 600), regression()), 1],
  ]
  for (const [title, made, trees] of tasks) {
    it.skipIf(!hasPython)(`is read by another program with the same scores, bit for bit: ${title}`, async () => {
      const model = await made()
      writeFileSync(join(folder, 'model.txt'), model.files().get('model.txt') ?? '')
      writeFileSync(join(folder, 'x.f32'), fresh.x.values)
      const path = availability.ok ? (availability.path ?? '') : ''
      const [rounds, ...gains] = runPython(reader, [path, folder, '6', String(trees)])
        .trim()
        .split(' ')
        .map(Number)
      expect(rounds).toBe(model.bestRound)
      // Of two classes ours has a second score, which is 0.
      const own = (all: Float64Array, block: number) =>
        model.classes === 2 ? all.filter((_, i) => Math.floor(i / block) % 2 === 1) : all
      expect(own(model.margins(fresh.x), 1)).toEqual(doubles('margins.f64'))
      expect(own(model.contributions(fresh.x), 7)).toEqual(doubles('contributions.f64'))
      model.importance().forEach(({ feature, gain, splits = 0 }, j) => {
        // Each gain is written with six digits.
        expect(Math.abs(gain * splits - gains[j]), feature).toBeLessThanOrEqual(1e-4 * gains[j] + 1e-9)
      })
      model.close()
    })
  }

  it('cuts its file to the best round', async () => {
    const parameters = { eta: 0.3, earlyStoppingRounds: 10 }
    const model = await lightgbm.fit(sample(11, 1500), sample(12, 600), fitOptions({ parameters }))
    expect(model.history.length).toBe(model.bestRound + 10)
    const text = new TextDecoder().decode(model.files().get('model.txt'))
    expect(text.match(/^Tree=/gm)?.length).toBe(3 * model.bestRound)
    expect(text).toContain(`feature_names=${features.join(' ')}\n`)
    model.close()
  })

  it('gives the same scores with two threads', async () => {
    const set = sample(11, 1500)
    const models = await Promise.all([1, 2].map((threads) => lightgbm.fit(set, null, fitOptions({ threads }))))
    const [one, two] = models.map((model) => model.margins(fresh.x))
    for (let i = 0; i < one.length; i++) expect(two[i]).toBeCloseTo(one[i], 6)
    for (const model of models) model.close()
  })

  it('stops when no leaf can be split any more, and is still a model', async () => {
    // 30 rows in leaves of at least 50: no split at all.
    const model = await lightgbm.fit(sample(1, 30), null, fitOptions())
    expect(model.bestRound).toBe(1)
    const p = model.predict(fresh.x)
    expect(p.slice(0, 3)).toEqual(p.slice(3, 6))
    expect(model.importance().every(({ gain }) => gain === 0)).toBe(true)
    model.close()
  })

  it('refuses trees that lead out of themselves before the library follows them', async () => {
    const model = await lightgbm.fit(sample(1, 800), null, fitOptions({ parameters: { rounds: 2 } }))
    const text = new TextDecoder().decode(model.files().get('model.txt'))
    const spoils: [string, (text: string) => string][] = [
      ['leads to node', (all) => all.replace(/left_child=\d/, 'left_child=9')],
      ['splits on feature 9 of 6', (all) => all.replace(/split_feature=\d/, 'split_feature=9')],
      ['is not where it should be', (all) => all.replace('tree_sizes=', 'tree_sizes=1')],
      ['trees a round', (all) => all.replace('num_tree_per_iteration=3', 'num_tree_per_iteration=2')],
      ['end is missing', (all) => all.slice(0, -30)],
    ]
    for (const [said, change] of spoils) {
      const files = new Map([['model.txt', new TextEncoder().encode(change(text))]])
      const refusal = await lightgbm
        .load(files, { environment: process.env, threads: 1 })
        .catch((thrown: unknown) => thrown)
      expect(refusal, said).toBeInstanceOf(UserError)
      expect((refusal as UserError).message).toContain(said)
    }
    model.close()
  })

  function doubles(file: string): Float64Array {
    const bytes = readFileSync(join(folder, file))
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  }
})

const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0

it.skipIf(!hasCompiler)('a library that uses OpenMP without naming it is opened all the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-openmp-'))
  const path = join(folder, 'lib_lightgbm.so')
  writeFileSync(
    join(folder, 'a.c'),
    'int omp_get_max_threads(void); const char *LGBM_GetLastError(void) { return omp_get_max_threads() > 0 ? "" : "none"; }',
  )
  expect(spawnSync('cc', ['-shared', '-fPIC', '-o', path, join(folder, 'a.c')]).status).toBe(0)
  const found = await openLibrary('lightgbm', { SLUICE_LIGHTGBM_LIB: path })
  rmSync(folder, { recursive: true })
  expect(found).toMatchObject({ ok: true, path })
})

it('a machine without LightGBM is told what to type', async () => {
  const missing = await openLibrary('lightgbm', {}, { systemNames: [], roots: ['/nowhere'] })
  expect(missing).toMatchObject({ ok: false, hint: expect.stringMatching(/^type: make lightgbm .*or: \S/) })
  const availableAt = await lightgbm.available({ SLUICE_LIGHTGBM_LIB: '/nowhere/lib_lightgbm.so' })
  expect(availableAt).toMatchObject({ ok: false, reason: expect.stringContaining('/nowhere/lib_lightgbm.so') })
})
