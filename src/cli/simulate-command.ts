/**
 * `sluice simulate`: a market that does not exist, in the archive's own layout.
 */
import { EXIT, UserError } from '../core/errors.js'
import { addMonths, monthStart, parseTime } from '../core/time.js'
import type { KnownHashes } from '../sources/archive-files.js'
import { mirrorKinds } from '../sources/mirror-kinds.js'
import { type Mirror, writeMirror } from '../sources/mirror-writer.js'
import { type Flags, isSet, listOf, numberOf, pairsOf, textOf, wholeNumberOf } from './flags.js'
import { runCommand } from './for-shell.js'
import { createTerminal } from './terminal.js'

export type MarketRequest = {
  readonly seed: number
  readonly edge: number
  readonly pairs: readonly string[]
  readonly start: string // month
  readonly months: number
  readonly kinds?: readonly string[] | undefined // names, `all` among them; none means the default
  readonly force: boolean
  readonly signal?: AbortSignal
  readonly onFile?: (done: number, total: number) => void
  readonly known?: KnownHashes
}

export function simulateMarket(
  folder: string,
  { start, months, kinds, onFile, ...rest }: MarketRequest,
): Promise<Mirror> {
  parseTime(start)
  const span = { from: monthStart(start.slice(0, 7)), to: monthStart(addMonths(start.slice(0, 7), months)) }
  return writeMirror(folder, {
    ...rest,
    span,
    kinds: mirrorKinds(kinds ?? []),
    onFile: ({ done, total }) => onFile?.(done, total),
  })
}

export async function simulate(flags: Flags): Promise<number> {
  const folder = textOf(flags, 'out')
  if (folder === null)
    throw new UserError('simulate needs a folder to write to', {
      hint: 'sluice simulate --out market',
      exitCode: EXIT.usage,
    })
  const pairs = pairsOf(flags)
  const terminal = await createTerminal({ quiet: isSet(flags, 'quiet') })
  const made = await simulateMarket(folder, {
    seed: wholeNumberOf(flags, 'seed', 42, 0),
    edge: numberOf(flags, 'edge', 1, 0),
    pairs: pairs.length > 0 ? pairs : ['BTCUSDT', 'ETHUSDT'],
    start: textOf(flags, 'start') ?? '2024-01',
    months: wholeNumberOf(flags, 'months', 7, 1),
    kinds: listOf(flags, 'kinds'),
    force: isSet(flags, 'force'),
    onFile: (done, total) => terminal.onProgress?.('simulate', done, total),
  })
  terminal.close()
  if (isSet(flags, 'json')) process.stdout.write(`${JSON.stringify(made, null, 2)}\n`)
  else if (!isSet(flags, 'quiet')) {
    const { from, to } = made.marker
    const next = runCommand(made.marker.pairs, [`exchange.archiveUrl=${folder}`, `data.from=${from}`, `data.to=${to}`])
    const done = `${folder}: ${made.written} files written, ${made.kept} were right already`
    process.stderr.write(`${done}\n\nuse it with: ${next}\n`)
  }
  return EXIT.done
}
