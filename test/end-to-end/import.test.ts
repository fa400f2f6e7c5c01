/**
 * The user's own history: one table of candles written as ten programs write it, imported and downloaded, must come out as the same rows.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { duckdb } from '../../src/datasets/duckdb.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { importedKlinesCsv } from '../../src/sources/import-csv.js'
import { filesUnder, readJsonFile, sluice, suiteFolder } from '../support/sluice.js'

const cwd = suiteFolder()
const STEP = 300_000
/** Six hours around the turn of a month, in UTC. */
const FROM = Date.UTC(2023, 9, 31, 21)
const ROWS = 72

type Row = { readonly time: number; readonly ohlc: readonly number[]; readonly volume: number }

const table: readonly Row[] = (() => {
  const random = createRandom(7, 'import')
  let close = 34_000.1
  return Array.from({ length: ROWS }, (_, i) => {
    const open = close
    close = open * (1 + (random.next() - 0.5) / 500)
    return {
      time: FROM + i * STEP,
      // Doubles with all their digits, so that a lost one shows.
      ohlc: [open, Math.max(open, close) * 1.0001, Math.min(open, close) * 0.9999, close],
      volume: random.next() * 1e-7,
    }
  })
})()

const iso = (time: number) => new Date(time).toISOString()
const spaced = (time: number) => iso(time).slice(0, 19).replace('T', ' ')
const csv = (header: string, line: (row: Row) => string, rows = table) =>
  `${header === '' ? '' : `${header}\n`}${rows.map(line).join('\n')}\n`
const values = ({ ohlc, volume }: Row) => [...ohlc, volume].join(',')
const clock = (time: number) => iso(time).slice(11, 16)
/** `01:05 PM` */
const half = (time: number) => {
  const [hours, minutes] = clock(time).split(':')
  return `${String(Number(hours) % 12 || 12).padStart(2, '0')}:${minutes} ${Number(hours) < 12 ? 'AM' : 'PM'}`
}
/** 34000.125 as `34.000,125`, by the marks given. */
const parted = (x: number, decimal: string, thousands: string) => {
  const [whole, rest] = String(x).split('.')
  return `${whole.replace(/\B(?=(?:\d{3})+$)/g, thousands)}${rest === undefined ? '' : `${decimal}${rest}`}`
}
const partedRow = ({ time, ohlc, volume }: Row, decimal: string, thousands: string, quote = '') => [
  spaced(time),
  ...[...ohlc, volume].map((x) => `${quote}${parted(x, decimal, thousands)}${quote}`),
]

