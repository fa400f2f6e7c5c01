/** Checks what every kind of model checks alike: settings against their declarations, and the shapes of its input. */

import { assert, UserError } from '../core/errors.js'
import { nearest } from '../core/suggest.js'
import type { FitOptions, Matrix, Parameter, Parameters, TrainingSet } from './model.js'

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
    const near = nearest(name.replaceAll('_', ''), names)
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

/** Asserts that the shapes agree. What a user can get wrong is said as a UserError: no rows, or rows of one class only. */
export function checkTraining(
  kind: string,
  train: TrainingSet,
  validation: TrainingSet | null,
  options: FitOptions,
): void {
  assert(options.classes >= 2, `classes is ${options.classes}, at least 2`)
  assert(new Set(options.featureNames).size === options.featureNames.length, 'feature names are unique')
  for (const set of validation === null ? [train] : [train, validation]) {
    checkColumns(set.x, options.featureNames.length)
    assert(set.y.length === set.x.rows, `${set.y.length} classes for ${set.x.rows} rows`)
    if (set.weight !== null) {
      assert(set.weight.length === set.x.rows, `${set.weight.length} weights for ${set.x.rows} rows`)
      assert(
        set.weight.every((weight) => weight >= 0 && weight < Number.POSITIVE_INFINITY),
        'weights are finite and not negative',
      )
      assert(set.x.rows === 0 || set.weight.some((weight) => weight > 0), 'some weight is above 0')
    }
    assert(
      set.y.every((k) => k >= 0 && k < options.classes),
      `classes lie in 0 … ${options.classes - 1}`,
    )
  }
  const present = new Set(train.y).size
  if (present < 2) {
    throw new UserError(
      `model ${kind} cannot be fitted: ${train.x.rows} training rows hold ${present} classes, needed are 2`,
      {
        hint: 'take a longer span of time, or labels with nearer barriers',
      },
    )
  }
  if (validation !== null && validation.x.rows === 0) {
    throw new UserError(`model ${kind} cannot be fitted: the validation part has 0 rows, needed is 1`, {
      hint: 'take a longer span of time, or fewer folds',
    })
  }
}

/** Asserts that `x` is a whole table of `columns` columns. */
export function checkColumns(x: Matrix, columns: number): void {
  assert(x.columns === columns, `table has ${x.columns} columns, the model has ${columns} features`)
  assert(x.values.length === x.rows * x.columns, `table of ${x.rows} × ${x.columns} holds ${x.values.length} values`)
}
