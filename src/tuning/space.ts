/**
 * What a tuner may change of a model, and the line on which it looks: each parameter becomes a coordinate that is uniform under the
 * prior.
 */
import { assert } from '../core/errors.js'
import type { Parameter } from '../models/model.js'

export type Dimension = {
  readonly name: string
  readonly low: number
  readonly high: number
  readonly log: boolean
  readonly integer: boolean
  /** Where the model starts from without a tuner; may lie outside of low … high. */
  readonly default: number
}

/** Values by parameter. */
export type Point = Readonly<Record<string, number>>

/**
 * The parameters that declare where to search, but for those that `fixed` gives a value: what a person has set is not for the tuner.
 * In the order of declaration.
 */
export function searchSpace(declared: Readonly<Record<string, Parameter>>, fixed: Point): Dimension[] {
  return Object.entries(declared).flatMap(([name, { search, integer, range, default: fallback }]) => {
    if (search === undefined || Object.hasOwn(fixed, name)) return []
    const { low, high, log = false } = search
    assert(low < high && low >= range[0] && high <= range[1], `the search of ${name} leaves its range`)
    assert(!log || low > 0, `the search of ${name} is logarithmic and begins at ${low}`)
    return [{ name, low, high, log, integer: integer === true, default: fallback }]
  })
}

/** The ends of the coordinate: half a step beyond the values of a whole number, so that each of them is as likely as the next. */
export function edges({ low, high, log, integer }: Dimension): { readonly low: number; readonly high: number } {
  const half = integer ? 0.5 : 0
  const at = (x: number) => (log ? Math.log(x) : x)
  return { low: at(low - half), high: at(high + half) }
}

/** The coordinate of a value; one outside of the search lies on its edge. */
export function coordinateOf(dimension: Dimension, value: number): number {
  const { low, high } = edges(dimension)
  const x = dimension.log ? Math.log(value) : value
  return Math.min(Math.max(x, low), high)
}

/** Four digits are more than a tuner can tell apart, and can be copied into a configuration. */
const DIGITS = 4

/** The value at a coordinate: whole where it must be, else of four significant digits. */
export function valueAt(dimension: Dimension, coordinate: number): number {
  const x = dimension.log ? Math.exp(coordinate) : coordinate
  const value = dimension.integer ? Math.round(x) : Number(x.toPrecision(DIGITS))
  return Math.min(Math.max(value, dimension.low), dimension.high)
}
