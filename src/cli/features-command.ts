/**
 * `sluice features list`: the registry as a table.
 */
import { EXIT } from '../core/errors.js'
import { featureRows } from '../features/registry.js'
import { type Flags, isSet } from './flags.js'
import { openSession } from './session.js'

export async function listFeatures(flags: Flags): Promise<number> {
  const { config } = openSession(flags)
  const rows = featureRows(config['bars.decision'])
  if (isSet(flags, 'json')) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  else {
    for (const { name, family, lookback, meaning } of rows) {
      process.stdout.write(`${name.padEnd(30)} ${family.padEnd(15)} ${String(lookback).padStart(5)} bars  ${meaning}\n`)
    }
  }
  return EXIT.done
}
