/**
 * What stages write into the ledger, and what is read out of it about one snapshot of data: how much was tried there. The count does not depend
 * on the order of the rows.
 */
import { readdirSync } from 'node:fs'
import { canonicalJson, type Json, sha256 } from '../core/canonical.js'
import { type LedgerEntry, type LedgerRow, ledgerKey } from './ledger.js'
import { readManifest } from './manifest.js'
import { absolute, type Workspace } from './workspace.js'

type Made = {
  readonly inputs: readonly { readonly sha256: string }[]
  readonly settings: { readonly [name: string]: Json }
}

/** What decides a fit is its settings and the content of what it read. */
export function fitEntry(pair: string, { inputs, settings }: Made, outcome: Json): LedgerEntry {
  const { model, fold, snapshot, 'data.venue': venue, ...rest } = settings
  return {
    kind: 'fit',
    ...{ venue: String(venue), pair, snapshot: String(snapshot), model: String(model), fold: Number(fold) },
    content: { settings: rest, inputs: inputs.map(({ sha256: hash }) => hash) },
    outcome,
  }
}

/** What decides a trial of the tuner; its number, and the trials and the space that it was proposed from, do not. */
export function trialEntry(pair: string, { inputs, settings }: Made, outcome: Json): LedgerEntry {
  const { model, trial: _, tried: __, space: ___, snapshot, 'data.venue': venue, ...rest } = settings
  return {
    kind: 'trial',
    ...{ venue: String(venue), pair, snapshot: String(snapshot), model: String(model), fold: null },
    content: { settings: rest, inputs: inputs.map(({ sha256: hash }) => hash) },
    outcome,
  }
}

export type BacktestOf = {
  readonly venue: string
  readonly pair: string
  readonly snapshot: string
  readonly model: string
  /** `account_…`: together with other pairs, for the sake of the account; nothing is chosen by it. */
  readonly part: 'test' | 'out_of_fold' | 'account_test' | 'account_out_of_fold'
  readonly predictions: string // SHA-256 of the file
  readonly funding: string | null
  readonly mark: readonly string[] // of the mark price, a file a month
  readonly book?: readonly string[] // of the order book, where fills are bounded by it
  readonly settings: { readonly [name: string]: Json }
}

/** The same predictions traded by the same rules are one backtest, whichever stage does it. */
export function backtestEntry(
  { venue, pair, snapshot, model, part, predictions, funding, mark, book, settings }: BacktestOf,
  outcome: Json,
): LedgerEntry {
  return {
    kind: 'backtest',
    venue,
    pair,
    snapshot,
    model,
    fold: null,
    content: { part, predictions, funding, mark, settings, ...(book === undefined ? {} : { book }) },
    outcome,
  }
}

/** How much was tried on a snapshot. All of it is an input of select. */
export type TrialCount = {
  /** Over the sorted keys of all that counts: fits, trials, and backtests of the test part. */
  readonly digest: string
  readonly fits: number
  readonly trials: number
  readonly backtests: number // of the test part
  /** Fits and trials that differ in more than their fold. */
  readonly configurations: number
  /** N of the deflated Sharpe ratio: configurations, or backtests of the test part where these are more. */
  readonly tried: number
  /** Sharpe ratios a day that others had on the test part, ascending. */
  readonly otherSharpes: readonly number[]
}

/**
 * @param rows  of one venue, pair and snapshot
 * @param own   entries of the run at hand, recorded or not: with them the count is the same before and after they are
 */
export function countTrials(rows: readonly LedgerRow[], own: readonly LedgerEntry[]): TrialCount {
  const ownKeys = new Set(own.map(ledgerKey))
  const entries = new Map<string, LedgerEntry>()
  for (const { key, entry } of rows) if (counts(entry)) entries.set(key, entry)
  for (const entry of own) if (counts(entry)) entries.set(ledgerKey(entry), entry)
  const all = [...entries.values()]
  const of = (kind: LedgerEntry['kind']) => all.filter((entry) => entry.kind === kind)
  const configurations = new Set(
    [...of('fit'), ...of('trial')].map(({ model, content }) => canonicalJson({ model, content })),
  ).size
  const backtests = of('backtest')
  return {
    digest: sha256(canonicalJson([...entries.keys()].sort())),
    fits: of('fit').length,
    trials: of('trial').length,
    backtests: backtests.length,
    configurations,
    tried: Math.max(configurations, backtests.length),
    otherSharpes: backtests
      .flatMap((entry) => (ownKeys.has(ledgerKey(entry)) ? [] : sharpeOf(entry)))
      .sort((a, b) => a - b),
  }
}

/** A backtest of out-of-fold predictions follows from a selection and decides none. */
function counts({ kind, content }: LedgerEntry): boolean {
  return kind !== 'backtest' || (content as { readonly part?: Json }).part === 'test'
}

function sharpeOf({ outcome }: LedgerEntry): number[] {
  const sharpe = (outcome as { readonly dailySharpe?: Json } | null)?.dailySharpe
  return typeof sharpe === 'number' ? [sharpe] : []
}

/** Units whose manifests hold all that decides their entry: where they lie, and the name under which an outcome has its folder. */
export const COUNTED_UNITS = [
  { area: 'artifacts/fits', kind: 'fit', entryOf: fitEntry },
  { area: 'artifacts/trials', kind: 'trial', entryOf: trialEntry },
] as const

export type Uncounted = { readonly path: string; readonly entry: LedgerEntry }

/**
 * Fits and trials of this pair and snapshot that lie on disk and that no row is about: the file of the registry was lost, or rows were.
 *
 * @param snapshot  null takes all
 * @param rows      of the venue and pair
 */
export function uncountedUnits(
  workspace: Workspace,
  { venue, pair, snapshot }: { readonly venue: string; readonly pair: string; readonly snapshot: string | null },
  rows: readonly LedgerRow[],
): Uncounted[] {
  const keys = new Set(rows.map(({ key }) => key))
  return COUNTED_UNITS.flatMap(({ area, kind, entryOf }) => {
    const seen = new Set(
      rows.map(({ entry: { outcome } }) => (outcome as { readonly [name: string]: Json } | null)?.[kind]),
    )
    return foldersIn(absolute(workspace, `${area}/${venue}/${pair}`)).flatMap((name) => {
      if (seen.has(name)) return []
      const path = `${area}/${venue}/${pair}/${name}`
      const manifest = readManifest(workspace, `${path}/manifest.json`)
      if (manifest === null) return []
      const settings = manifest.made.settings as Made['settings']
      // A unit of a version that knew no snapshot is of no use to this one and is made again.
      if (typeof settings.snapshot !== 'string' || (snapshot !== null && settings.snapshot !== snapshot)) return []
      const entry = entryOf(pair, { inputs: manifest.made.inputs, settings }, { [kind]: name })
      return keys.has(ledgerKey(entry)) ? [] : [{ path, entry }]
    })
  })
}

export function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
