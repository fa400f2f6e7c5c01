/** One candidate on one fold, or on the final split: model, predictions of what it scores, and how it came about. */
import type { Json } from '../../core/canonical.js'
import type { Task, TaskIo, TaskResult } from '../stage.js'
import { fitSettings, readWeightedTable } from './fit-settings.js'
import { foldOfPlan } from './split-plan.js'

/** Names of outputs that are the model's own files begin with this. */
export const MODEL_FILE = 'file:'

export async function fit(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../../core/canonical.js')
  const { fitPredictions, fitReport, historyCsv, importanceCsv } = await import('../../datasets/fit-files.js')
  const { PREDICTION_COLUMNS, predictionFrame } = await import('../../datasets/prediction-table.js')
  const { writeParquet } = await import('../../datasets/parquet.js')
  const { modelKind } = await import('../../models/registry.js')
  const { fitSplit } = await import('../../validation/fit-split.js')
  const model = String(task.settings.model)
  const fold = Number(task.settings.fold)
  const table = await readWeightedTable(io)
  const { split, paths, scoredMs, scored, testPart } = foldOfPlan(task.settings, table)
  const outcome = await fitSplit(
    await modelKind(model),
    table,
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
    facts: { model, fold, scored, testPart },
    summary: `${(split.train.rows.length - (outcome.windows?.leftOut.train ?? 0)).toLocaleString('en')} rows, best round ${bestRound}${r2}${auc}${found}`,
  }
}