/** Name of the file, its text, and more options. */
const HABITS: Readonly<Record<string, readonly [string, string | Buffer, ...string[]]>> = {
  freqtrade: [
    'BTC_USDT-5m.csv',
    csv('date,open,high,low,close,volume', (row) => `${spaced(row.time)}+00:00,${values(row)}`),
  ],
  'ccxt without a header': ['btcusdt_5m.csv', csv('', (row) => `${row.time},${values(row)}`)],
  'pandas with a nameless index': [
    'a.csv',
    csv(',open,high,low,close,volume', (row) => `${spaced(row.time)},${values(row)}`),
    '--pair',
    'BTC/USDT:USDT',
  ],
  'yfinance with two levels': [
    'b.csv',
    `Price,Adj Close,Close,High,Low,Open,Volume\nTicker${',BTC-USDT'.repeat(6)}\nDatetime,,,,,,\n${csv('', ({ time, ohlc: [o, h, l, c], volume }) => `${spaced(time)}+00:00,1,${c},${h},${l},${o},${volume}`)}`,
    '--pair',
    'BTCUSDT',
  ],
  'seconds with a symbol, newest first': [
    'c.csv',
    csv(
      'unix,symbol,open,high,low,close,Volume BTC',
      (row) => `${row.time / 1000},BTC/USDT,${values(row)}`,
      [...table].reverse(),
    ),
  ],
  'nanoseconds, tabs': [
    'BTCUSDT.tsv',
    csv('ts,open,high,low,close,volume', (row) => `${row.time}000000,${values(row)}`).replaceAll(',', '\t'),
  ],
  'semicolons and decimal commas': [
    'BTCUSDT-2.csv',
    csv(
      'Datum;Open;High;Low;Close;Volume',
      (row) => `${spaced(row.time)};${values(row).replaceAll(',', ';').replaceAll('.', ',')}`,
    ),
    '--columns',
    'time=Datum',
  ],
  'local times': [
    'BTCUSDT-3.csv',
    // Berlin is an hour ahead of UTC from 2023-10-29 on.
    csv('Date,Open,High,Low,Close,Volume', (row) => `${spaced(row.time + 3_600_000)},${values(row)}`),
    '--time-zone',
    'Europe/Berlin',
  ],
  'the last millisecond of each bar': [
    'BTCUSDT-4.csv',
    csv('time,open,high,low,close,volume', (row) => `${row.time + STEP - 1},${values(row)}`),
  ],
  'close times': [
    'BTCUSDT-5.csv',
    csv('close_time,open,high,low,close,volume', (row) => `${iso(row.time + STEP)},${values(row)}`),
  ],
  'a day and a time of day in two columns': [
    'BTCUSDT-7.csv',
    csv(
      'Date,Time,Open,High,Low,Close,Volume',
      (row) => `${iso(row.time).slice(0, 10)},${clock(row.time)},${values(row)}`,
    ),
  ],
  'MetaTrader 4': [
    'BTCUSDT5.csv',
    csv('', (row) => `${iso(row.time).slice(0, 10).replaceAll('-', '.')},${clock(row.time)},${values(row)}`),
    '--pair',
    'BTCUSDT',
  ],
  'MetaTrader 5': [
    'BTCUSDT_M5.csv',
    csv(
      '<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>',
      ({ time, ohlc, volume }) =>
        `${iso(time).slice(0, 10).replaceAll('-', '.')},${clock(time)}:00,${ohlc},7,${volume},2`,
    ).replaceAll(',', '\t'),
  ],
  'a clock of twelve hours': [
    'BTCUSDT-8.csv',
    csv(
      'Date,Time,Open,High,Low,Close,Volume',
      (row) => `${iso(row.time).slice(0, 10)},${half(row.time)},${values(row)}`,
    ),
  ],
  'days and hours without marks': [
    'BTCUSDT-9.csv',
    csv('', (row) => `${spaced(row.time).replace(/[-:]/g, '')},${values(row)}`).replaceAll(',', ';'),
  ],
  'dots for thousands and decimal commas': [
    'BTCUSDT-10.csv',
    csv('time;open;high;low;close;volume', (row) => partedRow(row, ',', '.').join(';')),
  ],
  'commas for thousands, in quotes': [
    'BTCUSDT-11.csv',
    csv('time,open,high,low,close,volume', (row) => partedRow(row, '.', ',', '"').join(',')),
  ],
  'apostrophes for thousands': [
    'BTCUSDT-12.csv',
    csv('time,open,high,low,close,volume', (row) => partedRow(row, '.', "'").join(',')),
  ],
  'JSON of freqtrade': [
    'BTC_USDT-5m.json',
    JSON.stringify(table.map(({ time, ohlc, volume }) => [time, ...ohlc, volume])),
  ],
  'JSON with names': [
    'BTC_USDT-5m-2.json',
    table
      .map(({ time, ohlc: [open, high, low, close], volume }) =>
        JSON.stringify({ date: iso(time), open, high, low, close, volume }),
      )
      .join('\n'),
  ],
  gzip: [
    'BTC_USDT-5m.csv.gz',
    gzipSync(csv('date,open,high,low,close,volume', (row) => `${iso(row.time)},${values(row)}`)),
  ],
  'ends, said to be so': [
    'BTCUSDT-6.csv',
    csv('time,open,high,low,close,volume', (row) => `${row.time + STEP},${values(row)}`),
    '--label',
    'end',
  ],
}

function put(name: string, text: string | Buffer): string {
  writeFileSync(join(cwd, name), text)
  return name
}

async function imported(out: string, ...args: string[]) {
  const { code, stdout, stderr } = await sluice(['import', ...args, '--out', out, '--json'], { cwd })
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as {
    next: string
    files: { key: string; state: string; rows: number }[]
    sources: { notes: string[]; timeframe: string; label: string; labelBecause: string; unused: string[] }[]
  }
}

