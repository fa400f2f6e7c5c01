/**
 * `sluice features list`: the registry as a table.
 */
import { EXIT } from '../core/errors.js'
import type { Timeframe } from '../core/time.js'
import { featureRows } from '../features/registry.js'
import { selectColumns } from '../features/selection.js'
import { type Flags, isSet } from './flags.js'
import { openSession } from './session.js'

/**
 * @param which  names, families, globs or presets, as features.include takes them; all when there are none
 * @throws UserError when one of them selects nothing
 */
export async function listFeatures(which: readonly string[], flags: Flags): Promise<number> {
  const { config } = openSession(flags)
  const decision = config['bars.decision']
  const include = which.length > 0 ? which : ['all']
  // A column of a context timeframe, such as rsi_14_1h, stands for its feature.
  const chosen = new Set(
    selectColumns({ include, exclude: [] }, decision, config['bars.context'] as Timeframe[]).map(
      ({ feature }) => feature.name,
    ),
  )
  const rows = featureRows(decision).filter(({ name }) => chosen.has(name))
  if (isSet(flags, 'json')) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
    return EXIT.done
  }
  const width = (key: 'name' | 'family') => Math.max(...rows.map((row) => row[key].length), key.length)
  const head = { name: 'feature', family: 'family', lookback: 'bars', timeframes: 'on', meaning: 'meaning' }
  for (const row of [head, ...rows]) {
    const { name, family, lookback, timeframes, meaning } = row
    process.stdout.write(
      `${name.padEnd(width('name'))}  ${family.padEnd(width('family'))}  ${String(lookback).padStart(6)}  ${timeframes.padEnd(8)}  ${meaning}\n`,
    )
  }
  process.stderr.write(
    `${rows.length} features; bars = ${decision} bars before the first value; sluice features show <name> says more\n`,
  )
  return EXIT.done
}
