/**
 * Archive zips → Parquet beside DuckDB's own CSV reader on the same file; a run with nothing to do over 8 months × 5 timeframes × 4 kinds;
 * and how busy a cold download from a server on this machine keeps its cores. Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/download.mjs [--trades 3000000]
 */
import { spawn, spawnSync } from 'node:child_process'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../dist/core/random.js'
import { duckdb, literal } from '../dist/datasets/duckdb.js'
import { PARQUET_OPTIONS } from '../dist/datasets/parquet.js'
import { csvToParquet } from '../dist/datasets/raw-csv.js'
import { archiveColumns, rawKind } from '../dist/market/raw-kinds.js'
import { writeZip } from '../dist/sources/archive-files.js'
import { csvLines } from '../dist/sources/csv-lines.js'
import { archiveKey } from '../dist/sources/keys.js'

const { values: flags } = parseArgs({ options: { trades: { type: 'string', default: '3000000' } } })
const project = join(import.meta.dirname, '..')
const program = join(project, 'dist/main.js')
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
const ROUNDS = 5
console.log(`${cpus()[0].model.trim()}, ${cpus().length} cores, Node ${process.version}`)
try {
  await zipToParquet(Number(flags.trades))
  await nothingToDo()
  await coldDownload()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A day of aggregate trades, written once and read by both. */
async function zipToParquet(rows) {
  const key = archiveKey({ venue: 'binance-um', pair: 'BTCUSDT', kind: 'aggTrades' }, '2024-03-01')
  const csv = Buffer.from(aggTrades(rows))
  await writeZip(folder, key, csv)
  const path = join(folder, 'plain.csv')
  writeFileSync(path, csv)
  const columns = archiveColumns('aggTrades', 'binance-um')
  const connection = await duckdb()
  const peer = () =>
    connection.run(
      `COPY (SELECT * FROM read_csv(${literal(path)})) TO ${literal(join(folder, 'peer.parquet'))} ${PARQUET_OPTIONS}`,
    )
  const own = () => {
    const lines = csvLines(
      join(folder, key),
      { kind: 'aggTrades', venue: 'binance-um', name: 'bench', isCounted: false },
      () => {},
    )
    const { time } = rawKind('aggTrades')
    return csvToParquet({ lines, columns, time, name: 'bench' }, join(folder, 'own.parquet'))
  }
  const times = { peer: [], own: [] }
  for (let round = 0; round < ROUNDS; round++) {
    times.peer.push(await seconds(peer))
    times.own.push(await seconds(own))
  }
  const [a, b] = [median(times.peer), median(times.own)]
  const rate = (time) => `${(rows / time / 1e6).toFixed(2)} M rows/s`
  console.log(
    `${rows} aggregate trades, ${(csv.length / 1e6).toFixed(0)} MB of CSV in a ${(statSync(join(folder, key)).size / 1e6).toFixed(0)} MB zip`,
  )
  console.log(`  DuckDB, CSV on disk → Parquet   ${a.toFixed(2)} s  ${rate(a)}`)
  console.log(`  zip → Parquet, checked          ${b.toFixed(2)} s  ${rate(b)}  ${(a / b).toFixed(2)} of DuckDB's`)
  await bar('2024-03')
  const words = [
    'download',
    '--json',
    '--root',
    join(folder, 'day'),
    '--set',
    `exchange.archiveUrl=${folder}`,
    '--set',
    'data.from=2024-03-01',
  ]
  const { stdout } = run([...words, '--set', 'data.to=2024-03-02', '--set', 'download.kinds=aggTrades'])
  console.log(
    `  peak memory of sluice download with that day: ${(JSON.parse(stdout).peakBytes / 1e6).toFixed(0)} MB, all processes`,
  )
}

/** Klines that a pair must have. */
async function bar(month) {
  const csv = Buffer.from(`${Date.parse(`${month}-01T00:00:00Z`)},1,1,1,1,1,0,1,1,1,1,0\n`)
  await writeZip(
    folder,
    archiveKey({ venue: 'binance-um', pair: 'BTCUSDT', kind: 'klines', timeframe: '1m' }, month),
    csv,
  )
}

function aggTrades(rows) {
  const random = createRandom(1, 'bench trades')
  const parts = [`${Object.keys(archiveColumns('aggTrades', 'binance-um')).join(',')}\n`]
  let time = Date.UTC(2024, 2, 1)
  for (let i = 0; i < rows; i++) {
    time += random.below(50)
    const price = (60_000 + 1000 * random.next()).toFixed(2)
    parts.push(
      `${1e9 + i},${price},${random.next().toFixed(3)},${5e9 + 2 * i},${5e9 + 2 * i + 1},${time},${i & 1 ? 'true' : 'false'}\n`,
    )
  }
  return parts.join('')
}

/** 160 series and months from a small archive of one bar each: what counts is their number. */
async function nothingToDo() {
  const archive = join(folder, 'archive')
  const kinds = ['klines', 'markPriceKlines', 'indexPriceKlines', 'premiumIndexKlines']
  const timeframes = ['1m', '5m', '1h', '4h', '1d']
  const months = Array.from({ length: 8 }, (_, i) => `2024-0${i + 1}`)
  for (const kind of kinds)
    for (const timeframe of timeframes)
      for (const month of months) {
        const time = Date.parse(`${month}-01T00:00:00Z`)
        const csv = Buffer.from(`${time},1,1,1,1,1,${time + 59_999},1,1,1,1,0\n`)
        await writeZip(archive, archiveKey({ venue: 'binance-um', pair: 'BTCUSDT', kind, timeframe }, month), csv)
      }
  const args = [
    'download',
    '--root',
    join(folder, 'idle'),
    '--set',
    `exchange.archiveUrl=${archive}`,
    '--set',
    'data.from=2024-01-01',
  ]
  args.push(
    '--set',
    'data.to=2024-09-01',
    '--set',
    `download.kinds=${kinds}`,
    '--set',
    `download.timeframes=${timeframes}`,
  )
  run(args)
  const times = Array.from({ length: ROUNDS }, () => run(args))
  console.log(
    `nothing to do, 8 months × 5 timeframes × 4 kinds: ${median(times.map(({ seconds: time }) => time)).toFixed(2)} s`,
  )
}

function run(args) {
  const begun = performance.now()
  const options = { encoding: 'utf8', cwd: folder, maxBuffer: 1 << 28 }
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options)
  if (status !== 0) throw new Error(stderr)
  return { seconds: (performance.now() - begun) / 1000, stdout }
}

