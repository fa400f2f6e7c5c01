/**
 * How long the program takes to say something, beside `node -e 0`: best of several starts, because a start is short and
 * the machine may be busy.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

const project = join(import.meta.dirname, '..')
const program = join(project, 'dist/main.js')
const STARTS = 15

/** Milliseconds of the quickest start. */
function quickest(args) {
  const script = `const { spawnSync } = require('node:child_process')
    const t = performance.now()
    spawnSync(process.execPath, ${JSON.stringify(args)}, { stdio: 'ignore' })
    process.stdout.write(String(performance.now() - t))`
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < STARTS; i++) {
    best = Math.min(
      best,
      Number(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: project }).stdout),
    )
  }
  return best
}

console.log(`${cpus()[0].model.trim()}, Node ${process.version}, best of ${STARTS} starts`)
const bare = quickest(['-e', '0'])
const lines = [
  ['node -e 0', bare],
  ['sluice --help', quickest([program, '--help'])],
]
// A finished workspace: what `make demo` leaves.
if (existsSync(join(project, 'demo/artifacts')))
  lines.push(['sluice run demo, finished', quickest([program, 'run', 'demo'])])
for (const [name, ms] of lines)
  console.log(`${name.padEnd(28)} ${ms.toFixed(0).padStart(5)} ms  ${(ms / bare).toFixed(2)} ×`)
