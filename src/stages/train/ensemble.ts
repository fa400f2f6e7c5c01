/**
 * Ensembles: bundles that hold no model of their own but refer to those of their members by hash. Planned when all members have their bundles;
 * learnt from the predictions that these hold out of fold, and from nothing else.
 */
import type { Json } from '../../core/canonical.js'
import { UserError } from '../../core/errors.js'
import type { Timeframe } from '../../core/time.js'
import { contentHash } from '../../datasets/bundle.js'
import type { Predictions } from '../../datasets/prediction-table.js'
import type { BundleMetrics } from '../../datasets/report-sources.js'
import { decidingSettings } from '../../labels/problems.js'
import { LABEL_TYPES } from '../../labels/registry.js'
import type { JoinedFold, MemberRows } from '../../validation/ensembles/join.js'
import { ENSEMBLE_FILE, type EnsembleFile } from '../../validation/ensembles/predictor.js'
import { ENSEMBLES, ensembleProblem, isEnsemble } from '../../validation/ensembles/registry.js'
import { scheme } from '../../validation/schemes.js'
import type { SplitScores } from '../../validation/split-scores.js'
import {
  DECISION_SETTINGS,
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Task,
  type TaskIo,
  type TaskResult,
} from '../stage.js'
import { MODEL_FILE } from './fit.js'
import { decisionSettings } from './fold-settings.js'
import { embargoOf } from './split-plan.js'

/** What tells calm from restless. */
const REGIME_FEATURE = 'atr_pct_14'

type MemberReference = EnsembleFile['members'][number]

