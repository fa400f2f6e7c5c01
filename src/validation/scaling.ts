/**
 * Scaling of features before a model sees them: fitted on the training part of a split, stored with the model, and the same wherever a
 * row is scored. What is not known stays unknown: trees take it as it is, linear models put their training median in its place
 * (src/models/scaler.ts).
 */
import { assert, UserError } from '../core/errors.js'
import { mean, quantileOfSorted } from '../math/statistics.js'
import type { Matrix } from '../models/model.js'

type Method = {
  readonly meaning: string
  readonly reference: string
  /** From the known values of a column, rising, at least one. A scale of 0 becomes 1. */
  readonly fit: (sorted: Float64Array) => { readonly centre: number; readonly scale: number }
  /** Laid over (x − centre) ÷ scale. */
  readonly curve?: (z: number) => number
}

export const SCALINGS = {
  standard: {
    meaning: 'Mean 0, standard deviation 1.',
    reference: 'scikit-learn StandardScaler (population standard deviation)',
    fit: (sorted) => {
      const centre = mean(sorted)
      const deviation = Math.sqrt(sorted.reduce((sum, value) => sum + (value - centre) ** 2, 0) / sorted.length)
      // Rounding leaves a constant column with a deviation of some 1e-16 of its size, never exactly 0.
      return { centre, scale: deviation > 1e-12 * Math.abs(centre) ? deviation : 0 }
    },
  },
  minmax: {
    meaning: 'Smallest training value 0, largest 1; later rows may lie outside.',
    reference: 'scikit-learn MinMaxScaler',
    fit: (sorted) => ({ centre: sorted[0], scale: sorted[sorted.length - 1] - sorted[0] }),
  },
  robust: {
    meaning: 'Median 0, interquartile range 1.',
    reference: 'scikit-learn RobustScaler',
    fit: (sorted) => {
      const range = quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)
      // Rounding leaves a column that is nearly always constant with a tiny range, and its real values astronomically far out.
      const whole = sorted[sorted.length - 1] - sorted[0]
      return { centre: quantileOfSorted(sorted, 0.5), scale: range > 1e-12 * whole ? range : 0 }
    },
  },
  log: {
    meaning: 'sign(z) · ln(1 + |z|), z = x ÷ median of |x|: the sign stays, long tails become short.',
    reference: 'John & Draper 1980, Applied Statistics 29 (modulus transformation, λ = 0), in units of a typical value',
    fit: (sorted) => ({ centre: 0, scale: quantileOfSorted(sorted.map(Math.abs).sort(), 0.5) }),
    curve: (z) => Math.sign(z) * Math.log1p(Math.abs(z)),
  },
} as const satisfies Record<string, Method>
export type ScalingName = keyof typeof SCALINGS

/** `train.scaling`; auto = nothing before the model: logistic regression standardises by itself, trees need none. */
export const SCALING_CHOICES = ['auto', ...Object.keys(SCALINGS)] as readonly ('auto' | ScalingName)[]

export type Scaling = {
  readonly method: ScalingName
  readonly features: readonly string[]
  /** Null where a feature is left as it is: codes without an order. [features] */
  readonly centre: readonly (number | null)[]
  readonly scale: readonly (number | null)[] // above 0 [features]
}

/**
 * Over all rows of `x`. ±Infinity counts as not known.
 *
 * @param codes  features that are not scaled; names that are no features are ignored
 */
export function fitScaling(
  method: ScalingName,
  x: Matrix,
  features: readonly string[],
  codes: readonly string[] = [],
): Scaling {
  assert(features.length === x.columns, `${features.length} names for ${x.columns} columns`)
  const column = new Float64Array(x.rows)
  const fitted = features.map((name, j) => {
    if (codes.includes(name)) return { centre: null, scale: null }
    let known = 0
    for (let i = 0; i < x.rows; i++) {
      const value = x.values[i * x.columns + j]
      if (Number.isFinite(value)) column[known++] = value
    }
    return known === 0 ? { centre: 0, scale: 1 } : SCALINGS[method].fit(column.slice(0, known).sort())
  })
  return {
    method,
    features,
    // JSON has no −0, and x − (−0) is another zero than x − 0.
    centre: fitted.map(({ centre }) => (centre === null ? null : centre + 0)),
    scale: fitted.map(({ scale }) => (scale === null || scale > 0 ? scale : 1)),
  }
}

/** The largest float32: (2 − 2⁻²³) · 2¹²⁷. What lies further out is put here, so that the known stays known. */
const FARTHEST = (2 - 2 ** -23) * 2 ** 127

/** Overwrites `x`; what is not finite becomes NaN. Float32, so a loaded scaling gives the same bits. */
export function scaleInPlace({ method, centre, scale }: Scaling, x: Matrix): void {
  assert(x.columns === centre.length, `table has ${x.columns} columns, the scaling ${centre.length}`)
  const { curve }: Method = SCALINGS[method]
  for (let i = 0; i < x.rows; i++) {
    for (let j = 0; j < x.columns; j++) {
      const at = i * x.columns + j
      const [middle, unit] = [centre[j], scale[j]]
      if (middle === null || unit === null) continue
      const value = x.values[at]
      if (!Number.isFinite(value)) {
        x.values[at] = Number.NaN
        continue
      }
      const z = (value - middle) / unit
      x.values[at] = Math.max(-FARTHEST, Math.min(FARTHEST, curve === undefined ? z : curve(z)))
    }
  }
}

/** @throws UserError when the file does not hold a scaling of these features */
export function scalingFromJson(json: unknown, features: readonly string[]): Scaling {
  const { method, features: own, centre, scale } = (json ?? {}) as Partial<Scaling>
  const numbers = (values: unknown): values is (number | null)[] =>
    Array.isArray(values) &&
    values.length === features.length &&
    values.every((value) => value === null || Number.isFinite(value))
  const damaged = (what: string) =>
    new UserError(`scaling.json is damaged: ${what}`, { hint: 'train again with --force, or restore the bundle' })
  if (method === undefined || !Object.hasOwn(SCALINGS, method)) throw damaged(`there is no scaling ${String(method)}`)
  if (JSON.stringify(own) !== JSON.stringify(features)) throw damaged('its features are not those of selection.json')
  if (
    !numbers(centre) ||
    !numbers(scale) ||
    !scale.every((value, j) => (value === null ? centre[j] === null : value > 0 && centre[j] !== null))
  ) {
    throw damaged(`centre and scale are not ${features.length} numbers each`)
  }
  return { method, features, centre, scale }
}
