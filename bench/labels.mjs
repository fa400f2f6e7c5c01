/**
 * Labels of every type beside the same in numba (Debian: apt-get install python3-numba) and a plain JS loop that walks every bar of every
 * event: 300,000 events, 240 bars each, once with barriers that are often touched and once with far ones, where the whole horizon is
 * walked. The two are compared by CPU time a run, collecting garbage included, which other work on the machine disturbs least.
 * Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/labels.mjs [--rows 300000] [--horizon 240]
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { label } from '../dist/labels/label.js'
import { LABEL_TYPE_NAMES } from '../dist/labels/registry.js'
import { averageUniqueness } from '../dist/labels/uniqueness.js'
import { benchBars, line, timed } from './real-bars.mjs'

const { values: flags } = parseArgs({
  options: { rows: { type: 'string', default: '300000' }, horizon: { type: 'string', default: '240' } },
})
const rows = Number(flags.rows)
const horizon = Number(flags.horizon)
const { bars, source } = await benchBars(rows + horizon)
const availableTime = bars.openTime.slice(0, rows)
const load = loadavg().map((x) => x.toFixed(1))
console.log(
  `${cpus()[0].model}, Node ${process.version}, ${source}; ${rows} events × ${horizon} bars; load ${load.join(' ')}`,
)
const RUNS = 15
const BARRIERS = [
  [0.02, 0.01],
  [0.2, 0.1],
]

/** BENCH_PYTHON or the first Python that has numba. */
function numba() {
  const candidates = [process.env.BENCH_PYTHON, 'python3', '/usr/bin/python3'].filter((name) => name !== undefined)
  const python = candidates.find((name) => spawnSync(name, ['-c', 'import numba']).status === 0)
  if (python === undefined) return null
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    const file = join(folder, 'bars.f64')
    writeFileSync(file, Buffer.concat([bars.open, bars.high, bars.low, bars.close].map((x) => Buffer.from(x.buffer))))
    const script = fileURLToPath(new URL('labels-numba.py', import.meta.url))
    const counts = [bars.rows, rows, horizon].map(String)
    return JSON.parse(execFileSync(python, [script, file, ...counts], { encoding: 'utf8' }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Wall times as `timed` has them, and milliseconds of CPU a run once warm, over all threads. */
function measured(work) {
  const wall = timed(work)
  const before = process.cpuUsage()
  for (let run = 0; run < RUNS; run++) work()
  const { user, system } = process.cpuUsage(before)
  return { ...wall, cpu: (user + system) / 1000 / RUNS }
}

/** The long's outcome only, no holes, no times: the least that a straight loop can do. */
function plainLoop(profit, stop) {
  const { open, high, low } = bars
  const outcome = new Int8Array(rows)
  for (let row = 0; row < rows; row++) {
    const entry = row + 1
    const up = open[entry] * (1 + profit)
    const down = open[entry] * (1 - stop)
    for (let i = entry; i < row + horizon; i++) {
      if (low[i] <= down) {
        outcome[row] = -1
        break
      }
      if (high[i] >= up) {
        outcome[row] = 1
        break
      }
    }
  }
  return outcome
}

const peer = numba()
console.log(peer === null ? 'numba: not installed (apt-get install python3-numba)' : peer.version)
const side = Float64Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 1 : -1))
for (const [run, [profit, stop]] of BARRIERS.entries()) {
  console.log(`profit ${profit}, stop ${stop}`)
  const horizonMs = horizon * 60_000
  const inputs = { base: bars, availableTime, horizonMs, profit, stop, side, threshold: 0.01, latencyBars: 1 }
  const loop = timed(() => plainLoop(profit, stop))
  console.log(line('  plain loop, long side only', loop, rows, 'events'))
  for (const type of LABEL_TYPE_NAMES) {
    const ours = measured(() => label({ ...inputs, type }))
    console.log(line(`  ${type}, whole`, ours, rows, 'events'))
    if (peer === null) continue
    const theirs = peer.runs[run][type]
    const sum = label({ ...inputs, type }).label.reduce((total, x) => total + (Number.isNaN(x) ? 0 : x), 0)
    const apart = Math.abs(sum - theirs.sum) / Math.max(1, Math.abs(theirs.sum))
    const ratio = (ours.cpu / theirs.cpu).toFixed(2)
    const cpu = `${ours.cpu.toFixed(0)} of ${theirs.cpu.toFixed(0)} ms CPU`
    const agreement = apart < 1e-9 ? 'same sum of labels' : `SUMS DIFFER: ${sum} and ${theirs.sum}`
    console.log(`${line('    numba', theirs, rows, 'events')}  ours ${ratio}: ${cpu}; ${agreement}`)
  }
  const outcome = plainLoop(profit, stop)
  const labels = label({ ...inputs, type: 'binary' })
  const differ = outcome.reduce((n, o, row) => n + (o !== labels.longOutcome[row] ? 1 : 0), 0)
  console.log(`  rows on which loop and labels differ: ${differ}`)
  const { t0, t1 } = labels
  console.log(
    line(
      '  average uniqueness',
      timed(() => averageUniqueness(t0, t1, 60_000)),
      rows,
      'events',
    ),
  )
}
