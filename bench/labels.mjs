/**
 * Triple-barrier labels beside a plain JS loop that walks every bar of every event: 300,000 events, 240 bars each.
 * The peer of design: numba, 0.20 s. Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/labels.mjs [--rows 300000] [--horizon 240]
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { label } from '../dist/labels/label.js'
import { averageUniqueness } from '../dist/labels/uniqueness.js'
import { benchBars, line, timed } from './real-bars.mjs'

const { values: flags } = parseArgs({
  options: { rows: { type: 'string', default: '300000' }, horizon: { type: 'string', default: '240' } },
})
const rows = Number(flags.rows)
const horizon = Number(flags.horizon)
const { bars, source } = await benchBars(rows + horizon)
const availableTime = bars.openTime.slice(0, rows)
console.log(`${cpus()[0].model}, Node ${process.version}, ${source}; ${rows} events × ${horizon} bars`)

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

for (const [profit, stop] of [
  [0.02, 0.01],
  [0.2, 0.1],
]) {
  console.log(`profit ${profit}, stop ${stop}`)
  const inputs = { base: bars, availableTime, horizonMs: horizon * 60_000, profit, stop, latencyBars: 1 }
  console.log(
    line(
      '  plain loop, long side only',
      timed(() => plainLoop(profit, stop)),
      rows,
      'events',
    ),
  )
  for (const type of ['binary', 'ternary']) {
    console.log(
      line(
        `  ${type}, whole`,
        timed(() => label({ ...inputs, type })),
        rows,
        'events',
      ),
    )
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
