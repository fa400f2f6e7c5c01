/**
 * How much was tried on the data at hand, as an input of select: a digest of the ledger that does not depend on the order in which workers ended,
 * and that is the same before and after the run's own entries are written.
 */

import type { LedgerEntry } from '../../datasets/ledger.js'
import { absolute, PLACES, type Workspace } from '../../datasets/workspace.js'
import { type Done, dataSnapshot, inputsFrom, type PlanContext, pick, TRADING_SETTINGS } from '../stage.js'
import { marketContent, marketInputs } from '../traded-market.js'

export async function trialsSoFar(context: PlanContext, pair: string) {
  const { ledgerKey, readLedger } = await import('../../datasets/ledger.js')
  const { backtestEntry, countTrials, fitEntry, uncountedUnits } = await import('../../datasets/ledger-entries.js')
  const { config, done, workspace } = context
  const about = { venue: config['data.venue'], pair, snapshot: dataSnapshot(context) }
  const ledger = await readLedger(absolute(workspace, PLACES.registry), { venue: about.venue, pair })
  const rows = ledger.filter(({ entry }) => entry.snapshot === about.snapshot)
  const fits = done('train', 'fit').map(({ settings, manifest }) =>
    fitEntry(pair, { inputs: manifest.made.inputs, settings }, null),
  )
  const backtests = done('train', 'bundle').map((bundle) =>
    backtestEntry({ ...about, ...tradedBy(context, bundle) }, null),
  )
  const lost = uncountedUnits(workspace, about, ledger).map(({ entry }) => entry)
  const own = [...fits, ...lost, ...backtests]
  const known = new Set(rows.map(({ key }) => key))
  return {
    snapshot: about.snapshot,
    trials: countTrials(rows, own),
    /** Of all that lies on disk: what the ledger has lost. */
    uncounted: [...new Set(own.map(ledgerKey))].filter((key) => !known.has(key)).length,
  }
}

/** What makes the backtest of a bundle's test part, and no other. */
function tradedBy({ config, done }: PlanContext, bundle: Done) {
  return {
    model: String(bundle.settings.model),
    part: 'test' as const,
    predictions: inputsFrom([bundle], ['predictions'])[0].sha256,
    ...marketContent(marketInputs({ config, done })),
    settings: pick(config, TRADING_SETTINGS),
  }
}

/**
 * Writes what select itself tried, and any fit or trial that lies on disk uncounted (the file of the registry was lost).
 *
 * @returns where the chain ends now, for the record of this run
 */
export async function recordTrials(
  workspace: Workspace,
  about: { readonly venue: string; readonly pair: string; readonly snapshot: string },
  backtests: readonly LedgerEntry[],
  time: number,
) {
  const { readLedger, readStored, recordInLedger } = await import('../../datasets/ledger.js')
  const { uncountedUnits } = await import('../../datasets/ledger-entries.js')
  const path = absolute(workspace, PLACES.registry)
  const { venue, pair } = about
  const rows = await readLedger(path, { venue, pair })
  const lost = uncountedUnits(workspace, { venue, pair, snapshot: null }, rows).map(({ entry }) => entry)
  await recordInLedger(path, [...lost, ...backtests], time)
  return (await readStored(path, about)).head
}
