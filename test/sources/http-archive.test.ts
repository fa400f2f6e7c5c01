import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { openArchive } from '../../src/sources/archive.js'
import { createHttp, type HttpOptions, type Retry } from '../../src/sources/http.js'
import type { Venue } from '../../src/sources/keys.js'
import { statesInMemory } from '../../src/sources/limits.js'
import { openRest } from '../../src/sources/rest-client.js'
import { type Script, startArchiveServer, writeArchiveFile } from '../support/archive-server.js'
import { scratchFolder } from '../support/scratch.js'

const KEY = 'data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip'
const CSV = '1704067200000,1,2,0.5,1.5,10,1704067259999,15,3,4,6,0\n'

/** An archive with one file, a client whose waits take no time and are written down, and a place to put the file. */
async function scene(script?: Script, http: HttpOptions = {}) {
  const folder = await scratchFolder()
  const zip = await writeArchiveFile(folder, KEY, CSV)
  const server = await startArchiveServer(folder, script)
  onTestFinished(() => server.close())
  const retries: Retry[] = []
  let clock = 1_700_000_000_000
  const archive = await openArchive(server.url, {
    http: {
      random: () => 0.5, // jitter factor 0.5 + 0.5 = 1: waits are exactly 500, 1000, 2000, …
      now: () => clock,
      sleep: async (ms) => {
        clock += ms
      },
      onRetry: (retry) => retries.push(retry),
      ...http,
    },
  })
  const out = join(folder, 'out')
  await mkdir(out)
  const path = join(out, 'a.zip')
  return { folder, zip, server, retries, archive, out, path }
}

async function failure(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UserError)
  return error as UserError
}

