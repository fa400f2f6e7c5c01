/**
 * `sluice pairs`: what is traded most now, to choose pairs from; in an archive folder the pairs that it holds.
 */
import { EXIT, UserError } from '../core/errors.js'
import { openLimits } from '../datasets/limits-file.js'
import { addressesOf, isRemote } from '../sources/addresses.js'
import { newHostState } from '../sources/limits.js'
import { type Flags, isSet, textOf, wholeNumberOf } from './flags.js'
import { openSession } from './session.js'

const USUAL = 20

export async function listPairs(flags: Flags): Promise<number> {
  const { config, workspace, environment, clock } = openSession(flags)
  const top = wholeNumberOf(flags, 'top', USUAL, 1)
  const addresses = addressesOf(config)
  const { openExchange } = await import('../sources/exchange.js')
  const states = await openLimits({ workspace, environment }, newHostState)
  try {
    // Asking which pairs there are mixes nothing into anybody's data, whatever the archive.
    const isFolder = !isRemote(addresses.archiveUrl)
    const restUrl = isFolder && config['download.rest'] !== 'always' ? null : addresses.clockUrl
    const { archive, rest } = await openExchange({ ...addresses, restUrl, states, now: clock })
    if (rest === null) {
      const pairs = (await archive.pairs(addresses.venue)) ?? []
      print(
        flags,
        pairs.map((pair) => ({ pair })),
        pairs,
      )
      return EXIT.done
    }
    const { topPairs } = await import('../sources/top-pairs.js')
    const quote = textOf(flags, 'quote') ?? 'USDT'
    const rows = (await topPairs(rest, quote)).slice(0, top)
    if (rows.length === 0) {
      throw new UserError(`${addresses.venue} trades no pair in ${quote}`, {
        hint: 'name another asset with --quote',
        exitCode: EXIT.usage,
      })
    }
    const lines = rows.map(
      ({ pair, quoteVolume, changePercent }) =>
        `${pair.padEnd(16)} ${(quoteVolume / 1e6).toFixed(1).padStart(12)} M ${quote}  ${changePercent.toFixed(2).padStart(7)} %`,
    )
    print(flags, rows, isSet(flags, 'quiet') ? rows.map(({ pair }) => pair) : lines)
    return EXIT.done
  } finally {
    states.close()
  }
}

function print(flags: Flags, rows: readonly object[], lines: readonly string[]): void {
  process.stdout.write(isSet(flags, 'json') ? `${JSON.stringify(rows, null, 2)}\n` : `${lines.join('\n')}\n`)
}
