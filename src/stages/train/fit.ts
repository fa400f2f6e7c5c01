/**
 * One candidate on one fold, or on the final split: model, what it says of validation and scored rows, and how it came
 * about.
 */
import type { Json } from '../../core/canonical.js'
import type { Task, TaskIo, TaskResult } from '../stage.js'
import { fitSettings, readWeightedTable } from './fit-settings.js'
import { foldOfPlan } from './split-plan.js'

/** Names of outputs that are the model's own files begin with this. */
export const MODEL_FILE = 'file:'

export const ONE_CLASS_HINT = 'widen the span, shorten labels.horizon, or bring the barriers nearer'

/**
 * A fold that nothing can be learnt on counts as one without signals (`validation/fold-models.ts`); the final split
 * must have a model.
 */
export async function fit(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../../core/canonical.js')
  const { UserError } = await import('../../core/errors.js')
  const { fitReport, historyCsv, importanceCsv } = await import('../../datasets/fit-files.js')
  const { rawPredictions, writeRawPredictions } = await import('../../datasets/raw-predictions.js')
  const { modelKind } = await import('../../models/registry.js')
  const { fitSplit } = await import('../../validation/fit-split.js')
  const { widthOf } = await import('../../validation/sides.js')
  const model = String(task.settings.model)
  const fold = Number(task.settings.fold)
  const table = await readWeightedTable(io)
  const { split, paths, scoredMs, scored, testPart } = foldOfPlan(task.settings, table)
  const settings = await fitSettings(task.settings, io, table)
  const outcome = await fitSplit(await modelKind(model), table, split, settings)
  if (outcome.model === null && fold === 0) {
    throw new UserError(outcome.why, { hint: ONE_CLASS_HINT })
  }
  const made = { model, fold, split, scoredMs, outcome }
  await io.write('raw', `${io.folder}/raw.parquet`, (temporary) =>
    writeRawPredictions(temporary, rawPredictions(outcome, table, { split, paths }), widthOf(outcome.terms)),
  )
  const text = (name: string, file: string, content: string | Uint8Array) =>
    io.write(name, `${io.folder}/${file}`, (temporary) => writeFileSync(temporary, content))
  await text('fit', 'fit.json', prettyJson(fitReport(made, table)))
  if (outcome.model === null) {
    const { why } = outcome
    return {
      facts: { model, fold, scored, testPart, noModel: why },
      summary: 'no model, no signal',
      warnings: [noModelText(model, why)],
    }
  }
  await text('selection', 'selection.json', prettyJson(outcome.selection as unknown as Json))
  await text(
    'scaling',
    'scaling.json',
    prettyJson((outcome.preparation.scaling ?? { method: null }) as unknown as Json),
  )
  await text('importance', 'importance.csv', importanceCsv(outcome))
  await text('history', 'history.csv', historyCsv(outcome))
  for (const [name, bytes] of outcome.model.files()) await text(`${MODEL_FILE}${name}`, name, bytes)
  const { bestRound } = outcome.model
  outcome.model.close()
  const { aucLong, regression } = outcome.scores
  const r2 = typeof regression?.r2 === 'number' ? `, R² ${regression.r2.toFixed(3)}` : ''
  const auc = aucLong === null ? '' : `, AUC ${aucLong.toFixed(3)}`
  return {
    facts: { model, fold, scored, testPart },
    summary: `${(split.train.rows.length - (outcome.windows?.leftOut.train ?? 0)).toLocaleString('en')} rows, best round ${bestRound}${r2}${auc}`,
  }
}

function noModelText(model: string, why: string): string {
  return `${model}, ${why}: there it has no model and gives no signal`
}
