/** Scores of a regression's values with their intervals, for a bundle: a label without sides is judged by nothing else. */
import { durationMs } from '../../config/durations.js'
import type { Json } from '../../core/canonical.js'
import { type Timeframe, timeframeMs } from '../../core/time.js'
import type { Predictions } from '../../datasets/prediction-table.js'
import { valueScores } from '../../validation/score-predictions.js'
import type { Task } from '../stage.js'

/** Of the test part, and of what is out of fold along its first path, which has every row once; null for classes. */
export function partValueScores(predictions: Predictions, settings: Task['settings']): Json {
  const horizonMs = durationMs(String(settings['labels.horizon'])) ?? 0
  const horizonRows = Math.ceil(horizonMs / timeframeMs(settings['bars.decision'] as Timeframe))
  const of = (part: string, path: number) => {
    const rows = Int32Array.from(predictions.path.keys()).filter(
      (row) => predictions.path[row] === path && predictions.usable[row] === 1,
    )
    const stream = `${part} ${settings.model}`
    return valueScores(predictions, rows, { horizonRows, seed: Number(settings.seed), stream, level: 0.95 })
  }
  const test = of('test', 0)
  return test === null ? null : { test, outOfFold: of('out of fold', 1) }
}
