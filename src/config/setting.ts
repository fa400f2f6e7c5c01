/** What one setting is, and the kinds of values that several of them have. */
import { z } from 'zod'

export type Setting<T> = {
  readonly type: z.ZodType<T>
  readonly default: T
  readonly meaning: string
  readonly unit?: string
}

export function setting<T>(type: z.ZodType<T>, value: T, meaning: string, unit?: string): Setting<T> {
  return unit === undefined ? { type, default: value, meaning } : { type, default: value, meaning, unit }
}

export const fraction = z.number().min(0).max(1)
