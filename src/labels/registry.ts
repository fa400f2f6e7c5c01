/**
 * Every label type. Help, docs, config checks and the contract test are derived from this table; to add one is one file
 * and one entry here.
 */
import { binary } from './binary.js'
import type { LabelType } from './label-type.js'
import { ternary } from './ternary.js'

export const LABEL_TYPES = { ternary, binary } as const satisfies Record<string, LabelType>
export type LabelTypeName = keyof typeof LABEL_TYPES
export const LABEL_TYPE_NAMES = Object.keys(LABEL_TYPES) as readonly LabelTypeName[]
