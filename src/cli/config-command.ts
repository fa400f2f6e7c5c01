/**
 * `sluice config`: what holds, and where it comes from.
 */
import { SETTING_NAMES, SETTINGS, shownConfig } from '../config/settings.js'
import { EXIT } from '../core/errors.js'
import { type Flags, isSet } from './flags.js'
import { openSession } from './session.js'

export async function showConfig(flags: Flags): Promise<number> {
  const { config, origins } = openSession(flags)
  if (isSet(flags, 'json')) {
    process.stdout.write(`${JSON.stringify(shownConfig(config), null, 2)}\n`)
    return EXIT.done
  }
  const all = isSet(flags, 'all')
  const shown = shownConfig(config)
  const rows = SETTING_NAMES.map((name) => {
    const { meaning, unit } = SETTINGS[name] as { meaning: string; unit?: string }
    const value = JSON.stringify(shown[name])
    const origin = origins.get(name) ?? 'default'
    return all ? [name, value, origin, `${meaning}${unit === undefined ? '' : ` [${unit}]`}`] : [name, value, origin]
  })
  const widths = [0, 1, 2].map((column) => Math.min(46, Math.max(...rows.map((row) => row[column].length))))
  for (const row of rows)
    process.stdout.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
  return EXIT.done
}
