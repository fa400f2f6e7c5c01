/**
 * What is known of the ledger outside its file: every selection recorded where the chain ended when it was made and how much it counted, and every
 * fit and trial on disk must be in it. So a ledger that was cut, rewritten or begun anew is found although its chain is whole. What nothing outside
 * remembers cannot be found: rows written after the last selection and cut off with the head, or a chain rewritten together with
 * the selections and fits that knew better.
 */
import { listManifests } from './inventory.js'
import type { LedgerRow, StoredRow } from './ledger.js'
import { COUNTED_UNITS, foldersIn, uncountedUnits } from './ledger-entries.js'
import { readRunRecord } from './manifest.js'
import { absolute, type Workspace } from './workspace.js'

export type AnchorFinding = { readonly path: string; readonly problem: string }

/** @param rows  of the whole ledger, by `seq`; entries must be JSON */
export function anchorFindings(workspace: Workspace, rows: readonly StoredRow[]): AnchorFinding[] {
  const parsed = rows.map((row) => ({ ...row, entry: JSON.parse(row.entry) }) as LedgerRow)
  return [...selectionFindings(workspace, parsed), ...unitFindings(workspace, parsed)]
}

type Counted = { readonly fits: number; readonly trials: number; readonly backtests: number }

function selectionFindings(workspace: Workspace, rows: readonly LedgerRow[]): AnchorFinding[] {
  const bySeq = new Map(rows.map((row) => [row.seq, row]))
  return listManifests(workspace, ['artifacts/selections']).flatMap(({ path, manifest }) => {
    const findings: AnchorFinding[] = []
    const head = readRunRecord(workspace, path)?.notes.ledger as { count: number; hash: string } | null | undefined
    if (head !== null && head !== undefined) {
      const now = bySeq.get(head.count)
      const then = `the ledger ended with row ${head.count}, ${head.hash.slice(0, 12)}`
      if (now === undefined) findings.push({ path, problem: `${then}; now it has ${rows.length} rows` })
      else if (now.hash !== head.hash)
        findings.push({ path, problem: `${then}; now that row is ${now.hash.slice(0, 12)}` })
    }
    const { snapshot, trials } = manifest.facts
    if (typeof snapshot !== 'string') return findings
    const counted = trials as Counted
    const own = rows.filter(({ entry }) => entry.snapshot === snapshot && entry.pair === manifest.unit)
    for (const [name, kind] of [
      ['fits', 'fit'],
      ['trials', 'trial'],
      ['backtests', 'backtest'],
    ] as const) {
      const found = own.filter((row) => row.kind === kind).length
      if (found < counted[name]) {
        findings.push({ path, problem: `${counted[name]} ${name} were counted on its data; now there are ${found}` })
      }
    }
    return findings
  })
}

function unitFindings(workspace: Workspace, rows: readonly LedgerRow[]): AnchorFinding[] {
  const folders = (path: string) => foldersIn(absolute(workspace, path))
  const pairs = COUNTED_UNITS.flatMap(({ area }) =>
    folders(area).flatMap((venue) => folders(`${area}/${venue}`).map((pair) => `${venue}/${pair}`)),
  )
  return [...new Set(pairs)].sort().flatMap((place) => {
    const [venue, pair] = place.split('/')
    const own = rows.filter(({ entry }) => entry.venue === venue && entry.pair === pair)
    return uncountedUnits(workspace, { venue, pair, snapshot: null }, own).map(({ path, entry }) => ({
      path,
      problem: `is a ${entry.kind} that is not counted`,
    }))
  })
}
