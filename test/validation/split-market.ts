/** A small table in which the first feature tells the direction through noise, and one split of it, for the tests of what is learnt where. */
import { createRandom } from '../../src/core/random.js'
import { HOUR, MINUTE } from '../../src/core/time.js'
import type { ModelKind } from '../../src/models/model.js'
import {
  type CalibratedSplit,
  type CalibrateSettings,
  calibrateSplit,
  type PredictedRows,
} from '../../src/validation/calibrate-split.js'
import {
  fitSplit,
  type RawPart,
  type SplitOutcome,
  type SplitSettings,
  type SplitTable,
} from '../../src/validation/fit-split.js'
import { type Part, purgedPart, type RowRange, type Split } from '../../src/validation/splits.js'

export const ROWS = 900
export const STEP = 5 * MINUTE
export const RANGES = {
  train: { start: 0, end: 500 },
  validation: { start: 500, end: 700 },
  score: { start: 700, end: ROWS },
}
export const FEATURES = ['signal', 'copy', 'noise_a', 'noise_b', 'constant', 'noise_c'] as const
export const COLUMNS = FEATURES.length

export const SETTINGS: SplitSettings = {
  task: 'classification',
  classes: [-1, 0, 1],
  sides: 'class',
  selection: [],
  scaling: 'auto',
  classWeights: 'none',
  sampleWeights: 'none',
  parameters: {},
  seed: 7,
  threads: 1,
  featureNames: FEATURES,
  inputs: null,
  environment: {},
}

export const DECISION: CalibrateSettings = {
  calibration: 'platt',
  threshold: 'auto',
  allowShort: true,
  costs: 0.001,
  minTrades: 10,
  targetPrecision: 0.6,
}
const BARRIERS = { profit: 0.02, stop: 0.01 }

export type JudgedSplit = Omit<SplitOutcome, 'scores'> &
  CalibratedSplit & {
    /** Of the scored part: its rows in the table, and those that count. */
    readonly rows: Int32Array
    readonly usable: Int32Array
  }

/**
 * The whole way of a split, as training goes it: through a model, then to calibration and threshold, by the same
 * barriers in every row.
 */
export async function judgedSplit(
  kind: ModelKind,
  table: SplitTable,
  split: Split,
  settings: SplitSettings,
  decision: Partial<CalibrateSettings> = {},
): Promise<JudgedSplit> {
  const outcome = await fitSplit(kind, table, split, settings)
  if (outcome.model === null) throw new Error(outcome.why)
  const { terms, scores, scored, validation } = outcome
  const judged = calibrateSplit(
    {
      ...{ terms, scores, scoredMs: 200 * STEP },
      validation: rowsOf(validation, table),
      scored: rowsOf(scored, table),
    },
    { ...DECISION, ...decision },
  )
  return { ...outcome, ...judged, rows: scored.rows, usable: scored.rows.filter((_, i) => scored.usable[i] === 1) }
}

/** What a model said, with what is known of the rows. */
export function rowsOf({ rows, usable, predicted }: RawPart, table: SplitTable): PredictedRows {
  const of = (x: Float64Array) => Float64Array.from(rows, (row) => x[row])
  return {
    ...{ rows: rows.length, usable: Float64Array.from(usable), predicted },
    ...{ t0: of(table.t0), t1: of(table.t1), label: of(table.label), outcome: of(table.outcome) },
    ...{ side: of(table.side), weight: of(table.weight) },
    profit: new Float64Array(rows.length).fill(BARRIERS.profit),
    stop: new Float64Array(rows.length).fill(BARRIERS.stop),
  }
}

/** Ternary: the label is what a trade would have made. */
export function splitMarket(seed = 1): SplitTable {
  const random = createRandom(seed, 'split market')
  const values = new Float32Array(ROWS * COLUMNS)
  for (let row = 0; row < ROWS; row++) {
    const signal = random.normal()
    const cells = [
      signal,
      signal + 0.1 * random.normal(),
      random.normal(),
      50 * random.normal() ** 3,
      3.3,
      random.normal(),
    ]
    values.set(
      cells.map((cell) => (random.next() < 0.03 ? Number.NaN : cell)),
      row * COLUMNS,
    )
    if (Number.isNaN(values[row * COLUMNS])) values[row * COLUMNS] = signal
  }
  const label = Float64Array.from({ length: ROWS }, (_, row) => {
    const drift = 1.2 * values[row * COLUMNS] + random.normal()
    return drift > 0.6 ? 1 : drift < -0.6 ? -1 : 0
  })
  const t0 = Float64Array.from({ length: ROWS }, (_, row) => Date.UTC(2024, 0, 1) + row * STEP)
  const t1 = t0.map((time) => time + STEP * (1 + random.below(6)))
  return {
    x: { rows: ROWS, columns: COLUMNS, values },
    ...{ label, outcome: label, t0, t1 },
    side: new Float64Array(ROWS).fill(Number.NaN),
    weight: t1.map(() => 0.2 + 0.3 * random.next()),
  }
}

export function splitOf(table: SplitTable): Split {
  const part = (own: RowRange, later: readonly RowRange[]): Part => purgedPart(table, [own], later, HOUR)
  return {
    name: 'fold 1',
    train: part(RANGES.train, [RANGES.validation, RANGES.score]),
    validation: part(RANGES.validation, [RANGES.score]),
    score: part(RANGES.score, []),
  }
}

/** The same table with other rows: features, labels and weights of `range` as a table of another seed has them, times a hundred. */
export function scrambled(table: SplitTable, { start, end }: RowRange): SplitTable {
  const other = splitMarket(99)
  const inside = (row: number) => row >= start && row < end
  const values = table.x.values.map((value, at) =>
    inside(Math.floor(at / COLUMNS)) ? 100 * other.x.values[at] : value,
  )
  const label = table.label.map((value, row) => (inside(row) ? -other.label[row] : value))
  return {
    ...table,
    x: { ...table.x, values },
    ...{ label, outcome: label },
    weight: table.weight.map((value, row) => (inside(row) ? other.weight[row] : value)),
  }
}
