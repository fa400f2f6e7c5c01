/** Finds misspelt features in `train.monotone` and `train.categorical` before any work begins. */
import type { Config } from '../config/settings.js'
import type { Timeframe } from '../core/time.js'

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
