/** Each method against scikit-learn, pandas or hand arithmetic; the list of them; what is written of a choice. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { mutualInformation, quantileCells } from '../../src/math/mutual-information.js'
import { unitRanks } from '../../src/validation/columns/correlation.js'
import type { SelectionView } from '../../src/validation/columns/method.js'
import { parseSelection } from '../../src/validation/columns/registry.js'
import { sampleRows, selectFeatures } from '../../src/validation/columns/select.js'
import { scaledVariance } from '../../src/validation/columns/variance.js'
import { askPython, hasPython } from './python.js'
import { sklearn } from './sklearn.js'

const pythonHere = hasPython('sklearn', 'pandas')

const ROWS = 600
const NAMES = ['signal', 'copy', 'inverse', 'noise', 'constant', 'flag', 'tailed']

/** A signal, the same through noise, its opposite, noise, a constant, a rare flag, and a column with a wild value. */
function market(): { columns: Float64Array[]; target: Float64Array } {
  const random = createRandom(3, 'selection test')
  const column = (of: (row: number) => number) => Float64Array.from({ length: ROWS }, (_, row) => of(row))
  const signal = column(() => random.normal())
  const columns = [
    signal,
    signal.map((x) => x + 0.05 * random.normal()),
    signal.map((x) => -(x ** 3)),
    column(() => random.normal()),
    column(() => 3.3),
    column((row) => (row % 150 === 0 ? 1 : 0)),
    column((row) => (row === 77 ? 5000 : Math.abs(random.normal()))),
  ]
  return { columns, target: signal.map((x) => (x + 0.5 * random.normal() > 0 ? 1 : 0)) }
}

function viewOf(columns: readonly Float64Array[], target: Float64Array, gains: readonly number[] = []): SelectionView {
  const rows = Int32Array.from(target.keys())
  const values = new Float32Array(rows.length * columns.length)
  for (const [j, column] of columns.entries()) for (const [i, x] of column.entries()) values[i * columns.length + j] = x
  const x = { rows: rows.length, columns: columns.length, values }
  // What a model would lean on, as a table: the arithmetic of keeping and dropping is what is under test here.
  const gain = async (asked: Int32Array) => Float64Array.from(asked, (column) => gains[column])
  return { x, rows, sample: rows, target, classes: 2, gain }
}

async function chosen(list: readonly string[], gains?: readonly number[]) {
  const { columns, target } = market()
  return (await selectFeatures(viewOf(columns, target, gains), NAMES, parseSelection(list))).record
}

describe('the inputs of a model', () => {
  it('come before every step, in the order of the table, and stand in the record', async () => {
    const { columns, target } = market()
    const view = viewOf(columns, target)
    const { record, columns: kept } = await selectFeatures(view, NAMES, parseSelection(['variance']), [
      ...['noise', 'constant', 'signal'],
    ])
    expect(record.chosen).toEqual(['signal', 'noise'])
    expect([...kept]).toEqual([0, 3])
    expect(record.steps.map(({ method, before, after }) => [method, before, after])).toEqual([
      ['inputs', 7, 3],
      ['variance', 3, 2],
    ])
    expect(record.dropped.map(({ feature }) => feature)).toEqual(['constant'])
  })
})

describe('variance', () => {
  it('drops what is constant, and keeps a rare flag and a column with a wild value', async () => {
    const { chosen: kept, dropped } = await chosen(['variance'])
    expect(kept).toEqual(NAMES.filter((name) => name !== 'constant'))
    expect(dropped).toEqual([{ feature: 'constant', by: 'variance', value: 0 }])
  })

  it('is 0.25 for two values in equal numbers, whatever they are', () => {
    expect(scaledVariance(Float64Array.of(7, 7, 11, 11))).toBeCloseTo(0.25, 12)
    expect(scaledVariance(Float64Array.of(Number.NaN, -3, Number.NaN, 1e9))).toBeCloseTo(0.25, 12)
    expect(scaledVariance(Float64Array.of(Number.NaN, Number.NaN))).toBe(0)
  })

  it.skipIf(!pythonHere)('agrees with scikit-learn on columns cut to their quantiles', () => {
    const columns = market().columns.filter((_, j) => j !== 5) // the flag's middle does not move: there we take the whole range
    const reference = askPython<number[]>(
      `import numpy as np
from sklearn.preprocessing import MinMaxScaler
from sklearn.feature_selection import VarianceThreshold
X = np.array(given).T
low, high = np.quantile(X, 0.01, axis=0), np.quantile(X, 0.99, axis=0)
selector = VarianceThreshold(0).fit(MinMaxScaler().fit_transform(np.clip(X, low, high)))
print(json.dumps(selector.variances_.tolist()))`,
      columns.map((column) => [...column]),
    )
    // Of a constant column scikit-learn takes the peak to peak range, 0 as well.
    expect(columns.map(scaledVariance)).toEqual(reference.map((value) => expect.closeTo(value, 12)))
  })
})

