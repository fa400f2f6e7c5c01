/**
 * The event engine beside a plain JS loop and one in C (compiled by cc, left out where there is none), on SMA 10/30 crossings over
 * 300,000 1-minute bars: fees, slippage, funding, stops and equity in the engine; only position and cash in the loop in JS; the same
 * stops, fees and equity, and nothing else, in C. Target: 10 M bars/s.
 * Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/backtest.mjs [--rows 300000]
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buyAndHold } from '../dist/backtest/buy-and-hold.js'
import { runAccount, runBacktest } from '../dist/backtest/engine.js'
import { computeMetrics, metricContext } from '../dist/backtest/metrics.js'
import { randomEntries } from '../dist/backtest/random-entries.js'
import { backtestSettings } from '../dist/backtest/settings.js'
import { resolveConfig } from '../dist/config/load.js'
import { benchBars, line, timed } from './real-bars.mjs'

const { values: flags } = parseArgs({ options: { rows: { type: 'string', default: '300000' } } })
const rows = Number(flags.rows)
const { bars, source } = await benchBars(rows)
console.log(`${cpus()[0].model}, Node ${process.version}, ${source}; ${rows} bars`)

function sma(x, window) {
  const result = new Float64Array(x.length).fill(Number.NaN)
  let sum = 0
  for (let i = 0; i < x.length; i++) {
    sum += x[i] - (i >= window ? x[i - window] : 0)
    if (i >= window - 1) result[i] = sum / window
  }
  return result
}

const fast = sma(bars.close, 10)
const slow = sma(bars.close, 30)
const crossing = Int8Array.from({ length: rows }, (_, i) => {
  if (i === 0 || Number.isNaN(slow[i - 1])) return 0
  const up = fast[i] > slow[i]
  return up === fast[i - 1] > slow[i - 1] ? 0 : up ? 1 : -1
})

/** Turns the position at each crossing, at the next open, with a fee; no stops, no equity curve. */
function plainLoop() {
  let position = 0
  let cash = 10_000
  for (let i = 0; i + 1 < rows; i++) {
    if (crossing[i] === 0) continue
    const price = bars.open[i + 1]
    const target = (crossing[i] * 5000) / price
    cash -= (target - position) * price + Math.abs(target - position) * price * 0.0005
    position = target
  }
  return cash + position * bars.close[rows - 1]
}

/** `backtest-loop.c` on the same bars: { median, least, most, trades }, or { skipped: why }. */
function loopInC() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    const program = join(folder, 'loop')
    const source = join(import.meta.dirname, 'backtest-loop.c')
    const compiled = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' })
    if (compiled.status !== 0) return { skipped: `cc could not compile it: ${compiled.stderr ?? compiled.error}` }
    const columns = [bars.open, bars.high, bars.low, bars.close, Float64Array.from(crossing)]
    const file = join(folder, 'bars')
    writeFileSync(file, Buffer.concat(columns.map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength))))
    return JSON.parse(execFileSync(program, [file, String(rows)], { encoding: 'utf8' }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const funding = {
  time: Float64Array.from({ length: Math.ceil(rows / 480) }, (_, i) => bars.openTime[0] + i * 480 * 60_000),
  rate: new Float64Array(Math.ceil(rows / 480)).fill(0.0001),
  intervalHours: new Float64Array(Math.ceil(rows / 480)).fill(8),
}
const decisions = {
  time: bars.openTime.map((t) => t + 60_000),
  side: crossing,
  stop: new Float64Array(rows).fill(0.01),
  profit: new Float64Array(rows).fill(0.02),
  horizonMs: 4 * 3_600_000,
}
const settings = backtestSettings(resolveConfig([]).config)
const inputs = { base: bars, decisions, funding, markPrice: null, settings }
const result = runBacktest(inputs)
const held = result.trades.bars_held.reduce((a, b) => a + b, 0)
console.log(`${result.trades.rows} trades, in a position on ${((100 * held) / rows).toFixed(0)} % of the bars`)
console.log(line('plain loop, crossings only', timed(plainLoop), rows, 'bars'))
const inC = loopInC()
if (inC.skipped === undefined) console.log(line(`loop in C, ${inC.trades} trades`, inC, rows, 'bars'))
else console.log(`loop in C: skipped, ${inC.skipped}`)
console.log(
  line(
    'engine',
    timed(() => runBacktest(inputs)),
    rows,
    'bars',
  ),
)
console.log(
  line(
    'engine with events listed',
    timed(() => runBacktest({ ...inputs, events: true })),
    rows,
    'bars',
  ),
)
// Ten markets with decisions of their own on one account: every bar of every market counts.
const markets = Array.from({ length: 10 }, (_, i) => ({
  ...inputs,
  decisions: { ...decisions, side: crossing.map((_, bar) => crossing[(bar + 37 * i) % rows]) },
}))
console.log(
  line(
    `engine, ${markets.length} markets on one account`,
    timed(() => runAccount(markets, { ...settings, leverage: 10 })),
    rows * markets.length,
    'bars',
  ),
)
const metrics = () => computeMetrics(metricContext(result, bars.openTime, 60_000), 30)
console.log(line('metrics', timed(metrics), rows, 'bars'))
console.log(
  line(
    'buy and hold',
    timed(() => buyAndHold(inputs)),
    rows,
    'bars',
  ),
)
// A tenth of the signals, as a model's are: random entries need free time to be drawn from.
const rare = { ...inputs, decisions: { ...decisions, side: crossing.map((s, i) => (i % 50 === 0 ? s : 0)) } }
const rareResult = runBacktest(rare)
const runs = 200
console.log(
  line(
    `random entries, ${runs} runs of ${rareResult.trades.rows} trades`,
    timed(() => randomEntries(rare, rareResult, { runs, seed: 42 }), 1),
    rows * runs,
    'bars',
  ),
)
