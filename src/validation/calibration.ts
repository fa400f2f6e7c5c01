/**
 * From a model's score to a probability that can be believed, one side at a time. A calibrator is fitted on validation
 * rows only and never sees a row on which the model is scored.
 *
 * The default is Platt's: labels overlap, so a validation part of thousands of rows holds only some dozens of
 * independent outcomes, and two parameters can be learned from dozens where isotonic regression's steps can not.
 */
import { assert, UserError } from '../core/errors.js'
import { betaFromJson, fitBeta } from './beta.js'
import { fitIsotonic, isotonicFromJson } from './isotonic.js'
import { fitPlatt, plattFromJson } from './platt.js'
import { hitsOf } from './scores.js'

export type CalibratorJson = { readonly name: string } & { readonly [key: string]: string | readonly number[] | number }

/** A fitted map from probability to probability; never falling, so that it cannot turn a ranking round. */
export interface Calibrator {
  readonly name: string
  /** NaN stays NaN. [n] → [n] */
  apply(p: Float64Array): Float64Array
  toJson(): CalibratorJson
}

export interface CalibrationMethod {
  readonly name: string
  readonly meaning: string
  /**
   * @param p       the model's probabilities, finite, 0 … 1                                     [n]
   * @param hit     1 where the event happened                                                   [n]
   * @param weight  per row, >= 0, 1 when left out; label uniqueness makes the prior count right [n]
   */
  fit(p: Float64Array, hit: Uint8Array, weight?: Float64Array): Calibrator
  fromJson(json: CalibratorJson): Calibrator
}

export const calibrationMethods = {
  platt: {
    name: 'platt',
    meaning: 'Logistic curve on the log-odds, two parameters, with Platt’s prior on the targets.',
    fit: fitPlatt,
    fromJson: plattFromJson,
  },
  isotonic: {
    name: 'isotonic',
    meaning:
      'Rising step function by pooling adjacent violators, joined by straight lines; wants many independent rows.',
    fit: fitIsotonic,
    fromJson: isotonicFromJson,
  },
  beta: {
    name: 'beta',
    meaning: 'Logistic curve on ln p and ln(1 − p), three parameters, with Platt’s prior: bends the two ends apart.',
    fit: fitBeta,
    fromJson: betaFromJson,
  },
} as const satisfies Record<string, CalibrationMethod>
export type CalibrationMethodName = keyof typeof calibrationMethods

/** Probabilities that a long, and that a short, would win. [n] each */
export type SideProbabilities = { readonly long: Float64Array; readonly short: Float64Array }

/** One calibrator per side. */
export type SideCalibrator = { readonly long: Calibrator; readonly short: Calibrator }

/**
 * Calibrates each side against all other outcomes: p_long on label 1, p_short on label −1.
 *
 * @param raw     the model's probabilities of the validation rows   [n]
 * @param label   1, 0 or −1; rows without a label left out          [n]
 * @param weight  per row, 1 when left out                           [n]
 */
export function fitSides(
  raw: SideProbabilities,
  label: Float64Array,
  options: { readonly method?: CalibrationMethodName; readonly weight?: Float64Array } = {},
): SideCalibrator {
  const { method = 'platt', weight } = options
  assert(raw.long.length === label.length && raw.short.length === label.length, 'one probability per side and label')
  const chosen = calibrationMethods[method]
  return {
    long: chosen.fit(raw.long, hitsOf(label, 1), weight),
    short: chosen.fit(raw.short, hitsOf(label, -1), weight),
  }
}

/**
 * Calibrated probabilities of both sides. At most one side can win, so where the two add up to more than 1 both are
 * scaled down alike; the order of the sides does not change.
 */
export function applySides(calibrator: SideCalibrator, raw: SideProbabilities): SideProbabilities {
  const long = calibrator.long.apply(raw.long)
  const short = calibrator.short.apply(raw.short)
  for (let i = 0; i < long.length; i++) {
    const sum = long[i] + short[i]
    if (!(sum > 1)) continue
    long[i] /= sum
    short[i] /= sum
  }
  return { long, short }
}

export type SideCalibratorJson = { readonly long: CalibratorJson; readonly short: CalibratorJson }

export function sidesToJson({ long, short }: SideCalibrator): SideCalibratorJson {
  return { long: long.toJson(), short: short.toJson() }
}

/** @throws UserError when the file names a method that this version does not have */
export function sidesFromJson(json: SideCalibratorJson): SideCalibrator {
  return { long: calibratorFromJson(json.long), short: calibratorFromJson(json.short) }
}

function calibratorFromJson(json: CalibratorJson): Calibrator {
  const methods: Readonly<Record<string, CalibrationMethod>> = calibrationMethods
  if (!Object.hasOwn(methods, json.name)) {
    throw new UserError(`calibration method ${json.name} is not one of ${Object.keys(methods).join(', ')}`, {
      hint: 'the bundle was written by another version; train again',
    })
  }
  return methods[json.name].fromJson(json)
}
