/**
 * Candidates that were asked for and cannot be judged, with the reason: they are named, not forgotten.
 */
import type { Config } from '../../config/settings.js'
import { LABEL_TYPES } from '../../labels/registry.js'
import { modelKind } from '../../models/registry.js'
import { taskProblem } from '../../models/task-problem.js'
import { noneComplete } from '../../tuning/trial.js'
import { ensembleProblem, isEnsemble } from '../../validation/ensembles/registry.js'
import { foldsProblem } from '../../validation/fold-models.js'
import { scheme } from '../../validation/schemes.js'
import type { Failed, PlanContext } from '../stage.js'

export type LeftOut = { readonly model: string; readonly why: string }

/**
 * The reasons stand in artefacts: what a machine lacks is told by sluice doctor, not here.
 *
 * @param bundled  models that can be judged
 */
export async function modelsLeftOut(context: PlanContext, bundled: readonly string[]): Promise<LeftOut[]> {
  const { config } = context
  const lost = config['train.models'].filter((model) => !bundled.includes(model))
  return Promise.all(
    lost.map(async (model) => ({
      model,
      why:
        ensembleLeftOut(context, model) ??
        (await labelProblem(config, model)) ??
        foldsWithoutModel(context, model) ??
        failedUnits(context, model) ??
        failedTrials(context, model) ??
        'it cannot be fitted here; sluice doctor says why',
    })),
  )
}

function ensembleLeftOut(context: PlanContext, model: string): string | null {
  if (!isEnsemble(model)) return null
  const members = context.done('train', 'bundle').filter(({ settings }) => settings.members === undefined)
  const { 'labels.type': type, 'train.split': split } = context.config
  const about = { type, side: LABEL_TYPES[type].side, split: scheme(split) }
  return ensembleProblem(about, members.length) ?? failedUnits(context, model)
}

async function labelProblem(config: Config, model: string): Promise<string | null> {
  if (isEnsemble(model)) return null
  const type = config['labels.type']
  return taskProblem(await modelKind(model), { type, task: LABEL_TYPES[type].task })
}

function foldsWithoutModel({ done }: PlanContext, model: string): string | null {
  const folds = done('train', 'fit').filter(({ settings }) => settings.model === model && settings.fold !== 0)
  return foldsProblem(
    folds.length,
    folds.flatMap(({ manifest }) => (manifest.facts.noModel as string | undefined) ?? []),
  )
}

function failedUnits({ failed }: PlanContext, model: string): string | null {
  const of = (step: string) => failed('train', step).filter(({ settings }) => settings.model === model)
  const [fit, ...more] = of('fit')
  if (fit !== undefined) return `${nameOf(fit)} failed: ${fit.reason}${andMore(more.length)}`
  const [bundle] = of('bundle')
  return bundle === undefined ? null : `its bundle failed: ${bundle.reason}`
}

function failedTrials({ done, failed }: PlanContext, model: string): string | null {
  const own = ({ settings }: Pick<Failed, 'settings'>) => settings.model === model
  const trials = done('train', 'tune').filter(own)
  const lost = failed('train', 'tune').filter(own)
  const count = trials.length + lost.length
  if (count === 0 || trials.some(({ manifest }) => manifest.facts.state === 'complete')) return null
  return noneComplete(count, (trials[0]?.manifest.facts.reason as string | undefined) ?? lost[0]?.reason)
}

function nameOf({ settings }: Failed): string {
  return settings.fold === 0 ? 'the final fit' : `fold ${settings.fold}`
}

function andMore(count: number): string {
  return count === 0 ? '' : ` (and ${count} more ${count === 1 ? 'fit' : 'fits'})`
}