describe('correlation', () => {
  it('keeps the first of those that say the same, of either sign, and says which', async () => {
    const { chosen: kept, dropped } = await chosen(['correlation'])
    expect(kept).toEqual(['signal', 'noise', 'constant', 'flag', 'tailed'])
    expect(dropped).toMatchObject([
      { feature: 'copy', by: 'correlation', like: 'signal' },
      { feature: 'inverse', by: 'correlation', like: 'signal' },
    ])
    expect(dropped[1].value).toBeCloseTo(-1, 6) // a falling function of the signal: the ranks are turned round
  })

  it('keeps the best of them after a step that ranks', async () => {
    const gains = [1, 5, 2, 0, 0, 0, 0]
    const { chosen: kept } = await chosen(['importance:3', 'correlation'], gains)
    expect(kept).toEqual(['copy'])
  })

  it('never leaves two columns that are more alike than the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.double({ min: 0.2, max: 0.95, noNaN: true }), async (seed, limit) => {
        const random = createRandom(seed, 'alike')
        const base = Float64Array.from({ length: 60 }, () => random.normal())
        const columns = Array.from({ length: 8 }, () => base.map((x) => x * random.below(3) + random.normal()))
        const { columns: kept } = await selectFeatures(
          viewOf(columns, base),
          columns.map((_, j) => `c${j}`),
          parseSelection([`correlation:${limit}`]),
        )
        const ranks = Array.from(kept, (j) => unitRanks(Float64Array.from(Float32Array.from(columns[j]))))
        for (const [i, a] of ranks.entries()) {
          for (const b of ranks.slice(i + 1)) {
            expect(Math.abs(a.reduce((sum, x, row) => sum + x * b[row], 0))).toBeLessThan(limit + 1e-6)
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it.skipIf(!pythonHere)('is Spearman’s as pandas has it, with ties', () => {
    const { columns } = market()
    const tied = columns[3].map((x) => Math.round(2 * x))
    const [spearman, holed] = askPython<number[]>(
      `import pandas as pd, numpy as np
a, b = pd.Series(given[0]), pd.Series(given[1])
hole = np.arange(len(a)) % 5 == 0
print(json.dumps([a.corr(b, 'spearman'), a.mask(hole).corr(b.mask(hole), 'spearman')]))`,
      [[...columns[2]], [...tied]],
    )
    const product = (a: Float64Array, b: Float64Array) => {
      const [x, y] = [unitRanks(a), unitRanks(b)]
      return x.reduce((sum, value, i) => sum + value * y[i], 0)
    }
    const holes = (x: Float64Array) => x.map((value, i) => (i % 5 === 0 ? Number.NaN : value))
    expect(product(columns[2], tied)).toBeCloseTo(spearman, 6)
    expect(product(holes(columns[2]), holes(tied))).toBeCloseTo(holed, 6) // the same holes: as if those rows were not there
  })
})

describe('mutual information', () => {
  it('is ln 2 for a fair coin that is known, and 0 for one that is not', () => {
    const coin = Int32Array.of(0, 1, 0, 1)
    expect(mutualInformation(coin, coin).plain).toBeCloseTo(Math.LN2, 12)
    expect(mutualInformation(coin, Int32Array.of(0, 0, 1, 1)).plain).toBeCloseTo(0, 12)
    // Two cells each: (2 − 1)(2 − 1) / (2 · 4) too much.
    expect(mutualInformation(coin, coin).corrected).toBeCloseTo(Math.LN2 - 1 / 8, 12)
  })

  it('cuts into cells of equal count, keeps ties together, and gives the unknown a cell', () => {
    expect([...quantileCells(Float64Array.of(6, 1, 5, 2, 4, 3), 3)]).toEqual([2, 0, 2, 0, 1, 1])
    // Of 8 values in 3 cells the first takes 3: a 0 and all five 1s, which stay together. What is left is shared.
    expect([...quantileCells(Float64Array.of(1, 1, 1, 0, 1, 1, 3, 2, Number.NaN), 3)]).toEqual([
      0, 0, 0, 0, 0, 0, 2, 1, 3,
    ])
    expect([...quantileCells(Float64Array.of(5, Number.NaN, 5), 4)]).toEqual([0, 4, 0])
    expect([...quantileCells(Float64Array.of(), 4)]).toEqual([])
  })

  it('does not change under a rising transformation, and no cell is larger than a tie makes it', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (list, bins) => {
        const x = Float64Array.from(list)
        const cells = quantileCells(x, bins)
        expect(
          quantileCells(
            x.map((value) => Math.exp(value / 10)),
            bins,
          ),
        ).toEqual(cells)
        expect(Math.max(...cells)).toBeLessThan(bins)
        for (const [i, value] of list.entries()) {
          for (const [j, other] of list.entries()) if (value < other) expect(cells[i]).toBeLessThanOrEqual(cells[j])
        }
      }),
    )
  })

  it('is scikit-learn’s for features of few values, exactly', () => {
    const { metrics, column, actual } = sklearn()
    const { features, mean_of_20_seeds: reference } = metrics.mutual_info_classif
    for (const name of ['hour', 'up']) {
      const cells = quantileCells(column(name), 64)
      expect(mutualInformation(cells, actual).plain, name).toBeCloseTo(reference[features.indexOf(name)], 12)
    }
  })

  it('ranks the others as scikit-learn’s nearest neighbours do: what tells most above what tells nothing', () => {
    const { metrics, column, actual } = sklearn()
    const { features, mean_of_20_seeds: reference } = metrics.mutual_info_classif
    const ours = features.map((name: string) => mutualInformation(quantileCells(column(name), 16), actual).corrected)
    const told = features.filter((_: string, i: number) => reference[i] > 0.05)
    const noise = features.filter((_: string, i: number) => reference[i] < 0.01)
    for (const name of told) {
      for (const other of noise) expect(ours[features.indexOf(name)]).toBeGreaterThan(ours[features.indexOf(other)])
    }
  })

  it('keeps the columns that tell most', async () => {
    const { chosen: kept, dropped } = await chosen(['mutualInformation:3'])
    expect(kept).toEqual(['signal', 'copy', 'inverse'])
    expect(dropped.every(({ value }) => value < 0.05)).toBe(true)
  })
})

