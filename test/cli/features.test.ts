/** `sluice features list` and `show`: what a person finds out about a feature, with and without a table. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { FEATURES } from '../../src/features/registry.js'
import { SMALL, sluice, suiteFolder, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
const options = { cwd }

beforeAll(async () => {
  await writeMarket(cwd, `${SMALL}features: {include: [core]}\n`)
  const { code, stderr } = await sluice(['run', '--to', 'features', '--quiet'], options)
  expect(code, stderr).toBe(0)
})

describe('features list', () => {
  const names = async (...which: string[]) => {
    const { code, stdout } = await sluice(['features', 'list', ...which, '--json'], options)
    expect(code).toBe(0)
    return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)
  }

  it('lists all, or those of families, globs and names', async () => {
    expect(await names()).toEqual(FEATURES.map(({ name }) => name))
    expect(await names('adx_*', 'rsi_14_1h')).toEqual(['rsi_14', 'adx_14', 'adx_21'])
    expect(await names('funding')).toEqual(
      FEATURES.filter(({ family }) => family === 'funding').map(({ name }) => name),
    )
  })

  it('prints a table with one line each, and refuses what is none', async () => {
    const { stdout, stderr } = await sluice(['features', 'list', 'adx_14'], options)
    const [head, line, ...rest] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^feature +family +bars +on +meaning$/)
    expect(line).toMatch(/^adx_14 +trend +27 +every +Average directional index/)
    expect(rest).toEqual([])
    expect(stderr).toContain('1 features; bars = 5m bars')
    expect((await sluice(['features', 'list', 'adx_15'], options)).code).toBe(2)
  })
})

describe('features show', () => {
  it('says what a column means and draws its last week', async () => {
    const { code, stdout } = await sluice(['features', 'show', 'rsi_14_1h', '--svg', 'rsi.svg'], options)
    expect(code).toBe(0)
    expect(stdout).toContain('Relative strength index of 14 bars')
    expect(stdout).toContain('14 1h bars before its first value, and forgets what came before within 336 1h bars more')
    expect(stdout).toMatch(/BTCUSDT {3}2024-01-04 00:05 UTC to 2024-01-11 00:00 UTC {3}2,016 rows, 0 not known/)
    expect(stdout.match(/│[\u2800-\u28ff]+/g)).toHaveLength(8)
    expect(readFileSync(join(cwd, 'rsi.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
  })

  it('gives the numbers as JSON', async () => {
    const { stdout } = await sluice(['features', 'show', 'hour_sin', '--json'], options)
    const { name, lookback, settle, data } = JSON.parse(stdout)
    expect({ name, lookback, settle, rows: data.rows }).toEqual({
      name: 'hour_sin',
      lookback: 0,
      settle: 0,
      rows: 2016,
    })
    expect(data.points[0]).toEqual(['2024-01-04T00:05:00.000Z', expect.any(Number)])
    expect(data.points.length).toBe(2016)
    expect(data.most).toBeCloseTo(1, 5) // the sine at six hours
  })

  it('works without a table, and without this column in it', async () => {
    const none = await sluice(['features', 'show', 'rsi_14', '--root', 'empty'], options)
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('Wilder 1978') })
    expect(none.stderr).toContain('there is no feature table of BTCUSDT yet; sluice run --root empty --to features')
    expect(existsSync(join(cwd, 'empty'))).toBe(false)
    const absent = await sluice(['features', 'show', 'sma_7'], options)
    expect(absent.code).toBe(0)
    expect(absent.stderr).toContain('has no column sma_7')
    expect((await sluice(['features', 'show', 'sma_7', '--svg', 'x.svg'], options)).code).toBe(1)
  })

  it('suggests what may have been meant', async () => {
    const { code, stderr } = await sluice(['features', 'show', 'rsi_15'], options)
    expect(code).toBe(2)
    expect(stderr).toContain('there is no feature rsi_15, did you mean rsi_14?')
  })
})
