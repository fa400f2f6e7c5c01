/**
 * The chosen columns of one fold: the steps in order, each on what the one before left. All that is learnt here comes from the training
 * part of that fold.
 */
import { assert, UserError } from '../../core/errors.js'
import { createRandom } from '../../core/random.js'
import type { SelectionView } from './method.js'
import type { SelectionStep } from './registry.js'

export type SelectionRecord = {
  /** Of the whole table, in its order. */
  readonly features: readonly string[]
  readonly chosen: readonly string[]
  readonly steps: readonly {
    readonly method: string
    readonly settings: Readonly<Record<string, number>>
    readonly before: number
    readonly after: number
  }[]
  /** In the order in which they went. */
  readonly dropped: readonly {
    readonly feature: string
    readonly by: string
    /** What the method measured: variance, rank correlation, nats, gain. */
    readonly value: number
    /** The kept feature that it resembles. */
    readonly like?: string
  }[]
}

export type Selection = {
  /** Ascending. */
  readonly columns: Int32Array
  readonly record: SelectionRecord
}

/**
 * @param inputs  what the model may read at all, in any order; null: every feature. It stands first among the steps of the record.
 * @throws UserError when a step leaves no column
 */
export async function selectFeatures(
  view: SelectionView,
  features: readonly string[],
  steps: readonly SelectionStep[],
  inputs: readonly string[] | null = null,
): Promise<Selection> {
  assert(features.length === view.x.columns, `${features.length} names for ${view.x.columns} columns`)
  let columns = Int32Array.from(features.keys())
  const made: SelectionRecord['steps'][number][] = []
  if (inputs !== null) {
    columns = columns.filter((column) => inputs.includes(features[column]))
    assert(columns.length === inputs.length, `${inputs.length} inputs, ${columns.length} of them are features`)
    made.push({ method: 'inputs', settings: {}, before: features.length, after: columns.length })
  }
  const dropped: SelectionRecord['dropped'][number][] = []
  for (const { method, values } of steps) {
    const choice = await method.choose(view, columns, values)
    const settings = Object.fromEntries(Object.keys(method.parameters).map((name, i) => [name, values[i]]))
    made.push({ method: method.name, settings, before: columns.length, after: choice.kept.length })
    for (const { column, value, like } of choice.dropped) {
      const one = { feature: features[column], by: method.name, value }
      dropped.push(like === undefined ? one : { ...one, like: features[like] })
    }
    if (choice.kept.length === 0) {
      throw new UserError(
        `the selection of features leaves 0 of ${features.length}: ${method.name} dropped the last ${columns.length}`,
        {
          hint: 'take a smaller limit for it in train.selection',
        },
      )
    }
    columns = Int32Array.from(choice.kept)
  }
  columns.sort()
  const chosen = Array.from(columns, (column) => features[column])
  return { columns, record: { features, chosen, steps: made, dropped } }
}

/** Rows that a column is judged by. At a true rank correlation of 0.9, as many independent ones leave an error of 0.002. */
export const SAMPLE_ROWS = 8192

/** At most `most` rows, one by chance of each of as many equal parts: a fixed stride could meet only one minute of every hour. */
export function sampleRows(rows: Int32Array, seed: number, most = SAMPLE_ROWS): Int32Array {
  if (rows.length <= most) return rows
  const random = createRandom(seed, 'selection rows')
  return Int32Array.from({ length: most }, (_, part) => {
    const start = Math.floor((part * rows.length) / most)
    const end = Math.floor(((part + 1) * rows.length) / most)
    return rows[start + random.below(end - start)]
  })
}
