/** Every kind of model, by name. A kind is loaded when it is asked for, so that help and status stay quick. */

import { UserError } from '../core/errors.js'
import type { ModelKind } from './model.js'
import type { LibraryName } from './native/library.js'

const kinds = {
  logistic: async (): Promise<ModelKind> => (await import('./logistic.js')).logistic,
  linear: async (): Promise<ModelKind> => (await import('./linear.js')).linear,
  'random-forest': async (): Promise<ModelKind> => (await import('./random-forest.js')).randomForest,
  xgboost: async (): Promise<ModelKind> => (await import('./xgboost.js')).xgboost,
  lightgbm: async (): Promise<ModelKind> => (await import('./lightgbm.js')).lightgbm,
  lstm: async (): Promise<ModelKind> => (await import('./neural/lstm.js')).lstm,
  gru: async (): Promise<ModelKind> => (await import('./neural/gru.js')).gru,
  tcn: async (): Promise<ModelKind> => (await import('./neural/tcn.js')).tcn,
  'cnn-lstm': async (): Promise<ModelKind> => (await import('./neural/cnn-lstm.js')).cnnLstm,
  transformer: async (): Promise<ModelKind> => (await import('./neural/transformer.js')).transformer,
} as const

/** The library that a kind's results depend on. */
export const MODEL_LIBRARIES: Readonly<Record<ModelName, LibraryName | 'tfjs' | null>> = {
  logistic: null,
  linear: null,
  'random-forest': 'xgboost',
  xgboost: 'xgboost',
  lightgbm: 'lightgbm',
  lstm: 'tfjs',
  gru: 'tfjs',
  tcn: 'tfjs',
  'cnn-lstm': 'tfjs',
  transformer: 'tfjs',
}

export type ModelName = keyof typeof kinds

export const modelNames: readonly ModelName[] = Object.keys(kinds) as ModelName[]

export function isModelName(name: string): name is ModelName {
  return Object.hasOwn(kinds, name)
}

/** @throws UserError if no kind has this name */
export async function modelKind(name: string): Promise<ModelKind> {
  if (!isModelName(name)) {
    throw new UserError(`there is no model "${name}" (there are ${modelNames.length}: ${modelNames.join(', ')})`, {
      hint: `set train.models to some of: ${modelNames.join(', ')}`,
    })
  }
  return kinds[name]()
}
