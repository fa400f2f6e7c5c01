/** A candidate's bundle: the model of the final split with its calibration and threshold, and all its predictions; or, of an ensemble, its members. */
import type { Json } from '../../core/canonical.js'
import { UserError } from '../../core/errors.js'
import { decidingSettings } from '../../labels/problems.js'
import { isEnsemble } from '../../validation/ensembles/registry.js'
import {
  type Done,
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Rounds,
  type Task,
  type TaskIo,
  type TaskResult,
} from '../stage.js'
import { ensemble, planEnsembles } from './ensemble.js'
import { MODEL_FILE } from './fit.js'
import { foldNumbers } from './split-plan.js'

/** Ensembles refer to their members' bundles, so these come first. */
export const bundleRounds: Rounds = {
  count: (config) => (config['train.models'].some(isEnsemble) ? 2 : 1),
  told: () => [],
}

/** What else of the final split's fit goes into the bundle as it is. */
const FINAL_FILES = ['importance', 'selection', 'scaling']

/**
 * Of the candidates that have all their fits: a bundle without one of its folds would look better or worse than it is.
 *
 * @throws UserError when no candidate has them
 */
export function planBundles(context: PlanContext): PlannedTask[] {
  const { config, pair, round, done, failed } = context
  if (round === 1) return planEnsembles(context)
  if (pair === null) return []
  const byModel = new Map<string, Done[]>()
  for (const unit of done('train', 'fit')) {
    const model = String(unit.settings.model)
    byModel.set(model, [...(byModel.get(model) ?? []), unit])
  }
  const needed = foldNumbers(config).length
  const complete = [...byModel].filter(([, fits]) => fits.length === needed)
  if (complete.length === 0) {
    const lost = failed('train', 'fit')
    throw new UserError(
      `no candidate has all of its ${needed} fits: ${lost.length} failed, ${lost[0]?.unit}: ${lost[0]?.reason}`,
      {
        hint: 'the reason of each stands above; sluice status shows them again',
      },
    )
  }
  return complete.map(([model, fits]) => ({
    stage: 'train',
    step: 'bundle',
    pair,
    unit: `${pair} ${model}`,
    inputs: [...inputsFrom(fits, null), ...inputsFrom(done('features', 'table'), ['feature_set'])],
    settings: {
      model,
      parameters: fits[0].settings.parameters,
      ...pick(config, ['seed', 'data.venue', 'bars.decision']),
      // What a signal will need besides the model: its barriers, and whose side it takes.
      ...pick(config, decidingSettings(config)),
    },
    manifest: `artifacts/models/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
    libraries: ['duckdb'],
    memoryBytes: 200e6,
  }))
}

export async function bundle(task: Task, io: TaskIo): Promise<TaskResult> {
  if (task.settings.members !== undefined) return ensemble(task, io)
  const { copyFileSync, readFileSync, writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../../core/canonical.js')
  const { inPaths, PREDICTION_COLUMNS, predictionFrame, readPredictions } = await import(
    '../../datasets/prediction-table.js'
  )
  const { writeParquet } = await import('../../datasets/parquet.js')
  const { absolute } = await import('../../datasets/workspace.js')
  const fits = io.paths('fit').map((path) => JSON.parse(readFileSync(path, 'utf8')))
  const final = fits.find(({ fold }) => fold === 0)
  const finalUnit = task.inputs.find(({ unit, name }) => name === 'fit' && unit.endsWith(' final'))?.unit
  // The model that ships is the final split's, with its own files; the features are those that it was trained on.
  for (const { name, path, unit } of task.inputs) {
    const isModel = unit === finalUnit && (name.startsWith(MODEL_FILE) || FINAL_FILES.includes(name))
    if (!isModel && name !== 'feature_set') continue
    const file = path.slice(path.lastIndexOf('/') + 1)
    await io.write(name, `${io.folder}/${file}`, (temporary) => copyFileSync(absolute(io.workspace, path), temporary))
  }
  const text = (name: string, value: Json) =>
    io.write(name, `${io.folder}/${name}.json`, (temporary) => writeFileSync(temporary, prettyJson(value)))
  const { calibration, threshold, scores, bestRound, parts } = final
  await text('calibration', { ...calibration, threshold })
  const folds = fits
    .filter(({ fold }) => fold > 0)
    .map((one) => ({
      fold: one.fold,
      scores: one.scores,
      threshold: one.threshold,
      bestRound: one.bestRound,
      parts: one.parts,
    }))
  const { foldStability } = await import('./fold-stability.js')
  const selections = io.paths('selection').map((path) => JSON.parse(readFileSync(path, 'utf8')))
  const outOfFold = <T>(values: readonly T[]) => values.filter((_, i) => fits[i].fold > 0)
  const selection = foldStability(
    outOfFold(selections),
    selections[fits.indexOf(final)],
    outOfFold(io.paths('importance')),
  )
  const predictions = inPaths(await readPredictions(io.paths('predictions')))
  const { partValueScores } = await import('./value-scores.js')
  await text('metrics', {
    ...{ test: scores, folds, final: { bestRound, parts } },
    selection: selection as unknown as Json,
    values: partValueScores(predictions, task.settings),
  })
  const path = `${io.folder.replace(/^artifacts\/models/, 'data/predictions')}/predictions.parquet`
  await io.write('predictions', path, (temporary) =>
    writeParquet(temporary, PREDICTION_COLUMNS, predictionFrame(predictions)),
  )
  return {
    facts: { model: String(task.settings.model), threshold: threshold.threshold, thresholdReason: threshold.reason },
    summary: `${predictions.rows.toLocaleString('en')} predictions, ${threshold.threshold === null ? 'no sides' : `threshold ${threshold.threshold.toFixed(3)}`}`,
  }
}
