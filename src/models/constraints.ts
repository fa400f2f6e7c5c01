/** What is said of single features by name, turned into columns, and the ways in which it can be wrong. */

import { UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import type { FitOptions, Matrix, TrainingSet } from './model.js'

export type ColumnConstraints = {
  /** 1, −1 or 0 for each column; null when nothing is constrained. [columns] */
  readonly monotone: readonly number[] | null
  /** Columns that hold codes, ascending. */
  readonly categorical: readonly number[]
}

/** More codes than this are no categories but numbers, and the libraries take memory for each. */
export const MOST_CATEGORIES = 65_536

/**
 * @throws UserError when there are three classes or more to be monotone in, when a feature is both, or when a column of codes holds
 *   something else
 */
export function columnConstraints(
  kind: string,
  options: FitOptions,
  sets: readonly (TrainingSet | null)[],
): ColumnConstraints {
  const { featureNames, monotone = {}, categorical = [] } = options
  const directions = featureNames.map((name): number => monotone[name] ?? 0)
  const isMonotone = directions.some((direction) => direction !== 0)
  const columns = [...featureNames.keys()].filter((j) => categorical.includes(featureNames[j]))
  if (isMonotone && options.classes > 2) throw withoutOrder(kind, options.classes)
  for (const j of columns) {
    const name = featureNames[j]
    if (directions[j] !== 0) throw bothAtOnce(name)
    for (const set of sets) if (set !== null) checkCodes(set.x, j, name)
  }
  return { monotone: isMonotone ? directions : null, categorical: columns }
}

/**
 * The same of the configuration, before anything is fitted: `train.monotone` and `train.categorical` against the features that there are.
 *
 * @param classes  of the label; 1 = a regression
 * @throws UserError (exit code 2) that lists everything that is wrong
 */
export function checkConstraints(
  monotone: Readonly<Record<string, number>>,
  categorical: readonly string[],
  features: readonly string[],
  classes: number,
): void {
  const known = new Set(features)
  const problems: string[] = []
  for (const [setting, names] of [
    ['train.monotone', Object.keys(monotone)] as const,
    ['train.categorical', categorical] as const,
  ]) {
    for (const name of names) {
      if (!known.has(name)) problems.push(`${setting}: there is no feature ${name}${suggestion(name, features)}`)
    }
  }
  for (const name of categorical) if (Object.hasOwn(monotone, name)) problems.push(bothAtOnce(name).message)
  if (Object.keys(monotone).length > 0 && classes > 2)
    problems.push(`train.monotone: ${withoutOrder('', classes).message}`)
  if (problems.length === 0) return
  throw new UserError(
    `what is said of single features has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}\n${problems.map((text) => `  ${text}`).join('\n')}`,
    {
      hint: `the table has ${features.length} features; sluice features list shows them`,
      exitCode: 2,
    },
  )
}

function checkCodes({ rows, columns, values }: Matrix, j: number, name: string): void {
  for (let i = 0; i < rows; i++) {
    const value = values[i * columns + j]
    if (Number.isNaN(value) || (value >= 0 && value < MOST_CATEGORIES && Number.isInteger(value))) continue
    throw new UserError(
      `feature ${name} is categorical but holds ${value}, codes are whole numbers from 0 to ${MOST_CATEGORIES - 1}`,
      { hint: 'take it out of train.categorical' },
    )
  }
}

function withoutOrder(kind: string, classes: number): UserError {
  const who = kind === '' ? '' : `model ${kind} `
  return new UserError(`${who}cannot be monotone in ${classes} classes, possible are 2 classes or a regression`, {
    hint: 'take a label of two classes, or empty train.monotone',
  })
}

function bothAtOnce(name: string): UserError {
  return new UserError(`feature ${name} is both monotone and categorical`, {
    hint: 'codes have no order: take it out of one of train.monotone and train.categorical',
  })
}
