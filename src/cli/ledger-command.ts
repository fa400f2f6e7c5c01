/**
 * `sluice ledger`: how much was tried, on which data, with which models. `sluice verify ledger`: whether that is all.
 */
import type { Json } from '../core/canonical.js'
import { EXIT, UserError } from '../core/errors.js'
import { isoMinute, type Span } from '../core/time.js'
import { type LedgerRow, readLedger, readStored } from '../datasets/ledger.js'
import { anchorFindings, anchorText } from '../datasets/ledger-anchors.js'
import { chainFindings, findingText } from '../datasets/ledger-chain.js'
import { countsFor, countTrials } from '../datasets/ledger-entries.js'
import { LOST_HINT, refuseLost } from '../datasets/registry-file.js'
import { absolute, openWorkspace, PLACES } from '../datasets/workspace.js'
import { type Flags, isSet, pairsOf, textOf } from './flags.js'
import { textTable } from './text-table.js'

export async function showLedger(flags: Flags): Promise<number> {
  const workspace = openWorkspace(textOf(flags, 'root') ?? '.')
  const pairs = pairsOf(flags)
  const path = absolute(workspace, PLACES.registry)
  refuseLost(path)
  const all = await readLedger(path)
  const rows = all.filter(({ entry }) => pairs.length === 0 || pairs.includes(entry.pair))
  const snapshots = countsOf(rows)
  if (isSet(flags, 'json')) process.stdout.write(`${JSON.stringify(snapshots, null, 2)}\n`)
  else process.stdout.write(`${renderLedger(snapshots)}\n`)
  return EXIT.done
}

export type SnapshotCounts = {
  readonly venue: string
  readonly pair: string
  readonly snapshot: string
  readonly models: readonly {
    readonly model: string
    readonly fits: number
    readonly trials: number
    readonly backtests: number
    readonly configurations: number
  }[]
  /**
   * N of the deflated Sharpe ratio of the next selection on these data, if it tries nothing new: what was tried on other data counts where these
   * scored the same time (`countsFor`).
   */
  readonly tried: number
  /** The test part of these data, ISO 8601; null where nobody has looked at it. */
  readonly scored: { readonly from: string; readonly to: string } | null
  readonly first: string
  readonly last: string
}

/** Oldest snapshot first; models by name. Backtests here are of both parts; `tried` counts those of the test part. */
export function countsOf(rows: readonly LedgerRow[]): SnapshotCounts[] {
  const groups = grouped(rows, ({ entry: { venue, pair, snapshot } }) => `${venue} ${pair} ${snapshot}`)
  return [...groups.values()].map((own) => {
    const { venue, pair, snapshot } = own[0].entry
    const byModel = [...grouped(own, ({ entry }) => entry.model)].sort(([a], [b]) => (a < b ? -1 : 1))
    const times = own.map(({ time }) => time)
    const look = lookOf(own)
    const iso = (time: number) => new Date(time).toISOString()
    return {
      ...{ venue, pair, snapshot },
      models: byModel.map(([model, some]) => {
        const { fits, trials, configurations } = countTrials(some, [])
        return { model, fits, trials, backtests: some.filter(({ kind }) => kind === 'backtest').length, configurations }
      }),
      tried: countTrials(look === null ? own : ofPair(rows, own[0]).filter((row) => countsFor(look, row)), []).tried,
      scored: look === null ? null : { from: iso(look.from), to: iso(look.to) },
      first: iso(Math.min(...times)),
      last: iso(Math.max(...times)),
    }
  })
}

/** The test part is what backtests of it were scored on. */
function lookOf(rows: readonly LedgerRow[]): Span | null {
  const looks = rows.flatMap(({ entry: { kind, content, scored } }) =>
    kind === 'backtest' && (content as { part?: Json }).part === 'test' && scored !== undefined ? [scored] : [],
  )
  return looks.at(-1) ?? null
}

function ofPair(rows: readonly LedgerRow[], { entry: { venue, pair } }: LedgerRow): LedgerRow[] {
  return rows.filter(({ entry }) => entry.venue === venue && entry.pair === pair)
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

export function renderLedger(snapshots: readonly SnapshotCounts[]): string {
  if (snapshots.length === 0) return 'nothing was tried yet'
  return snapshots
    .map(({ venue, pair, snapshot, models, tried, scored, first, last }) => {
      const minute = (time: string) => isoMinute(Date.parse(time))
      const rows = models.map(({ model, fits, trials, backtests, configurations }) => [
        `  ${model}`,
        ...[fits, trials, backtests, configurations].map((n) => n.toLocaleString('en')),
      ])
      const table = textTable(['  model', 'fits', 'trials', 'backtests', 'configurations'], rows, [1, 2, 3, 4])
      const part = scored === null ? '' : `, test part ${minute(scored.from)} to ${minute(scored.to)}`
      const when = `${minute(first)} to ${minute(last)}`
      return `${pair} on ${venue}, data ${snapshot.slice(0, 12)}${part}: ${tried} tried, ${when}\n${table}`
    })
    .join('\n\n')
}

export async function verifyLedger(flags: Flags): Promise<number> {
  const workspace = openWorkspace(textOf(flags, 'root') ?? '.')
  const { rows, head } = await readStored(absolute(workspace, PLACES.registry))
  const chain = chainFindings(rows, head).map(findingText)
  // What is not even JSON is told by the chain; what stands outside is compared with the rest.
  const readable = rows.filter(({ entry }) => isJson(entry))
  const outside = anchorFindings(workspace, readable).map(anchorText)
  const findings = [...chain, ...outside]
  if (isSet(flags, 'json')) process.stdout.write(`${JSON.stringify({ rows: rows.length, head, findings }, null, 2)}\n`)
  else for (const finding of findings) process.stdout.write(`${finding}\n`)
  if (findings.length === 0) {
    if (!isSet(flags, 'quiet')) {
      const end = head === null ? '' : `, ends with ${head.hash.slice(0, 12)}`
      process.stderr.write(`the ledger is whole: ${rows.length.toLocaleString('en')} rows${end}\n`)
    }
    return EXIT.done
  }
  const told = `${rows.length.toLocaleString('en')} rows, ${findings.length} findings`
  throw new UserError(`the ledger is not what was written: ${told}`, { hint: LOST_HINT, exitCode: EXIT.gate })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
