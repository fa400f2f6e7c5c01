/**
 * Fitting and predicting beside XGBoost in Python, in one run, in turns: 50,000 × 50, 3 classes, 30 rounds, equal
 * parameters, both evaluating train and validation after every round. Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/train.mjs [--rows 50000] [--columns 50] [--rounds 30] [--threads 1] [--repeats 3] [--python /usr/bin/python3]
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../dist/core/random.js'
import { modelKind } from '../dist/models/registry.js'

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '50000' },
    columns: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '30' },
    threads: { type: 'string', default: '1' },
    repeats: { type: 'string', default: '3' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
})
const [rows, columns, rounds, threads, repeats] = ['rows', 'columns', 'rounds', 'threads', 'repeats'].map((name) =>
  Number(flags[name]),
)

function table(seed, count) {
  const random = createRandom(seed, 'bench')
  const values = new Float32Array(count * columns)
  const y = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < columns; j++) values[i * columns + j] = random.next() < 0.02 ? Number.NaN : random.normal()
    const score = (values[i * columns] || 0) + 0.5 * (values[i * columns + 1] || 0) + 2 * random.normal()
    y[i] = score < -1 ? 0 : score > 1 ? 2 : 1
  }
  return { x: { rows: count, columns, values }, y, weight: null }
}

const train = table(1, rows)
const validation = table(2, Math.round(rows / 5))
const featureNames = Array.from({ length: columns }, (_, j) => `f_${j}`)
const options = { task: 'classification', classes: 3, seed: 42, threads, featureNames, environment: process.env }
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
for (const [name, set] of Object.entries({ train, validation })) {
  writeFileSync(join(folder, `${name}.f32`), set.x.values)
  writeFileSync(join(folder, `${name}.i32`), set.y)
}

const script = `
import sys, time, json, numpy, xgboost
folder, columns, rounds, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
def table(name):
  x = numpy.fromfile(f'{folder}/{name}.f32', dtype='<f4').reshape(-1, columns)
  return x, numpy.fromfile(f'{folder}/{name}.i32', dtype='<i4')
(x, y), (vx, vy) = table('train'), table('validation')
begin = time.perf_counter()
dtrain, dvalid = xgboost.DMatrix(x, y, nthread=threads), xgboost.DMatrix(vx, vy, nthread=threads)
parameters = dict(tree_method='hist', objective='multi:softprob', num_class=3, base_score=0.5, nthread=threads, seed=42,
  seed_per_iteration=1, eta=0.05, max_depth=4, min_child_weight=20, subsample=0.7, colsample_bytree=0.5)
booster = xgboost.train(parameters, dtrain, rounds, evals=[(dtrain, 'train'), (dvalid, 'valid')], verbose_eval=False)
fit = time.perf_counter() - begin
row = numpy.ascontiguousarray(vx[:1])
def each(call, count=2000):
  call()
  begin = time.perf_counter()
  for _ in range(count): call()
  return (time.perf_counter() - begin) / count * 1e6
print(json.dumps(dict(version=xgboost.__version__, fit=fit,
  inplace=each(lambda: booster.inplace_predict(row, predict_type='margin')),
  matrix=each(lambda: booster.predict(xgboost.DMatrix(row), output_margin=True)))))`

async function ours(kind, parameters) {
  const begin = performance.now()
  const model = await kind.fit(train, validation, { ...options, parameters })
  const fit = (performance.now() - begin) / 1000
  const row = { rows: 1, columns, values: validation.x.values.slice(0, columns) }
  const out = new Float64Array(3)
  const count = 20_000
  for (let i = 0; i < count; i++) model.predict(row, out)
  const start = performance.now()
  for (let i = 0; i < count; i++) model.predict(row, out)
  const one = ((performance.now() - start) / count) * 1000
  model.close()
  return { fit, one }
}

const best = (values) => Math.min(...values)
const runs = { ours: [], python: [] }
const xgboost = await modelKind('xgboost')
const availability = await xgboost.available(process.env)
if (availability.ok) {
  for (let repeat = 0; repeat < repeats; repeat++) {
    runs.ours.push(await ours(xgboost, { rounds, earlyStoppingRounds: rounds }))
    const args = ['-c', script, folder, columns, rounds, threads].map(String)
    const { status, stdout, stderr } = spawnSync(flags.python, args, {
      encoding: 'utf8',
      env: { ...process.env, OMP_WAIT_POLICY: 'passive' },
    })
    if (status === 0) runs.python.push(JSON.parse(stdout))
    else if (repeat === 0) console.log(`peer not run here: ${stderr.trim().split('\n').at(-1)}`)
  }
} else console.log(`xgboost: ${availability.reason}; ${availability.hint}`)
rmSync(folder, { recursive: true })

console.log(
  `${rows} × ${columns}, 3 classes, ${rounds} rounds, ${threads} threads; ${cpus()[0].model}, node ${process.version}`,
)
if (runs.ours.length > 0) {
  const fit = best(runs.ours.map((run) => run.fit))
  const one = best(runs.ours.map((run) => run.one))
  console.log(
    `xgboost ${availability.version}   fit ${fit.toFixed(2)} s   one row ${one.toFixed(1)} µs   (best of ${repeats})`,
  )
  if (runs.python.length > 0) {
    const theirs = best(runs.python.map((run) => run.fit))
    const inplace = best(runs.python.map((run) => run.inplace))
    const matrix = best(runs.python.map((run) => run.matrix))
    const { version } = runs.python[0]
    console.log(
      `Python  ${version}   fit ${theirs.toFixed(2)} s   one row ${inplace.toFixed(1)} µs in place, ${matrix.toFixed(1)} µs by DMatrix`,
    )
    console.log(`ratio ours / Python: fit ${(fit / theirs).toFixed(2)}, one row ${(one / inplace).toFixed(2)}`)
  }
}
const baseline = await ours(await modelKind('logistic'), {})
console.log(`logistic       fit ${baseline.fit.toFixed(2)} s   one row ${baseline.one.toFixed(1)} µs`)
console.log(`peak resident ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`)
