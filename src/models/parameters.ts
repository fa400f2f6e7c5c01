/** Checks what every kind of model checks alike: settings against their declarations, and the shapes of its input. */

import { assert, UserError } from '../core/errors.js'
import { nearest } from '../core/suggest.js'
import type { FitOptions, Matrix, ModelTask, Parameter, Parameters, TrainingSet } from './model.js'

/**
 * The declared defaults with `given` laid over them.
 *
 * @throws UserError naming the first parameter that is unknown (with the nearest known name), not whole or out of range
 */
export function resolveParameters<Name extends string>(
  kind: string,
  declared: Readonly<Record<Name, Parameter>>,
  given: Parameters,
): Readonly<Record<Name, number>> {
  const names = Object.keys(declared) as Name[]
  for (const name of Object.keys(given)) {
    if (names.some((known) => known === name)) continue
    const near = nearest(name, names)
    throw new UserError(`model ${kind} has no parameter "${name}" (it has ${names.length}: ${names.join(', ')})`, {
      hint: near === null ? `use one of: ${names.join(', ')}` : `did you mean "${near}"?`,
    })
  }
  const resolved = {} as Record<Name, number>
  for (const name of names) {
    const { default: fallback, range, integer } = declared[name]
    const value = given[name] ?? fallback
    // Written so that NaN fails too.
    if (!(value >= range[0] && value <= range[1])) {
      throw new UserError(`parameter ${name} of model ${kind} is ${value}, allowed is ${range[0]} to ${range[1]}`, {
        hint: `the default is ${fallback}: ${declared[name].meaning}`,
      })
    }
    if (integer === true && !Number.isInteger(value)) {
      throw new UserError(`parameter ${name} of model ${kind} is ${value}, it must be a whole number`, {
        hint: `try ${Math.round(value)}`,
      })
    }
    resolved[name] = value
  }
  return resolved
}

/**
 * Asserts that the shapes agree. What a user can get wrong is said as a UserError: a task that the kind does not have, no rows, rows of
 * one class only.
 */
export function checkTraining(
  kind: { readonly name: string; readonly tasks: readonly ModelTask[] },
  train: TrainingSet,
  validation: TrainingSet | null,
  options: FitOptions,
): void {
  const { name, tasks } = kind
  if (!tasks.includes(options.task)) {
    throw new UserError(`model ${name} is for ${tasks.join(' and ')}, the label asks for ${options.task}`, {
      hint: 'take other train.models, or another labels.type; docs/reference/models.md lists what each model is for',
    })
  }
  const regression = options.task === 'regression'
  assert(regression ? options.classes === 1 : options.classes >= 2, `${options.classes} classes of a ${options.task}`)
  assert(new Set(options.featureNames).size === options.featureNames.length, 'feature names are unique')
  for (const set of validation === null ? [train] : [train, validation]) {
    checkColumns(set.x, options.featureNames.length)
    checkWeights(set)
    assert(set.y.length === set.x.rows, `${set.y.length} labels for ${set.x.rows} rows`)
    if (regression) assert(set.y.every(Number.isFinite), 'values to fit are finite')
    else classesOf(set, options.classes)
  }
  const present = new Set(train.y).size
  if (present < 2) {
    const [different, cure] = regression
      ? ['values', 'a label that varies']
      : ['classes', 'labels with nearer barriers']
    throw new UserError(
      `model ${name} cannot be fitted: ${train.x.rows} training rows hold ${present} ${different}, needed are 2`,
      { hint: `take a longer span of time, or ${cure}` },
    )
  }
  if (validation !== null && validation.x.rows === 0) {
    throw new UserError(`model ${name} cannot be fitted: the validation part has 0 rows, needed is 1`, {
      hint: 'take a longer span of time, or fewer folds',
    })
  }
}

function checkWeights({ x, weight }: TrainingSet): void {
  if (weight === null) return
  assert(weight.length === x.rows, `${weight.length} weights for ${x.rows} rows`)
  assert(
    weight.every((value) => value >= 0 && value < Number.POSITIVE_INFINITY),
    'weights are finite and not negative',
  )
  assert(x.rows === 0 || weight.some((value) => value > 0), 'some weight is above 0')
}

/** The labels of a classification, which are class numbers. [rows] */
export function classesOf({ y }: TrainingSet, classes: number): Int32Array {
  assert(y instanceof Int32Array, 'classes are an Int32Array')
  assert(
    y.every((k) => k >= 0 && k < classes),
    `classes lie in 0 … ${classes - 1}`,
  )
  return y
}

/** Asserts that `x` is a whole table of `columns` columns. */
export function checkColumns(x: Matrix, columns: number): void {
  assert(x.columns === columns, `table has ${x.columns} columns, the model has ${columns} features`)
  assert(x.values.length === x.rows * x.columns, `table of ${x.rows} × ${x.columns} holds ${x.values.length} values`)
}
