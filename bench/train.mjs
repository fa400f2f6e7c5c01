/**
 * Fitting and predicting beside the libraries themselves, in one run, in turns, on the same rows with the same parameters, all of them
 * evaluating train and validation after every round: XGBoost from Python and from its command line (Debian's packages python3-xgboost and
 * xgboost), LightGBM's bare C interface. Seconds of the clock and of the processor: on a busy machine only the latter can be compared.
 * Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/train.mjs [--rows 50000] [--columns 50] [--rounds 30] [--threads 1] [--repeats 3] [--python /usr/bin/python3]
 *         [--models xgboost,lightgbm,random-forest,logistic]
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
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
    models: { type: 'string', default: 'xgboost,lightgbm,random-forest,logistic' },
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
    // The columns of a market go together.
    const common = random.normal()
    for (let j = 0; j < columns; j++) {
      values[i * columns + j] = random.next() < 0.02 ? Number.NaN : random.normal() + (j % 3) * common
    }
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

/** Ours: a fit, what it gives for the validation rows, and one row alone. */
async function ours(kind, parameters) {
  const [begin, beginCpu] = [performance.now(), process.cpuUsage()]
  const model = await kind.fit(train, validation, { ...options, parameters })
  const fit = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(beginCpu)
  const margins = Float32Array.from(model.margins(validation.x))
  const row = { rows: 1, columns, values: validation.x.values.slice(0, columns) }
  const out = new Float64Array(3)
  const count = 20_000
  for (let i = 0; i < count; i++) model.predict(row, out)
  const [start, startCpu, heap] = [performance.now(), process.cpuUsage(), process.memoryUsage().heapUsed]
  for (let i = 0; i < count; i++) model.predict(row, out)
  const one = ((performance.now() - start) / count) * 1000
  const { user: rowUser, system: rowSystem } = process.cpuUsage(startCpu)
  const garbage = Math.max(0, process.memoryUsage().heapUsed - heap) / count
  model.close()
  return {
    fit,
    cpu: (user + system) / 1e6,
    margins,
    one,
    oneCpu: (rowUser + rowSystem) / count,
    garbage,
    kept: model.bestRound,
  }
}

function python(which, library) {
  const script = join(import.meta.dirname, 'train-peers.py')
  const { status, stdout, stderr } = spawnSync(
    flags.python,
    [script, which, folder, columns, rounds, threads, library].map(String),
    { encoding: 'utf8', env: { ...process.env, OMP_WAIT_POLICY: 'passive' } },
  )
  if (status === 0) return { ...JSON.parse(stdout), margins: floats(join(folder, 'margins.f32')) }
  console.log(`peer not run here: ${stderr.trim().split('\n').at(-1)}`)
  return null
}

/** XGBoost's command line on the tables that Python has left; its seconds include reading them. */
function commandLine() {
  const lines = {
    ...{ task: 'train', booster: 'gbtree', tree_method: 'hist', objective: 'multi:softprob', num_class: 3 },
    ...{ base_score: 0.5, nthread: threads, seed: 42, seed_per_iteration: 1, eta: 0.05, max_depth: 4 },
    ...{ min_child_weight: 20, subsample: 0.7, colsample_bytree: 0.5, num_round: rounds, eval_train: 1, verbosity: 0 },
    ...{ data: `"${folder}/train.buffer"`, 'eval[valid]': `"${folder}/valid.buffer"` },
    model_out: `"${folder}/model.json"`,
  }
  const file = join(folder, 'train.conf')
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  )
  const { status, stderr } = spawnSync('bash', ['-c', `TIMEFORMAT='%R %U %S'; time xgboost ${file} 2>/dev/null`], {
    encoding: 'utf8',
    env: { ...process.env, OMP_WAIT_POLICY: 'passive' },
  })
  if (status !== 0) return null
  const [fit, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number)
  return { fit, cpu: user + system }
}

