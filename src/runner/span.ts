/**
 * Which time a run is about. Given dates stand; otherwise it is the last full months before the archive's now, which is asked once and
 * stored, so that a second run needs no network and finds everything fresh.
 */
import type { Config } from '../config/settings.js'
import { canonicalJson } from '../core/canonical.js'
import { UserError } from '../core/errors.js'
import { addMonths, isoDay, monthOf, monthStart, parseTime, type Span, timeframeMs } from '../core/time.js'
import { readJson, writeFileWhole } from '../datasets/files.js'
import { absolute, addressIn, PLACES, placeFor, type Workspace } from '../datasets/workspace.js'
import { openArchive } from '../sources/archive.js'

type Stored = { readonly [question: string]: { readonly now: number; readonly asked: number } }

/** @throws UserError when the span is empty */
export async function resolveSpan(config: Config, workspace: Workspace, clock: () => number): Promise<Span> {
  const from = config['data.from'] === null ? null : parseTime(config['data.from'])
  const to = config['data.to'] === null ? null : parseTime(config['data.to'])
  const end = to ?? monthStart(monthOf(await presentOf(config, workspace, clock)))
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

async function presentOf(config: Config, workspace: Workspace, clock: () => number): Promise<number> {
  const address = addressIn(workspace, config['exchange.archiveUrl'])
  const question = canonicalJson({
    address,
    venue: config['data.venue'],
    pairs: [...config['data.pairs']],
    base: config['bars.base'],
  })
  const path = absolute(workspace, PLACES.spans)
  const stored = (readJson(path) ?? {}) as Stored
  const before = stored[question]
  // Only full months count, so the answer holds until another month has begun.
  if (before !== undefined && monthOf(before.asked) === monthOf(clock())) return before.now
  const archive = await openArchive(config['exchange.archiveUrl'], {
    clockUrls: { 'binance-um': config['exchange.futuresUrl'], 'binance-spot': config['exchange.spotUrl'] },
  })
  const venue = config['data.venue']
  const answer = await archive.now({ venue, pairs: config['data.pairs'], base: config['bars.base'] })
  const now = answer ?? clock()
  if (answer !== null) {
    writeFileWhole(
      placeFor(workspace, PLACES.spans),
      JSON.stringify({ ...stored, [question]: { now, asked: clock() } }),
    )
  }
  return now
}
