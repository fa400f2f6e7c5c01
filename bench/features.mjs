/**
 * Indicator columns on 300,000 one-minute bars, one core: the 69 columns of the reference comparison (kernels alone, as TA-Lib is called),
 * the same in other libraries in the same run, and the feature table with its presets. Design asks for ≤ 1.5 × TA-Lib C, ≥ 5 × tuned
 * pandas and ≥ 40 × technicalindicators on the columns that both have. TA-Lib writes into arrays that were written to before; each of our
 * calls makes its own, as in the table, and that counts: 0.1 – 0.2 ms a column. Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/features.mjs [--rows 300000] [--kernels]     --kernels: without the feature table
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { featureMatrix } from '../dist/features/matrix.js'
import { emptyBars } from '../dist/market/bars.js'
import { featureColumns } from './feature-columns.mjs'
import { peers, yardstick } from './feature-peers.mjs'
import { benchBars, timed } from './real-bars.mjs'

const { values: flags } = parseArgs({
  options: { rows: { type: 'string', default: '300000' }, kernels: { type: 'boolean', default: false } },
})
const rows = Number(flags.rows)
const REPEATS = 5
/** What the design asks for, as their time ÷ ours. */
const BARS = { 'TA-Lib in C': '≥ 0.67 ×', 'pandas, tuned': '≥ 5 ×', technicalindicators: '≥ 40 ×' }
const { bars, source } = await benchBars(rows)
fillVolumes()
console.log(
  `${cpus()[0].model}, Node ${process.version}, ${source}; ${rows} bars; load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
)
const loop = yardstick(rows)
console.log(
  loop === null
    ? 'C: skipped: no cc was found'
    : `C: an exponential average, compiled with -O2: ${loop.toFixed(2)} ms, the yardstick of this machine now`,
)

const calls = featureColumns(bars)
const ours = new Map()
kernels()
compare(await peers(bars, measure))
if (!flags.kernels) for (const preset of ['core', 'all']) table(preset)

/** Volumes are drawn up from the bars' own ranges: the kernels' work does not depend on them. */
function fillVolumes() {
  for (let i = 0; i < rows; i++) {
    bars.volume[i] = 1000 + Math.round(1e6 * (bars.high[i] / bars.low[i] - 1)) + (i % 97)
    bars.quoteVolume[i] = bars.volume[i] * bars.close[i]
    bars.count[i] = 1 + (i % 53)
    bars.takerBuyVolume[i] = bars.volume[i] * ((i % 101) / 100)
    bars.takerBuyQuoteVolume[i] = bars.takerBuyVolume[i] * bars.close[i]
    bars.baseBars[i] = 1
  }
}

function kernels() {
  const columns = calls.reduce((total, [count]) => total + count, 0)
  const all = timed(() => {
    for (const [, , call] of calls) call()
  }, REPEATS)
  print(`kernels, ${columns} columns`, all, loop === null ? '' : `${(all.least / loop).toFixed(0)} × the C loop`)
  measure()
  const slowest = [...ours].sort((a, b) => b[1] - a[1]).slice(0, 10)
  console.log(`  slowest: ${slowest.map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(', ')}`)
}

/** Least time of each call, by name: what others do on the machine only ever adds. Again before each peer, as theirs is. */
function measure() {
  for (const [, name, call] of calls) {
    const { least } = timed(call, REPEATS)
    ours.set(name, Math.min(least, ours.get(name) ?? Number.POSITIVE_INFINITY))
  }
}

function compare(found) {
  for (const [name, { skipped, version, ms }] of Object.entries(found)) {
    if (skipped !== undefined) {
      console.log(`${name}: skipped: ${skipped}`)
      continue
    }
    const shared = Object.keys(ms)
    const mine = shared.reduce((sum, column) => sum + ours.get(column), 0)
    const theirs = shared.reduce((sum, column) => sum + ms[column], 0)
    const columns = calls.reduce((sum, [count, column]) => sum + (column in ms ? count : 0), 0)
    console.log(
      `${`${name} ${version}`.padEnd(44)} ${theirs.toFixed(1).padStart(8)} ms, ours ${mine.toFixed(1)} ms for the ${columns} columns that both have: ${(theirs / mine).toFixed(theirs < 10 * mine ? 2 : 0)} ×${BARS[name] === undefined ? '' : `  (bar: ${BARS[name]})`}`,
    )
    const ratios = shared.map((column) => [column, ms[column] / ours.get(column)]).sort((a, b) => a[1] - b[1])
    console.log(
      `  nearest: ${ratios
        .slice(0, 6)
        .map(([column, ratio]) => `${column} ${ratio.toFixed(1)} ×`)
        .join(', ')}`,
    )
  }
}

function table(preset) {
  const context = ['1h', '4h'].map((timeframe) => contextBars(timeframe))
  const request = { decision: bars, context, series: {}, selection: { include: [preset], exclude: [] } }
  let made = 0
  const time = timed(() => {
    made = featureMatrix(request).names.length
  }, 1)
  print(`table '${preset}', 1m + 1h + 4h, ${made} columns`, time, `${(time.median / made).toFixed(2)} ms a column`)
}

/** Higher bars from the first of each set: the table's cost does not depend on their values. */
function contextBars(timeframe) {
  const per = timeframe === '1h' ? 60 : 240
  const out = emptyBars(timeframe, bars.openTime[0], Math.floor(rows / per))
  const names = [
    'open',
    'high',
    'low',
    'close',
    'volume',
    'quoteVolume',
    'count',
    'takerBuyVolume',
    'takerBuyQuoteVolume',
  ]
  for (const name of names) for (let i = 0; i < out.rows; i++) out[name][i] = bars[name][i * per]
  return out
}

function print(name, { median, least, most }, note) {
  console.log(
    `${name.padEnd(44)} ${median.toFixed(1).padStart(8)} ms  (${least.toFixed(1)} – ${most.toFixed(1)})  ${note}`,
  )
}
