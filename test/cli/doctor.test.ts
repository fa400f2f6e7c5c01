import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Check, type DoctorOptions, examine, isUsable, renderDoctor } from '../../src/cli/doctor.js'
import { examineDisk, examineMemory, examineNode } from '../../src/cli/doctor-machine.js'
import { examineArchive, examineClock } from '../../src/cli/doctor-network.js'
import { BACKEND_NAMES } from '../../src/models/neural/backends.js'
import { backendOf } from '../../src/models/neural/engine.js'
import { isInstalled } from '../../src/models/neural/installed.js'
import { startArchiveServer } from '../support/archive-server.js'
import { scratchFolder } from '../support/scratch.js'

/** Port 1 is reserved, and nothing listens there: the answer is a refusal, at once. */
const nobody = 'http://127.0.0.1:1'
const noXgboost = { SLUICE_XGBOOST_LIB: '/nowhere/libxgboost.so', SLUICE_LIGHTGBM_LIB: '/nowhere/lib_lightgbm.so' }

async function options(more: Partial<DoctorOptions> = {}): Promise<DoctorOptions> {
  return {
    root: await scratchFolder(),
    environment: noXgboost,
    config: [{ name: 'Config', value: 'defaults' }],
    archiveUrl: nobody,
    futuresUrl: nobody,
    offline: true,
    ...more,
  }
}

function named(checks: readonly Check[], name: string): Check {
  const found = checks.find((check) => check.name === name)
  if (found === undefined) throw new Error(`no check is named ${name}`)
  return found
}

describe('doctor', () => {
  it('finds everything that is needed here, and says which versions', async () => {
    const checks = await examine(await options())
    expect(isUsable(checks), renderDoctor(checks)).toBe(true)
    expect(named(checks, 'Node').value).toContain(process.versions.node)
    expect(named(checks, 'npm packages')).toMatchObject({ state: 'ok', value: expect.stringMatching(/^\d+ packages$/) })
    expect(named(checks, 'DuckDB')).toMatchObject({ state: 'ok', value: expect.stringMatching(/^v?\d+\.\d+\.\d+/) })
    expect(named(checks, 'SQLite')).toMatchObject({ state: 'ok', value: expect.stringMatching(/^3\.\d+\.\d+$/) })
  })

  it('calls a machine without XGBoost and network usable, and hints at what can be had', async () => {
    const checks = await examine(await options({ backend: 'wasm' }))
    expect(named(checks, 'XGBoost')).toMatchObject({
      state: 'missing',
      value: expect.stringContaining('/nowhere/libxgboost.so'),
      hint: expect.stringContaining('SLUICE_XGBOOST_LIB'),
    })
    expect(named(checks, 'LightGBM')).toMatchObject({ state: 'missing', hint: expect.any(String) })
    expect(named(checks, 'Neural networks')).toEqual({
      name: 'Neural networks',
      state: 'ok',
      value: 'TensorFlow.js 4.22.0, wasm (WebAssembly)',
    })
    expect(named(checks, 'Clock').value).toBe('not asked (offline)')
    expect(named(checks, 'Archive').value).toBe('not asked (offline)')
    expect(isUsable(checks)).toBe(true)
  })

  it('says of each faster backend of networks why it is not used, and of an absent one that is wanted what to type', async () => {
    const { value } = named(await examine(await options()), 'Neural networks')
    const taken = await backendOf('auto')
    const faster = taken === 'wasm' ? BACKEND_NAMES.slice(0, BACKEND_NAMES.indexOf(taken)) : []
    for (const name of faster) expect(value).toMatch(new RegExp(`^not ${name}: \\S`, 'm'))
    expect(value).toContain('TensorFlow.js 4.22.0, wasm (WebAssembly)')
    if (isInstalled('@tensorflow/tfjs-node')) return console.log('skipped: tfjs-node is installed')
    const absent = await examine(await options({ backend: 'tfjs-node' }))
    expect(named(absent, 'Neural networks')).toMatchObject({
      state: 'missing',
      value: expect.stringContaining('@tensorflow/tfjs-node is not installed'),
      hint: expect.stringContaining('npm install --no-save @tensorflow/tfjs-node@4.22.0'),
    })
  })

  it('calls a machine whose configuration cannot be read unusable', async () => {
    const configError = { message: 'the configuration has 2 problems\n  one\n  two', hint: 'mend both' }
    const checks = await examine(await options({ configError }))
    expect(isUsable(checks)).toBe(false)
    expect(checks.at(-1)).toMatchObject({
      name: 'Config',
      state: 'warning',
      value: configError.message,
      hint: 'mend both',
    })
  })

  it('aligns values, and puts further lines and hints below them', () => {
    const text = renderDoctor([
      { name: 'Node', state: 'ok', value: '20.20.2' },
      { name: 'XGBoost', state: 'missing', value: 'not found\nin 4 places', hint: 'type: apt-get install libxgboost0' },
    ])
    expect(text.split('\n')).toEqual([
      'ok       Node     20.20.2',
      'missing  XGBoost  not found',
      '                  in 4 places',
      '                  hint: type: apt-get install libxgboost0',
    ])
  })
})

