/**
 * What came of the trials, from the facts of their manifests: a plan opens no file for it.
 */
import type { Config } from '../../config/settings.js'
import type { Parameters } from '../../models/model.js'
import { bestTrial, meanLoss, noneComplete, type Trial } from '../../tuning/trial.js'
import type { Done, PlanContext } from '../stage.js'

/** What a person has set of a model; the tuner leaves it alone. */
export function parametersFixed(config: Config, model: string): Parameters {
  return config.models[model] ?? {}
}

/** Trials of a model, in the order proposed. */
export function trialsOf(done: readonly Done[], model: string): Trial[] {
  return done.filter(({ settings }) => settings.model === model).map(({ manifest }) => trialIn(manifest.facts))
}

/** Of the facts of a trial's manifest, or of `trial.json`. */
export function trialIn(facts: Done['manifest']['facts']): Trial {
  const { trial, tried, state, losses, reason } = facts as unknown as {
    readonly trial: number
    readonly tried: Trial['parameters']
  } & Pick<Trial, 'state' | 'losses' | 'reason'>
  return { number: trial, parameters: tried, state, losses, ...(reason === undefined ? {} : { reason }) }
}

type Units = Pick<PlanContext, 'config' | 'done' | 'failed'>

export type Tuned = { readonly parameters: Parameters } | { readonly failed: string }

/**
 * What to fit a model with: what the best trial tried, under what is fixed; without trials what is fixed alone. When no trial came to
 * an end, why the first did not.
 */
export function tunedParameters({ config, done, failed }: Units, model: string): Tuned {
  const fixed = parametersFixed(config, model)
  const trials = trialsOf(done('train', 'tune'), model)
  const lost = failed('train', 'tune').filter(({ settings }) => settings.model === model)
  const count = trials.length + lost.length
  if (count === 0) return { parameters: fixed }
  const best = bestTrial(trials)
  if (best !== null) return { parameters: { ...best.parameters, ...fixed } }
  return { failed: noneComplete(count, trials[0]?.reason ?? lost[0]?.reason) }
}

export function bestSoFar(trials: readonly Trial[]): string {
  const best = bestTrial(trials)
  const count = (state: Trial['state']) => trials.filter((one) => one.state === state).length
  const others = (['pruned', 'failed'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `, ${count(state)} ${state}`)
    .join('')
  return `${best === null ? 'none complete' : `best ${lossText(meanLoss(best))} by trial ${best.number}`}${others}`
}

/** Four digits that count: the error of a return is far below 1. */
export function lossText(loss: number): string {
  return loss.toPrecision(4)
}
