/**
 * Predicted class against what happened: the confusion matrix and the scores that are read off it. A share whose
 * denominator is 0 counts as 0, as in scikit-learn with `zero_division=0`.
 */

export type ClassScores = {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly support: number // rows (or weight) of the class
}

export type ConfusionScores = {
  readonly perClass: readonly ClassScores[]
  readonly macro: Omit<ClassScores, 'support'> // plain mean over the classes
  readonly weighted: Omit<ClassScores, 'support'> // mean weighted by support
  readonly accuracy: number // equals micro precision, recall and F1; NaN without rows
  readonly balancedAccuracy: number // mean recall of the classes that occur; NaN without rows
}

/**
 * Counts [actual][predicted], weighted if weights are given.
 *
 * @param actual     class indices in [0, classes)   [n]
 * @param predicted  class indices in [0, classes)   [n]
 */
export function confusionMatrix(
  actual: Int32Array,
  predicted: Int32Array,
  classes: number,
  weight?: Float64Array,
): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (let i = 0; i < actual.length; i++) matrix[actual[i]][predicted[i]] += weight === undefined ? 1 : weight[i]
  return matrix
}

export function confusionScores(matrix: readonly (readonly number[])[]): ConfusionScores {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const perClass = matrix.map((row, k): ClassScores => {
    const hits = row[k]
    const support = sum(row)
    const predicted = sum(matrix.map((other) => other[k]))
    return {
      precision: share(hits, predicted),
      recall: share(hits, support),
      f1: share(2 * hits, support + predicted),
      support,
    }
  })
  const total = sum(perClass.map((c) => c.support))
  const mean = (weightOf: (c: ClassScores) => number) => {
    const of = (key: 'precision' | 'recall' | 'f1') => sum(perClass.map((c) => weightOf(c) * c[key]))
    return { precision: of('precision'), recall: of('recall'), f1: of('f1') }
  }
  const occurring = perClass.filter((c) => c.support > 0)
  return {
    perClass,
    macro: mean(() => 1 / matrix.length),
    weighted: mean((c) => share(c.support, total)),
    accuracy: total > 0 ? sum(matrix.map((row, k) => row[k])) / total : Number.NaN,
    balancedAccuracy: total > 0 ? sum(occurring.map((c) => c.recall)) / occurring.length : Number.NaN,
  }
}

/** Index of the largest probability in each row, the first one on a tie. [k][n] → [n] */
export function mostLikely(probabilities: readonly Float64Array[]): Int32Array {
  const n = probabilities.length > 0 ? probabilities[0].length : 0
  const best = new Int32Array(n)
  for (let i = 0; i < n; i++) {
    for (let k = 1; k < probabilities.length; k++) if (probabilities[k][i] > probabilities[best[i]][i]) best[i] = k
  }
  return best
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}
