/**
 * How much was tried on the time of the test part, as an input of select: a digest of the ledger that does not depend on the order in which workers
 * ended, and that is the same before and after the run's own entries are written.
 */
import type { Span } from '../../core/time.js'
import type { LedgerEntry } from '../../datasets/ledger.js'
import { refuseLost } from '../../datasets/registry-file.js'
import { absolute, PLACES, type Workspace } from '../../datasets/workspace.js'
import { type Done, dataSnapshot, inputsFrom, type PlanContext, pick, TRADING_SETTINGS } from '../stage.js'
import { marketContent, marketInputs } from '../traded-market.js'

/** @throws UserError when the registry is lost, or the ledger is not what was written: less than was tried would count */
export async function trialsSoFar(context: PlanContext, pair: string) {
  const { ledgerKey, parsedRow, readStored } = await import('../../datasets/ledger.js')
  const { backtestEntry, countsFor, countTrials, fitEntry, scoredOf, uncountedUnits } = await import(
    '../../datasets/ledger-entries.js'
  )
  const { refuseBroken } = await import('../../datasets/ledger-anchors.js')
  const { config, done, workspace } = context
  refuseLost(absolute(workspace, PLACES.registry))
  const about = { venue: config['data.venue'], pair, snapshot: dataSnapshot(context) }
  const stored = await readStored(absolute(workspace, PLACES.registry))
  refuseBroken(workspace, stored)
  const fitted = done('train', 'fit')
  const look = fitted[0].manifest.facts.testPart as Span
  const ledger = stored.rows
    .map(parsedRow)
    .filter(({ entry: { venue, pair: of } }) => venue === about.venue && of === pair)
  const rows = ledger.filter((row) => countsFor(look, row))
  const fits = fitted.map(({ settings, manifest }) => {
    const came = { outcome: null, scored: scoredOf(manifest.facts) }
    return fitEntry(pair, { inputs: manifest.made.inputs, settings }, came)
  })
  const backtests = done('train', 'bundle').map((bundle) =>
    backtestEntry({ ...about, ...tradedBy(context, bundle) }, { outcome: null, scored: look }),
  )
  // When they were made is not known: one without a span may have been scored on anything.
  const lost = uncountedUnits(workspace, about, ledger)
    .map(({ entry }) => entry)
    .filter((entry) => countsFor(look, { entry, time: Number.POSITIVE_INFINITY }))
  const own = [...fits, ...lost, ...backtests]
  const known = new Set(rows.map(({ key }) => key))
  return {
    snapshot: about.snapshot,
    scored: look,
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
  { venue, pair }: { readonly venue: string; readonly pair: string },
  backtests: readonly LedgerEntry[],
  time: number,
) {
  const { readLedger, readStored, recordInLedger } = await import('../../datasets/ledger.js')
  const { uncountedUnits } = await import('../../datasets/ledger-entries.js')
  const path = absolute(workspace, PLACES.registry)
  const rows = await readLedger(path, { venue, pair })
  const lost = uncountedUnits(workspace, { venue, pair }, rows).map(({ entry }) => entry)
  await recordInLedger(path, [...lost, ...backtests], time)
  return (await readStored(path)).head
}