/** The real mirror where it is there, behind a server of its own process's making. */
async function coldDownload() {
  const mirror = join(project, '../shared/mirror')
  if (!existsSync(mirror)) return console.log('cold download: ../shared/mirror is not there')
  const server = createServer((request, response) => {
    const path = join(mirror, decodeURIComponent(request.url ?? '/'))
    if (!existsSync(path) || statSync(path).isDirectory()) return response.writeHead(404).end()
    response.writeHead(200, { 'content-length': statSync(path).size, 'content-type': 'binary/octet-stream' })
    return createReadStream(path).pipe(response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const root = join(folder, 'cold')
  mkdirSync(dirname(root), { recursive: true })
  const words = [
    'download',
    '--root',
    root,
    '--pair',
    'FILUSDT',
    '--set',
    `exchange.archiveUrl=http://127.0.0.1:${server.address().port}`,
  ]
  words.push('--set', 'data.from=2023-08-01', '--set', 'data.to=2024-12-01', '--set', 'download.timeframes=5m,1h,4h,1d')
  words.push('--set', 'download.kinds=klines')
  const script = `TIMEFORMAT='%R %U %S'; time "$@" >/dev/null 2>"${root}.log"`
  const child = spawn('bash', ['-c', script, 'bash', process.execPath, program, ...words], { cwd: folder })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  await new Promise((resolve) => child.once('close', resolve))
  server.close()
  const [wall, user, system] = said.trim().split(/\s+/).map(Number)
  console.log(
    `cold download of FILUSDT, 7 months × 5 timeframes: ${wall.toFixed(2)} s, ${((user + system) / wall).toFixed(2)} of ${cpus().length} cores busy, server not counted`,
  )
}

async function seconds(work) {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
