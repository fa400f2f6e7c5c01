/**
 * Entries of the ledger for tests.
 */
import type { LedgerEntry } from '../../src/datasets/ledger.js'

/** Entries of different names differ in content only. */
export function trial(name: string, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    kind: 'trial',
    venue: 'binance-um',
    pair: 'BTCUSDT',
    snapshot: 'a'.repeat(64),
    model: 'xgboost',
    fold: null,
    content: { name },
    outcome: { value: 1 },
    ...changes,
  }
}
