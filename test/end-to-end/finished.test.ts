import { cpSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/datasets/manifest.js'
import {
  filesUnder,
  hashesOf,
  notFresh,
  type Outcome,
  readJsonFile,
  sluice,
  suiteFolder,
  timesUnder,
  unitsOf,
  writeMarket,
} from '../support/sluice.js'

const cwd = suiteFolder()
const options = { cwd }
const bars = 'data/clean/binance-um/BTCUSDT/bars/5m/2024-01.parquet'
let first: Outcome
let copies = 0

beforeAll(async () => {
  await writeMarket(cwd)
  first = await sluice(['run', '--root', 'done', '--json'], options)
  expect([0, 3], first.stderr).toContain(first.code)
})

/** A finished workspace of one's own, with its name relative to `cwd`. */
function finished(): string {
  const root = `copy-${copies++}`
  cpSync(join(cwd, 'done'), join(cwd, root), { recursive: true, preserveTimestamps: true })
  return root
}

function flipByte(path: string, keepTime = false): void {
  const { atime, mtime } = statSync(path)
  const bytes = readFileSync(path)
  bytes[Math.floor(bytes.length / 2)] ^= 1
  writeFileSync(path, bytes)
  if (keepTime) utimesSync(path, atime, mtime)
}

describe('a run', () => {
  it('prints only JSON on stdout, with what it made', () => {
    const told = JSON.parse(first.stdout)
    expect(told.exitCode).toBe(first.code)
    expect(told.reports).toEqual([
      { pair: 'BTCUSDT', path: expect.stringMatching(/^reports\/binance-um\/BTCUSDT\/\w{16}\/index\.html$/) },
    ])
    for (const { outcome, files } of told.units) {
      expect(outcome).toBe('done')
      for (const { path } of files) expect(statSync(join(cwd, 'done', path)).size).toBeGreaterThan(0)
    }
    expect(told.peakBytes).toBeGreaterThan(50e6)
  })

  it('marks a simulated market in every manifest, and in the report', () => {
    const manifests = filesUnder(join(cwd, 'done')).filter((name) => name.endsWith('manifest.json'))
    expect(manifests.length).toBeGreaterThanOrEqual(13)
    for (const name of manifests) {
      const { simulated, stage, step } = readJsonFile<Manifest>(join(cwd, 'done', name))
      // The index is a list of links; the list of files holds no data of the market.
      if (step === 'index') continue
      expect(simulated, `${stage} ${step} ${name}`).toEqual({ seed: 7, edge: 1 })
    }
    const { path } = JSON.parse(first.stdout).reports[0]
    expect(readFileSync(join(cwd, 'done', path), 'utf8')).toMatch(/simulated/i)
    const report = readFileSync(join(cwd, 'done', path.replace('index.html', 'report.json')), 'utf8')
    expect(report).toMatch(/"simulated"/)
  })

  it('writes no path, host, time or memory of this machine into what two runs share', async () => {
    const now = new Date().toISOString().slice(0, 10)
    const names = Object.keys(await hashesOf('done', options))
    expect(names.length).toBeGreaterThan(40)
    for (const name of names) {
      const text = readFileSync(join(cwd, 'done', name), 'latin1')
      expect(text.includes(cwd), `${name} names the folder`).toBe(false)
      if (hostname().length > 4) expect(text.includes(hostname()), `${name} names the host`).toBe(false)
      if (!name.endsWith('.html')) expect(text.includes(now), `${name} tells the day of the run`).toBe(false)
    }
  })

  it('that comes second finds everything fresh, and writes nothing but its own record', async () => {
    const root = finished()
    const before = timesUnder(join(cwd, root))
    const second = await sluice(['run', '--root', root], options)
    expect(second.code).toBe(first.code)
    expect(second.stderr).toContain('everything is fresh: 28 units')
    const after = timesUnder(join(cwd, root))
    const record = Object.keys(after).filter((name) => !(name in before))
    expect(record).toEqual([expect.stringMatching(/^\.sluice\/runs\/.*\/run\.json$/)])
    // The memory of hashes is no output: it is written when a copy has other times.
    const rest = Object.entries(after).filter(([name]) => !record.includes(name) && name !== '.sluice/hashes.json')
    const { '.sluice/hashes.json': _, ...expected } = before
    expect(Object.fromEntries(rest)).toEqual(expected)
  })

  it('does all of a stage again when forced, with the same bytes', async () => {
    const root = finished()
    const before = await hashesOf(root, options)
    const { code, stderr } = await sluice(['labels', '--force', '--root', root], options)
    expect(code).toBe(0)
    expect(stderr).toMatch(/labels +BTCUSDT +done/)
    expect(stderr).toMatch(/clean +2 units +fresh/)
    expect(await hashesOf(root, options)).toEqual(before)
  })

  it('--quiet says nothing when all is well', async () => {
    const { code, stdout, stderr } = await sluice(['run', '--root', finished(), '--quiet'], options)
    expect({ code, stdout, stderr }).toEqual({ code: first.code, stdout: '', stderr: '' })
  })

  it('may be moved to another folder and stays fresh', async () => {
    expect(await notFresh(options, ['--root', finished()])).toEqual([])
  })
})

describe('status', () => {
  it('says missing where nothing has been made, and changes nothing', async () => {
    const units = await unitsOf(['status', '--root', 'nothing'], options)
    expect(units.slice(0, 2)).toMatchObject([
      { stage: 'download', state: 'missing', reason: 'not made yet' },
      { stage: 'download', state: 'missing', reason: 'not made yet' },
    ])
    expect(units.slice(2).every(({ state }) => state === 'waiting')).toBe(true)
    expect(() => statSync(join(cwd, 'nothing'))).toThrow('ENOENT')
  })

  it('says fresh for all of a finished run', async () => {
    const { stdout } = await sluice(['status', '--root', 'done'], options)
    const states = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ {2,}/)[2])
    expect(new Set(states)).toEqual(new Set(['fresh']))
  })

  it('says stale, with the setting and both values; run makes only what depends on it', async () => {
    const root = finished()
    const change = ['--root', root, '--set', 'labels.profit=0.03']
    const units = await unitsOf(['status', ...change], options)
    expect(units.filter(({ state }) => state === 'stale')).toMatchObject([
      { stage: 'labels', reason: 'labels.profit changed: 0.02 → 0.03' },
    ])
    expect(
      units
        .filter(({ stage }) => ['download', 'clean', 'features'].includes(stage))
        .every(({ state }) => state === 'fresh'),
    ).toBe(true)
    const made = await unitsOf(['run', ...change], options)
    expect([...new Set(made.filter(({ outcome }) => outcome === 'done').map(({ stage }) => stage))]).toEqual([
      'labels',
      'train',
      'select',
      'backtest',
      'report',
    ])
    expect(await notFresh(options, change)).toEqual([])
  })

  it('says stale for an output that is gone; run makes that one again, and the rest stays', async () => {
    const root = finished()
    rmSync(join(cwd, root, 'data/labels/binance-um/BTCUSDT/labels.parquet'))
    const [labels] = (await unitsOf(['status', '--root', root], options)).filter(({ state }) => state !== 'fresh')
    expect(labels).toMatchObject({
      stage: 'labels',
      state: 'stale',
      reason: 'data/labels/binance-um/BTCUSDT/labels.parquet is gone',
    })
    const made = await unitsOf(['run', '--root', root], options)
    expect(made.filter(({ outcome }) => outcome === 'done').map(({ stage }) => stage)).toEqual(['labels'])
    expect(await hashesOf(root, options)).toEqual(await hashesOf('done', options))
  })

  it('says missing when a manifest is gone', async () => {
    const root = finished()
    rmSync(join(cwd, root, 'data/labels/binance-um/BTCUSDT/manifest.json'))
    expect((await notFresh(options, ['--root', root]))[0]).toBe('labels missing')
  })

  it('takes a manifest that is cut off for none', async () => {
    const root = finished()
    truncateSync(join(cwd, root, 'data/labels/binance-um/BTCUSDT/manifest.json'), 200)
    expect((await notFresh(options, ['--root', root]))[0]).toBe('labels missing')
    expect([0, 3]).toContain((await sluice(['run', '--root', root, '--quiet'], options)).code)
    expect(await notFresh(options, ['--root', root])).toEqual([])
  })

  it('says failed, with the reason, until it succeeds', async () => {
    const change = ['--root', 'fails', '--set', 'exchange.archiveUrl=nowhere']
    await sluice(['download', ...change], options)
    const failed = (await unitsOf(['status', ...change], options)).filter(({ state }) => state === 'failed')
    expect(failed.map(({ reason }) => reason)).toEqual(Array(2).fill('the archive folder nowhere does not exist'))
    expect(await notFresh(options, ['--root', 'fails'])).toContain('download missing')
  })
})

