/**
 * Step `tune`: which parameters to fit with. A trial is what a fit would be, with other parameters, on inner folds that lie before
 * everything that training scores; each is a unit, so a killed run loses those at work and no other. A round of the step is a batch of trials
 * of each model: all workers share it, and its proposals and limits come from the batches before it alone.
 */
import type { Config } from '../../config/settings.js'
import type { Json } from '../../core/canonical.js'
import type { Parameters } from '../../models/model.js'
import type { Trial } from '../../tuning/trial.js'
import { scheme } from '../../validation/schemes.js'
import type { Done, PlanContext, PlannedTask, Rounds, Step } from '../stage.js'
import { planFits } from './plan-fits.js'
import { runTrial } from './trial.js'
import { bestSoFar, parametersFixed, trialsOf } from './tuned.js'

const rounds: Rounds = {
  count: (config) => Math.ceil(config['tuning.trials'] / config['tuning.batch']),
  told(config, done) {
    const ofModel = new Map<string, { pair: string | null; model: string; trials: Trial[] }>()
    for (const unit of done) {
      const model = String(unit.settings.model)
      const key = `${unit.pair} ${model}`
      const found = ofModel.get(key) ?? { pair: unit.pair, model, trials: [] }
      found.trials.push(...trialsOf([unit], model))
      ofModel.set(key, found)
    }
    return [...ofModel.values()].map(
      ({ pair, model, trials }) =>
        `${pair} ${model}: ${trials.length} of ${config['tuning.trials']} trials, ${bestSoFar(trials)}`,
    )
  },
}

export const tune: Step = { name: 'tune', scope: 'pair', isolated: true, rounds, plan: planTrials, run: runTrial }

async function planTrials(context: PlanContext): Promise<PlannedTask[]> {
  const { config, round, done } = context
  const { foresight, title } = scheme(config['train.split'])
  if (foresight && round === 0)
    context.warn(
      `${title} score the oldest rows too, where the parameters are looked for: their out-of-fold scores flatter`,
    )
  // A trial reads what a fit does; what is left out and why is said by the step that fits.
  const fits = await planFits({ ...context, warn: () => {} })
  const earlier = done('train', 'tune')
  const models = [...new Map(fits.map((task) => [String(task.settings.model), task]))]
  const planned: PlannedTask[] = []
  for (const [model, fit] of models) planned.push(...(await planBatch({ config, round, earlier, model, fit })))
  return planned
}

type Batch = {
  readonly config: Config
  readonly round: number
  readonly earlier: readonly Done[]
  readonly model: string
  readonly fit: PlannedTask
}

async function planBatch({ config, round, earlier, model, fit }: Batch): Promise<PlannedTask[]> {
  const { modelKind } = await import('../../models/registry.js')
  const { pruningLimits } = await import('../../tuning/pruning.js')
  const { searchSpace } = await import('../../tuning/space.js')
  const { proposeBatch } = await import('../../tuning/tpe.js')
  const fixed = parametersFixed(config, model)
  const space = searchSpace((await modelKind(model)).parameters, fixed)
  if (space.length === 0) return []
  const { seed, 'tuning.batch': size, 'tuning.folds': folds, 'tuning.startup': startup } = config
  const history = trialsOf(earlier, model)
  const limits = pruningLimits(history, { folds, warmup: size })
  const scales = space.map(({ name, low, high, log }) => ({ name, low, high, log }))
  const before = round * size
  const { fold: _, ...settings } = fit.settings
  const proposals = proposeBatch(space, history, {
    ...{ seed, model, batch: round, startup },
    size: Math.min(size, config['tuning.trials'] - before),
  })
  return proposals.map((tried, index) => {
    const trial = before + index + 1
    const parameters: Parameters = { ...tried, ...fixed }
    const unit = `${fit.pair} ${model} trial ${trial}`
    return {
      ...fit,
      step: 'tune',
      unit,
      ...(fit.group === undefined ? {} : { group: unit }),
      settings: {
        ...settings,
        ...({ parameters, tried, trial, limits, space: scales, 'tuning.folds': folds } satisfies Record<string, Json>),
      },
      manifest: `artifacts/trials/${config['data.venue']}/${fit.pair}/{fingerprint}/manifest.json`,
    }
  })
}
