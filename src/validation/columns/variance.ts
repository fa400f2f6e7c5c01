/** Columns that hardly move say nothing. */
import { mean, quantileOfSorted } from '../../math/statistics.js'
import { columnOf, type SelectionMethod } from './method.js'

export const variance: SelectionMethod = {
  name: 'variance',
  meaning: 'Drops columns whose variance is small when their middle 98 % is scaled to 0 … 1.',
  reference: 'scikit-learn VarianceThreshold after MinMaxScaler, but with the outermost 1 % at both ends cut off',
  parameters: {
    limit: { default: 0.001, range: [0, 1], meaning: 'A variance at or below this is dropped.' },
  },

  async choose(view, columns, [limit]) {
    const found = Float64Array.from(columns, (column) => scaledVariance(columnOf(view.x, view.sample, column)))
    return {
      kept: columns.filter((_, i) => found[i] > limit),
      dropped: [...columns.keys()]
        .filter((i) => !(found[i] > limit))
        .map((i) => ({ column: columns[i], value: found[i] })),
    }
  },
}

/**
 * Population variance of the known values, cut to their 1 % and 99 % quantiles and scaled to 0 … 1. Without the cut, one bar of fifty
 * times the usual volume would press all others together, and the column would count as constant. A column whose middle does not move,
 * such as a rare flag, is scaled by its whole range instead.
 *
 * @returns 0 for a constant column and for one without known values
 */
export function scaledVariance(x: Float64Array): number {
  const sorted = x.filter((value) => !Number.isNaN(value)).sort()
  if (sorted.length === 0) return 0
  let low = quantileOfSorted(sorted, 0.01)
  let high = quantileOfSorted(sorted, 0.99)
  if (!(high > low)) [low, high] = [sorted[0], sorted[sorted.length - 1]]
  if (!(high > low)) return 0
  const scaled = sorted.map((value) => (Math.min(high, Math.max(low, value)) - low) / (high - low))
  const centre = mean(scaled)
  return scaled.reduce((sum, value) => sum + (value - centre) ** 2, 0) / scaled.length
}