describe('selection by a model', () => {
  it('keeps the largest gains, the earlier of equal ones', async () => {
    const { chosen: kept, dropped } = await chosen(['importance:3'], [3, 9, 0, 5, 0, 3, 1])
    expect(kept).toEqual(['signal', 'copy', 'noise'])
    expect(dropped.map(({ feature }) => feature)).toEqual(['flag', 'tailed', 'inverse', 'constant'])
  })

  it('drops a share at a time and asks again', async () => {
    const { columns, target } = market()
    const asked: number[][] = []
    const view = {
      ...viewOf(columns, target),
      gain: async (at: Int32Array) => {
        asked.push([...at].sort((a, b) => a - b))
        // Column 1 matters only once its twin, column 0, is gone.
        return Float64Array.from(at, (column) =>
          column === 1 ? (at.includes(0) ? 0.5 : 10) : column === 0 ? 0.4 : column,
        )
      },
    }
    const { record } = await selectFeatures(view, NAMES, parseSelection(['recursive:2:0.4']))
    // Dropped: 2.8, 2 and 1.2, each rounded down.
    expect(asked).toEqual([
      [0, 1, 2, 3, 4, 5, 6],
      [2, 3, 4, 5, 6],
      [4, 5, 6],
    ])
    expect(record.chosen).toEqual(['flag', 'tailed'])
    const one = await selectFeatures(view, NAMES, parseSelection(['recursive:2:0.15']))
    // One at a time: column 0 goes first, and its twin is then the best of all.
    expect(one.record.chosen).toEqual(['copy', 'tailed'])
    expect(one.record.steps).toEqual([{ method: 'recursive', settings: { keep: 2, share: 0.15 }, before: 7, after: 2 }])
  })
})

describe('a list of steps', () => {
  it('is read with its numbers, or their defaults', () => {
    const steps = parseSelection(['variance', 'correlation:0.95', 'recursive:40:0.1', 'recursive::0.5'])
    expect(steps.map(({ method, values }) => [method.name, ...values])).toEqual([
      ['variance', 0.001],
      ['correlation', 0.95],
      ['recursive', 40, 0.1],
      ['recursive', 30, 0.5],
    ])
  })

  it('is refused as a whole, with every problem', () => {
    const list = ['varience', 'correlation:1.5', 'importance:2.5', 'variance:0:1', 'recursive:x']
    expect(() => parseSelection(list)).toThrow(
      /5 of 5 steps.*no method varience.*variance.*limit of correlation:1\.5 is 1\.5.*0 to 1; keep of importance:2\.5.*whole.*2 numbers, variance takes at most 1.*keep of recursive:x/,
    )
  })

  it('in an order of its own writes every column once: chosen or dropped', async () => {
    const { chosen: kept, dropped, features, steps } = await chosen(['mutualInformation:5', 'correlation', 'variance'])
    expect([...kept, ...dropped.map(({ feature }) => feature)].sort()).toEqual([...features].sort())
    expect(kept).toEqual(NAMES.filter((name) => kept.includes(name))) // in the table's order
    expect(steps.map(({ before, after }) => [before, after])).toEqual([
      [7, 5],
      [5, steps[1].after],
      [steps[1].after, kept.length],
    ])
  })

  it('says which step left nothing', async () => {
    await expect(chosen(['variance:0.9'])).rejects.toMatchObject({
      name: 'UserError',
      message: 'the selection of features leaves 0 of 7: variance dropped the last 7',
    })
  })
})

describe('the sampled rows', () => {
  it('are one of each part of time, the same for the same seed', () => {
    const rows = Int32Array.from({ length: 1000 }, (_, i) => 3 * i)
    const taken = sampleRows(rows, 42, 100)
    expect(taken.length).toBe(100)
    for (const [part, row] of taken.entries()) expect(Math.floor(row / 30)).toBe(part)
    expect(sampleRows(rows, 42, 100)).toEqual(taken)
    expect(sampleRows(rows, 43, 100)).not.toEqual(taken)
    expect(new Set(taken.map((row) => row % 30)).size).toBeGreaterThan(5)
    expect(sampleRows(rows, 42, 1000)).toBe(rows)
  })
})
