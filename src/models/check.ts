/** Finds misspelt models and parameters before any work begins, all of them at once. */

import { messageOf, UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { resolveParameters } from './parameters.js'
import { isModelName, modelKind, modelNames } from './registry.js'
import { type Label, taskProblem } from './task-problem.js'

/**
 * @param wanted     candidates, `train.models`
 * @param ensembles  what may stand among the candidates besides models, where two or more models do
 * @param parameters by model, `models`; also those of models that are no candidates
 * @param label      what they are to learn
 * @throws UserError (exit code 2) that lists what is unknown or out of range, or when no candidate can learn such a label
 */
export async function checkModels(
  wanted: readonly string[],
  ensembles: readonly string[],
  parameters: Readonly<Record<string, Readonly<Record<string, number>>>>,
  label: Label,
): Promise<void> {
  const problems: string[] = []
  /** Whether a name is unknown: then the names help. */
  let unknown = false
  const known = (name: string, where: string) => {
    if (isModelName(name)) return true
    unknown = true
    problems.push(`${where}: there is no model ${name}${suggestion(name, [...modelNames, ...ensembles])}`)
    return false
  }
  const models = wanted.filter((name) => !ensembles.includes(name))
  for (const name of models) known(name, 'train.models')
  if (models.length < 2 && models.length < wanted.length)
    problems.push(
      `train.models: an ensemble (${wanted.filter((name) => !models.includes(name)).join(', ')}) takes two models`,
    )
  for (const [name, given] of Object.entries(parameters)) {
    if (!known(name, 'models')) continue
    try {
      resolveParameters(name, (await modelKind(name)).parameters, given)
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown
      problems.push(`models.${name}: ${messageOf(thrown)}${thrown.hint === undefined ? '' : `; ${thrown.hint}`}`)
    }
  }
  const unfit: string[] = []
  for (const name of models.filter(isModelName)) {
    const problem = taskProblem(await modelKind(name), label)
    if (problem !== null) unfit.push(`${name}, ${problem}`)
  }
  if (models.length > 0 && unfit.length === models.length)
    problems.push(`train.models: none can learn the label: ${unfit.join('; ')}`)
  if (problems.length === 0) return
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  throw new UserError(`the choice of models has ${count}\n${problems.map((text) => `  ${text}`).join('\n')}`, {
    hint: unknown
      ? `there are ${modelNames.join(', ')}; of these together ${ensembles.join(', ')}`
      : 'docs/reference/models.md has every model, what it can learn, and its parameters',
    exitCode: 2,
  })
}