/** The raw rows that the download stage makes of an imported folder. */
async function downloaded(out: string, venue = 'binance-um') {
  const settings = [
    `exchange.archiveUrl=${out}`,
    `data.venue=${venue}`,
    'bars.base=5m',
    'data.from=2023-10-31',
    'data.to=2023-11-02',
  ]
  const args = ['download', '--pair', 'BTCUSDT', '--root', `ws-${out}`, ...settings.flatMap((text) => ['--set', text])]
  const { code, stderr } = await sluice(args, { cwd })
  if (code !== 0) throw new Error(stderr)
  const folder = join(cwd, `ws-${out}/data/raw/${venue}/BTCUSDT/klines/5m`)
  return readParquet([join(folder, '2023-10.parquet'), join(folder, '2023-11.parquet')], null)
}

/** Checksums of an imported folder: equal rows make equal zips. */
function zipsOf(out: string): string[] {
  const names = filesUnder(join(cwd, out)).filter((name) => name.endsWith('.CHECKSUM'))
  return names.map((name) => readFileSync(join(cwd, out, name), 'utf8'))
}

/** Those of a folder of which the download gives back the table, value by value. */
let first: Promise<string[]> | null = null
function asked(): Promise<string[]> {
  first ??= (async () => {
    const [name, text] = HABITS.freqtrade
    await imported('first', put(name, text))
    expectTable(await downloaded('first'))
    return zipsOf('first')
  })()
  return first
}

function expectTable({ rows, numbers }: Awaited<ReturnType<typeof readParquet>>): void {
  expect(rows).toBe(ROWS)
  expect([...numbers.open_time]).toEqual(table.map(({ time }) => time))
  for (const [i, name] of ['open', 'high', 'low', 'close'].entries()) {
    expect([...numbers[name]], name).toEqual(table.map(({ ohlc }) => ohlc[i]))
  }
  expect([...numbers.volume]).toEqual(table.map(({ volume }) => volume))
  expect([...numbers.close_time]).toEqual(table.map(({ time }) => time + STEP - 1))
  for (const name of ['quote_volume', 'count', 'taker_buy_volume', 'taker_buy_quote_volume']) {
    expect(numbers[name].every(Number.isNaN), `${name} is not known`).toBe(true)
  }
}

