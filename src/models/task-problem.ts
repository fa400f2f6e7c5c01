/** Why a kind of model cannot learn a label: in the words that planning, selection and report share. */
import type { ModelKind, ModelTask } from './model.js'

/** `type` is the setting `labels.type`. */
export type Label = { readonly type: string; readonly task: ModelTask }

/** Null when it can. */
export function taskProblem({ tasks }: Pick<ModelKind, 'tasks'>, { type, task }: Label): string | null {
  return tasks.includes(task) ? null : `it is for ${tasks.join(' and ')}, labels.type ${type} asks for ${task}`
}
