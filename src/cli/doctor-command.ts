/**
 * `sluice doctor`: examines, prints, and fails only when nothing can run. A configuration that cannot be read is one of the
 * findings; the rest is then examined with the defaults.
 */
import { type LoadedConfig, resolveConfig } from '../config/load.js'
import { EXIT, UserError } from '../core/errors.js'
import { type ConfigError, examine, isUsable, renderDoctor } from './doctor.js'
import { type Flags, isSet, textOf } from './flags.js'
import { openSession } from './session.js'

export async function doctor(flags: Flags): Promise<number> {
  const { config, origins, configError } = readConfig(flags)
  const sources = [...new Set(origins.values())]
  const checks = await examine({
    root: textOf(flags, 'root') ?? '.',
    environment: process.env,
    config: configError === null ? [{ name: 'Config', value: configText(origins.size, sources) }] : [],
    configError,
    archiveUrl: config['exchange.archiveUrl'],
    futuresUrl: config['exchange.futuresUrl'],
    backend: config['neural.backend'],
  })
  const usable = isUsable(checks)
  process.stdout.write(
    isSet(flags, 'json') ? `${JSON.stringify({ usable, checks }, null, 2)}\n` : `${renderDoctor(checks)}\n`,
  )
  return usable ? EXIT.done : EXIT.failed
}

function readConfig(flags: Flags): LoadedConfig & { readonly configError: ConfigError | null } {
  try {
    return { ...openSession(flags), configError: null }
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    const { message, hint } = thrown
    return { ...resolveConfig([]), configError: hint === undefined ? { message } : { message, hint } }
  }
}

function configText(count: number, sources: readonly string[]): string {
  return count === 0
    ? 'defaults'
    : `${count === 1 ? '1 setting differs' : `${count} settings differ`} from the defaults (${sources.join(', ')})`
}
