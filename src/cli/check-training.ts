/** Finds what is wrong with the settings of training, beyond what each says alone, before any work begins. */
import type { Config } from '../config/settings.js'
import { UserError } from '../core/errors.js'
import type { Timeframe } from '../core/time.js'

/** @throws UserError (exit code 2) that lists everything that is wrong */
export async function checkTraining(config: Config): Promise<void> {
  const { LABEL_TYPES } = await import('../labels/registry.js')
  const { checkModels } = await import('../models/check.js')
  const { ENSEMBLE_NAMES } = await import('../validation/ensembles/registry.js')
  const { parseSelection } = await import('../validation/columns/registry.js')
  const type = config['labels.type']
  const checks = [
    () => checkModels(config['train.models'], ENSEMBLE_NAMES, config.models, { type, task: LABEL_TYPES[type].task }),
    () => checkConstraintsOf(config),
    async () => void parseSelection(config['train.selection']),
  ]
  const found: UserError[] = []
  for (const check of checks) {
    try {
      await check()
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown
      found.push(thrown)
    }
  }
  if (found.length === 0) return
  if (found.length === 1) throw found[0]
  throw new UserError(found.map(({ message }) => message).join('\n'), {
    hint: found.flatMap(({ hint }) => hint ?? []).join('\n      '),
    exitCode: 2,
  })
}

/** @throws UserError (exit code 2) that lists everything that is wrong */
export async function checkConstraintsOf(config: Config): Promise<void> {
  const { 'train.monotone': monotone, 'train.categorical': categorical } = config
  if (Object.keys(monotone).length === 0 && categorical.length === 0) return
  const { selectColumns } = await import('../features/selection.js')
  const { LABEL_TYPES } = await import('../labels/registry.js')
  const { checkConstraints } = await import('../models/constraints.js')
  const selection = { include: config['features.include'], exclude: config['features.exclude'] }
  const columns = selectColumns(selection, config['bars.decision'], config['bars.context'] as Timeframe[])
  const classes = Math.max(1, LABEL_TYPES[config['labels.type']].classes.length)
  checkConstraints(
    monotone,
    categorical,
    columns.map(({ name }) => name),
    classes,
  )
}
