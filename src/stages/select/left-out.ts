/**
 * Candidates that were asked for and cannot be judged, with the reason: they are named, not forgotten.
 */
import type { Failed, PlanContext } from '../stage.js'

export type LeftOut = { readonly model: string; readonly why: string }

/** @param bundled models that can be judged */
export function modelsLeftOut({ config, failed }: PlanContext, bundled: readonly string[]): LeftOut[] {
  const fits = failed('train', 'fit')
  const bundles = failed('train', 'bundle')
  const of = (units: readonly Failed[], model: string) => units.filter(({ settings }) => settings.model === model)
  return config['train.models']
    .filter((model) => !bundled.includes(model))
    .map((model) => {
      const [first, ...more] = of(fits, model)
      const [bundle] = of(bundles, model)
      if (first !== undefined) return { model, why: `${nameOf(first)} failed: ${first.reason}${andMore(more.length)}` }
      if (bundle !== undefined) return { model, why: `its bundle failed: ${bundle.reason}` }
      return { model, why: 'it cannot be fitted here; sluice doctor says why' }
    })
}

function nameOf({ settings }: Failed): string {
  return settings.fold === 0 ? 'the final fit' : `fold ${settings.fold}`
}

function andMore(count: number): string {
  return count === 0 ? '' : ` (and ${count} more ${count === 1 ? 'fit' : 'fits'})`
}
