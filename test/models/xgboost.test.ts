import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import type { FittedModel } from '../../src/models/model.js'
import { randomForest } from '../../src/models/random-forest.js'
import { xgboost } from '../../src/models/xgboost.js'
import { pythonXgboost, runPython } from './python.js'
import { features, fitOptions, regression, sample, twoClasses, valueSample } from './sample.js'

const availability = await xgboost.available(process.env)
if (!availability.ok) console.log(`SKIPPED: XGBoost: ${availability.reason}; ${availability.hint}`)
const python = pythonXgboost()
if (!python.ok) console.log(`SKIPPED: agreement with Python's xgboost: ${python.reason}`)

const train = sample(11, 1500, { weighted: true })
const validation = sample(12, 600, { weighted: true })
const fresh = sample(13, 400)

describe.skipIf(!availability.ok)('XGBoost', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-xgboost-'))
  let model: FittedModel

  beforeAll(async () => {
    // A high learning rate overfits soon, so that the best round lies well before the last.
    model = await xgboost.fit(train, validation, fitOptions({ parameters: { eta: 0.3, earlyStoppingRounds: 10 } }))
    writeFileSync(join(folder, 'model.json'), model.files().get('model.json') ?? '')
    writeFileSync(join(folder, 'x.f32'), fresh.x.values)
  })
  afterAll(() => {
    model.close()
    rmSync(folder, { recursive: true })
  })

  it('cuts its file to the best round: three trees for each round kept', () => {
    expect(model.history.length).toBe(model.bestRound + 10)
    const document = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))
    expect(document.learner.gradient_booster.model.trees.length).toBe(3 * model.bestRound)
    expect(document.learner.feature_names).toEqual(features)
  })

  describe.skipIf(!python.ok)("beside Python's xgboost", () => {
    it('gives the same raw margins, bit for bit, on float32 input with unknown values', () => {
      const script = `
import sys, numpy, xgboost
folder = sys.argv[1]
booster = xgboost.Booster(model_file=folder + '/model.json')
x = numpy.fromfile(folder + '/x.f32', dtype='<f4').reshape(400, 6)
assert numpy.isnan(x).sum() > 300
matrix = xgboost.DMatrix(x, feature_names=booster.feature_names)
booster.predict(matrix, output_margin=True).astype('<f4').tofile(folder + '/margins.f32')
booster.predict(matrix, pred_contribs=True).astype('<f4').tofile(folder + '/contributions.f32')
print(booster.num_boosted_rounds(), ' '.join(booster.feature_names))`
      const [rounds, ...names] = runPython(script, [folder]).trim().split(' ')
      expect(Number(rounds)).toBe(model.bestRound)
      expect(names).toEqual(features)
      expect(Float32Array.from(model.margins(fresh.x))).toEqual(floats('margins.f32'))
      expect(Float32Array.from(model.contributions(fresh.x))).toEqual(floats('contributions.f32'))
    })

    it('gives the same raw scores for a forest, a regression, monotone and categorical features, bit for bit', async () => {
      const coded = ({ x, ...rest }: ReturnType<typeof sample>) => {
        const values = x.values.map((value, at) => (at % 6 === 4 ? Math.floor(at / 6) % 9 : value))
        return { ...rest, x: { ...x, values } }
      }
      const names = { forest: 3, values: 1, monotone: 1, coded: 3 }
      const short = { parameters: { rounds: 20 } }
      const models = {
        forest: await randomForest.fit(train, null, fitOptions({ parameters: { trees: 20 } })),
        values: await xgboost.fit(valueSample(11, 1500), null, regression(short)),
        monotone: await xgboost.fit(
          twoClasses(train),
          null,
          fitOptions({ ...short, classes: 2, monotone: { signal_a: 1 } }),
        ),
        coded: await xgboost.fit(coded(train), null, fitOptions({ ...short, categorical: ['constant'] })),
      }
      const table = coded(fresh)
      writeFileSync(join(folder, 'coded.f32'), table.x.values)
      for (const [name, model] of Object.entries(models)) {
        writeFileSync(join(folder, `${name}.json`), model.files().get('model.json') ?? '')
      }
      const script = `
import sys, numpy, xgboost
folder = sys.argv[1]
x = numpy.fromfile(folder + '/coded.f32', dtype='<f4').reshape(400, 6)
for name in sys.argv[2:]:
  booster = xgboost.Booster(model_file=folder + '/' + name + '.json')
  types = booster.feature_types if name == 'coded' else None
  matrix = xgboost.DMatrix(x, feature_names=booster.feature_names, feature_types=types, enable_categorical=True)
  booster.predict(matrix, output_margin=True).astype('<f4').tofile(folder + '/' + name + '.f32')
  print(types)`
      const said = runPython(script, [folder, ...Object.keys(models)])
      expect(said).toContain("['q', 'q', 'q', 'q', 'c', 'q']")
      for (const [name, model] of Object.entries(models)) {
        const margins = Float32Array.from(model.margins(table.x))
        const own =
          names[name as keyof typeof names] === 1 && model.classes === 2
            ? margins.filter((_, i) => i % 2 === 1)
            : margins
        expect(own, name).toEqual(floats(`${name}.f32`))
        model.close()
      }
    })

    it('reports the gain, cover and splits that Python reports', () => {
      const script = `
import sys, json, xgboost
booster = xgboost.Booster(model_file=sys.argv[1] + '/model.json')
print(json.dumps([booster.get_score(importance_type=kind) for kind in ('gain', 'cover', 'weight')]))`
      const [gain, cover, splits] = JSON.parse(runPython(script, [folder]))
      for (const entry of model.importance()) {
        // The library adds up in float32: six digits are all it has.
        const [theirGain = 0, theirCover = 0] = [gain[entry.feature], cover[entry.feature]]
        expect(Math.abs(entry.gain - theirGain), entry.feature).toBeLessThanOrEqual(1e-5 * theirGain)
        expect(Math.abs((entry.cover ?? -1) - theirCover), entry.feature).toBeLessThanOrEqual(1e-5 * theirCover)
        expect(entry.splits).toBe(splits[entry.feature] ?? 0)
      }
    })

    it('fits the trees that Python fits from the same rows and parameters', () => {
      writeFileSync(join(folder, 'train.f32'), train.x.values)
      writeFileSync(join(folder, 'y.i32'), train.y)
      writeFileSync(join(folder, 'w.f32'), train.weight ?? new Float32Array(0))
      const script = `
import sys, numpy, xgboost
folder = sys.argv[1]
x = numpy.fromfile(folder + '/train.f32', dtype='<f4').reshape(1500, 6)
w = numpy.fromfile(folder + '/w.f32', dtype='<f4').astype('f8')
matrix = xgboost.DMatrix(x, numpy.fromfile(folder + '/y.i32', dtype='<i4'), weight=w * (len(w) / w.sum()))
parameters = dict(tree_method='hist', objective='multi:softprob', num_class=3, base_score=0.5, nthread=1, seed=42,
  seed_per_iteration=1, eta=0.05, max_depth=4, min_child_weight=20, subsample=0.7, colsample_bytree=0.5)
booster = xgboost.train(parameters, matrix, num_boost_round=20)
fresh = xgboost.DMatrix(numpy.fromfile(folder + '/x.f32', dtype='<f4').reshape(400, 6))
booster.predict(fresh, output_margin=True).astype('<f4').tofile(folder + '/theirs.f32')`
      runPython(script, [folder])
      return xgboost.fit(train, null, fitOptions({ parameters: { rounds: 20 } })).then((fitted) => {
        expect(Float32Array.from(fitted.margins(fresh.x))).toEqual(floats('theirs.f32'))
        fitted.close()
      })
    })
  })

  it('gives the same bytes in another process', () => {
    const [first, second] = [runFit({}), runFit({})]
    expect(first.stdout, first.stderr).toMatch(/^[0-9a-f]{64}\n$/)
    expect(second.stdout).toBe(first.stdout)
  })

  // On Linux the runtime is GNU's, which prints as it is loaded how often an idle thread spins: 300000 if nothing is said.
  it.skipIf(process.platform !== 'linux')('lets idle threads sleep, unless the user has said otherwise', () => {
    const spins = (environment: Record<string, string>) =>
      /GOMP_SPINCOUNT = '(\d+)'/.exec(runFit({ OMP_DISPLAY_ENV: 'VERBOSE', ...environment }).stderr)?.[1]
    expect(spins({})).toBe('0')
    expect(Number(spins({ OMP_WAIT_POLICY: 'active' }))).toBeGreaterThan(300_000)
  })

  it('refuses trees that lead out of themselves before the library follows them', async () => {
    const text = readFileSync(join(folder, 'model.json'), 'utf8')
    const spoil = async (change: (tree: Record<string, number[]>) => void) => {
      const document = JSON.parse(text)
      change(document.learner.gradient_booster.model.trees[0])
      const files = new Map([['model.json', new TextEncoder().encode(JSON.stringify(document))]])
      return xgboost.load(files, { environment: process.env, threads: 1 }).catch((thrown: unknown) => thrown)
    }
    const spoils: [string, (tree: Record<string, number[]>) => void][] = [
      ['leads to node 999', (tree) => (tree.left_children[0] = 999)],
      ['leads to node 0', (tree) => (tree.right_children[0] = 0)],
      ['splits on feature 77', (tree) => (tree.split_indices[0] = 77)],
      ['split_conditions', (tree) => tree.split_conditions.pop()],
    ]
    for (const [said, change] of spoils) {
      const refusal = await spoil(change)
      expect(refusal).toBeInstanceOf(UserError)
      expect((refusal as UserError).message).toContain(said)
    }
  })

  function runFit(environment: Record<string, string>) {
    const script = "import { runnerImport } from 'vite'; await runnerImport('./test/models/fit-once.ts')"
    return spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, OMP_WAIT_POLICY: undefined, ...environment },
    })
  }

  function floats(file: string): Float32Array {
    const bytes = readFileSync(join(folder, file))
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  }
})
