/** What is set for neural networks alone: it decides their result, so it is among the settings of their fits, and of no other model's. */
import type { Config } from '../../config/settings.js'
import type { Json } from '../../core/canonical.js'
import { UserError } from '../../core/errors.js'
import type { Timeframe } from '../../core/time.js'
import type { Task } from '../stage.js'
import { librariesOf } from './constraints.js'

const INPUT_SETTINGS = ['neural.inputs', 'bars.decision', 'bars.context'] as const satisfies readonly (keyof Config)[]

/** @throws UserError when an entry of `neural.inputs` names no feature */
export async function neuralSettings(model: string, config: Config): Promise<{ readonly [key: string]: Json }> {
  if (!(await librariesOf(model)).includes('tfjs')) return {}
  const { backendOf } = await import('../../models/neural/engine.js')
  const inputs = Object.fromEntries(INPUT_SETTINGS.map((name) => [name, config[name] as Json]))
  await inputNames(inputs)
  return { backend: await backendOf(config['neural.backend']), ...inputs }
}

/**
 * The features of the table that a net reads, in the table's order; null for a model that reads all.
 *
 * @throws UserError when the table has none of them
 */
export async function inputsOf(settings: Task['settings'], features: readonly string[]): Promise<string[] | null> {
  if (settings['neural.inputs'] === undefined) return null
  const named = await inputNames(settings)
  const found = features.filter((feature) => named.has(feature))
  if (found.length > 0) return found
  throw new UserError(
    `neural.inputs names ${named.size} features, and none of them is among the table's ${features.length}`,
    { hint: 'add them to features.include, or set neural.inputs to all' },
  )
}

async function inputNames(settings: Task['settings']): Promise<ReadonlySet<string>> {
  const { selectColumns } = await import('../../features/selection.js')
  const columns = selectColumns(
    { include: settings['neural.inputs'] as string[], exclude: [] },
    settings['bars.decision'] as Timeframe,
    settings['bars.context'] as Timeframe[],
  )
  return new Set(columns.map(({ name }) => name))
}
