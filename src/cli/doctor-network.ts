/** What `sluice doctor` asks of others: the exchange's clock and the archive. Each question is asked once, for 2 seconds. */
import { resolve } from 'node:path'
import { withoutAccess } from '../core/access.js'
import { messageOf, UserError } from '../core/errors.js'
import { openArchive } from '../sources/archive.js'
import { LONGEST, readText } from '../sources/bounded-text.js'
import type { Http } from '../sources/http.js'
import { archiveKey, urlPath, VENUES } from '../sources/keys.js'
import type { Archive } from '../sources/source.js'
import type { Check } from './doctor.js'

const PATIENCE_MS = 2000
/** Beyond this, bars that are just closing are taken for closed, or the other way round. */
const LARGEST_OFFSET_MS = 1000
const MIRROR_WORKS =
  'only needed for new data from the exchange; a local mirror as exchange.archiveUrl works without it'

/** How far this machine's clock is from the exchange's, half of the journey taken off. */
export async function examineClock(futuresUrl: string, offline: boolean): Promise<Check> {
  const name = 'Clock'
  if (offline) return notAsked(name)
  const url = `${futuresUrl.replace(/\/+$/, '')}/fapi/v1/time`
  try {
    const sent = Date.now()
    const [received, body] = await (await client()).get(url, async (response) => [
      Date.now(),
      await readText(response.body, LONGEST.message, () => new UserError(`${withoutAccess(url)} answers at length`)),
    ])
    const serverTime = timeIn(body)
    if (serverTime === null)
      return { name, state: 'missing', value: `${withoutAccess(url)} tells no time`, hint: MIRROR_WORKS }
    const offset = Math.round((sent + received) / 2 - serverTime)
    const travel = Math.ceil((received - sent) / 2)
    const value = `${Math.abs(offset)} ms ${offset < 0 ? 'behind' : 'ahead of'} the exchange (± ${travel} ms)`
    if (Math.abs(offset) <= LARGEST_OFFSET_MS) return { name, state: 'ok', value }
    const hint = 'let the system set its clock by the network; on Linux: timedatectl set-ntp true'
    return { name, state: 'warning', value: `${value}, more than ${LARGEST_OFFSET_MS} ms`, hint }
  } catch (thrown) {
    return { name, state: 'missing', value: messageOf(thrown), hint: MIRROR_WORKS }
  }
}

/** Whether the archive answers as one would: a folder by its `data/`, a host by a small file that every archive has. */
export async function examineArchive(archiveUrl: string, offline: boolean): Promise<Check> {
  const name = 'Archive'
  const isRemote = /^https?:\/\//i.test(archiveUrl)
  if (isRemote && offline) return notAsked(name)
  try {
    const archive = await openArchive(archiveUrl)
    if (!isRemote) return { name, state: 'ok', value: await contents(archive) }
    const sample = archiveKey({ venue: 'binance-um', pair: 'BTCUSDT', kind: 'klines', timeframe: '1m' }, '2024-01')
    const url = `${archiveUrl.replace(/\/+$/, '')}/${urlPath(sample)}.CHECKSUM`
    const status = await (await client()).get(url, async (response) => response.status)
    const mirror = status === 404 ? ' (a mirror without BTCUSDT futures)' : ''
    return { name, state: 'ok', value: `${archive.address} answers${mirror}` }
  } catch (thrown) {
    const hint = thrown instanceof UserError ? thrown.hint : undefined
    return { name, state: 'missing', value: messageOf(thrown), hint: hint ?? MIRROR_WORKS }
  }
}

async function client(): Promise<Http> {
  const { createHttp } = await import('../sources/http.js')
  return createHttp({ attempts: 1, connectTimeoutMs: PATIENCE_MS, idleTimeoutMs: PATIENCE_MS })
}

async function contents(archive: Archive): Promise<string> {
  const counts = await Promise.all(
    VENUES.map(async (venue) => ({ venue, pairs: (await archive.pairs(venue))?.length ?? 0 })),
  )
  const held = counts.filter(({ pairs }) => pairs > 0).map(({ venue, pairs }) => `${pairs} of ${venue}`)
  return `${resolve(archive.address)}, pairs: ${held.join(', ') || 'none'}`
}

/** `{"serverTime": 1700000000000}`, null when the answer is anything else, such as a page to sign in at. */
function timeIn(body: string): number | null {
  try {
    const { serverTime } = JSON.parse(body) as { serverTime?: unknown }
    return typeof serverTime === 'number' ? serverTime : null
  } catch {
    return null
  }
}

function notAsked(name: string): Check {
  return { name, state: 'missing', value: 'not asked (offline)' }
}
