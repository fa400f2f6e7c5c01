/**
 * Every candidate on every fold, each fit a unit of its own so that a killed run loses one of them; then a bundle per candidate: the
 * model of the final split with its calibration and threshold, and all predictions out of fold.
 */
import type { Json } from '../core/canonical.js'
import { UserError } from '../core/errors.js'
import { decidingSettings } from '../labels/problems.js'
import {
  type Done,
  dataSnapshot,
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Stage,
  type Task,
  type TaskIo,
  type TaskResult,
} from './stage.js'
import { CONSTRAINT_SETTINGS, constraintsOf, fittingModels, librariesOf } from './train/constraints.js'
import { counted } from './train/counted.js'
import { FOLD_SETTINGS, foldSettings } from './train/fold-settings.js'
import { foldNumbers, foldOfPlan, splitSettings } from './train/split-plan.js'
import { tuneStep } from './train/tune.js'
import { tunedParameters } from './train/tuned.js'

export const train: Stage = {
  name: 'train',
  purpose: 'Fit every candidate on purged folds and on the final split',
  steps: [
    tuneStep(planFits, fitSettings),
    { name: 'fit', scope: 'pair', isolated: true, plan: planFits, run: counted(fit) },
    { name: 'bundle', scope: 'pair', isolated: true, plan: planBundles, run: bundle },
  ],
}

