/**
 * What is known of the ledger outside its file: every selection recorded where the chain ended when it was made and how much it counted, and every
 * fit and trial on disk must be in it. So a ledger that was cut, rewritten or begun anew is found although its chain is whole. What nothing outside
 * remembers cannot be found: rows written after the last selection and cut off with the head, or a chain rewritten together with
 * the selections and fits that knew better.
 */
import { UserError } from '../core/errors.js'
import { listManifests } from './inventory.js'
import { type LedgerHead, type LedgerRow, parsedRow, type StoredRow } from './ledger.js'
import { chainFindings, findingText } from './ledger-chain.js'
import { COUNTED_UNITS, countsFor, foldersIn, scoredOf, uncountedUnits } from './ledger-entries.js'
import { readRunRecord } from './manifest.js'
import { LOST_HINT } from './registry-file.js'
import { absolute, PLACES, type Workspace } from './workspace.js'

export type AnchorFinding = { readonly path: string; readonly problem: string }

/** @param rows  of the whole ledger, by `seq`; entries must be JSON */
export function anchorFindings(workspace: Workspace, rows: readonly StoredRow[]): AnchorFinding[] {
  const parsed = rows.map(parsedRow)
  return [...selectionFindings(workspace, parsed), ...unitFindings(workspace, parsed)]
}

/**
 * What is tried next has to pay for all that was tried before: with rows gone or changed it would pay too little. Fits and trials on disk that are
 * not counted are no reason: they are counted again.
 *
 * @param stored  the whole ledger
 * @throws UserError naming the first finding, when the chain is broken or a selection knows more than the ledger does
 */
export function refuseBroken(
  workspace: Workspace,
  { rows, head }: { readonly rows: readonly StoredRow[]; readonly head: LedgerHead | null },
): void {
  const chain = chainFindings(rows, head).map(findingText)
  const findings = chain.length > 0 ? chain : selectionFindings(workspace, rows.map(parsedRow)).map(anchorText)
  if (findings.length === 0) return
  const more = findings.length > 1 ? `, and ${findings.length - 1} more` : ''
  throw new UserError(
    `the ledger of trials in ${PLACES.registry} is not what was written (${findings[0]}${more}): nothing is judged by it`,
    { hint: `sluice verify ledger lists what is wrong; ${LOST_HINT}` },
  )
}

export function anchorText({ path, problem }: AnchorFinding): string {
  return `${path}: ${problem}`
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
    const look = scoredOf(manifest.facts)
    // An earlier version counted what was tried on the very same bars.
    const own = rows.filter(
      (row) =>
        row.entry.pair === manifest.unit &&
        (look === undefined ? row.entry.snapshot === snapshot : countsFor(look, row)),
    )
    for (const [name, kind] of [
      ['fits', 'fit'],
      ['trials', 'trial'],
      ['backtests', 'backtest'],
    ] as const) {
      const found = own.filter((row) => row.kind === kind).length
      if (found < counted[name]) {
        findings.push({ path, problem: `${counted[name]} ${name} were counted before it; now there are ${found}` })
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
    return uncountedUnits(workspace, { venue, pair }, own).map(({ path, entry }) => ({
      path,
      problem: `is a ${entry.kind} that is not counted`,
    }))
  })
}
