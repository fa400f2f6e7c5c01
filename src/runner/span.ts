/**
 * Which time a run is about. Given dates stand; otherwise it is the last full months before the archive's now, which is asked once and
 * stored, so that a second run needs no network and finds everything fresh.
 */
import type { Config } from '../config/settings.js'
import { canonicalJson } from '../core/canonical.js'
import { UserError } from '../core/errors.js'
import { addMonths, DAY, isoDay, monthOf, monthStart, parseTime, type Span, timeframeMs } from '../core/time.js'
import { readJson, writeFileWhole } from '../datasets/files.js'
import { absolute, addressIn, PLACES, placeFor, type Workspace } from '../datasets/workspace.js'
import { addressesOf } from '../sources/addresses.js'
import type { Environment } from '../stages/stage.js'

type Stored = { readonly [question: string]: { readonly now: number; readonly asked: number } }

export type Rim = {
  readonly workspace: Workspace
  readonly environment: Environment
  readonly clock: () => number
}

/** @throws UserError when the span is empty */
export async function resolveSpan(config: Config, rim: Rim): Promise<Span> {
  const from = config['data.from'] === null ? null : parseTime(config['data.from'])
  const to = config['data.to'] === null || config['data.to'] === 'now' ? null : parseTime(config['data.to'])
  const end = to ?? (await endOf(config, rim))
  const start = from ?? monthStart(addMonths(monthOf(end - 1), 1 - config['data.months']))
  if (start >= end) {
    throw new UserError(`data.from ${isoDay(start)} is not before the end of what there is, ${isoDay(end)}`, {
      hint: 'give an earlier data.from, or data.to as well',
      exitCode: 2,
    })
  }
  if (start % timeframeMs('1d') !== 0 || end % timeframeMs('1d') !== 0) {
    throw new UserError('data.from and data.to must be whole UTC days', { hint: 'such as 2024-01-31', exitCode: 2 })
  }
  return { from: start, to: end }
}

/** The begin of this month, or of this day, by the clock of whoever knows it best. */
async function endOf(config: Config, rim: Rim): Promise<number> {
  const toNow = config['data.to'] === 'now'
  const now = await presentOf(config, rim)
  return toNow ? Math.floor(now / DAY) * DAY : monthStart(monthOf(now))
}

async function presentOf(config: Config, rim: Rim): Promise<number> {
  const { workspace, clock } = rim
  const toNow = config['data.to'] === 'now'
  const address = addressIn(workspace, config['exchange.archiveUrl'])
  const venue = config['data.venue']
  const pairs = config['data.pairs']
  const base = config['bars.base']
  const question = canonicalJson({ address, venue, pairs: [...pairs], base, ...(toNow ? { toNow } : {}) })
  const path = absolute(workspace, PLACES.spans)
  const stored = (readJson(path) ?? {}) as Stored
  const before = stored[question]
  // Only full months (or days) count, so the answer holds until another one has begun.
  const period = (time: number) => (toNow ? isoDay(time) : monthOf(time))
  if (before !== undefined && period(before.asked) === period(clock())) return before.now
  const answer = await askArchive(config, rim)
  const now = answer ?? clock()
  if (answer !== null) {
    writeFileWhole(
      placeFor(workspace, PLACES.spans),
      JSON.stringify({ ...stored, [question]: { now, asked: clock() } }),
    )
  }
  return now
}

/** A clock that does not answer is not worth waiting for: there is another. */
const PATIENCE = { attempts: 1, connectTimeoutMs: 5000 }

async function askArchive(config: Config, rim: Rim): Promise<number | null> {
  const question = { venue: config['data.venue'], pairs: config['data.pairs'], base: config['bars.base'] }
  const { openExchange } = await import('../sources/exchange.js')
  const { openLimits } = await import('../datasets/limits-file.js')
  const { newHostState } = await import('../sources/limits.js')
  const states = await openLimits(rim, newHostState)
  try {
    const exchange = await openExchange({ ...addressesOf(config), states, now: rim.clock, http: PATIENCE })
    return await exchange.archive.now(question)
  } finally {
    states.close()
  }
}
