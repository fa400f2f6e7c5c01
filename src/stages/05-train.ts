/**
 * Every candidate on every fold, each fit a unit of its own so that a killed run loses one of them; then a bundle per candidate: the
 * model of the final split with its calibration and threshold, and all predictions out of fold.
 */
import type { Json } from '../core/canonical.js'
import { UserError } from '../core/errors.js'
import {
  type Done,
  inputsFrom,
  type Library,
  type PlanContext,
  type PlannedTask,
  pick,
  type Stage,
  type Task,
  type TaskIo,
  type TaskResult,
} from './stage.js'

export const train: Stage = {
  name: 'train',
  purpose: 'Fit every candidate on purged walk-forward folds and on the final split',
  steps: [
    { name: 'fit', scope: 'pair', plan: planFits, run: fit },
    { name: 'bundle', scope: 'pair', plan: planBundles, run: bundle },
  ],
}

async function planFits({ config, pair, done, environment, warn }: PlanContext): Promise<PlannedTask[]> {
  if (pair === null) return []
  const { modelKind } = await import('../models/registry.js')
  const rows = Number(done('features', 'table')[0]?.manifest.facts.rows)
  const columns = Number(done('features', 'table')[0]?.manifest.facts.columns)
  const models: string[] = []
  for (const name of config['train.models']) {
    const found = await (await modelKind(name)).available(environment)
    if (found.ok) models.push(name)
    else warn(`${name} is left out: ${found.reason} (${found.hint})`)
  }
  if (models.length === 0) {
    throw new UserError(`none of the models ${config['train.models'].join(', ')} can run here`, {
      hint: 'sluice doctor says what is missing; --models logistic needs nothing',
    })
  }
  const splits = [...Array.from({ length: config['train.folds'] }, (_, i) => i + 1), 0]
  return models.flatMap((model) =>
    splits.map((fold) => ({
      stage: 'train' as const,
      step: 'fit',
      pair,
      unit: `${pair} ${model} ${fold === 0 ? 'final' : `fold ${fold}`}`,
      inputs: [
        ...inputsFrom(done('features', 'table'), ['features', 'feature_set']),
        ...inputsFrom(done('labels', 'table'), ['labels']),
      ],
      settings: {
        model,
        fold,
        parameters: (config.models[model] ?? {}) as Json,
        ...pick(config, [
          'seed',
          'data.venue',
          'labels.type',
          'labels.horizon',
          'labels.profit',
          'labels.stop',
          'train.folds',
          'train.embargo',
          'train.threads',
          'decision.threshold',
          'gates.precision',
          'gates.minTrades',
          'backtest.makerBps',
          'backtest.takerBps',
          'backtest.slippageBps',
        ]),
      },
      manifest: `artifacts/fits/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
      libraries: librariesOf(model),
      memoryBytes: 300e6 + rows * columns * 24,
    })),
  )
}

function librariesOf(model: string): Library[] {
  return model === 'xgboost' ? ['duckdb', 'xgboost'] : ['duckdb']
}

async function fit(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { durationMs } = await import('../config/durations.js')
  const { PREDICTION_COLUMNS, predictionFrame } = await import('../datasets/prediction-table.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const { readTrainingTable } = await import('../datasets/training-table.js')
  const { LABEL_TYPES } = await import('../labels/registry.js')
  const { averageUniqueness } = await import('../labels/uniqueness.js')
  const { modelKind } = await import('../models/registry.js')
  const { roundTripCost } = await import('../portfolio/costs.js')
  const { fitSplit } = await import('../validation/fit-split.js')
  const { walkForward } = await import('../validation/splits.js')
  const settings = task.settings
  const table = await readTrainingTable(io.paths('features'), io.paths('labels'))
  const horizonMs = durationMs(String(settings['labels.horizon'])) ?? 0
  const embargo = String(settings['train.embargo'])
  const plan = walkForward(table, {
    folds: Number(settings['train.folds']),
    embargoMs: embargo === 'horizon' ? horizonMs : (durationMs(embargo) ?? 0),
  })
  const fold = Number(settings.fold)
  const split = fold === 0 ? plan.final : plan.folds[fold - 1]
  const classes: readonly number[] = LABEL_TYPES[settings['labels.type'] as keyof typeof LABEL_TYPES].classes
  // From the decision times alone: when the last outcome was known is something that only the scored part can say.
  const scoredMs = (fold === 0 ? [plan.final] : plan.folds)
    .flatMap(({ score }) => score.ranges)
    .reduce((sum, { start, end }) => sum + table.t0[end - 1] - table.t0[start] + horizonMs, 0)
  const outcome = await fitSplit(
    await modelKind(String(settings.model)),
    { ...table, weight: averageUniqueness(table.t0, table.t1, table.stepMs) },
    split,
    {
      classes,
      parameters: settings.parameters as Record<string, number>,
      seed: Number(settings.seed),
      threads: Number(settings['train.threads']),
      featureNames: table.featureNames,
      environment: io.environment,
      allowShort: settings['data.venue'] !== 'binance-spot' && classes.includes(-1),
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
    },
  )
  const { rows, raw, calibrated, decisions, threshold, scores, importance, model } = outcome
  const usable = new Set(split.score.rows)
  const take = (x: Float64Array) => Float64Array.from(rows, (row) => x[row])
  await io.write('predictions', `${io.folder}/predictions.parquet`, (temporary) =>
    writeParquet(
      temporary,
      PREDICTION_COLUMNS,
      predictionFrame({
        rows: rows.length,
        open_time: take(table.openTime),
        t0: take(table.t0),
        t1: take(table.t1),
        fold: new Float64Array(rows.length).fill(fold),
        usable: Float64Array.from(rows, (row) => (usable.has(row) ? 1 : 0)),
        label: take(table.label),
        raw_long: raw.long,
        raw_short: raw.short,
        p_long: calibrated.long,
        p_short: calibrated.short,
        side: Float64Array.from(decisions.side),
        confidence: decisions.confidence,
        threshold: new Float64Array(rows.length).fill(threshold.threshold),
        profit: take(table.profit),
        stop: take(table.stop),
      }),
    ),
  )
  const report = {
    model: String(settings.model),
    fold,
    bestRound: model.bestRound,
    rounds: model.history.length,
    threshold: finite(threshold),
    calibration: outcome.calibration,
    scores,
    parts: Object.fromEntries(
      (['train', 'validation', 'score'] as const).map((part) => {
        const { span, rows: used, purged, unlabelled } = split[part]
        return [part, { from: span.from, to: span.to, rows: used.length, purged, unlabelled }]
      }),
    ),
  }
  await io.write('fit', `${io.folder}/fit.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(report as unknown as Json)),
  )
  await io.write('importance', `${io.folder}/importance.csv`, (temporary) =>
    writeFileSync(temporary, `feature,gain\n${importance.map(({ feature, gain }) => `${feature},${gain}\n`).join('')}`),
  )
  await io.write('history', `${io.folder}/history.csv`, (temporary) =>
    writeFileSync(
      temporary,
      `round,train_loss,validation_loss\n${model.history.map(({ round, trainLoss, validationLoss }) => `${round},${trainLoss},${validationLoss}\n`).join('')}`,
    ),
  )
  for (const [name, bytes] of model.files()) {
    await io.write(`file:${name}`, `${io.folder}/${name}`, (temporary) => writeFileSync(temporary, bytes))
  }
  model.close()
  const auc = scores.aucLong === null ? '' : `, AUC ${scores.aucLong.toFixed(3)}`
  return {
    facts: { model: String(settings.model), fold },
    summary: `${split.train.rows.length.toLocaleString('en')} rows, best round ${model.bestRound}${auc}, ${scores.signals} signals`,
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

/** JSON has no NaN. */
function finite<T extends object>(value: T): Record<string, Json> {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, Number.isNaN(entry) ? null : entry]))
}

function planBundles({ config, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  const byModel = new Map<string, Done[]>()
  for (const unit of done('train', 'fit')) {
    const model = String(unit.settings.model)
    byModel.set(model, [...(byModel.get(model) ?? []), unit])
  }
  return [...byModel].map(([model, fits]) => ({
    stage: 'train',
    step: 'bundle',
    pair,
    unit: `${pair} ${model}`,
    inputs: [...inputsFrom(fits, null), ...inputsFrom(done('features', 'table'), ['feature_set'])],
    settings: {
      model,
      parameters: (config.models[model] ?? {}) as Json,
      ...pick(config, ['data.venue', 'labels.type', 'labels.horizon', 'labels.profit', 'labels.stop']),
    },
    manifest: `artifacts/models/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
    libraries: ['duckdb'],
    memoryBytes: 200e6,
  }))
}

async function bundle(task: Task, io: TaskIo): Promise<TaskResult> {
  const { copyFileSync, readFileSync, writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { PREDICTION_COLUMNS, predictionFrame, readPredictions } = await import('../datasets/prediction-table.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const fits = io.paths('fit').map((path) => JSON.parse(readFileSync(path, 'utf8')))
  const final = fits.find(({ fold }) => fold === 0)
  const finalUnit = task.inputs.find(({ unit, name }) => name === 'fit' && unit.endsWith(' final'))?.unit
  const { absolute } = await import('../datasets/workspace.js')
  for (const file of task.inputs) {
    if (file.unit !== finalUnit || !file.name.startsWith('file:')) continue
    const name = file.name.slice('file:'.length)
    await io.write(file.name, `${io.folder}/${name}`, (temporary) =>
      copyFileSync(absolute(io.workspace, file.path), temporary),
    )
  }
  const copy = (name: string, path: string) =>
    io.write(name, `${io.folder}/${path}`, (temporary) =>
      copyFileSync(io.paths(name)[name === 'importance' ? fits.indexOf(final) : 0], temporary),
    )
  await copy('feature_set', 'features.json')
  await copy('importance', 'importance.csv')
  const text = (name: string, path: string, value: unknown) =>
    io.write(name, `${io.folder}/${path}`, (temporary) => writeFileSync(temporary, prettyJson(value as Json)))
  const { calibration, threshold } = final
  await text('calibration', 'calibration.json', { ...calibration, threshold })
  const folds = fits.filter(({ fold }) => fold > 0)
  await text('metrics', 'metrics.json', {
    test: final.scores,
    folds: folds.map(({ fold, scores, threshold: t, bestRound, parts }) => ({
      fold,
      scores,
      threshold: t,
      bestRound,
      parts,
    })),
    final: { bestRound: final.bestRound, parts: final.parts },
  })
  const predictions = await readPredictions(io.paths('predictions'))
  const path = `${io.folder.replace(/^artifacts\/models/, 'data/predictions')}/predictions.parquet`
  await io.write('predictions', path, (temporary) =>
    writeParquet(temporary, PREDICTION_COLUMNS, predictionFrame(predictions)),
  )
  const count = predictions.rows.toLocaleString('en')
  return {
    facts: { model: String(task.settings.model), threshold: threshold.threshold, thresholdReason: threshold.reason },
    summary: `${count} predictions, threshold ${Number(threshold.threshold).toFixed(3)}`,
  }
}