describe('the machine', () => {
  it.each([
    ['v20.15.0', 'ok'],
    ['v20.14.9', 'missing'],
    ['v18.20.0', 'missing'],
    ['v22.0.0', 'ok'],
  ])('judges Node %s as %s', (version, state) => {
    expect(examineNode(version)).toMatchObject({ state, needed: true })
  })

  it.each([
    // total, available, limit, used, what is said
    [8e9, 5e9, 0, 1e8, 'ok', '5.0 GB available of 8.0 GB'],
    [8e9, 5e9, 2 ** 63, 1e8, 'ok', '5.0 GB available of 8.0 GB'],
    [64e9, 50e9, 4e9, 1e9, 'ok', '3.0 GB available of 4.0 GB (container; machine 64.0 GB)'],
    [8e9, 1.5e9, 0, 1e8, 'warning', '1.5 GB available of 8.0 GB, less than the 2.0 GB'],
    [64e9, 50e9, 2e9, 5e8, 'warning', '1.5 GB available of 2.0 GB (container; machine 64.0 GB), less than'],
  ])(
    'judges memory of %d, available %d, limit %d, used %d as %s',
    (total, available, limit, used, ...[state, said]) => {
      const check = examineMemory({ total, available, limit, used })
      expect(check).toMatchObject({ state, value: expect.stringContaining(said) })
    },
  )

  it('looks at the disk of a workspace that does not exist yet', async () => {
    const root = join(await scratchFolder(), 'not', 'there')
    expect((await examineDisk(root)).value).toMatch(new RegExp(`^\\d+\\.\\d GB free at ${root}`))
  })

  it('says that a workspace below a file is impossible', async () => {
    const folder = await scratchFolder()
    await writeFile(join(folder, 'file'), '')
    const check = await examineDisk(join(folder, 'file', 'workspace'))
    expect(check).toMatchObject({ state: 'missing', needed: true, hint: expect.stringContaining('--root') })
  })
})

describe('the clock', () => {
  it.each([
    [0, 'ok', /^\d+ ms (behind|ahead of) the exchange/],
    [90_000, 'warning', /^(8[5-9]|9[0-5])\d{3} ms behind the exchange .*more than 1000 ms$/],
    [-90_000, 'warning', /^(8[5-9]|9[0-5])\d{3} ms ahead of the exchange .*more than 1000 ms$/],
  ])('tells an exchange that is %d ms ahead: %s', async (ahead, state, said) => {
    const server = createServer((_, response) => response.end(JSON.stringify({ serverTime: Date.now() + ahead })))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const check = await examineClock(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, false)
    expect(check).toMatchObject({ state, value: expect.stringMatching(said) })
  })

  it('is unknown, and nothing breaks, when the exchange cannot be reached, never answers or sends a web page', async () => {
    expect(await examineClock(nobody, false)).toMatchObject({
      state: 'missing',
      value: expect.stringContaining('127.0.0.1:1'),
      hint: expect.stringContaining('local mirror'),
    })
    const folder = await scratchFolder()
    for (const [kind, said] of [
      ['silent', 'no answer within 2 s'],
      ['html', 'tells no time'],
    ] as const) {
      const server = await startArchiveServer(folder, () => ({ kind }))
      const check = await examineClock(server.url, false)
      await server.close()
      expect(check).toMatchObject({ state: 'missing', value: expect.stringContaining(said) })
    }
  })
})

describe('the archive', () => {
  it('counts the pairs of a folder, also without the network', async () => {
    const folder = await scratchFolder()
    for (const pair of ['BTCUSDT', 'ETHUSDT']) {
      await mkdir(join(folder, 'data/futures/um/monthly/klines', pair), { recursive: true })
    }
    expect(await examineArchive(folder, true)).toEqual({
      name: 'Archive',
      state: 'ok',
      value: `${folder}, pairs: 2 of binance-um`,
    })
  })

  it('says what is wrong with a folder that is none, or is no archive', async () => {
    const folder = await scratchFolder()
    for (const place of [folder, join(folder, 'nowhere')]) {
      const check = await examineArchive(place, false)
      expect(check).toMatchObject({ state: 'missing', value: expect.stringContaining(place), hint: expect.any(String) })
    }
  })

  it('takes any answer of a host for an archive, and a refusal or silence for none', async () => {
    const folder = await scratchFolder()
    const answers: [Parameters<typeof startArchiveServer>[1], Check['state'], string][] = [
      [() => ({ kind: 'status', status: 200 }), 'ok', 'answers'],
      [() => undefined, 'ok', 'a mirror without BTCUSDT futures'],
      [() => ({ kind: 'status', status: 403 }), 'missing', 'status 403'],
      [() => ({ kind: 'status', status: 451 }), 'missing', 'status 451'],
      [() => ({ kind: 'silent' }), 'missing', 'no answer within 2 s'],
    ]
    for (const [script, state, said] of answers) {
      const server = await startArchiveServer(folder, script)
      const check = await examineArchive(server.url, false)
      await server.close()
      expect(check).toMatchObject({ state, value: expect.stringContaining(said) })
    }
    expect(await examineArchive(nobody, false)).toMatchObject({ state: 'missing', hint: expect.any(String) })
  })
})