describe('the data of a finished run', () => {
  it('are whole, from the raw files to the predictions', async () => {
    const { code, stdout, stderr } = await sluice(['verify', 'data', '--root', 'done'], options)
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/data is whole: [1-9]\d* files, .* rows, 0 findings/)
  })
})

describe('a damaged file', () => {
  it('in data/clean: a stage that needs it says what is wrong and what to run; run heals it', async () => {
    const root = finished()
    truncateSync(join(cwd, root, bars), statSync(join(cwd, root, bars)).size - 100)
    const { code, stderr } = await sluice(['features', '--root', root], options)
    expect(code).toBe(1)
    expect(stderr).toContain(
      `error: features needs clean, which is stale for BTCUSDT 2024-01: ${bars} is damaged: it is not the file that was written`,
    )
    expect(stderr).toContain(
      `hint: run it first: sluice clean --root ${root}; or everything up to here: sluice run --root ${root} --to features`,
    )
    expect(stderr).not.toMatch(/features +BTCUSDT +done/)
    const healed = await sluice(['run', '--root', root], options)
    expect(healed.stderr).toMatch(/clean +BTCUSDT 2024-01 +done/)
    expect(await hashesOf(root, options)).toEqual(await hashesOf('done', options))
  })

  it('of the same size is found as well', async () => {
    const root = finished()
    flipByte(join(cwd, root, bars))
    const [clean] = (await unitsOf(['status', '--root', root], options)).filter(({ state }) => state !== 'fresh')
    expect(clean).toMatchObject({
      stage: 'clean',
      state: 'stale',
      reason: `${bars} is damaged: it is not the file that was written`,
    })
    await sluice(['run', '--root', root, '--quiet'], options)
    expect(await hashesOf(root, options)).toEqual(await hashesOf('done', options))
  })

  it('of the same size and time is found by verify hashes, which reads every byte: exit code 3', async () => {
    const root = finished()
    // The first look fills the memory of hashes, so that only a full reading can see the change.
    await sluice(['run', '--root', root, '--quiet'], options)
    flipByte(join(cwd, root, bars), true)
    const { code, stdout, stderr } = await sluice(['verify', 'hashes', '--root', root], options)
    expect(code).toBe(3)
    expect(stdout).toMatch(new RegExp(`^damaged +${bars}$`, 'm'))
    expect(stderr).toContain(`error: 1 of `)
    expect(stderr).toContain('hint:')
    rmSync(join(cwd, root, bars))
    expect((await sluice(['verify', 'hashes', '--root', root, '--json'], options)).code).toBe(3)
  })

  it('of a bundle, with size and time kept, is seen by status and made good by the next run', async () => {
    const root = finished()
    await sluice(['run', '--root', root, '--quiet'], options)
    const before = await hashesOf(root, options)
    const [model] = filesUnder(join(cwd, root)).filter((name) => /artifacts\/models\/.*\/model\.json$/.test(name))
    flipByte(join(cwd, root, model), true)
    const stale = (await unitsOf(['status', '--root', root], options)).filter(({ state }) => state === 'stale')
    expect(stale).toMatchObject([
      { stage: 'train', step: 'bundle', reason: `${model} is damaged: it is not the file that was written` },
    ])
    await sluice(['run', '--root', root, '--quiet'], options)
    expect(await hashesOf(root, options)).toEqual(before)
  })

  it('that nothing but its bytes can tell is not used', async () => {
    const root = finished()
    const base = bars.replace('/5m/', '/1m/')
    const path = join(cwd, root, base)
    const { [base]: sha256 } = await hashesOf(root, options)
    flipByte(path)
    // As if the disk had lost a bit: the memory knows the file by its size and times as the one that was written.
    const { size, mtimeMs: mtime, ctimeMs: ctime } = statSync(path)
    const memory = join(cwd, root, '.sluice/hashes.json')
    writeFileSync(memory, JSON.stringify({ ...readJsonFile<object>(memory), [base]: { size, mtime, ctime, sha256 } }))
    const { code, stderr } = await sluice(['labels', '--force', '--root', root], options)
    expect(code).toBe(1)
    expect(stderr).toContain(`${base} is damaged: it has hash `)
    expect(stderr).toContain('hint')
    rmSync(path)
    expect((await sluice(['run', '--to', 'labels', '--root', root], options)).code).toBe(0)
  })

  it('that was only touched stays fresh', async () => {
    const root = finished()
    const now = new Date()
    utimesSync(join(cwd, root, bars), now, now)
    expect(await notFresh(options, ['--root', root])).toEqual([])
  })
})

