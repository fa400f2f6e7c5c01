/**
 * Whether a ledger is what was written: recomputes its chain from values alone. A row that was changed, removed, inserted or moved breaks it
 * there; rows cut off the end leave the head. Whoever rewrites all later hashes and the head as well is found only by what is kept outside
 * the file.
 */
import { FIRST, type LedgerEntry, type LedgerHead, ledgerKey, rowHash, type StoredRow } from './ledger.js'

export type LedgerFinding = { readonly seq: number | null; readonly problem: string }

export function findingText({ seq, problem }: LedgerFinding): string {
  return seq === null ? problem : `row ${seq} ${problem}`
}

/** @param rows  ascending by `seq` */
export function chainFindings(rows: readonly StoredRow[], head: LedgerHead | null): LedgerFinding[] {
  const findings: LedgerFinding[] = []
  let last: LedgerHead = { count: 0, hash: FIRST }
  for (const row of rows) {
    const { seq } = row
    const say = (problem: string) => findings.push({ seq, problem })
    if (seq !== last.count + 1) say(`${missing(last.count + 1, seq - 1)} before it`)
    else if (row.previous !== last.hash)
      say(`does not follow row ${last.count}: ${short(row.previous)}, not ${short(last.hash)}`)
    const hash = rowHash(row)
    if (hash !== row.hash) say(`was changed: its hash is ${short(hash)}, written ${short(row.hash)}`)
    const problem = entryProblem(row)
    if (problem !== null) say(problem)
    last = { count: seq, hash: row.hash }
  }
  if (head === null) {
    if (rows.length > 0) findings.push({ seq: null, problem: `the head is gone, there are ${rows.length} rows` })
  } else if (head.count > last.count) {
    findings.push({ seq: null, problem: `${missing(last.count + 1, head.count)} at the end` })
  } else if (head.count < last.count || head.hash !== last.hash) {
    findings.push({
      seq: null,
      problem: `the head is row ${head.count}, ${short(head.hash)}; the last row is ${last.count}, ${short(last.hash)}`,
    })
  }
  return findings
}

function entryProblem({ entry: text, kind, key }: StoredRow): string | null {
  const entry = parsed(text)
  if (entry === null) return 'has an entry that is not JSON'
  if (entry.kind !== kind) return `is a ${kind}, its entry a ${entry.kind}`
  const made = ledgerKey(entry)
  return made === key ? null : `has the key ${short(key)}, its entry ${short(made)}`
}

/** The table takes valid JSON only, but its checks can be switched off. */
function parsed(text: string): LedgerEntry | null {
  try {
    return JSON.parse(text) as LedgerEntry
  } catch {
    return null
  }
}

function missing(from: number, to: number): string {
  return from === to ? `row ${from} is missing` : `rows ${from} to ${to} are missing`
}

function short(hash: string): string {
  return hash.slice(0, 12)
}
