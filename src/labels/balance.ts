/**
 * How many rows each class has, in all and month by month.
 */
import { type Month, monthOf, monthSpan } from '../core/time.js'
import type { Labels } from './label.js'
import { LABEL_TYPES } from './registry.js'

export type ClassCounts = {
  readonly classes: readonly number[] // rows of each class, in the order of the type's classes
  neither: number // outcome known, but no class: binary rows that touch neither barrier
  unknown: number // a hole, the end of the data, or no barrier distance
}

export type LabelBalance = {
  readonly classes: readonly number[] // the classes themselves
  readonly total: ClassCounts
  readonly months: readonly { readonly month: Month; readonly counts: ClassCounts }[] // oldest first, by t0
}

export function labelBalance(labels: Labels): LabelBalance {
  const classes: readonly number[] = LABEL_TYPES[labels.type].classes
  const create = () => ({ classes: classes.map(() => 0), neither: 0, unknown: 0 })
  const total = create()
  const months = new Map<Month, ReturnType<typeof create>>()
  let span = { from: Number.NaN, to: Number.NaN }
  let counts = total
  for (let row = 0; row < labels.rows; row++) {
    const t0 = labels.t0[row]
    if (!(t0 >= span.from && t0 < span.to)) {
      const month = monthOf(t0)
      span = monthSpan(month)
      counts = months.get(month) ?? create()
      months.set(month, counts)
    }
    for (const sum of [total, counts]) {
      if (Number.isNaN(labels.t1[row])) sum.unknown++
      else if (Number.isNaN(labels.label[row])) sum.neither++
      else sum.classes[classes.indexOf(labels.label[row])]++
    }
  }
  return {
    classes,
    total,
    months: [...months].sort(([a], [b]) => (a < b ? -1 : 1)).map(([month, sums]) => ({ month, counts: sums })),
  }
}
