/**
 * Real 1-minute bars for benches: FILUSDT futures from ../shared/data where it is there, laid end to end as one grid;
 * else a seeded walk. The dates of the pieces are left out: a bench needs the prices, not the calendar.
 */
import { existsSync } from 'node:fs'
import { createRandom } from '../dist/core/random.js'
import { emptyBars } from '../dist/market/bars.js'

const FOLDER = '../shared/data/binance/futures/um/klines/FILUSDT/1m'
const START = Date.UTC(2024, 0, 1)

export async function benchBars(rows) {
  const bars = emptyBars('1m', START, rows)
  const source = existsSync(FOLDER) ? await fillFromParquet(bars, rows) : fillFromWalk(bars, rows)
  return { bars, source }
}

async function fillFromParquet(bars, rows) {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const reader = await connection.runAndReadAll(
    `SELECT open, high, low, close FROM '${FOLDER}/*.parquet' ORDER BY open_time LIMIT ${rows}`,
  )
  const columns = reader.getColumns()
  for (let i = 0; i < rows; i++) {
    // Where the files hold fewer rows, they are taken again from the start.
    const from = i % columns[0].length
    ;[bars.open[i], bars.high[i], bars.low[i], bars.close[i]] = columns.map((column) => column[from])
  }
  return `FILUSDT 1m, ${columns[0].length} real bars`
}

function fillFromWalk(bars, rows) {
  const random = createRandom(1, 'bench bars')
  let close = 100
  for (let i = 0; i < rows; i++) {
    bars.open[i] = close
    close *= Math.exp(0.001 * random.normal())
    bars.close[i] = close
    bars.high[i] = Math.max(bars.open[i], close) * Math.exp(0.0004 * Math.abs(random.normal()))
    bars.low[i] = Math.min(bars.open[i], close) * Math.exp(-0.0004 * Math.abs(random.normal()))
  }
  return 'a seeded walk'
}

/** Median and spread of the wall time of `work` in milliseconds, after warming up for as many runs as are measured. */
export function timed(work, repeats = 15) {
  for (let i = 0; i < repeats; i++) work()
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  }).sort((a, b) => a - b)
  return { median: times[repeats >> 1], least: times[0], most: times[repeats - 1] }
}

export function line(name, { median, least, most }, count, unit) {
  const rate = count / median / 1000
  return `${name.padEnd(44)} ${median.toFixed(1).padStart(8)} ms  (${least.toFixed(1)} – ${most.toFixed(1)})  ${rate.toFixed(2).padStart(8)} M ${unit}/s`
}
