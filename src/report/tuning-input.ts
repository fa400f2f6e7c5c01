/**
 * The searches for parameters as the report shows them, model by model.
 */
import type { StoredTrial } from '../datasets/report-sources.js'

export type TrialRow = {
  readonly trial: number // from 1, in the order proposed
  readonly state: 'complete' | 'pruned' | 'failed'
  readonly loss: number | null // mean of the inner folds that were tried; null of one that failed before the first was through
  readonly folds: number // that were tried
  /** Lowest loss of the complete ones so far; null before there is one. */
  readonly best: number | null
  readonly parameters: { readonly [name: string]: number }
  readonly reason?: string // why it failed
}

/** The search for one model's parameters. */
export type TuningReport = {
  readonly model: string
  readonly trials: readonly TrialRow[]
  /** Number of the trial whose parameters were taken; null when none came to an end. */
  readonly best: number | null
  readonly space: readonly {
    readonly name: string
    readonly low: number
    readonly high: number
    readonly log: boolean
  }[]
}

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