describe('sluice models', () => {
  it('lists, shows, approves and rejects, with the exit codes of the gates; the report follows', async () => {
    const root = finished()
    const ask = (...args: string[]) => sluice(['models', ...args, '--root', root], options)
    const [model] = JSON.parse((await ask('list', '--json')).stdout)
    expect(model).toMatchObject({ pair: 'BTCUSDT', model: 'logistic', version: '1.0.0', state: 'candidate' })
    expect((await ask('list')).stdout).toContain(model.id.slice(0, 8))
    expect((await ask('list', '--pair', 'ETHUSDT')).stdout).toContain('no model is registered')
    expect(JSON.parse((await ask('show', model.id.slice(0, 8), '--json')).stdout)).toMatchObject({
      id: model.id,
      events: [{}],
    })
    expect(await ask('show', 'ffffffff')).toMatchObject({ code: 2, stdout: '' })

    const refused = await ask('approve', model.id)
    expect(refused.code).toBe(3)
    expect(refused.stderr).toMatch(/did not pass precision/)
    expect(refused.stderr).toContain('hint: say why it is approved all the same: --why')
    const approved = await ask('approve', model.id, '--why', 'a trial', '--who', 'ann', '--json')
    expect(approved.code).toBe(0)
    expect(JSON.parse(approved.stdout)).toMatchObject({ changed: true })
    expect((await ask('approve', model.id, '--why', 'again')).stderr).toContain('nothing to do')

    const [report] = (await unitsOf(['status', '--root', root], options)).filter(({ state }) => state !== 'fresh')
    expect(report).toMatchObject({ stage: 'report', pair: 'BTCUSDT' })
    const again = await sluice(['run', '--root', root], options)
    expect(again.stderr).toMatch(/^approved: logistic 1\.0\.0/m)

    expect((await ask('reject', model.id, '--why', 'over')).code).toBe(0)
    expect(JSON.parse((await ask('show', model.id, '--json')).stdout)).toMatchObject({ state: 'rejected' })
    expect((await sluice(['run', '--root', root], options)).stderr).toMatch(/^not approved: logistic 1\.0\.0/m)
  })
})