async function planFits({ config, pair, done, failed, environment, warn }: PlanContext): Promise<PlannedTask[]> {
  if (pair === null) return []
  const { modelKind } = await import('../models/registry.js')
  const [table] = done('features', 'table')
  checkCertificate(table, done('features', 'certificate')[0])
  const rows = Number(table?.manifest.facts.rows)
  const columns = Number(table?.manifest.facts.columns)
  const said: string[] = []
  const say = (text: string) => {
    warn(text)
    said.push(text)
  }
  const parametersOf = new Map<string, Json>()
  for (const name of await fittingModels(config, say)) {
    const found = await (await modelKind(name)).available(environment)
    const tuned = tunedParameters({ config, done, failed }, name)
    if (!found.ok) say(`${name} is left out: ${found.reason} (${found.hint})`)
    else if ('failed' in tuned) say(`${name} is left out: ${tuned.failed}`)
    else parametersOf.set(name, tuned.parameters)
  }
  const models = [...parametersOf.keys()]
  if (models.length === 0) {
    throw new UserError(`none of the models can be fitted here: ${said.join('; ')}`, {
      hint: 'sluice doctor says what is missing; --models logistic needs nothing, nor does linear where the label is a value',
    })
  }
  const libraries = new Map(await Promise.all(models.map(async (model) => [model, await librariesOf(model)] as const)))
  const snapshot = dataSnapshot({ config, done })
  return models.flatMap((model) =>
    foldNumbers(config).map((fold) => ({
      stage: 'train' as const,
      step: 'fit',
      pair,
      unit: `${pair} ${model} ${fold === 0 ? 'final' : `fold ${fold}`}`,
      inputs: [
        ...inputsFrom(done('features', 'months'), ['features']),
        ...inputsFrom(done('features', 'table'), ['feature_set']),
        ...inputsFrom(done('labels', 'table'), ['labels']),
      ],
      settings: {
        model,
        fold,
        snapshot,
        parameters: parametersOf.get(model) ?? {},
        ...splitSettings(config),
        ...pick(config, [
          'seed',
          'data.venue',
          'labels.type',
          'labels.profit',
          'labels.stop',
          'train.threads',
          ...CONSTRAINT_SETTINGS,
          ...FOLD_SETTINGS,
          'decision.threshold',
          'gates.precision',
          'gates.minTrades',
          'backtest.makerBps',
          'backtest.takerBps',
          'backtest.slippageBps',
        ]),
      },
      manifest: `artifacts/fits/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
      libraries: libraries.get(model) ?? [],
      memoryBytes: 300e6 + rows * columns * 24,
    })),
  )
}

/**
 * No model is fitted on columns that nobody has certified. The certificate is no input: one that looks at more does not
 * make a model stale.
 *
 * @throws UserError when there is none, when it is of other columns, or when it did not pass
 */
function checkCertificate(table: Done | undefined, certificate: Done | undefined): void {
  const hint = 'run sluice verify features; `sluice run --from features` makes table and certificate anew'
  if (certificate === undefined) throw new UserError('the features have no leakage certificate', { hint })
  const { hash, verdict, complaints } = certificate.manifest.facts
  if (hash !== table?.manifest.facts.hash) {
    const [own, other] = [table?.manifest.facts.hash, hash].map((text) => String(text).slice(0, 12))
    throw new UserError(`the leakage certificate is of feature set ${other}, the table of ${own}`, { hint })
  }
  if (verdict !== 'passed') {
    const [first, ...more] = complaints as string[]
    throw new UserError(`the features did not pass their certificate: ${first ?? 'nothing could be compared'}`, {
      hint: `${more.length > 0 ? `there are ${more.length} more: ` : ''}sluice verify features lists all; leave such columns out with features.exclude`,
    })
  }
}

async function fit(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { fitPredictions, fitReport, historyCsv, importanceCsv } = await import('../datasets/fit-files.js')
  const { PREDICTION_COLUMNS, predictionFrame } = await import('../datasets/prediction-table.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const { readTrainingTable } = await import('../datasets/training-table.js')
  const { averageUniqueness } = await import('../labels/uniqueness.js')
  const { modelKind } = await import('../models/registry.js')
  const { fitSplit } = await import('../validation/fit-split.js')
  const model = String(task.settings.model)
  const fold = Number(task.settings.fold)
  const table = await readTrainingTable(io.paths('features'), io.paths('labels'))
  const { split, paths, scoredMs } = foldOfPlan(task.settings, table)
  const outcome = await fitSplit(
    await modelKind(model),
    { ...table, weight: averageUniqueness(table.t0, table.t1, table.stepMs) },
    split,
    await fitSettings(task.settings, io, { table, split, scoredMs }),
  )
  const made = { model, fold, split, paths, outcome }
  await io.write('predictions', `${io.folder}/predictions.parquet`, (temporary) =>
    writeParquet(temporary, PREDICTION_COLUMNS, predictionFrame(fitPredictions(made, table))),
  )
  const text = (name: string, file: string, content: string | Uint8Array) =>
    io.write(name, `${io.folder}/${file}`, (temporary) => writeFileSync(temporary, content))
  await text('fit', 'fit.json', prettyJson(fitReport(made, table)))
  await text('selection', 'selection.json', prettyJson(outcome.selection as unknown as Json))
  await text(
    'scaling',
    'scaling.json',
    prettyJson((outcome.preparation.scaling ?? { method: null }) as unknown as Json),
  )
  await text('importance', 'importance.csv', importanceCsv(made))
  await text('history', 'history.csv', historyCsv(made))
  for (const [name, bytes] of outcome.model.files()) await text(`${MODEL_FILE}${name}`, name, bytes)
  const { bestRound } = outcome.model
  outcome.model.close()
  const { aucLong, signals, regression } = outcome.scores
  const r2 = typeof regression?.r2 === 'number' ? `, R² ${regression.r2.toFixed(3)}` : ''
  const auc = aucLong === null ? '' : `, AUC ${aucLong.toFixed(3)}`
  const found = outcome.calibration.source === null ? '' : `, ${signals} signals`
  return {
    facts: { model, fold },
    summary: `${split.train.rows.length.toLocaleString('en')} rows, best round ${bestRound}${r2}${auc}${found}`,
  }
}

/** Names of outputs that are the model's own files begin with this. */
const MODEL_FILE = 'file:'
/** What else of the final split's fit goes into the bundle as it is. */
const FINAL_FILES = ['importance', 'selection', 'scaling']

type Table = import('../datasets/training-table.js').TrainingTable
type Split = import('../validation/splits.js').Split
type SplitSettings = import('../validation/fit-split.js').SplitSettings

async function fitSettings(
  settings: Task['settings'],
  io: TaskIo,
  { table, split, scoredMs }: { readonly table: Table; readonly split: Split; readonly scoredMs: number },
): Promise<SplitSettings> {
  const { roundTripCost } = await import('../portfolio/costs.js')
  const fold = await foldSettings(settings)
  return {
    ...fold,
    parameters: settings.parameters as Record<string, number>,
    seed: Number(settings.seed),
    threads: Number(settings['train.threads']),
    featureNames: table.featureNames,
    constraints: constraintsOf(settings),
    environment: io.environment,
    allowShort: settings['data.venue'] !== 'binance-spot' && (fold.sides !== 'class' || fold.classes.includes(-1)),
    threshold: settings['decision.threshold'] as 'auto' | number,
    payoff: {
      profit: medianOf(table.profit, split.validation.rows),
      stop: medianOf(table.stop, split.validation.rows),
      costs: roundTripCost(costsOf(settings)),
    },
    minTrades: Number(settings['gates.minTrades']),
    targetPrecision: Number(settings['gates.precision']),
    scoredMs,
    onRound: ({ round, rounds }) => io.progress(round, rounds),
  }
}

function costsOf(settings: Task['settings']) {
  return {
    makerBps: Number(settings['backtest.makerBps']),
    takerBps: Number(settings['backtest.takerBps']),
    slippageBps: Number(settings['backtest.slippageBps']),
  }
}

/** Of these rows; where barriers follow the range, later rows would tell how restless the scored part is. */
function medianOf(x: Float64Array, rows: Int32Array): number {
  const known = Float64Array.from(rows, (row) => x[row])
    .filter((value) => !Number.isNaN(value))
    .sort()
  return known[Math.floor(known.length / 2)] ?? Number.NaN
}

/**
 * Of the candidates that have all their fits: a bundle without one of its folds would look better or worse than it is.
 *
 * @throws UserError when no candidate has them
 */
function planBundles({ config, pair, done, failed }: PlanContext): PlannedTask[] {
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

async function bundle(task: Task, io: TaskIo): Promise<TaskResult> {
  const { copyFileSync, readFileSync, writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { inPaths, PREDICTION_COLUMNS, predictionFrame, readPredictions } = await import(
    '../datasets/prediction-table.js'
  )
  const { writeParquet } = await import('../datasets/parquet.js')
  const { absolute } = await import('../datasets/workspace.js')
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
  const { foldStability } = await import('./train/fold-stability.js')
  const selections = io.paths('selection').map((path) => JSON.parse(readFileSync(path, 'utf8')))
  const outOfFold = <T>(values: readonly T[]) => values.filter((_, i) => fits[i].fold > 0)
  const selection = foldStability(
    outOfFold(selections),
    selections[fits.indexOf(final)],
    outOfFold(io.paths('importance')),
  )
  const predictions = inPaths(await readPredictions(io.paths('predictions')))
  const { partValueScores } = await import('./train/value-scores.js')
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
