/**
 * Memory of a long history: five years of one-minute bars, decided on every minute, with 200 feature columns, from the archive
 * to the labels. Bar of design: at most 2 GB for the whole tree of processes, sampled. The market is simulated, which costs a
 * minute and some 6 GB of disk in a folder that is removed afterwards. Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/features-memory.mjs [--months 60] [--columns 200] [--jobs 2] [--decision 1m] [--keep FOLDER]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { possibleColumns } from '../dist/features/selection.js'

const { values: flags } = parseArgs({
  options: {
    months: { type: 'string', default: '60' },
    columns: { type: 'string', default: '200' },
    jobs: { type: 'string', default: '2' },
    decision: { type: 'string', default: '1m' },
    keep: { type: 'string' },
  },
})
const months = Number(flags.months)
const context = ['5m', '1h', '4h'].filter((timeframe) => timeframe !== flags.decision)
const include = possibleColumns(flags.decision, context)
  .map(({ name }) => name)
  .slice(0, Number(flags.columns))
const end = new Date(Date.UTC(2019, months, 1)).toISOString().slice(0, 10)
const folder = flags.keep ?? mkdtempSync(join(tmpdir(), 'sluice-memory-'))
mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, 'sluice.yaml'),
  JSON.stringify({
    exchange: { archiveUrl: 'archive' },
    data: { from: '2019-01-01', to: end },
    bars: { decision: flags.decision, context },
    features: { include },
  }),
)

/** Runs the program and gives what it wrote on stdout. */
function sluice(...args) {
  const program = join(import.meta.dirname, '../dist/main.js')
  const options = { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 }
  return spawnSync(process.execPath, [program, ...args], options)
}

try {
  if (!existsSync(join(folder, 'archive'))) {
    sluice(
      'simulate',
      '--out',
      'archive',
      '--start',
      '2019-01',
      '--months',
      flags.months,
      '--pair',
      'BTCUSDT',
      '--quiet',
    )
  }
  console.log(
    `${cpus()[0].model.trim()}, Node ${process.version}; ${months} months, ${include.length} columns, ${flags.jobs} jobs`,
  )
  let peak = 0
  for (const stage of ['download', 'clean', 'features', 'labels']) {
    const { stdout, status } = sluice(stage, '--jobs', flags.jobs, '--quiet', '--json')
    if (status !== 0) throw new Error(`${stage} ended with ${status}`)
    const { units, peakBytes, seconds } = JSON.parse(stdout)
    const done = units.filter(({ outcome, stage: own }) => outcome === 'done' && own === stage)
    console.log(
      `${stage.padEnd(10)} ${done.length.toString().padStart(4)} units  ${seconds.toFixed(1).padStart(7)} s  peak ${(peakBytes / 1e6).toFixed(0).padStart(5)} MB`,
    )
    const steps = [...new Set(done.map(({ step }) => step))]
    if (steps.length > 1) {
      for (const step of steps) {
        const took = done.filter((unit) => unit.step === step).reduce((sum, unit) => sum + unit.seconds, 0)
        console.log(`  ${step.padEnd(12)} ${took.toFixed(1).padStart(7)} s of worker time`)
      }
    }
    peak = Math.max(peak, peakBytes)
  }
  console.log(
    `peak of the tree of processes ${(peak / 1e6).toFixed(0)} MB, bar 2000 MB: ${peak <= 2e9 ? 'held' : 'NOT HELD'}`,
  )
} finally {
  if (flags.keep === undefined) rmSync(folder, { recursive: true, force: true })
}