describe('an archive over HTTP', () => {
  it('delivers a file with its hash, size, etag and date', async () => {
    const { archive, path, zip } = await scene()
    const fetched = await archive.fetch(KEY, path)
    expect(fetched).toEqual({
      found: true,
      sha256: createHash('sha256').update(zip).digest('hex'),
      bytes: zip.length,
      verified: true,
      etag: createHash('md5').update(zip).digest('hex'),
      lastModified: 'Fri, 02 Feb 2024 10:13:00 GMT',
    })
    expect(await readFile(path)).toEqual(zip)
  })

  it('takes a missing file for a fact, at the first answer', async () => {
    const { archive, path, server, retries } = await scene()
    expect(await archive.fetch(KEY.replace('2024-01', '2024-02'), path)).toEqual({ found: false })
    expect(server.requests).toHaveLength(1)
    expect(retries).toHaveLength(0)
  })

  it('says when there was no checksum to compare with', async () => {
    const { archive, path, folder } = await scene()
    await rm(join(folder, `${KEY}.CHECKSUM`))
    expect(await archive.fetch(KEY, path)).toMatchObject({ found: true, verified: false })
  })

  it('encodes symbols that are not ASCII', async () => {
    const { archive, path, folder } = await scene()
    const key = 'data/futures/um/monthly/klines/币安人生USDT/1m/币安人生USDT-1m-2024-01.zip'
    await writeArchiveFile(folder, key, CSV)
    expect(await archive.fetch(key, path)).toMatchObject({ found: true, verified: true })
  })

  it('names both hashes when a byte has flipped, after one more download, and leaves nothing behind', async () => {
    const { archive, path, out, server, zip } = await scene((at) =>
      at.endsWith('.zip') ? { kind: 'flip', at: 40 } : undefined,
    )
    const error = await failure(archive.fetch(KEY, path))
    const flipped = Buffer.from(zip)
    flipped[40] ^= 1
    expect(error.message).toContain('BTCUSDT-1m-2024-01.zip does not match its checksum')
    expect(error.message).toContain(createHash('sha256').update(zip).digest('hex'))
    expect(error.message).toContain(createHash('sha256').update(flipped).digest('hex'))
    expect(error.hint).toMatch(/run again later/)
    expect(server.requests.filter((at) => at.endsWith('.zip'))).toHaveLength(2)
    expect(await readdir(out)).toEqual([])
  })

  it('gets over a file that was being replaced', async () => {
    const { archive, path, zip } = await scene((at, nth) =>
      at.endsWith('.zip') && nth === 1 ? { kind: 'flip', at: 40 } : undefined,
    )
    expect(await archive.fetch(KEY, path)).toMatchObject({ found: true, verified: true })
    expect(await readFile(path)).toEqual(zip)
  })

  const mendable: [string, Script, RegExp][] = [
    ['a server error', (_, nth) => (nth === 1 ? { kind: 'status', status: 500 } : undefined), /status 500/],
    ['a connection reset', (_, nth) => (nth === 1 ? { kind: 'reset' } : undefined), /hang up|ECONNRESET/],
    [
      'a body cut short',
      (at, nth) => (nth === 1 && at.endsWith('.zip') ? { kind: 'truncate', bytes: 50 } : undefined),
      /broke off after \d+ of \d+ bytes/,
    ],
    [
      'a body that falls silent',
      (at, nth) => (nth === 1 && at.endsWith('.zip') ? { kind: 'stall', bytes: 50 } : undefined),
      /no data for 0.1 s/,
    ],
    [
      'no answer',
      (at, nth) => (nth === 1 && at.endsWith('.zip') ? { kind: 'silent' } : undefined),
      /no answer within 0.2 s/,
    ],
  ]
  it.each(mendable)('tries again after %s', async (_, script, reason) => {
    const { archive, path, zip, retries, out } = await scene(script, { connectTimeoutMs: 200, idleTimeoutMs: 100 })
    expect(await archive.fetch(KEY, path)).toMatchObject({ found: true, verified: true })
    expect(await readFile(path)).toEqual(zip)
    expect(await readdir(out)).toEqual(['a.zip'])
    expect(retries[0]).toMatchObject({ attempt: 1, attempts: 5, waitMs: 500 })
    expect(retries[0].reason).toMatch(reason)
  })

  it('doubles its waits and gives up after the last attempt', async () => {
    const { archive, path, retries, server, out } = await scene(() => ({ kind: 'status', status: 503 }))
    const error = await failure(archive.fetch(KEY, path))
    expect(error.message).toMatch(/failed 5 times, last: status 503/)
    expect(retries.map((retry) => retry.waitMs)).toEqual([500, 1000, 2000, 4000])
    expect(server.requests).toHaveLength(5)
    expect(await readdir(out)).toEqual([])
  })

  it('waits as long as the server asks, and holds back every other request meanwhile', async () => {
    const folder = await scratchFolder()
    const server = await startArchiveServer(folder, (_, nth) =>
      nth === 1 ? { kind: 'status', status: 429, headers: { 'retry-after': '7' } } : undefined,
    )
    onTestFinished(() => server.close())
    const waits: { ms: number; end: () => void }[] = []
    let clock = 0
    const sleep = (ms: number) => new Promise<void>((end) => waits.push({ ms, end }))
    const http = createHttp({ now: () => clock, sleep })
    const first = http.get(`${server.url}/a`, async ({ status }) => status)
    await vi.waitUntil(() => waits.length === 1)
    const second = http.get(`${server.url}/b`, async ({ status }) => status)
    await vi.waitUntil(() => waits.length === 2)
    expect(waits.map(({ ms }) => ms)).toEqual([7000, 7000])
    expect(server.requests, 'the second request has not gone out').toEqual(['/a'])
    clock += 7000
    for (const { end } of waits.splice(0)) end()
    expect(await first).toBe(404)
    await vi.waitUntil(() => waits.length === 1) // /b is told to wait as well, being asked for the first time
    clock += 7000
    waits[0].end()
    expect(await second).toBe(404)
    expect(server.requests.toSorted()).toEqual(['/a', '/a', '/b', '/b'])
  })

  it('does not wait longer than its limit', async () => {
    const { archive, path } = await scene(() => ({ kind: 'status', status: 429, headers: { 'retry-after': '3600' } }))
    expect((await failure(archive.fetch(KEY, path))).message).toMatch(/asks to wait 3,600 s .*limit is 300 s/)
  })

  const refusals: [number, Record<string, string>, RegExp][] = [
    [403, {}, /refuses access \(status 403\)/],
    [418, { 'retry-after': '120' }, /banned this address for too many requests .status 418., until .*, 120 s from now/],
    [451, {}, /does not serve this location \(status 451\)/],
    [400, {}, /answered with status 400/],
  ]
  it.each(refusals)('explains status %i', async (status, headers, message) => {
    const { archive, path, server } = await scene(() => ({ kind: 'status', status, headers }))
    const error = await failure(archive.fetch(KEY, path))
    expect(error.message).toMatch(message)
    expect(error.hint).toBeTruthy()
    // A firewall's no is asked once more, slowly; every other no is believed.
    expect(server.requests).toHaveLength(status === 403 ? 2 : 1)
  })

  it('does not take a web page for a zip', async () => {
    const { archive, path, out } = await scene(() => ({ kind: 'html' }))
    const error = await failure(archive.fetch(KEY, path))
    expect(error.message).toMatch(/web page, not a zip \(text\/html, begins with "<!DOCTYPE html>/)
    expect(await readdir(out)).toEqual([])
  })

  it.each(['.zip', '.CHECKSUM'])('asks again when a web page comes in place of a %s', async (end) => {
    const { archive, path, zip, retries } = await scene((at, nth) =>
      at.endsWith(end) && nth === 1 ? { kind: 'html' } : undefined,
    )
    expect(await archive.fetch(KEY, path)).toMatchObject({ found: true, verified: true })
    expect(await readFile(path)).toEqual(zip)
    expect(retries.map(({ reason }) => reason)).toEqual([expect.stringMatching(/is a web page, not a (zip|checksum)/)])
  })

  it('gives up on a page that stays, with a hint that fits', async () => {
    const { archive, path, server } = await scene(() => ({ kind: 'html' }))
    const error = await failure(archive.fetch(KEY, path))
    expect(error.message).toMatch(/failed 5 times, last: the answer for BTCUSDT-1m-2024-01\.zip is a web page/)
    expect(error.hint).toContain('no login page')
    expect(server.requests).toHaveLength(5)
  })

  it('reads no more of a text than it may hold', async () => {
    const endless = { kind: 'status', status: 200, body: 'a'.repeat(5_000_000) } as const
    const { archive, path } = await scene((at) => (at.endsWith('.zip') ? undefined : endless), { attempts: 1 })
    expect((await failure(archive.fetch(KEY, path))).message).toMatch(/zip\.CHECKSUM is longer than 4,096 bytes/)
    expect((await failure(archive.checksum(KEY))).message).toMatch(/zip\.CHECKSUM is longer than 4,096 bytes/)
    expect((await failure(archive.simulation())).message).toMatch(/SIMULATED\.json is longer than 1,048,576 bytes/)
  })

  it('gives user and password to the host, and to nobody else', async () => {
    const folder = await scratchFolder()
    await writeArchiveFile(folder, KEY, CSV)
    const server = await startArchiveServer(folder, (at) =>
      at.endsWith('2024-02.zip') ? { kind: 'status', status: 500 } : undefined,
    )
    onTestFinished(() => server.close())
    const retries: Retry[] = []
    const sleep = async () => {}
    const archive = await openArchive(server.url.replace('//', '//zoe:s3cr%40t@'), {
      http: { sleep, onRetry: (retry) => retries.push(retry) },
    })
    expect(archive.address).toBe(server.url)
    expect(await archive.fetch(KEY, join(folder, 'a.zip'))).toMatchObject({ found: true, verified: true })
    const basic = `Basic ${Buffer.from('zoe:s3cr@t').toString('base64')}`
    expect(server.authorizations).toEqual([basic, basic])
    const error = await failure(archive.fetch(KEY.replace('2024-01', '2024-02'), join(folder, 'b.zip')))
    await server.close()
    const gone = await failure(archive.fetch(KEY, join(folder, 'b.zip')))
    expect(JSON.stringify([error.message, error.hint, gone.message, gone.hint, retries])).not.toMatch(/s3cr|zoe/)
    await expect(openArchive('ftp://zoe:s3cret@host')).rejects.toThrow('exchange.archiveUrl "ftp://host" is neither')
  })

  it('says the same of a host that is silent to all who ask, and waits for it but once', async () => {
    const states = statesInMemory()
    let isSilent = true
    const http = { connectTimeoutMs: 50, states }
    const { archive, path, retries, server } = await scene(() => (isSilent ? { kind: 'silent' } : undefined), http)
    const first = await failure(archive.fetch(KEY, path))
    expect(first.message).toMatch(/^cannot reach 127\.0\.0\.1:\d+: no answer within 0\.05 s$/)
    expect(retries).toHaveLength(4)
    const second = await failure(archive.fetch(KEY.replace('2024-01', '2024-02'), path))
    expect(second.message).toBe(first.message)
    expect(server.requests, 'one attempt more').toHaveLength(6)
    isSilent = false
    expect(await archive.fetch(KEY, path)).toMatchObject({ found: true })
    isSilent = true
    await failure(archive.fetch(KEY, path))
    expect(retries, 'patient again').toHaveLength(8)
  })

  it('says which host it cannot reach', async () => {
    const { server, archive, path } = await scene()
    await server.close()
    const error = await failure(archive.fetch(KEY, path))
    expect(error.message).toMatch(/^cannot reach 127\.0\.0\.1:\d+/)
    expect(error.hint).toMatch(/exchange\.archiveUrl/)
  })

  it('stops when told to, and leaves nothing behind', async () => {
    const { archive, path, out } = await scene((at) => (at.endsWith('.zip') ? { kind: 'stall', bytes: 50 } : undefined))
    const controller = new AbortController()
    const stopped = expect(archive.fetch(KEY, path, { signal: controller.signal })).rejects.toThrow('enough')
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await stopped
    expect(await readdir(out)).toEqual([])
  })

  it('stops while it waits for the next attempt', async () => {
    const folder = await scratchFolder()
    const server = await startArchiveServer(folder, () => ({ kind: 'status', status: 500 }))
    onTestFinished(() => server.close())
    const controller = new AbortController()
    const http = createHttp({
      onRetry: () => setImmediate(() => controller.abort(new Error('enough'))),
      backoffMs: 60_000,
    })
    await expect(http.get(server.url, async () => null, { signal: controller.signal })).rejects.toThrow('enough')
    expect(server.requests).toHaveLength(1)
  })

  it('does not follow redirects in a circle', async () => {
    const { archive, path } = await scene(() => ({ kind: 'status', status: 302, headers: { location: '/again' } }))
    expect((await failure(archive.fetch(KEY, path))).message).toMatch(/cannot reach 127\.0\.0\.1:\d+: .*redirects/i)
  })

  it('knows the time from the exchange, else from the archive, else not', async () => {
    const folder = await scratchFolder()
    const exchange = await startArchiveServer(folder, undefined, 1_788_978_812_658)
    const server = await startArchiveServer(folder)
    onTestFinished(() => exchange.close())
    const question = { venue: 'binance-um', pairs: ['BTCUSDT'], base: '1m' } as const
    const states = statesInMemory()
    const http = createHttp({ attempts: 1 })
    const clock = (venue: Venue, url: string) => openRest({ venue, url, http, states, now: () => 0 })
    const clocks = {
      'binance-um': clock('binance-um', exchange.url),
      'binance-spot': clock('binance-spot', 'http://127.0.0.1:9'),
    }
    const archive = await openArchive(server.url, { clocks, http: { attempts: 1 } })
    expect(await archive.now(question)).toBe(1_788_978_812_658)
    // Port 9 refuses: the archive's own Date header is next, exact to the second.
    const own = await archive.now({ ...question, venue: 'binance-spot' })
    expect(Math.abs((own ?? 0) - Date.now())).toBeLessThan(60_000)
    await server.close()
    expect(await archive.now({ ...question, venue: 'binance-spot' })).toBeNull()
  })

  it('reads the marker of a simulated market, and null where there is none', async () => {
    const { archive } = await scene()
    expect(await archive.simulation()).toBeNull()
    const { archive: captive } = await scene(() => ({ kind: 'html' }))
    expect(await captive.simulation()).toBeNull()
    const marker = {
      simulated: true,
      seed: 1,
      edge: 0,
      generator: 1,
      from: '2024-01-01',
      to: '2024-02-01',
      pairs: ['BTCUSDT'],
    }
    const { archive: marked } = await scene(() => ({ kind: 'status', status: 200, body: JSON.stringify(marker) }))
    expect(await marked.simulation()).toEqual({
      seed: 1,
      edge: 0,
      generator: 1,
      from: '2024-01-01',
      to: '2024-02-01',
      pairs: ['BTCUSDT'],
      kinds: ['klines', 'fundingRate'],
    })
  })
})
