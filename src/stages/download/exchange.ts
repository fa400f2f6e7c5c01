/**
 * The exchange as the settings of a download unit name it, with the limits that all workers share.
 */
import type { Config } from '../../config/settings.js'
import { withoutAccess } from '../../core/access.js'
import type { Manifest, RunRecord } from '../../datasets/manifest.js'
import { absolute, addressIn, type Workspace } from '../../datasets/workspace.js'
import { type Addresses, addressesOf } from '../../sources/addresses.js'
import type { Venue } from '../../sources/keys.js'
import type { PlanContext, Task, TaskIo } from '../stage.js'

/** Addresses as units keep them: a folder of the workspace without the machine's own path, a server without user and password. */
export function addressSettings(config: Config, workspace: Workspace) {
  return {
    archive: addressIn(workspace, config['exchange.archiveUrl']),
    listing: withoutAccess(addressesOf(config).listingUrl),
  }
}

/** The addresses that have a user and password, whole: what `Task.access` is. */
export function accessSettings(config: Config): { readonly [name: string]: string } {
  const { archiveUrl: archive, listingUrl: listing, restUrl: rest } = addressesOf(config)
  const all = Object.entries({ archive, listing, rest: rest ?? '' })
  return Object.fromEntries(all.filter(([, address]) => withoutAccess(address) !== address))
}

/** Must be closed. */
export function exchangeOf(task: Task, io: TaskIo) {
  const { access = {}, settings } = task
  const { rest, listing, venue } = settings
  const restUrl = rest === null ? null : (access.rest ?? String(rest))
  const archiveUrl = archiveOf(task, io.workspace)
  const clockUrl = restUrl ?? archiveUrl
  const listingUrl = access.listing ?? String(listing)
  return opened({ venue: venue as Venue, archiveUrl, listingUrl, restUrl, clockUrl }, io)
}

/** Must be closed. */
export function exchangeForPlan(context: PlanContext) {
  return opened(addressesOf(context.config), context)
}

type Rim = Pick<TaskIo, 'workspace' | 'environment' | 'clock'>

async function opened(addresses: Addresses, rim: Rim) {
  const { openExchange } = await import('../../sources/exchange.js')
  const { openLimits } = await import('../../datasets/limits-file.js')
  const { newHostState } = await import('../../sources/limits.js')
  const states = await openLimits(rim, newHostState)
  const exchange = await openExchange({ ...addresses, states, now: rim.clock })
  return { ...exchange, states, close: () => states.close() }
}

export function archiveOf({ settings, access = {} }: Task, workspace: Workspace): string {
  const address = access.archive ?? String(settings.archive)
  return address.startsWith('root:') ? absolute(workspace, address.slice('root:'.length)) : address
}

/** The UTC day on which a unit was carried out, empty when it never was. */
export function dayOf(record: RunRecord | null): string {
  return record?.startedAt.slice(0, 10) ?? ''
}

/** A file of the archive from which a unit was made. */
type Source = { readonly key: string; readonly sha256: string; readonly verified: boolean }

/** Files of the archive that were there and left out of a unit, for they are at odds with their checksums. */
export function quarrelsOf({ facts }: Manifest): readonly { readonly key: string }[] {
  return (facts.quarrels ?? []) as unknown as readonly { readonly key: string }[]
}

/** None where a unit is made from REST alone. */
export function sourcesOf({ facts }: Manifest): readonly Source[] {
  return (facts.sources ?? []) as unknown as readonly Source[]
}
