/**
 * The searches for parameters as the report shows them, model by model.
 */
import type { StoredTrial } from '../datasets/report-sources.js'
import type { TrialRow, TuningReport } from './input.js'

/** @param trials  each model's in the order proposed */
export function tuningInput(trials: readonly StoredTrial[]): TuningReport[] {
  const models = [...new Set(trials.map(({ model }) => model))]
  return models.map((model) => {
    const own = trials.filter((trial) => trial.model === model)
    let best: { trial: number; loss: number } | null = null
    const rows = own.map(({ trial, state, tried, losses, reason }): TrialRow => {
      const loss = losses.length > 0 ? losses.reduce((sum, one) => sum + one, 0) / losses.length : null
      if (state === 'complete' && loss !== null && (best === null || loss < best.loss)) best = { trial, loss }
      return {
        ...{ trial, state, loss, folds: losses.length, best: best?.loss ?? null, parameters: tried },
        ...(reason === undefined ? {} : { reason }),
      }
    })
    const taken = best as { trial: number } | null
    return { model, trials: rows, best: taken?.trial ?? null, space: own[0].space }
  })
}
