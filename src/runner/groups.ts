/**
 * Units that a person follows together, such as the months of one series: how many are done, and how many bytes have come.
 */
import type { PlannedUnit } from './plan.js'
import type { OnProgress } from './pool.js'

export type GroupProgress = {
  readonly group: string
  readonly finished: number // units, with the fractions of those at work
  readonly total: number
  readonly bytes: number
  readonly note: string // how the one that spoke last stands
}

type Shown = { done: boolean; fraction: number; bytes: number }

export function followGroups(due: readonly PlannedUnit[], tell: (progress: GroupProgress) => void) {
  const groups = new Map<string, Map<string, Shown>>()
  for (const { task } of due) {
    if (task.group === undefined) continue
    const units = groups.get(task.group) ?? new Map()
    groups.set(task.group, units.set(task.unit, { done: false, fraction: 0, bytes: 0 }))
  }
  const change = ({ task }: PlannedUnit, change: (unit: Shown) => void, note = '') => {
    const units = groups.get(task.group ?? '')
    const unit = units?.get(task.unit)
    if (units === undefined || unit === undefined || task.group === undefined) return
    change(unit)
    const all = [...units.values()]
    const finished = all.reduce((sum, one) => sum + (one.done ? 1 : one.fraction), 0)
    const bytes = all.reduce((sum, one) => sum + one.bytes, 0)
    tell({ group: task.group, finished, total: all.length, bytes, note })
  }
  return {
    progress: (unit: PlannedUnit, { fraction, bytes, note }: Parameters<OnProgress>[0]) =>
      change(
        unit,
        (one) => {
          one.fraction = fraction
          one.bytes = Math.max(one.bytes, bytes)
        },
        note,
      ),
    end: (unit: PlannedUnit) =>
      change(unit, (one) => {
        one.done = true
      }),
  }
}
