/**
 * What the exchange says of a pair, asked once: it refuses an unknown name before anything is fetched, and tells when the pair was
 * listed, so that nobody asks for the time before.
 */
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { withoutAccess } from '../../core/access.js'
import { type Json, prettyJson } from '../../core/canonical.js'
import { UserError } from '../../core/errors.js'
import { suggestion } from '../../core/suggest.js'
import { DAY, isoDay } from '../../core/time.js'
import { readManifest } from '../../datasets/manifest.js'
import { absolute } from '../../datasets/workspace.js'
import { addressesOf, isRemote, listingUrlOf } from '../../sources/addresses.js'
import { archiveKey, type Venue } from '../../sources/keys.js'
import type { PlanContext, PlannedTask, Task, TaskIo, TaskResult } from '../stage.js'
import { accessSettings, addressSettings, dayOf, exchangeOf } from './exchange.js'

/** None where neither the exchange nor a listing of the archive can be asked. */
export function planInstrument({ config, pair, workspace, clock, revise }: PlanContext): PlannedTask[] {
  const addresses = addressesOf(config)
  if (pair === null) return []
  const { restUrl, archiveUrl, listingUrl } = addresses
  if (restUrl === null && (!isRemote(archiveUrl) || listingUrlOf(listingUrl, archiveUrl) === null)) return []
  const today = isoDay(clock())
  return [
    {
      stage: 'download',
      step: 'instrument',
      pair,
      unit: `${pair} instrument`,
      inputs: [],
      settings: {
        venue: addresses.venue,
        pair,
        rest: restUrl === null ? null : withoutAccess(restUrl),
        ...addressSettings(config, workspace),
      },
      access: accessSettings(config),
      manifest: `data/raw/${addresses.venue}/${pair}/instrument.manifest.json`,
      libraries: [],
      memoryBytes: 100e6,
      recheck: ({ facts }, record) =>
        dayOf(record) !== today && (revise || facts.complete !== true) ? `last asked on ${dayOf(record)}` : null,
    },
  ]
}

/** What units of the same pair want to know of it. */
export type InstrumentFacts = {
  /** False: the exchange did not answer, and is asked again another day. */
  readonly complete: boolean
  /** The exchange lists it now; null when it did not say. */
  readonly listed: boolean | null
  /** It does not serve this place: asking for data would be in vain. */
  readonly restricted: boolean
  readonly onboardDate?: number | null
  readonly deliveryDate?: number | null
}

export async function askInstrument(task: Task, io: TaskIo): Promise<TaskResult> {
  const { findInstrument } = await import('../../sources/instrument.js')
  const { StatusError } = await import('../../sources/http-refusals.js')
  const pair = String(task.settings.pair)
  const exchange = await exchangeOf(task, io)
  const { rest, states } = exchange
  const answer = (facts: InstrumentFacts, summary: string, warnings: readonly string[] = []): TaskResult => {
    const skewMs = rest === null ? 0 : states.change(rest.host, (state) => state.skew?.ms ?? 0)
    return { facts: { ...facts }, summary, warnings, notes: { skewMs } }
  }
  try {
    if (rest === null) {
      await refuseUnlisted(task, io, exchange)
      return answer({ complete: true, listed: null, restricted: false }, 'the archive has it')
    }
    await rest.serverTime(io.signal)
    const { instrument, suggestion: meant } = await findInstrument(rest, pair, states, io.signal)
    if (instrument === null) {
      if ((await inListing(task, io, exchange)) === false) throw unknown(task, 'neither traded now nor', meant)
      const warning = 'the exchange does not list it now: what there is comes from the archive'
      return answer({ complete: true, listed: false, restricted: false }, 'not traded now', [warning])
    }
    const { entry, ...facts } = instrument
    await io.write('instrument', entryPath(io), (temporary) => writeFileSync(temporary, prettyJson(entry as Json)))
    const listed = facts.onboardDate === null ? '' : `, listed ${isoDay(facts.onboardDate)}`
    return answer({ complete: true, listed: true, restricted: false, ...facts }, `${facts.status}${listed}`)
  } catch (error) {
    // The archive may answer where the exchange does not: what is missing then is only what the exchange would have added.
    if (!(error instanceof UserError) || error.exitCode === 2) throw error
    const before = await keepEarlier(task, io)
    if (before !== null) return answer(before, 'what it said before holds', [error.message])
    if (rest !== null) await refuseUnlisted(task, io, exchange)
    const restricted = error instanceof StatusError && (error.status === 451 || error.status === 403)
    return answer({ complete: false, listed: null, restricted }, 'the exchange does not answer', [error.message])
  } finally {
    exchange.close()
  }
}

const entryPath = (io: TaskIo) => `${io.folder}/instrument.json`

/** All files of the pair are made from these facts: one silent answer must not let them be fetched again, or asked for without REST. */
async function keepEarlier(task: Task, io: TaskIo): Promise<InstrumentFacts | null> {
  const earlier = readManifest(io.workspace, task.manifest)
  const facts = earlier?.facts as InstrumentFacts | undefined
  const { rest } = (earlier?.made.settings ?? {}) as Task['settings']
  if (facts?.complete !== true || rest !== task.settings.rest) return null
  const entry = absolute(io.workspace, entryPath(io))
  if (existsSync(entry)) await io.write('instrument', entryPath(io), (temporary) => copyFileSync(entry, temporary))
  return facts
}

type Asked = Awaited<ReturnType<typeof exchangeOf>>

/** Null without a listing: the archive is then asked file by file, and the index refuses what has none. */
async function inListing(task: Task, io: TaskIo, { http }: Asked): Promise<boolean | null> {
  const { isListed } = await import('../../sources/listing.js')
  const listingUrl = listingOf(task)
  if (http === null || listingUrl === null) return null
  return isListed(http, listingUrl, { venue: venueOf(task), pair: String(task.settings.pair) }, io.signal)
}

/** Where the exchange says nothing: an unknown name is refused before it is asked for in every file that there could be. */
async function refuseUnlisted(task: Task, io: TaskIo, exchange: Asked): Promise<void> {
  const { listedPairs } = await import('../../sources/listing.js')
  const [listingUrl, venue, pair] = [listingOf(task), venueOf(task), String(task.settings.pair)]
  try {
    if ((await inListing(task, io, exchange)) !== false) return
    // A listing can be behind what is published: a new pair has a file of late.
    const newest = archiveKey({ venue, pair, kind: 'klines', timeframe: '1m' }, isoDay(io.clock() - 2 * DAY))
    if ((await exchange.archive.checksum(newest, io.signal)) !== null) return
    const { http } = exchange
    const known = http === null || listingUrl === null ? [] : await listedPairs(http, listingUrl, venue, io.signal)
    throw unknown(task, 'not', suggestion(pair, known))
  } catch (error) {
    // A listing that cannot be had refuses nobody.
    if (!(error instanceof UserError) || error.exitCode === 2) throw error
  }
}

function listingOf({ settings, access = {} }: Task): string | null {
  const setting = access.listing ?? String(settings.listing)
  return listingUrlOf(setting, access.archive ?? String(settings.archive))
}

function venueOf({ settings }: Task): Venue {
  return settings.venue as Venue
}

function unknown({ settings }: Task, where: string, meant: string): UserError {
  return new UserError(`${settings.pair} is not a pair of ${settings.venue}: ${where} in the archive${meant}`, {
    hint: 'write pairs as the exchange does, such as BTCUSDT, and check data.venue',
    exitCode: 2,
  })
}
