/**
 * The exchange as the settings of a download unit name it, with the limits that all workers share.
 */
import type { Config } from '../../config/settings.js'
import type { Manifest, RunRecord } from '../../datasets/manifest.js'
import { absolute, addressIn, type Workspace } from '../../datasets/workspace.js'
import { type Addresses, addressesOf } from '../../sources/addresses.js'
import type { Venue } from '../../sources/keys.js'
import type { PlanContext, Task, TaskIo } from '../stage.js'

/** Addresses as units keep them: a folder of the workspace without the machine's own path. */
export function addressSettings(config: Config, workspace: Workspace) {
  return {
    archive: addressIn(workspace, config['exchange.archiveUrl']),
    listing: addressesOf(config).listingUrl,
  }
}

/** Must be closed. */
export function exchangeOf(task: Task, io: TaskIo) {
  const { rest, listing, venue } = task.settings
  const restUrl = rest === null ? null : String(rest)
  const archiveUrl = archiveOf(task, io.workspace)
  const clockUrl = restUrl ?? archiveUrl
  return opened({ venue: venue as Venue, archiveUrl, listingUrl: String(listing), restUrl, clockUrl }, io)
}

/** Must be closed. */
export function exchangeForPlan({ config, workspace, clock }: PlanContext) {
  return opened(addressesOf(config), { workspace, clock })
}

type Rim = { readonly workspace: Workspace; readonly clock: () => number }

async function opened(addresses: Addresses, { workspace, clock }: Rim) {
  const { openExchange } = await import('../../sources/exchange.js')
  const { openLimits } = await import('../../datasets/limits-file.js')
  const { newHostState } = await import('../../sources/limits.js')
  const states = openLimits(workspace, newHostState)
  const exchange = await openExchange({ ...addresses, states, now: clock })
  return { ...exchange, states, close: () => states.close() }
}

export function archiveOf({ settings }: Task, workspace: Workspace): string {
  const address = String(settings.archive)
  return address.startsWith('root:') ? absolute(workspace, address.slice('root:'.length)) : address
}

/** The UTC day on which a unit was carried out, empty when it never was. */
export function dayOf(record: RunRecord | null): string {
  return record?.startedAt.slice(0, 10) ?? ''
}

/** A file of the archive from which a unit was made. */
type Source = { readonly key: string; readonly sha256: string; readonly verified: boolean }

/** None where a unit is made from REST alone. */
export function sourcesOf({ facts }: Manifest): readonly Source[] {
  return (facts.sources ?? []) as unknown as readonly Source[]
}