export function planEnsembles(context: PlanContext): PlannedTask[] {
  const { config, pair, done, warn } = context
  const wanted = config['train.models'].filter(isEnsemble)
  const bundles = done('train', 'bundle').filter(({ settings }) => settings.members === undefined)
  if (pair === null || wanted.length === 0) return []
  const { 'labels.type': type, 'train.split': split } = config
  const problem = ensembleProblem({ type, side: LABEL_TYPES[type].side, split: scheme(split) }, bundles.length)
  if (problem !== null) {
    for (const name of wanted) warn(`${name} is left out: ${problem}`)
    return []
  }
  const members = bundles.map(({ unit, settings, manifest, manifestPath }) => ({
    ...{ unit, model: String(settings.model), id: manifest.fingerprint },
    ...{ bundle: manifestPath.replace(/\/manifest\.json$/, ''), content: contentHash(manifest) },
  }))
  return wanted.map((name) => ({
    stage: 'train',
    step: 'bundle',
    pair,
    unit: `${pair} ${name}`,
    inputs: [
      ...inputsFrom(bundles, ['predictions', 'metrics', 'calibration', 'importance', 'feature_set']),
      ...(ENSEMBLES[name].byRegime ? inputsFrom(done('features', 'months'), ['features']) : []),
    ],
    settings: {
      model: name,
      parameters: {},
      members,
      ...pick(config, ['seed', 'data.venue', 'bars.decision', 'train.embargo', ...DECISION_SETTINGS]),
      ...pick(config, decidingSettings(config)),
    },
    manifest: `artifacts/models/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
    libraries: ['duckdb'],
    memoryBytes: 300e6,
  }))
}

export async function ensemble(task: Task, io: TaskIo): Promise<TaskResult> {
  const { copyFileSync, readFileSync, writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../../core/canonical.js')
  const { writeParquet } = await import('../../datasets/parquet.js')
  const { PREDICTION_COLUMNS, predictionFrame, readPredictions } = await import('../../datasets/prediction-table.js')
  const { scoresOf } = await import('../../validation/ensembles/join.js')
  const { partValueScores } = await import('./value-scores.js')
  const { settings } = task
  const name = String(settings.model)
  if (!isEnsemble(name)) throw new UserError(`there is no ensemble "${name}"`)
  const references = settings.members as unknown as MemberReference[]
  const metrics = io.paths('metrics').map((path) => JSON.parse(readFileSync(path, 'utf8')) as BundleMetrics)
  const members: Member[] = []
  for (const [m, path] of io.paths('predictions').entries())
    members.push({ ...(await readPredictions([path])), learntTo: learntToOf(metrics[m]) })
  const byRegime = ENSEMBLES[name].byRegime
  const regime = byRegime ? await regimeOf(members[0], io) : new Float64Array(members[0].rows).fill(Number.NaN)
  const folds = await joined(members, regime, task, io)
  io.progress(1, 2)
  const predictions = predictionsOf(members[0], folds)
  const final = folds.find(({ fold }) => fold === 0) as JoinedFold
  const text = (output: string, file: string, value: string) =>
    io.write(output, `${io.folder}/${file}`, (temporary) => writeFileSync(temporary, value))
  const feature = byRegime ? REGIME_FEATURE : null
  await text(
    `${MODEL_FILE}${ENSEMBLE_FILE}`,
    ENSEMBLE_FILE,
    prettyJson({
      format: 1,
      kind: name,
      members: references,
      blend: final.blend,
      regimeFeature: feature,
    } as unknown as Json),
  )
  const [featureSet] = io.paths('feature_set')
  await io.write('feature_set', `${io.folder}/features.json`, (temporary) => copyFileSync(featureSet, temporary))
  await text(
    'calibration',
    'calibration.json',
    prettyJson(JSON.parse(JSON.stringify({ ...final.calibration, threshold: final.threshold }))),
  )
  await text(
    'metrics',
    'metrics.json',
    prettyJson(
      JSON.parse(
        JSON.stringify({
          ...ensembleMetrics(folds, metrics, (one) => scoresOf(one, members[0])),
          values: partValueScores(predictions, settings),
          ensemble: weightsRecord(references, folds),
        }),
      ),
    ),
  )
  const { readImportance } = await import('../../datasets/report-sources.js')
  await text(
    'importance',
    'importance.csv',
    weightedImportance(io.paths('importance').map(readImportance), final.blend.weights),
  )
  const path = `${io.folder.replace(/^artifacts\/models/, 'data/predictions')}/predictions.parquet`
  await io.write('predictions', path, (temporary) =>
    writeParquet(temporary, PREDICTION_COLUMNS, predictionFrame(predictions)),
  )
  const shares = references.map(({ model }, m) => `${model} ${(100 * final.blend.weights[m]).toFixed(0)} %`)
  return {
    facts: { model: name, threshold: final.threshold.threshold, thresholdReason: final.threshold.reason },
    summary: `${shares.join(', ')}; threshold ${final.threshold.threshold.toFixed(3)}`,
  }
}

type Member = Predictions & Pick<MemberRows, 'learntTo'>

/** By fold, when the last outcome was known that its model, its early stopping or its calibration saw. */
function learntToOf({ folds }: BundleMetrics): MemberRows['learntTo'] {
  return new Map(
    folds.map(({ fold, parts: { train, validation } }) => {
      const spans = [...(train.learnt ?? []), ...(validation.learnt ?? [])]
      return [fold, spans.reduce((last, { to }) => Math.max(last, to), Number.NEGATIVE_INFINITY)]
    }),
  )
}

async function joined(members: readonly Member[], regime: Float64Array, { settings }: Task, io: TaskIo) {
  const { readFileSync } = await import('node:fs')
  const { durationMs } = await import('../../config/durations.js')
  const { timeframeMs } = await import('../../core/time.js')
  const { averageUniqueness } = await import('../../labels/uniqueness.js')
  const { joinFolds } = await import('../../validation/ensembles/join.js')
  const { source, classes } = JSON.parse(readFileSync(io.paths('calibration')[0], 'utf8'))
  return joinFolds(members, regime, {
    name: settings.model as keyof typeof ENSEMBLES,
    terms: { source, classes, scale: 1 },
    ...(await decisionSettings(settings)),
    embargoMs: embargoOf(settings),
    horizonMs: durationMs(String(settings['labels.horizon'])) ?? 0,
    uniqueness: (t0, t1) => averageUniqueness(t0, t1, timeframeMs(settings['bars.decision'] as Timeframe)),
  })
}

/** @throws UserError when the table has no such feature */
async function regimeOf({ rows, open_time }: Predictions, io: TaskIo): Promise<Float64Array> {
  const { readFileSync } = await import('node:fs')
  const { readParquet } = await import('../../datasets/parquet.js')
  const { features } = JSON.parse(readFileSync(io.paths('feature_set')[0], 'utf8')) as { features: { name: string }[] }
  if (!features.some(({ name }) => name === REGIME_FEATURE)) {
    throw new UserError(`the ensemble "regime" needs the feature ${REGIME_FEATURE}`, {
      hint: `add ${REGIME_FEATURE} to features.include, or take another ensemble: stack`,
    })
  }
  const { numbers } = await readParquet(io.paths('features'), ['open_time', REGIME_FEATURE])
  const value = new Map<number, number>()
  numbers.open_time.forEach((time, i) => {
    value.set(time, numbers[REGIME_FEATURE][i])
  })
  return Float64Array.from({ length: rows }, (_, i) => value.get(open_time[i]) ?? Number.NaN)
}

function predictionsOf(first: Predictions, folds: readonly JoinedFold[]): Predictions {
  const blank = () => new Float64Array(first.rows).fill(Number.NaN)
  const made = {
    ...{ value: blank(), raw_long: blank(), raw_short: blank(), p_long: blank(), p_short: blank() },
    ...{ side: blank(), confidence: blank(), threshold: blank() },
  }
  for (const { rows, raw, calibrated, decisions, threshold } of folds) {
    rows.forEach((row, i) => {
      made.raw_long[row] = raw.long[i]
      made.raw_short[row] = raw.short[i]
      made.p_long[row] = calibrated.long[i]
      made.p_short[row] = calibrated.short[i]
      made.side[row] = decisions.side[i]
      made.confidence[row] = decisions.confidence[i]
      made.threshold[row] = threshold.threshold
    })
  }
  return { ...first, ...made }
}

/**
 * As of a bundle with a model. Folds and parts are those of the first member, with what the weights were learnt from added to what must not meet
 * a scored row; an ensemble is as stable as its least stable member.
 */
function ensembleMetrics(
  folds: readonly JoinedFold[],
  metrics: readonly BundleMetrics[],
  scoresOf: (one: JoinedFold) => SplitScores,
) {
  const [own] = metrics
  const partsOf = (one: JoinedFold, parts: BundleMetrics['final']['parts']) => {
    const learnt = [...(parts.validation.learnt ?? []), ...(one.learnt === null ? [] : [one.learnt])]
    return { ...parts, validation: { ...parts.validation, learnt } }
  }
  const record = (one: JoinedFold) => ({
    ...{ fold: one.fold, scores: scoresOf(one), threshold: one.threshold, bestRound: null },
    parts: partsOf(one, own.folds.find(({ fold }) => fold === one.fold)?.parts ?? own.final.parts),
  })
  const final = folds.find(({ fold }) => fold === 0) as JoinedFold
  const leastStable = metrics
    .map(({ selection }) => selection)
    .reduce((a, b) => ((b.importance.index ?? 1) < (a.importance.index ?? 1) ? b : a))
  return {
    test: scoresOf(final),
    folds: folds.filter(({ fold }) => fold > 0).map(record),
    final: { bestRound: null, parts: partsOf(final, own.final.parts) },
    selection: leastStable,
  }
}

function weightedImportance(
  members: readonly (readonly { readonly feature: string; readonly gain: number }[])[],
  weights: readonly number[],
): string {
  const sums = new Map<string, number>()
  members.forEach((rows, m) => {
    const total = rows.reduce((sum, { gain }) => sum + gain, 0)
    for (const { feature, gain } of rows) {
      sums.set(feature, (sums.get(feature) ?? 0) + (total > 0 ? (weights[m] * gain) / total : 0))
    }
  })
  return `feature,gain,permutation\n${[...sums].map(([feature, gain]) => `${feature},${gain},\n`).join('')}`
}

/** Weights fold by fold, and how far they move: what changes with every fold rests on chance. */
function weightsRecord(members: readonly MemberReference[], folds: readonly JoinedFold[]) {
  const learnt = folds.filter(({ fold, learntRows }) => fold > 0 && learntRows > 0)
  return {
    members: members.map(({ model, id }, m) => {
      const own = learnt.map(({ blend }) => blend.weights[m])
      const mean = own.reduce((sum, weight) => sum + weight, 0) / own.length
      const squares = own.reduce((sum, weight) => sum + (weight - mean) ** 2, 0)
      return {
        model,
        id,
        mean: own.length > 0 ? mean : null,
        deviation: own.length > 1 ? Math.sqrt(squares / (own.length - 1)) : null,
      }
    }),
    folds: folds.map(({ fold, blend, learntRows }) => ({ fold, learntRows, ...blend })),
  }
}