describe('the same rows, imported and downloaded', () => {
  it.each(Object.entries(HABITS))('from %s', async (habit, [name, text, ...options]) => {
    const out = `out-${Object.keys(HABITS).indexOf(habit)}`
    const { next, sources } = await imported(out, put(name, text), ...options)
    expect(sources[0]).toMatchObject({ timeframe: '5m', label: /bar|end|close/.test(habit) ? 'end' : 'start' })
    expect(next).toContain(`--set exchange.archiveUrl=${out} --set bars.base=5m`)
    expect(zipsOf(out)).toEqual(await asked())
  })

  it('from Parquet with times in UTC, in another zone’s clock, and as numbers', async () => {
    const connection = await duckdb()
    const source = put(
      'habits.csv',
      csv('', (row) => `${row.time},${values(row)}`),
    )
    const columns =
      "columns = {'t': 'BIGINT', 'open': 'DOUBLE', 'high': 'DOUBLE', 'low': 'DOUBLE', 'close': 'DOUBLE', 'volume': 'DOUBLE'}"
    for (const [i, [time, ...options]] of [
      ['make_timestamp_ms(t)::TIMESTAMPTZ AS date'],
      ['make_timestamp_ms(t + 3600000) AS "Datetime"', '--time-zone', 'Europe/Berlin'],
      ['make_timestamp_ms(t)::TIMESTAMP_NS AS "__index_level_0__"'],
      ['t * 1000000 AS timestamp'],
    ].entries()) {
      const path = join(cwd, `BTC_USDT_USDT-5m-${i}.parquet`)
      await connection.run(
        `COPY (SELECT ${time}, * EXCLUDE t FROM read_csv('${join(cwd, source)}', ${columns}, header = false)) TO '${path}' (FORMAT parquet)`,
      )
      await imported(`parquet-${i}`, path, ...options)
      expect(zipsOf(`parquet-${i}`)).toEqual(await asked())
    }
  })

  it('from a month that is split over two files, and a year that is given twice', async () => {
    const half = (part: readonly Row[]) =>
      csv('date,open,high,low,close,volume', (row) => `${iso(row.time)},${values(row)}`, part)
    const first = put('BTCUSDT-5m-a.csv', half(table.slice(0, 50)))
    const second = put('BTCUSDT-5m-b.csv', half(table.slice(50)))
    expect((await imported('split', first, second)).files.map(({ state, rows }) => [state, rows])).toEqual([
      ['written', 36],
      ['written', 36],
    ])
    expect(zipsOf('split')).toEqual(await asked())
    expect((await imported('split', first, second)).files.map(({ state }) => state)).toEqual(['kept', 'kept'])

    // Alone, the second half would take rows away.
    const { code, stderr } = await sluice(['import', second, '--out', 'split'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain(
      'BTCUSDT-5m-2023-11.zip: 36 rows from 2023-11-01 00:00 UTC to 2023-11-01 02:55 UTC are there, 22 from',
    )
    expect(stderr).toContain('hint: give all files of a month in one call')
    expect((await imported('split', second, '--force')).files[0]).toMatchObject({ state: 'replaced', rows: 22 })
    const { rows } = await downloaded('split')
    expect(rows, 'the download sees that a month was replaced').toBe(36 + 22)
  })
})

describe('an imported folder', () => {
  it('says what was recognised, and holds whole files only', async () => {
    await imported('marked', put('BTCUSDT-5m-m.csv', HABITS.freqtrade[1]))
    const marker = readJsonFile<Record<string, unknown>>(join(cwd, 'marked/IMPORTED.json'))
    expect(marker).toMatchObject({
      imported: true,
      pending: [],
      sources: [{ name: 'BTCUSDT-5m-m.csv', rows: ROWS, timeUnit: 'text with offset', columns: { time: 'date' } }],
    })
    expect(JSON.stringify(marker)).not.toContain(cwd)
    expect(filesUnder(join(cwd, 'marked')).filter((name) => name !== 'IMPORTED.json')).toEqual(
      ['10', '11'].flatMap((month) => {
        const zip = `data/futures/um/monthly/klines/BTCUSDT/5m/BTCUSDT-5m-2023-${month}.zip`
        return [zip, `${zip}.CHECKSUM`]
      }),
    )
  })

  it('is the only one that is written to', async () => {
    const file = put('BTCUSDT-5m-n.csv', HABITS.freqtrade[1])
    await sluice(['simulate', '--out', 'simulated', '--months', '1', '--pair', 'BTCUSDT', '--quiet'], { cwd })
    mkdirSync(join(cwd, 'real/data/futures'), { recursive: true })
    for (const [folder, fact] of [
      ['simulated', 'holds a simulated archive'],
      ['real', 'holds an archive that was not imported'],
    ]) {
      const before = filesUnder(join(cwd, folder))
      const { code, stderr } = await sluice(['import', file, '--out', folder, '--force'], { cwd })
      expect(code).toBe(1)
      expect(stderr).toContain(fact)
      expect(filesUnder(join(cwd, folder))).toEqual(before)
    }
  })

  it('takes funding beside candles, and leaves an interval that nobody gave empty', async () => {
    const print = Date.UTC(2023, 10, 1)
    const file = put(
      'BTC_USDT_USDT-8h-funding_rate.csv',
      `date,open,high,low,close,volume\n${[0, 8, 16].map((hour) => `${iso(print + hour * 3_600_000)},0.0001,0,0,0,0`).join('\n')}\n`,
    )
    const { next } = await imported('both', file, put('BTCUSDT-5m-o.csv', HABITS.freqtrade[1]))
    expect(next).toContain('sluice run --pair BTCUSDT')
    await downloaded('both')
    const { numbers } = await readParquet(
      [join(cwd, 'ws-both/data/raw/binance-um/BTCUSDT/funding_rate/2023-11.parquet')],
      null,
    )
    expect([...numbers.calc_time]).toEqual([0, 8, 16].map((hour) => print + hour * 3_600_000))
    expect([...numbers.last_funding_rate]).toEqual([0.0001, 0.0001, 0.0001])
    expect(numbers.funding_interval_hours.every(Number.isNaN)).toBe(true)
  })
})

describe('what is wrong', () => {
  const header = 'date,open,high,low,close,volume'
  const good = (row: Row) => `${iso(row.time)},${values(row)}`
  /** A summer night of clocks in Berlin: 02:00 to 03:00 on 2023-10-29 twice, in local times. */
  const night = Array.from({ length: 96 }, (_, i) => ({
    ...table[i % ROWS],
    time: Date.UTC(2023, 9, 28, 22) + i * STEP,
  }))
  const berlin = (row: Row) =>
    `${spaced(row.time + (row.time < Date.UTC(2023, 9, 29, 1) ? 2 : 1) * 3_600_000)},${values(row)}`

  const days = Array.from({ length: 300 }, (_, i) => ({ ...table[i % ROWS], time: FROM + i * STEP }))

  it.each<[string, string, string, string[]]>([
    ['no time', csv('a,open,high,low,close', ({ ohlc }) => `x,${ohlc}`), 'no column for time (columns: a, open', []],
    [
      'times that disagree',
      csv('date,timestamp,open,high,low,close', (row) => `${iso(row.time)},${row.time + 1000},${row.ohlc}`),
      'date and timestamp say different times in 72 of 72 rows',
      [],
    ],
    [
      'a word among numbers',
      csv(header, good).replace(String(table[9].ohlc[0]), 'n.a.'),
      'the text in close is no number in 1 of 72 rows, first in line 10',
      [],
    ],
    [
      'commas that may be either',
      csv(
        'date;open;high;low;close;volume',
        ({ time, ohlc }) => `${iso(time)};${ohlc.map((x) => x.toFixed(1)).join(';')};10,316`,
      ),
      'its numbers can be read in two ways, and a thousandfold apart: 72 like 10,316, 288 like 3',
      [],
    ],
    [
      'both marks for decimals',
      csv(header, good)
        .replaceAll(',', ';')
        .replace(/\.(\d+);/, ',$1;'),
      'its numbers use dot and comma both for decimals and for thousands: 1 like ',
      [],
    ],
    [
      'dots for thousands of volumes alone',
      csv(
        header,
        ({ time, ohlc }) =>
          `${iso(time)},${ohlc.map((x) => x.toFixed(1))},${((time - FROM) / STEP) % 3 === 0 ? 994 : '1.083'}`,
        days,
      ),
      'its volume looks like whole numbers with dots for thousands: 200 like 1.083, and 100 below 1,000 without a dot',
      [],
    ],
    [
      'commas that no number has',
      csv(header, good),
      'its numbers speak against --decimal comma',
      ['--decimal', 'comma'],
    ],
    ['JSON by columns', '{"open":{"0":1}}', 'it is JSON, but no list of rows', []],
    ['JSON cut short', '[[1,2,3,4,5,6],[1,2', 'it cannot be read', []],
    ['a Feather file', 'ARROW1  ', 'it is a Feather file', []],
    ['a row cut short', csv(header, good).replace(/,[^,]*$/, '\n'), 'it cannot be read', []],
    [
      'times in 1970',
      csv(header, (row) => `${(row.time - FROM) / 1000},${values(row)}`),
      'its times reach from 1970-01-01 to 1970-01-01, read as s',
      [],
    ],
    [
      'a wrong unit',
      csv(header, (row) => `${row.time},${values(row)}`),
      'read as s, and not from 1990 to now',
      ['--time-unit', 's'],
    ],
    [
      'columns in another order',
      csv('', ({ time, ohlc: [o, h, l, c] }) => `${time},${l},${o},${h},${c}`),
      'high and low do not enclose',
      [],
    ],
    [
      'two pairs in a file',
      csv(`symbol,${header}`, (row) => `${row.time % 2e5 === 0 ? 'BTC' : 'ETH'}USDT,${good(row)}`),
      'several symbols (BTCUSDT, ETHUSDT)',
      [],
    ],
    [
      'a clock with summer time',
      csv(header, berlin, night),
      'look like those of a clock with summer time: an hour is missing or stands twice on 2023-10-29',
      [],
    ],
    [
      'an hour that may be either',
      csv(
        header,
        berlin,
        night.filter(({ time }) => time < Date.UTC(2023, 9, 29) || time >= Date.UTC(2023, 9, 29, 1)),
      ),
      '12 times from 2023-10-29 02:00 on happened twice in Europe/Berlin',
      ['--time-zone', 'Europe/Berlin'],
    ],
    ['an unknown zone', csv(header, berlin), 'Europe/Berlln is not a time zone', ['--time-zone', 'Europe/Berlln']],
    [
      'ends said to be begins',
      csv(header, (row) => `${row.time + STEP - 1},${values(row)}`),
      'the last moment of each 5m bar',
      ['--label', 'start'],
    ],
    [
      'half days of another zone',
      csv(header, (row) => `${iso(row.time + 150_000)},${values(row)}`),
      '72 of 72 times lie off the 5m grid',
      [],
    ],
    ['no table', 'PAR1 and no more', 'it cannot be read', []],
  ])('%s is told with a hint', async (what, text, fact, options) => {
    const file = put(`BTCUSDT-5m-${what.replaceAll(' ', '_')}.csv`, text)
    const { code, stderr } = await sluice(['import', file, '--out', 'refused', ...options], { cwd })
    expect(stderr).toContain(fact)
    expect(stderr).toContain(`error: ${file}: `)
    expect(stderr).toContain('\nhint: ')
    expect(code).toBe(1)
    expect(filesUnder(cwd).filter((name) => name.startsWith('refused/'))).toEqual([])
  })

  it('a packed file that was cut short is told with a hint', async () => {
    const packed = gzipSync(csv(header, good))
    const file = put('BTCUSDT-5m-cut.csv.gz', packed.subarray(0, packed.length - 20))
    const { code, stderr } = await sluice(['import', file, '--out', 'refused'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain(`error: ${file}: it cannot be unpacked: unexpected end of file`)
    expect(stderr).toContain('\nhint: it may be damaged or cut short')
  })

  it('an hour that happened twice is told apart by the order of its rows', async () => {
    const file = put('BTCUSDT-5m-night.csv', csv(header, berlin, night))
    await imported('night', file, '--time-zone', 'Europe/Berlin')
    const zip = join(cwd, 'night/data/futures/um/monthly/klines/BTCUSDT/5m/BTCUSDT-5m-2023-10.zip')
    const times = unzipped(zip).map((line) => Number(line.split(',')[0]))
    expect(times).toEqual(night.map(({ time }) => time))
  })

  it('in several files and options is told at once', async () => {
    const { code, stderr } = await sluice(
      [
        'import',
        'absent.csv',
        put(
          'prices.csv',
          csv('a,b', () => '1,2'),
        ),
      ],
      { cwd },
    )
    expect(code).toBe(1)
    expect(stderr).toContain(
      'error: the import has 3 problems\n  absent.csv: there is no such file\n  prices.csv: its name does not say which pair',
    )
    const wrong = await sluice(['import', 'a.csv', '--kind', 'candles', '--venue', 'binance-umm', '--pair', '../x'], {
      cwd,
    })
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('the import has 3 problems')
    expect(wrong.stderr).toContain('did you mean binance-um?')
  })

  it('two timeframes of a pair in one call', async () => {
    const hours = table.map((row, i) => ({ ...row, time: FROM + i * 3_600_000 }))
    const files = [put('BTCUSDT-5m-p.csv', csv(header, good)), put('BTCUSDT-1h-p.csv', csv(header, good, hours))]
    const { code, stderr } = await sluice(['import', ...files, '--out', 'mixed'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain('mixed timeframes of binance-um BTCUSDT: 5m in BTCUSDT-5m-p.csv, 1h in BTCUSDT-1h-p.csv')
  })

  it('with duplicates, disorder, holes and times off the grid is for cleaning to judge: all rows are kept', async () => {
    const rows = [...table.slice(0, 30), table[3], table[2], { ...table[0], time: FROM + 17 }, ...table.slice(40)]
    await imported('untidy', put('BTCUSDT-5m-q.csv', csv(header, good, rows)))
    const { numbers } = await downloaded('untidy')
    // Months are apart, nothing else is sorted.
    const november = Date.UTC(2023, 10, 1)
    const sorted = [...rows.filter(({ time }) => time < november), ...rows.filter(({ time }) => time >= november)]
    expect([...numbers.open_time]).toEqual(sorted.map(({ time }) => time))
  })
})

describe('printed numbers', () => {
  it('are the same doubles when read again', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const cell = (y: number) => Float64Array.of(y)
        const text = importedKlinesCsv([{ time: cell(FROM), open: cell(x), volume: cell(Number.NaN) }], '5m').toString()
        const cells = text.split('\n')[1].split(',')
        expect(Object.is(Number(cells[1]), x)).toBe(true)
        expect(cells[5]).toBe('')
      }),
    )
  })
})

/** Lines of the CSV in a zip, without its header. */
function unzipped(zip: string): string[] {
  const code =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); sys.stdout.write(z.read(z.namelist()[0]).decode())'
  const { stdout } = spawnSync('python3', ['-c', code, zip], { encoding: 'utf8' })
  expect(readFileSync(`${zip}.CHECKSUM`, 'utf8')).toMatch(/^[0-9a-f]{64} {2}BTCUSDT/)
  return stdout.trim().split('\n').slice(1)
}
