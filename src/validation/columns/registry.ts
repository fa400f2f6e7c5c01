/**
 * Every way to select features, and how a list of them is written: `[variance, correlation:0.95, importance:40]`. Reference and checks
 * are derived from this table; to add one is one file and one entry here.
 */
import { messageOf, UserError } from '../../core/errors.js'
import { suggestion } from '../../core/suggest.js'
import { correlation } from './correlation.js'
import { importance } from './importance.js'
import type { SelectionMethod } from './method.js'
import { mutualInformation } from './mutual-information.js'
import { recursive } from './recursive.js'
import { variance } from './variance.js'

export const SELECTION_METHODS = { variance, correlation, mutualInformation, importance, recursive } as const
export type SelectionMethodName = keyof typeof SELECTION_METHODS

export type SelectionStep = { readonly method: SelectionMethod; readonly values: readonly number[] }

/** @throws UserError (exit code 2) that lists all problems of `train.selection` */
export function parseSelection(list: readonly string[]): SelectionStep[] {
  const steps: SelectionStep[] = []
  const problems: string[] = []
  for (const text of list) {
    try {
      steps.push(parseStep(text))
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown
      problems.push(messageOf(thrown))
    }
  }
  if (problems.length === 0) return steps
  throw new UserError(
    `train.selection has ${problems.length} of ${list.length} steps that cannot be done: ${problems.join('; ')}`,
    {
      hint: `write for instance [variance, correlation:0.9, importance:50]; there are ${Object.keys(SELECTION_METHODS).join(', ')}`,
      exitCode: 2,
    },
  )
}

function parseStep(text: string): SelectionStep {
  const [name, ...given] = text.split(':').map((part) => part.trim())
  const methods: Readonly<Record<string, SelectionMethod>> = SELECTION_METHODS
  if (!Object.hasOwn(methods, name)) {
    throw new UserError(`there is no method ${name}${suggestion(name, Object.keys(methods))}`)
  }
  const method = methods[name]
  const parameters = Object.entries(method.parameters)
  if (given.length > parameters.length) {
    throw new UserError(`${text} has ${given.length} numbers, ${name} takes at most ${parameters.length}`)
  }
  const values = parameters.map(([parameter, { default: fallback, range, integer }], i) => {
    const value = given[i] === undefined || given[i] === '' ? fallback : Number(given[i])
    if (!(value >= range[0] && value <= range[1]) || (integer === true && !Number.isInteger(value))) {
      const kind = integer === true ? 'a whole number' : 'a number'
      throw new UserError(`${parameter} of ${text} is ${given[i]}, it must be ${kind} from ${range[0]} to ${range[1]}`)
    }
    return value
  })
  return { method, values }
}
