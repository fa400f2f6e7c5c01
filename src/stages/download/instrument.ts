/**
 * What the exchange says of a pair, asked once: it refuses an unknown name before anything is fetched, and tells when the pair was
 * listed, so that nobody asks for the time before.
 */
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { type Json, prettyJson } from '../../core/canonical.js'
import { UserError } from '../../core/errors.js'
import { isoDay } from '../../core/time.js'
import { readManifest } from '../../datasets/manifest.js'
import { absolute } from '../../datasets/workspace.js'
import { addressesOf } from '../../sources/addresses.js'
import type { Venue } from '../../sources/keys.js'
import type { PlanContext, PlannedTask, Task, TaskIo, TaskResult } from '../stage.js'
import { addressSettings, dayOf, exchangeOf } from './exchange.js'

/** None where the exchange is not asked. */
export function planInstrument({ config, pair, workspace, clock, revise }: PlanContext): PlannedTask[] {
  const addresses = addressesOf(config)
  if (pair === null || addresses.restUrl === null) return []
  const today = isoDay(clock())
  return [
    {
      stage: 'download',
      step: 'instrument',
      pair,
      unit: `${pair} instrument`,
      inputs: [],
      settings: { venue: addresses.venue, pair, rest: addresses.restUrl, ...addressSettings(config, workspace) },
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
    if (rest === null) return answer({ complete: true, listed: null, restricted: false }, 'not asked')
    await rest.serverTime(io.signal)
    const { instrument, suggestion } = await findInstrument(rest, pair, states, io.signal)
    if (instrument === null) {
      await refuseUnknown(task, io, exchange, suggestion)
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

async function refuseUnknown(
  task: Task,
  io: TaskIo,
  { http }: Awaited<ReturnType<typeof exchangeOf>>,
  suggestion: string,
): Promise<void> {
  const { isListed, listingUrlOf } = await import('../../sources/listing.js')
  const { archive, listing, pair, venue } = task.settings
  const listingUrl = listingUrlOf(String(listing), String(archive))
  // Without a listing the archive is asked file by file, and the index refuses a pair of which nothing is there.
  if (http === null || listingUrl === null) return
  const asked = { venue: venue as Venue, pair: String(pair) }
  if (await isListed(http, listingUrl, asked, io.signal)) return
  throw new UserError(
    `${asked.pair} is not a pair of ${asked.venue}: neither traded now nor in the archive${suggestion}`,
    {
      hint: 'write pairs as the exchange does, such as BTCUSDT, and check data.venue',
      exitCode: 2,
    },
  )
}
