/**
 * The ledger of trials: every fit, trial and backtest on a snapshot of data, counted once, by content. What a result is worth depends on how
 * many were tried before it, so the count must be there, and must not be made smaller: each row has the hash of the one before it. A table
 * of `artifacts/registry.sqlite`. Whether it is still what was written is found by `ledger-chain.ts`.
 */
import { existsSync } from 'node:fs'
import { canonicalJson, type Json, sha256 } from '../core/canonical.js'
import type { Span } from '../core/time.js'
import { explained, openRegistryFile } from './registry-file.js'
import type { Database } from './sqlite.js'

export const LEDGER_KINDS = ['fit', 'trial', 'backtest'] as const
export type LedgerKind = (typeof LEDGER_KINDS)[number]

export type LedgerEntry = {
  readonly kind: LedgerKind
  readonly venue: string
  readonly pair: string
  /** The data that it was made on: `dataSnapshot` of `stages/stage.ts`, the same for all features, labels and parameters tried on them. */
  readonly snapshot: string
  readonly model: string
  /** 0 is the final split; null where it is of no fold, or of all. */
  readonly fold: number | null
  /** All that decides the outcome but for the fold: settings, parameters, hashes of what was read. No code, time, path or machine. */
  readonly content: Json
  /**
   * The time that it was scored on: of a fit or trial all that its split scores, out of fold and in the test part; of a backtest its rows. No
   * part of the key. Absent where an earlier version recorded it, or it failed before that was known.
   */
  readonly scored?: Span
  /** What came of it, a failure as well. No part of the key. */
  readonly outcome: Json
}

export type LedgerRow = {
  readonly seq: number // from 1, without holes
  readonly time: number // UTC ms, of the recording
  readonly kind: LedgerKind
  readonly key: string
  readonly entry: LedgerEntry
  readonly previous: string // hash of the row before, `FIRST` for the first
  readonly hash: string
}

/** A row as the file has it; `entry` is text, so that not a byte of it can change unseen. */
export type StoredRow = Omit<LedgerRow, 'entry' | 'kind'> & { readonly kind: string; readonly entry: string }

/** Where the chain ends, kept apart from the rows so that cutting them off is seen. */
export type LedgerHead = { readonly count: number; readonly hash: string }

/** What the first row follows. */
export const FIRST = sha256('ledger of trials')

export type LedgerFilter = { readonly venue?: string; readonly pair?: string }

/** By content: the outcome is no part of it, so a failure that succeeds later is one entry. */
export function ledgerKey(entry: Omit<LedgerEntry, 'scored' | 'outcome'>): string {
  const { kind, venue, pair, snapshot, model, fold, content } = entry
  return sha256(canonicalJson({ kind, venue, pair, snapshot, model, fold, content }))
}

/** Of everything else in the row. */
export function rowHash({ seq, time, kind, key, entry, previous }: Omit<StoredRow, 'hash'>): string {
  return sha256(canonicalJson({ seq, time, kind, key, entry, previous }))
}

/**
 * Adds the entries whose content is not known yet, in one transaction under the writer's lock: safe against any number of processes.
 *
 * @param path  of the registry's file; made if it is absent
 * @param time  UTC ms
 * @returns how many were new
 * @throws UserError when the file is damaged, full, or locked for too long
 */
export async function recordInLedger(path: string, entries: readonly LedgerEntry[], time: number): Promise<number> {
  if (entries.length === 0) return 0
  const database = await openRegistryFile(path, true)
  try {
    return explained(path, () => database.immediate(() => append(database, entries, time)))
  } finally {
    database.close()
  }
}

/** All rows that match, oldest first; none when the file is absent. */
export async function readLedger(path: string, filter: LedgerFilter = {}): Promise<LedgerRow[]> {
  const { rows } = await readStored(path, filter)
  return rows.map(parsedRow)
}

/** Of a row whose entry is JSON: any but one that was tampered with. */
export function parsedRow(row: StoredRow): LedgerRow {
  const entry = JSON.parse(row.entry) as LedgerEntry
  return { ...row, kind: entry.kind, entry }
}

/** The rows as they are stored, and the head; what was tampered with comes back as it is. */
export async function readStored(
  path: string,
  { venue, pair }: LedgerFilter = {},
): Promise<{ readonly rows: StoredRow[]; readonly head: LedgerHead | null }> {
  if (!existsSync(path)) return { rows: [], head: null }
  const database = await openRegistryFile(path, false)
  try {
    return explained(path, () => ({
      rows: database
        .prepare<StoredRow>(
          `SELECT seq, time, kind, key, entry, previous, hash FROM ledger
           WHERE (@venue IS NULL OR entry ->> 'venue' = @venue) AND (@pair IS NULL OR entry ->> 'pair' = @pair) ORDER BY seq`,
        )
        .all({ venue: venue ?? null, pair: pair ?? null }),
      head: headOf(database),
    }))
  } finally {
    database.close()
  }
}

function append(database: Database, entries: readonly LedgerEntry[], time: number): number {
  const known = database.prepare<{ readonly found: number }>('SELECT 1 AS found FROM ledger WHERE key = ?')
  const insert = database.prepare(
    `INSERT INTO ledger (seq, time, kind, key, entry, previous, hash)
     VALUES (@seq, @time, @kind, @key, @entry, @previous, @hash)`,
  )
  const last = lastOf(database)
  // On from the head, not from the last row: where rows were cut off, the hole stays for good.
  const head = headOf(database) ?? last
  let { count, hash } = { count: Math.max(head.count, last.count), hash: head.hash }
  const before = count
  for (const entry of entries) {
    const key = ledgerKey(entry)
    if (known.get(key) !== undefined) continue
    const row = { seq: count + 1, time, kind: entry.kind, key, entry: canonicalJson(entry), previous: hash }
    hash = rowHash(row)
    insert.run({ ...row, hash })
    count++
  }
  if (count > before) {
    database
      .prepare(
        'INSERT INTO ledger_head VALUES (1, @count, @hash) ON CONFLICT (one) DO UPDATE SET count = @count, hash = @hash',
      )
      .run({ count, hash })
  }
  return count - before
}

function headOf(database: Database): LedgerHead | null {
  return database.prepare<LedgerHead>('SELECT count, hash FROM ledger_head').get() ?? null
}

function lastOf(database: Database): LedgerHead {
  const row = database.prepare<LedgerHead>('SELECT seq AS count, hash FROM ledger ORDER BY seq DESC LIMIT 1').get()
  return row ?? { count: 0, hash: FIRST }
}
