/**
 * What a run says of its units, before more is known of them.
 */
import type { Failed, StageName, Task } from '../stages/stage.js'
import type { PlannedUnit } from './plan.js'
import type { UnitReport } from './run.js'

type Fields = Pick<UnitReport, 'state' | 'outcome' | 'reason'> & { readonly hint?: string | null }

export function blankReport(
  stage: StageName,
  step: string,
  unit: string,
  pair: string | null,
  fields: Fields,
): UnitReport {
  const { hint = null } = fields
  return {
    stage,
    step,
    unit,
    pair,
    trace: null,
    summary: '',
    warnings: [],
    seconds: 0,
    manifestPath: null,
    manifest: null,
    ...fields,
    hint,
  }
}

export function freshReport({ task, manifestPath, done }: PlannedUnit): UnitReport {
  const manifest = done?.manifest ?? null
  const { stage, step, unit, pair } = task
  const fields = { state: 'fresh', outcome: 'fresh', reason: '' } as const
  return {
    ...blankReport(stage, step, unit, pair, fields),
    summary: manifest?.summary ?? '',
    warnings: manifest?.warnings ?? [],
    manifestPath,
    manifest,
  }
}

export function failedOne({ step, unit, pair, settings }: Task, reason: string): Failed {
  return { step, unit, pair, settings, reason }
}