function floats(path) {
  const bytes = readFileSync(path)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

const best = (runs, name) => Math.min(...runs.map((run) => run[name]))
const line = (name, runs, more = '') =>
  console.log(
    `${name.padEnd(30)} fit ${best(runs, 'fit').toFixed(2)} s, processor ${best(runs, 'cpu').toFixed(2)} s${more}`,
  )
const single = (runs) =>
  `   one row ${best(runs, 'one').toFixed(1)} µs, processor ${best(runs, 'oneCpu').toFixed(1)} µs, ${best(runs, 'garbage').toFixed(0)} bytes of garbage`
const ratio = (mine, theirs) =>
  `fit ${(best(mine, 'fit') / best(theirs, 'fit')).toFixed(2)}, processor ${(best(mine, 'cpu') / best(theirs, 'cpu')).toFixed(2)}`
const apart = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)

console.log(
  `${rows} × ${columns}, 3 classes, ${rounds} rounds, ${threads} threads, best of ${repeats}; ${cpus()[0].model}, node ${process.version}; load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
)
const wanted = flags.models.split(',')
for (const name of ['xgboost', 'lightgbm'].filter((name) => wanted.includes(name))) {
  const kind = await modelKind(name)
  const found = await kind.available(process.env)
  if (!found.ok) {
    console.log(`${name}: ${found.reason}; ${found.hint}`)
    continue
  }
  const runs = { ours: [], python: [], shell: [] }
  for (let repeat = 0; repeat < repeats; repeat++) {
    runs.ours.push(await ours(kind, { rounds, earlyStoppingRounds: rounds }))
    const peer = python(name, found.path)
    if (peer === null) break
    runs.python.push(peer)
    const shell = name === 'xgboost' ? commandLine() : null
    if (shell !== null) runs.shell.push(shell)
  }
  line(`${name} ${found.version}, ours`, runs.ours, single(runs.ours))
  if (runs.python.length > 0) {
    const [{ margins, version, inplace, matrix }] = runs.python
    const rowsAlone =
      inplace === undefined ? '' : `   one row ${inplace.toFixed(1)} µs in place, ${matrix.toFixed(1)} µs by DMatrix`
    line(version === undefined ? '  C interface' : `  Python ${version}`, runs.python, rowsAlone)
    console.log(`  ours / it: ${ratio(runs.ours, runs.python)}`)
    if (runs.ours[0].kept === rounds) console.log(`  scores differ by at most ${apart(margins, runs.ours[0].margins)}`)
  }
  if (runs.shell.length > 0) {
    line('  command line', runs.shell)
    console.log(`  ours / it: ${ratio(runs.ours, runs.shell)}`)
  }
}
for (const [name, parameters, peer] of [
  ['random-forest', { trees: rounds }],
  ['logistic', {}],
  ['logistic', { l1Ratio: 0.5 }],
  ['logistic', { rounds: 1, l2Min: 1e-3 }, 'logistic'],
  ['logistic', { rounds: 1, l2Min: 1e-3, l1Ratio: 0.5 }, 'elastic-net'],
]) {
  if (!wanted.includes(name)) continue
  const kind = await modelKind(name)
  if (!(await kind.available(process.env)).ok) continue
  const runs = []
  const theirs = []
  for (let repeat = 0; repeat < (peer === undefined ? 1 : repeats); repeat++) {
    runs.push(await ours(kind, parameters))
    const told = peer === undefined ? null : python(peer, '')
    if (told !== null) theirs.push(told)
  }
  line(`${name} ${JSON.stringify(parameters)}`, runs, single(runs))
  if (theirs.length === 0) continue
  line(`  scikit-learn ${theirs[0].version}`, theirs)
  console.log(`  ours / it: ${ratio(runs, theirs)}`)
  console.log(`  scores differ by at most ${apart(theirs[0].margins, runs[0].margins)}`)
}
rmSync(folder, { recursive: true })
console.log(`peak resident ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`)
