/**
 * Look-ahead through the whole pipeline: a month more of data must not change a byte of the feature table of the months before it,
 * nor a label that was known by then.
 */
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readParquet } from '../../src/datasets/parquet.js'
import { hashesOf, sluice, suiteFolder, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
const END = Date.UTC(2024, 2, 1) // of the shorter run
const DATA = 'data/features/binance-um/BTCUSDT/5m'
const LABELS = 'data/labels/binance-um/BTCUSDT/labels.parquet'

const SETTINGS = `exchange: {archiveUrl: archive}
data: {from: 2024-01-01, to: 2024-04-01}
features: {include: [all], exclude: [funding]}
run: {jobs: 2}
`

let short: Record<string, string>
let long: Record<string, string>

async function run(root: string, to: string, more: readonly string[] = []): Promise<Record<string, string>> {
  const args = ['run', '--to', 'labels', '--root', root, '--quiet', '--set', `data.to=${to}`, ...more]
  const { code, stderr } = await sluice(args, { cwd })
  expect(code, stderr).toBe(0)
  return hashesOf(root, { cwd })
}

async function read(root: string, name: string): Promise<Record<string, Float64Array>> {
  return (await readParquet([join(cwd, root, name)], null)).numbers
}

beforeAll(async () => {
  await writeMarket(cwd, SETTINGS, ['BTCUSDT'], 3)
  short = await run('short', '2024-03-01')
  long = await run('long', '2024-04-01')
})

describe('a month more of data', () => {
  it('adds files, so that the comparisons below compare something', () => {
    expect(Object.keys(long)).toContain(`${DATA}/2024-03.parquet`)
    expect(Object.keys(short)).not.toContain(`${DATA}/2024-03.parquet`)
    expect(short[LABELS]).not.toBe(long[LABELS])
  })

  it('leaves every feature of the months before it as it was, byte by byte', () => {
    for (const month of ['2024-01', '2024-02']) {
      const name = `${DATA}/${month}.parquet`
      expect(short[name], name).toMatch(/^[0-9a-f]{64}$/)
      expect(long[name], name).toBe(short[name])
    }
    expect(long[`${DATA}/features.json`]).toBe(short[`${DATA}/features.json`])
  })

  it('leaves the bars of those months as they were, at every timeframe', () => {
    const bars = Object.keys(short).filter((name) => /\/bars\/.*parquet$/.test(name))
    expect(bars.length).toBe(2 * 5) // 1m, 5m, 1h, 4h, 1d
    for (const name of bars) expect(long[name], name).toBe(short[name])
  })

  it('leaves every label as it was that was known by then, and knows more of the last hours', async () => {
    const before = await read('short', LABELS)
    const after = await read('long', LABELS)
    const rows = before.open_time.length
    expect(rows).toBe((31 + 29) * 288)
    let known = 0
    const differing: string[] = []
    for (const name of Object.keys(before)) {
      for (let row = 0; row < rows; row++) {
        if (!(after.t1[row] <= END)) continue
        known++
        if (!Object.is(before[name][row], after[name][row])) differing.push(`${name} of row ${row}`)
      }
    }
    expect(differing).toEqual([])
    expect(known).toBeGreaterThan(0.99 * rows * Object.keys(before).length)
    expect([...before.t1].filter((t1) => t1 > END)).toEqual([])
    const open = [...before.t1.keys()].filter((row) => Number.isNaN(before.t1[row]))
    expect(open.length).toBeGreaterThan(0)
    for (const row of open) {
      expect(before.label[row]).toBeNaN()
      expect(after.t1[row], `row ${row}`).toBeGreaterThan(END)
    }
  })

  it('has t1 within the horizon of t0, which is when the row could be acted on', async () => {
    const numbers = await read('long', LABELS)
    const late = numbers.t0.filter((t0, row) => t0 !== numbers.open_time[row] + 300_000)
    const outside = numbers.t1.filter(
      (t1, row) => !(Number.isNaN(t1) || (t1 > numbers.t0[row] && t1 <= numbers.t0[row] + 4 * 3_600_000)),
    )
    expect([late.length, outside.length]).toEqual([0, 0])
  })

  it('leaves the funding features as they were, but at the last close, where a print falls due on the end of the span', async () => {
    const funding = ['--set', 'features.include=[funding]', '--set', 'features.exclude=[]']
    await run('short', '2024-03-01', funding)
    await run('long', '2024-04-01', funding)
    for (const month of ['2024-01', '2024-02']) {
      const name = `${DATA}/${month}.parquet`
      const before = await read('short', name)
      const after = await read('long', name)
      expect(Object.keys(before).length).toBeGreaterThan(8)
      const differing = new Set<number>()
      for (const column of Object.keys(before)) {
        before[column].forEach((value, row) => {
          if (!Object.is(value, after[column][row])) differing.add(before.available_time[row])
        })
      }
      expect([...differing].filter((time) => time < END)).toEqual([])
    }
  })
})
