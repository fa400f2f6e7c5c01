/**
 * What stages write into the ledger, and what is read out of it before a look at the test part: how much was tried on that time. The count does not
 * depend on the order of the rows.
 */
import { readdirSync } from 'node:fs'
import { canonicalJson, type Json, sha256 } from '../core/canonical.js'
import { intersect, type Span } from '../core/time.js'
import { type LedgerEntry, type LedgerRow, ledgerKey } from './ledger.js'
import { readManifest } from './manifest.js'
import { absolute, type Workspace } from './workspace.js'

type Made = {
  readonly inputs: readonly { readonly sha256: string }[]
  readonly settings: { readonly [name: string]: Json }
}

/** What came of it, and what it was scored on, where that is known. */
export type Came = { readonly outcome: Json; readonly scored?: Span | undefined }

/** What decides a fit is its settings and the content of what it read. */
export function fitEntry(pair: string, { inputs, settings }: Made, came: Came): LedgerEntry {
  const { model, fold, snapshot, 'data.venue': venue, ...rest } = settings
  return {
    kind: 'fit',
    ...{ venue: String(venue), pair, snapshot: String(snapshot), model: String(model), fold: Number(fold) },
    content: { settings: rest, inputs: inputs.map(({ sha256: hash }) => hash) },
    ...told(came),
  }
}

/** What decides a trial of the tuner; its number, and the trials and the space that it was proposed from, do not. */
export function trialEntry(pair: string, { inputs, settings }: Made, came: Came): LedgerEntry {
  const { model, trial: _, tried: __, space: ___, snapshot, 'data.venue': venue, ...rest } = settings
  return {
    kind: 'trial',
    ...{ venue: String(venue), pair, snapshot: String(snapshot), model: String(model), fold: null },
    content: { settings: rest, inputs: inputs.map(({ sha256: hash }) => hash) },
    ...told(came),
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
  came: Came,
): LedgerEntry {
  return {
    kind: 'backtest',
    venue,
    pair,
    snapshot,
    model,
    fold: null,
    content: { part, predictions, funding, mark, settings, ...(book === undefined ? {} : { book }) },
    ...told(came),
  }
}

function told({ outcome, scored }: Came): Pick<LedgerEntry, 'outcome' | 'scored'> {
  return { outcome, ...(scored === undefined ? {} : { scored }) }
}

/** What a fit, trial or selection says in its manifest that it was scored on; undefined where an earlier version made it. */
export function scoredOf({ scored }: { readonly [name: string]: Json }): Span | undefined {
  return scored === undefined ? undefined : (scored as Span)
}

/** So much of the shorter of two spans may lie in both, and a try on one still says nothing of the other. */
const SHARED = 0.1

/**
 * Whether a try is one of those that a look at `look` has to pay for: more than a tenth of the shorter of the two spans lies in both, whatever the
 * data were called. A day more makes other data, and leaves the test part nearly what it was.
 *
 * An entry without a span may have been scored on anything that had happened by the time of its recording.
 */
export function countsFor(look: Span, { entry, time }: Pick<LedgerRow, 'entry' | 'time'>): boolean {
  const scored = entry.scored ?? { from: Number.NEGATIVE_INFINITY, to: time }
  const both = intersect(scored, look)
  return both.to - both.from > SHARED * Math.min(scored.to - scored.from, look.to - look.from)
}

/** How much was tried before a look. All of it is an input of select. */
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
 * @param rows  of one venue and pair, those that count for the look
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
 * Fits and trials of this pair that lie on disk and that no row is about: the file of the registry was lost, or rows were.
 *
 * @param rows  of the venue and pair
 */
export function uncountedUnits(
  workspace: Workspace,
  { venue, pair }: { readonly venue: string; readonly pair: string },
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
      if (typeof settings.snapshot !== 'string') return []
      const came = { outcome: { [kind]: name }, scored: scoredOf(manifest.facts) }
      const entry = entryOf(pair, { inputs: manifest.made.inputs, settings }, came)
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
