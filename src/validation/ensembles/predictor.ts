/** An ensemble's bundle → calibrated sides, through the bundles of its members. */
import { assert } from '../../core/errors.js'
import { type BundlePredictor, calibrationOf, damaged, parse } from '../bundle-predictor.js'
import { calibrateSides } from '../sides.js'
import { type Blend, pool } from './blend.js'

/** `ensemble.json`. */
export type EnsembleFile = {
  readonly format: 1
  readonly kind: string
  readonly members: readonly {
    readonly unit: string
    readonly model: string
    readonly id: string // fingerprint of the member's bundle
    readonly bundle: string // its folder
    readonly content: string // hash of all its files
  }[]
  readonly blend: Blend
  /** Column of the feature table that says how restless the market is; null where nothing asks for it. */
  readonly regimeFeature: string | null
}

export const ENSEMBLE_FILE = 'ensemble.json'

/** @throws UserError when the file is damaged */
export function readEnsemble(files: ReadonlyMap<string, Uint8Array>): EnsembleFile {
  const file = parse(files, ENSEMBLE_FILE) as Partial<EnsembleFile>
  const { format, members, blend, regimeFeature } = file
  const whole = format === 1 && Array.isArray(members) && members.length > 1 && regimeFeature !== undefined
  if (!whole || blend?.weights?.length !== members.length)
    throw damaged(ENSEMBLE_FILE, 'it lacks members, or a weight for each')
  return file as EnsembleFile
}

/**
 * @param members  predictors of the bundles that the file names, in its order; closed with the ensemble
 * @throws UserError when a file is missing or does not fit the others
 */
export function ensemblePredictor(
  files: ReadonlyMap<string, Uint8Array>,
  members: readonly BundlePredictor[],
): BundlePredictor {
  const { blend, regimeFeature } = readEnsemble(files)
  const { terms, calibrator, threshold } = calibrationOf(files)
  const [{ features }] = members
  const column = regimeFeature === null ? -1 : features.indexOf(regimeFeature)
  if (regimeFeature !== null && column < 0) throw damaged(ENSEMBLE_FILE, `${regimeFeature} is none of its features`)
  assert(
    members.every((one) => JSON.stringify(one.features) === JSON.stringify(features)),
    'the members of an ensemble expect different columns',
  )
  return {
    features,
    window: members.reduce((most, one) => Math.max(most, one.window), 1),
    threshold,
    predict(x, side = new Float64Array(x.rows).fill(Number.NaN), times) {
      const said = members.map((one) => one.predict(x, side, times).calibrated)
      const regime = Float64Array.from({ length: x.rows }, (_, row) =>
        column < 0 ? Number.NaN : x.values[row * x.columns + column],
      )
      const raw = pool(blend, said, regime)
      return { value: null, raw, calibrated: calibrateSides(calibrator, raw, terms.source, side) }
    },
    close() {
      for (const one of members) one.close()
    },
  }
}
