/**
 * How much each feature has to do with the label, one at a time: a first look at whether there is anything to learn. It chooses nothing,
 * and rows of the test part are not looked at.
 */
import { averageRanks, rankCorrelation } from '../math/rank-correlation.js'
import { quantileOfSorted } from '../math/statistics.js'

export type RelationInput = {
  /** [n] each; rows in time order */
  readonly label: Float64Array
  readonly t0: Float64Array
  readonly t1: Float64Array
  readonly weight: Float64Array // average uniqueness
  readonly isClass: boolean
  readonly names: readonly string[]
  /** Values of a column over all rows; NaN = not known. Asked for twice each, in order. */
  readonly valuesOf: (column: number) => Float32Array
  readonly testShare: number // of the rows that take part in training: the newest, left out
  readonly onColumn?: (done: number) => void
}

export type Relation = {
  readonly feature: string
  readonly known: number // of the sampled rows
  /** Spearman's, with the label as it stands: classes in their order. Null where one of the two does not move. */
  readonly correlation: number | null
  /** In nats, of tenths of the feature with the classes or tenths of the label, less what as many independent rows give by chance. */
  readonly information: number | null
}

export type LabelRelations = {
  readonly rows: number // that could be looked at
  readonly sampled: number
  readonly from: number | null // t0 of the first row, UTC ms
  readonly to: number | null // no outcome lies later
  /** Sum of average uniqueness: as many labels that do not overlap would say as much. */
  readonly independent: number
  /** Where 95 % of the correlations of a feature that says nothing lie: ±1.96 ÷ √independent. */
  readonly band: number | null
  readonly features: readonly Relation[] // strongest correlation first
}

/** Rows that are ranked: the noise of sampling, 1 ÷ √8000, stays below that of labels that overlap. */
const SAMPLED = 8000
const BINS = 10

export function labelRelations(input: RelationInput): LabelRelations {
  const { label, t0, t1, weight, names, valuesOf, onColumn } = input
  const rows = rowsBeforeTest(input)
  const sample = evenly(rows, SAMPLED)
  const target = Float64Array.from(sample, (row) => label[row])
  const ranks = averageRanks(target)
  const classOf = input.isClass ? (x: number) => x : tenths(target)
  const independent = rows.reduce((sum, row) => sum + weight[row], 0)
  const features = names.map((feature, column): Relation => {
    const all = valuesOf(column)
    const x = Float64Array.from(sample, (row) => all[row])
    onColumn?.(column + 1)
    return {
      feature,
      known: x.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0),
      correlation: finite(rankCorrelation(averageRanks(x), ranks)),
      information: finite(mutualInformation(x, target, { classOf, independent })),
    }
  })
  return {
    rows: rows.length,
    sampled: sample.length,
    from: rows.length > 0 ? t0[rows[0]] : null,
    to: rows.length > 0 ? rows.reduce((last, row) => Math.max(last, t1[row]), 0) : null,
    independent,
    band: independent > 0 ? 1.96 / Math.sqrt(independent) : null,
    features: features.sort(
      (a, b) => Math.abs(b.correlation ?? 0) - Math.abs(a.correlation ?? 0) || (a.feature < b.feature ? -1 : 1),
    ),
  }
}

/**
 * Labelled rows whose outcome was known before the test part begins. Its begin is counted as training counts it: among the rows of which
 * at least half of the features are known.
 */
function rowsBeforeTest({ label, t0, t1, names, valuesOf, testShare }: RelationInput): Int32Array {
  const known = new Uint16Array(label.length)
  for (const column of names.keys()) {
    const values = valuesOf(column)
    for (let row = 0; row < known.length; row++) if (!Number.isNaN(values[row])) known[row]++
  }
  const kept = Int32Array.from(known.keys()).filter((row) => known[row] * 2 >= names.length)
  const test = Math.round(kept.length * (1 - testShare))
  const end = test < kept.length ? t0[kept[test]] : Number.POSITIVE_INFINITY
  return kept.filter((row) => t1[row] <= end && !Number.isNaN(label[row]))
}

/** One row in the middle of each of `count` equal parts; all where there are no more. */
function evenly(rows: Int32Array, count: number): Int32Array {
  if (rows.length <= count) return rows
  return Int32Array.from({ length: count }, (_, i) => rows[Math.floor(((i + 0.5) * rows.length) / count)])
}

/**
 * Shannon's mutual information of the binned values, less the bias of counting, (bins - 1) · (classes - 1) ÷ 2n (Miller 1955), with the
 * number of independent rows as n; not below 0.
 */
function mutualInformation(
  x: Float64Array,
  y: Float64Array,
  { classOf, independent }: { readonly classOf: (value: number) => number; readonly independent: number },
): number {
  const binOf = tenths(x)
  const [both, bins, classes] = [new Map<string, number>(), new Map<number, number>(), new Map<number, number>()]
  const count = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1)
  let n = 0
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i])) continue
    const [bin, one] = [binOf(x[i]), classOf(y[i])]
    count(both, `${bin} ${one}`)
    count(bins, bin)
    count(classes, one)
    n++
  }
  if (bins.size < 2 || classes.size < 2) return Number.NaN
  let sum = 0
  for (const [bin, inBin] of bins) {
    for (const [one, inClass] of classes) {
      const joint = both.get(`${bin} ${one}`) ?? 0
      if (joint > 0) sum += (joint / n) * Math.log((joint * n) / (inBin * inClass))
    }
  }
  return Math.max(0, sum - ((bins.size - 1) * (classes.size - 1)) / (2 * independent))
}

/** Which tenth of the known values a value lies in; equal quantiles are one edge. */
function tenths(x: Float64Array): (value: number) => number {
  const sorted = x.filter((value) => !Number.isNaN(value)).sort()
  const edges = [...new Set(Array.from({ length: BINS - 1 }, (_, i) => quantileOfSorted(sorted, (i + 1) / BINS)))]
  return (value) => {
    let bin = 0
    while (bin < edges.length && value > edges[bin]) bin++
    return bin
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
