/**
 * Every label type. Help, docs, config checks and the contract test are derived from this table; to add one is one file
 * and one entry here.
 */
import { binary } from './binary.js'
import { direction } from './direction.js'
import type { LabelType } from './label-type.js'
import { meta } from './meta.js'
import { regression } from './regression.js'
import { ternary } from './ternary.js'
import { volatility } from './volatility.js'

export const LABEL_TYPES = { ternary, binary, direction, regression, volatility, meta } as const satisfies Record<
  string,
  LabelType
>
export type LabelTypeName = keyof typeof LABEL_TYPES
export const LABEL_TYPE_NAMES = Object.keys(LABEL_TYPES) as readonly LabelTypeName[]
