/**
 * A candidate's bundle: the model of the final split, and what is made of what the models of all splits said:
 * calibration, threshold, signals and scores, fold by fold. Or, of an ensemble, its members.
 */
import type { Json } from '../../core/canonical.js'
import { UserError } from '../../core/errors.js'
import type { KeptRows } from '../../datasets/raw-predictions.js'
import { decidingSettings } from '../../labels/problems.js'
import type { CalibratedSplit, FittedSplit } from '../../validation/calibrate-split.js'
import type { ThresholdChoice } from '../../validation/decision.js'
import { isEnsemble } from '../../validation/ensembles/registry.js'
import { foldsProblem } from '../../validation/fold-models.js'
import {
  DECISION_SETTINGS,
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
import { MODEL_FILE, ONE_CLASS_HINT } from './fit.js'
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
 * A fold on which nothing could be learnt is fitted as well: it has no signal, and where that is so of more than half
 * of them there is nothing to judge.
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
  const reasonsOf = (fits: readonly Done[]) => fits.flatMap(({ manifest }) => (manifest.facts.noModel as string) ?? [])
  const problemOf = (fits: readonly Done[]) => foldsProblem(needed - 1, reasonsOf(fits))
  const complete = [...byModel].filter(([, fits]) => fits.length === needed && problemOf(fits) === null)
  for (const [model, fits] of byModel) {
    const problem = problemOf(fits)
    if (problem !== null) context.warn(`${model} is left out: ${problem}`)
  }
  if (complete.length === 0) {
    const lost = failed('train', 'fit')
    const [[model, fits] = ['', []]] = byModel
    if (lost.length === 0)
      throw new UserError(`no candidate can be judged: ${model}, ${problemOf(fits)}`, { hint: ONE_CLASS_HINT })
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
      ...pick(config, ['seed', 'data.venue', 'bars.decision', ...DECISION_SETTINGS]),
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
  const { inPaths, joinPredictions, PREDICTION_COLUMNS, predictionFrame } = await import(
    '../../datasets/prediction-table.js'
  )
  const { foldPredictions } = await import('../../datasets/raw-predictions.js')
  const { writeParquet } = await import('../../datasets/parquet.js')
  const { absolute } = await import('../../datasets/workspace.js')
  const folds = await calibratedFolds(task, io)
  const final = folds.find(({ fold }) => fold === 0) as CalibratedFold
  const finalUnit = final.unit
  // The model that ships is the final split's, with its own files; the features are those that it was trained on.
  for (const { name, path, unit } of task.inputs) {
    const isModel = unit === finalUnit && (name.startsWith(MODEL_FILE) || FINAL_FILES.includes(name))
    if (!isModel && name !== 'feature_set') continue
    const file = path.slice(path.lastIndexOf('/') + 1)
    await io.write(name, `${io.folder}/${file}`, (temporary) => copyFileSync(absolute(io.workspace, path), temporary))
  }
  const text = (name: string, value: Json) =>
    io.write(name, `${io.folder}/${name}.json`, (temporary) => writeFileSync(temporary, prettyJson(value)))
  const { threshold } = final.judged
  await text('calibration', { ...final.judged.calibration, threshold: finite(threshold) } as unknown as Json)
  const { foldStability } = await import('./fold-stability.js')
  const outOfFold = folds.filter(({ fold }) => fold > 0)
  const fileOf = ({ unit }: CalibratedFold, wanted: string) =>
    absolute(io.workspace, task.inputs.find((input) => input.unit === unit && input.name === wanted)?.path ?? '')
  const selectionOf = (one: CalibratedFold) => JSON.parse(readFileSync(fileOf(one, 'selection'), 'utf8'))
  const learnt = outOfFold.filter(({ fit }) => fit.noModel === undefined)
  const selection = foldStability(
    learnt.map(selectionOf),
    selectionOf(final),
    learnt.map((one) => fileOf(one, 'importance')),
  )
  const predictions = inPaths(
    joinPredictions(folds.map(({ fold, scored, judged }) => foldPredictions(fold, scored, judged))),
  )
  const { partValueScores } = await import('./value-scores.js')
  await text('metrics', {
    test: final.judged.scores,
    folds: outOfFold.map(({ fold, judged, fit: { bestRound, parts, noModel } }) => ({
      ...{ fold, scores: judged.scores, threshold: finite(judged.threshold), bestRound, parts },
      ...(noModel === undefined ? {} : { noModel }),
    })),
    final: { bestRound: final.fit.bestRound, parts: final.fit.parts },
    selection: selection as unknown as Json,
    values: partValueScores(predictions, task.settings),
  })
  const path = `${io.folder.replace(/^artifacts\/models/, 'data/predictions')}/predictions.parquet`
  await io.write('predictions', path, (temporary) =>
    writeParquet(temporary, PREDICTION_COLUMNS, predictionFrame(predictions)),
  )
  const named = Number.isNaN(threshold.threshold) ? null : threshold.threshold
  return {
    facts: { model: String(task.settings.model), threshold: named, thresholdReason: threshold.reason },
    summary: `${predictions.rows.toLocaleString('en')} predictions, ${named === null ? 'no sides' : `threshold ${named.toFixed(3)}`}`,
  }
}

/** What the bundle reads of `fit.json`. */
type FitReport = Pick<FittedSplit, 'terms' | 'scores' | 'scoredMs' | 'noModel'> & {
  readonly fold: number
  readonly bestRound: number | null
  readonly parts: Json
}

type CalibratedFold = {
  readonly unit: string
  readonly fold: number
  readonly fit: FitReport
  readonly scored: KeptRows
  readonly judged: CalibratedSplit
}

/**
 * Calibration, threshold and scores of every split, in the order of the fits: here and nowhere else, from what their
 * models said.
 */
async function calibratedFolds({ inputs, settings }: Task, io: TaskIo): Promise<CalibratedFold[]> {
  const { readFileSync } = await import('node:fs')
  const { readRawPredictions } = await import('../../datasets/raw-predictions.js')
  const { calibrateSplit } = await import('../../validation/calibrate-split.js')
  const { widthOf } = await import('../../validation/sides.js')
  const { decisionSettings } = await import('./fold-settings.js')
  const decision = await decisionSettings(settings)
  const raw = io.paths('raw')
  const units = inputs.filter(({ name }) => name === 'fit').map(({ unit }) => unit)
  const folds: CalibratedFold[] = []
  for (const [i, path] of io.paths('fit').entries()) {
    const fit = JSON.parse(readFileSync(path, 'utf8')) as FitReport
    const { validation, scored } = await readRawPredictions(raw[i], widthOf(fit.terms))
    const judged = calibrateSplit({ ...fit, validation, scored }, decision)
    folds.push({ unit: units[i], fold: fit.fold, fit, scored, judged })
    io.progress(folds.length, raw.length)
  }
  return folds
}

/** JSON has no NaN. */
function finite(choice: ThresholdChoice): { readonly [name: string]: Json } {
  return Object.fromEntries(Object.entries(choice).map(([key, entry]) => [key, Number.isNaN(entry) ? null : entry]))
}
