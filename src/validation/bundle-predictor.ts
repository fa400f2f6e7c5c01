/**
 * A bundle's files → calibrated sides of a table of all features. The whole way that a row went when the model was judged: the chosen
 * columns, scaled, through the model, calibrated. Pure: whoever reads the files looks that their bytes are the right ones.
 */
import { assert, UserError } from '../core/errors.js'
import type { LoadOptions, Matrix, ModelKind } from '../models/model.js'
import type { CalibrationRecord } from './calibrate-split.js'
import { type SideCalibrator, type SideProbabilities, sidesFromJson } from './calibration.js'
import type { SelectionRecord } from './columns/select.js'
import type { Preparation } from './prepare.js'
import { prepareAll, timeRuns } from './runs.js'
import { scalingFromJson } from './scaling.js'
import { calibrateSides, rawSides, type SideTerms } from './sides.js'

export type BundlePrediction = {
  /** Of a regression; null for classes. [rows] */
  readonly value: Float64Array | null
  readonly raw: SideProbabilities
  readonly calibrated: SideProbabilities
}

/** When the rows were known, UTC ms rising [rows], and the time from one to the next where none is missing. */
export type RowTimes = { readonly t0: Float64Array; readonly stepMs: number }

export interface BundlePredictor {
  /** Columns that `predict` expects, in order: the whole feature set, not only what the model uses. */
  readonly features: readonly string[]
  /** Rows that a prediction reads, its own the last. */
  readonly window: number
  /** Confidence from which a side is a signal; null where the label names no side. */
  readonly threshold: number | null
  /**
   * @param x     all features [rows × features]
   * @param side  of the primary model, for a label that judges one [rows]
   * @param times of the rows, for a model that reads sequences; those without a whole window become NaN
   */
  predict(x: Matrix, side?: Float64Array, times?: RowTimes): BundlePrediction
  /** Frees the model's memory. */
  close(): void
}

/**
 * @param files  by name: features.json, selection.json, scaling.json, calibration.json and the model's own
 * @throws UserError naming the file that is missing or does not fit the others
 */
export async function bundlePredictor(
  files: ReadonlyMap<string, Uint8Array>,
  kind: ModelKind,
  options: LoadOptions,
): Promise<BundlePredictor> {
  const { features: declared } = parse(files, 'features.json') as { features?: readonly { readonly name: string }[] }
  const features = declared?.map(({ name }) => name) ?? []
  const preparation = preparationOf(files, features)
  const { terms, calibrator, threshold } = calibrationOf(files)
  const model = await kind.load(files, options)
  const chosen = Array.from(preparation.columns, (column) => features[column])
  if (JSON.stringify(model.features) !== JSON.stringify(chosen)) {
    model.close()
    throw damaged(
      'selection.json',
      `it chooses ${chosen.length} features, the model has ${model.features.length} others`,
    )
  }
  return {
    features,
    window: model.window ?? 1,
    threshold,
    predict(x, side = new Float64Array(x.rows).fill(Number.NaN), times) {
      assert(x.columns === features.length, `table has ${x.columns} columns, the bundle ${features.length} features`)
      const table = prepareAll(x, preparation)
      const { window = 1 } = model
      assert(window === 1 || times !== undefined, `windows of ${window} rows need the times of the rows`)
      const predicted = model.predict(times === undefined ? table : followed(table, times))
      const raw = rawSides(predicted, terms, side)
      return {
        value: terms.classes.length === 0 ? predicted : null,
        raw,
        calibrated: calibrateSides(calibrator, raw, terms.source, side),
      }
    },
    close: () => model.close(),
  }
}

function followed(table: Matrix, { t0, stepMs }: RowTimes): Matrix {
  const position = Int32Array.from({ length: table.rows }, (_, row) => row)
  return { ...table, history: { table, position, run: timeRuns(t0, stepMs) } }
}

function preparationOf(files: ReadonlyMap<string, Uint8Array>, features: readonly string[]): Preparation {
  const { features: whole, chosen } = parse(files, 'selection.json') as Partial<SelectionRecord>
  if (JSON.stringify(whole) !== JSON.stringify(features)) {
    throw damaged('selection.json', 'it chooses from other features than those of features.json')
  }
  const places = new Map(features.map((name, column) => [name, column]))
  const columns = Int32Array.from(chosen ?? [], (name) => places.get(name) ?? -1)
  if (columns.length === 0 || columns.some((column, i) => column < 0 || (i > 0 && column <= columns[i - 1]))) {
    throw damaged('selection.json', 'what it chooses is not some of features.json, in their order')
  }
  const scaling = parse(files, 'scaling.json') as { readonly method?: unknown }
  return { columns, scaling: scaling.method === null ? null : scalingFromJson(scaling, chosen ?? []) }
}

export function calibrationOf(files: ReadonlyMap<string, Uint8Array>): {
  readonly terms: SideTerms
  readonly calibrator: SideCalibrator | null
  readonly threshold: number | null
} {
  const stored = parse(files, 'calibration.json') as Partial<CalibrationRecord> & {
    readonly threshold?: { readonly threshold: number | null }
  }
  const { source, classes, scale, long, short, threshold } = stored
  if (source === undefined || !Array.isArray(classes) || typeof scale !== 'number' || threshold === undefined) {
    throw damaged('calibration.json', 'it lacks source, classes, scale or threshold')
  }
  if (source !== null && (long === undefined || short === undefined)) {
    throw damaged('calibration.json', 'it lacks a side')
  }
  return {
    terms: { source, classes, scale },
    calibrator: long === undefined || short === undefined ? null : sidesFromJson({ long, short }),
    threshold: threshold.threshold,
  }
}

export function parse(files: ReadonlyMap<string, Uint8Array>, name: string): object {
  const bytes = files.get(name)
  if (bytes === undefined) throw damaged(name, 'it is missing')
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null) return value
  } catch (thrown) {
    throw damaged(name, `it is not JSON (${bytes.length} bytes)`, thrown)
  }
  throw damaged(name, 'it holds no object')
}

export function damaged(file: string, what: string, cause?: unknown): UserError {
  return new UserError(`${file} of the bundle is damaged: ${what}`, {
    hint: 'train again with --force, or restore the bundle',
    cause,
  })
}
