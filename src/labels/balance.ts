/**
 * How labels are spread: rows of each class or quantiles of the values, in all and month by month, and how far each month lies from
 * the whole. Outcomes of the trades are counted for every type.
 */
import { type Month, monthOf, monthSpan } from '../core/time.js'
import { mean, quantileOfSorted, standardDeviation } from '../math/statistics.js'
import { countStability, populationStability } from '../math/two-samples.js'
import type { Labels } from './label.js'
import type { LabelType } from './label-type.js'
import { LABEL_TYPES } from './registry.js'
import { averageUniqueness } from './uniqueness.js'

export type ClassCounts = {
  readonly classes: readonly number[] // rows of each class, in the order of the type's classes; none for a regression
  readonly labelled: number // rows with a label
  readonly neither: number // outcome known, but no label: binary rows that touch neither barrier, meta rows without a side
  readonly unknown: number // a hole, the end of the data, or no barrier distance
  readonly outcomes: readonly number[] // rows of outcome -1, 0, 1
}

/** Of the values of a regression. */
export type ValueSpread = {
  readonly mean: number
  readonly deviation: number | null // null for one row
  readonly quantiles: readonly number[] // at QUANTILES
}
export const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const

export type LabelMonth = {
  readonly month: Month
  readonly counts: ClassCounts
  readonly values: ValueSpread | null
  /**
   * Population stability index against all months, by class or by tenths of the values; null without labels. `noise` is what it
   * would be about without any change: (bins - 1) ÷ independent rows.
   */
  readonly psi: number | null
  readonly noise: number | null
}

export type LabelBalance = {
  readonly type: string
  readonly meaning: string
  readonly task: LabelType['task']
  readonly classes: readonly number[] // the classes themselves
  readonly total: ClassCounts
  readonly values: ValueSpread | null // of a regression
  /** Sum of average uniqueness: as many labels that do not overlap would say as much. */
  readonly independent: number
  readonly months: readonly LabelMonth[] // oldest first, by t0
}

const BINS = 10

/** @param stepMs  cells in which labels are counted as alive at once: the decision bar */
export function labelBalance(labels: Labels, stepMs: number): LabelBalance {
  const type: LabelType = LABEL_TYPES[labels.type]
  const weights = averageUniqueness(labels.t0, labels.t1, stepMs)
  const total = partOf(type)
  const months = new Map<Month, Part>()
  let span = { from: Number.NaN, to: Number.NaN }
  let part = total
  for (let row = 0; row < labels.rows; row++) {
    const t0 = labels.t0[row]
    if (!(t0 >= span.from && t0 < span.to)) {
      const month = monthOf(t0)
      span = monthSpan(month)
      part = months.get(month) ?? partOf(type)
      months.set(month, part)
    }
    for (const sum of [total, part]) add(sum, type, labels, row, weights[row])
  }
  const whole = sortedValues(total)
  const isRegression = type.task === 'regression'
  return {
    type: labels.type,
    meaning: type.meaning,
    task: type.task,
    classes: type.classes,
    total: countsOf(total),
    values: isRegression ? spreadOf(whole) : null,
    independent: total.independent,
    months: [...months]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([month, one]) => {
        const values = sortedValues(one)
        const psi = isRegression
          ? populationStability(whole, values, BINS)
          : countStability([...total.classes, total.neither], [...one.classes, one.neither])
        const bins = isRegression ? BINS : type.classes.length + (total.neither > 0 ? 1 : 0)
        const known = one.independent > 0
        return {
          month,
          counts: countsOf(one),
          values: isRegression ? spreadOf(values) : null,
          psi: known && !Number.isNaN(psi) ? psi : null,
          noise: known ? (bins - 1) / one.independent : null,
        }
      }),
  }
}

type Part = {
  classes: number[]
  labelled: number
  neither: number
  unknown: number
  outcomes: number[]
  independent: number
  values: number[]
}

function partOf(type: LabelType): Part {
  return {
    classes: type.classes.map(() => 0),
    ...{ labelled: 0, neither: 0, unknown: 0, outcomes: [0, 0, 0], independent: 0, values: [] },
  }
}

function add(part: Part, type: LabelType, labels: Labels, row: number, weight: number): void {
  const label = labels.label[row]
  if (Number.isNaN(labels.t1[row])) {
    part.unknown++
    return
  }
  part.independent += weight
  part.outcomes[labels.outcome[row] + 1]++
  if (Number.isNaN(label)) {
    part.neither++
    return
  }
  part.labelled++
  if (type.task === 'regression') part.values.push(label)
  else part.classes[type.classes.indexOf(label)]++
}

function countsOf({ classes, labelled, neither, unknown, outcomes }: Part): ClassCounts {
  return { classes, labelled, neither, unknown, outcomes }
}

function sortedValues({ values }: Part): Float64Array {
  return Float64Array.from(values).sort()
}

function spreadOf(sorted: Float64Array): ValueSpread | null {
  if (sorted.length === 0) return null
  return {
    mean: mean(sorted),
    deviation: sorted.length > 1 ? standardDeviation(sorted) : null,
    quantiles: QUANTILES.map((p) => quantileOfSorted(sorted, p)),
  }
}
