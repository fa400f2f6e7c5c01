/** Which candidates fit the label, and what the configuration says of single features, on its way to them. */
import type { Config } from '../../config/settings.js'
import type { FitOptions } from '../../models/model.js'
import { isEnsemble } from '../../validation/ensembles/registry.js'
import type { Library, Task } from '../stage.js'

/** The candidates that can learn such a label; says of the others why not, and of those that stay what they do not keep. */
export async function fittingModels(config: Config, warn: (text: string) => void): Promise<string[]> {
  const { LABEL_TYPES } = await import('../../labels/registry.js')
  const { modelKind } = await import('../../models/registry.js')
  const { taskProblem } = await import('../../models/task-problem.js')
  const type = config['labels.type']
  const said = { monotone: Object.keys(config['train.monotone']), categorical: config['train.categorical'] }
  const kept: string[] = []
  for (const name of config['train.models'].filter((one) => !isEnsemble(one))) {
    const { tasks, constraints } = await modelKind(name)
    const problem = taskProblem({ tasks }, { type, task: LABEL_TYPES[type].task })
    if (problem !== null) {
      warn(`${name} is left out: ${problem}`)
      continue
    }
    kept.push(name)
    for (const constraint of ['monotone', 'categorical'] as const) {
      if (said[constraint].length === 0 || constraints.includes(constraint)) continue
      warn(`${name} takes no notice of train.${constraint}`)
    }
  }
  return kept
}

export async function librariesOf(model: string): Promise<Library[]> {
  const { isModelName, MODEL_LIBRARIES } = await import('../../models/registry.js')
  const library = isModelName(model) ? MODEL_LIBRARIES[model] : null
  return library === null ? ['duckdb'] : ['duckdb', library]
}

export function constraintsOf(settings: Task['settings']): Pick<FitOptions, 'monotone' | 'categorical'> {
  return {
    monotone: settings['train.monotone'] as Record<string, 1 | -1>,
    categorical: settings['train.categorical'] as string[],
  }
}
