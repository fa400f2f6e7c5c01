import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { DAY, HOUR } from '../../src/core/time.js'
import { DRAWN, SAMPLED, type StudyInput, sampleRows, studyFeatures } from '../../src/features/study/study.js'

const FROM = Date.UTC(2024, 0, 1)
const ROWS = 90 * 24 // January, February and 30 days of March, hourly
const TRAIN = { from: FROM + HOUR, to: FROM + 60 * DAY + HOUR }
const TEST = { from: FROM + 75 * DAY + HOUR, to: FROM + 90 * DAY + HOUR }

/** Name → value of a row. */
type Columns = Readonly<Record<string, (row: number) => number>>

const random = createRandom(1, 'study')
const NOISE = Float64Array.from({ length: ROWS }, () => random.normal())
const COLUMNS: Columns = {
  noise: (row) => NOISE[row],
  twin: (row) => -3 * NOISE[row] ** 3 + 1,
  late: (row) => (row < 100 ? Number.NaN : NOISE[(row * 7) % ROWS]),
  level: (row) => row,
  constant: () => 4,
  never: () => Number.NaN,
}

function study(columns: Columns, more: Partial<StudyInput> = {}) {
  const names = Object.keys(columns)
  return studyFeatures({
    ...{ rows: ROWS, from: FROM, stepMs: HOUR, train: TRAIN, test: TEST, seed: 5 },
    columns: names.map((name) => ({ name, family: 'price' as const, timeframe: '1h' as const })),
    valuesOf: (i) => Float32Array.from({ length: ROWS }, (_, row) => columns[names[i]](row)),
    gain: new Map([['noise', 3]]),
    ...more,
  })
}

const STUDY = study(COLUMNS)
const of = (name: string) => STUDY.columns.find((column) => column.name === name)

describe('a study of features', () => {
  it('counts all known rows, and says when the first was available', () => {
    expect(of('noise')).toMatchObject({ known: ROWS, firstKnown: FROM + HOUR })
    expect(of('late')).toMatchObject({ known: ROWS - 100, firstKnown: FROM + 101 * HOUR })
    expect(of('never')).toMatchObject({ known: 0, firstKnown: null, psi: null, ks: null, furthest: null })
  })

  it('takes the parts by when rows were available', () => {
    // A row is available an hour after it opens: 60 days of train and 15 of test, to the row.
    expect(STUDY.sampled).toMatchObject({ train: 60 * 24, test: 15 * 24 })
    const last = (rows: number) => study({ one: (row) => (row < rows ? 1 : Number.NaN) }).columns[0].sampled
    expect(last(60 * 24)).toEqual({ train: 60 * 24, test: 0 })
    expect(last(75 * 24 + 1)).toEqual({ train: 60 * 24, test: 1 })
  })

  it('finds the drift of what rises, and little in noise', () => {
    expect(of('level')?.ks, 'all of test lies beyond train').toBe(1)
    expect(of('level')?.psi).toBeGreaterThan(3)
    expect(of('noise')?.psi).toBeLessThan(0.1)
    expect(of('constant')).toMatchObject({ psi: 0, ks: 0, furthest: null })
  })

  it('measures months in deviations of the train part, by hand', () => {
    // 0 and 2 in turn in January and February: mean 1, deviation √(n/(n - 1)); 4 and 8 in March: mean 6, twice as wide.
    const stepped = (row: number) => (row < 60 * 24 ? 2 * (row % 2) : 4 + 4 * (row % 2))
    const deviation = Math.sqrt(1440 / 1439)
    const [{ months }] = study({ stepped }).drawn
    expect(months.map(({ month }) => month)).toEqual(['2024-01', '2024-02', '2024-03'])
    expect(months[2].shift).toBeCloseTo(5 / deviation, 10)
    expect(months[2].spread).toBeCloseTo((2 * Math.sqrt(720 / 719)) / deviation, 10)
    expect(study({ stepped }).columns[0].furthest).toEqual({ month: '2024-03', shift: months[2].shift })
  })

  it('puts together what says the same, and maps the one with the most gain', () => {
    expect(STUDY.clusters).toEqual([{ representative: 'noise', members: ['noise', 'twin'] }])
    expect(STUDY.correlations.names).toEqual(['noise', 'late', 'level', 'constant', 'never'])
    expect(STUDY.correlations.values[0][0]).toBe(1)
    expect(STUDY.correlations.values[3]).toEqual([null, null, null, null, null])
    const other = study(COLUMNS, { gain: new Map([['twin', 1]]) })
    expect(other.clusters[0].representative).toBe('twin')
  })

  it('draws shares that add up, on bins that both parts have in common', () => {
    const [{ name, low, high, train, test, quantiles }] = STUDY.drawn
    expect(name).toBe('noise')
    for (const shares of [train, test]) expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    expect(low).toBeLessThan(quantiles.train[0])
    expect(high).toBeGreaterThan(quantiles.train[4])
    expect(STUDY.drawn.find((one) => one.name === 'constant')?.train[0]).toBe(1)
    expect(STUDY.drawn.find((one) => one.name === 'never')).toMatchObject({ quantiles: { train: [], test: [] } })
  })

  it('depends on the seed and the input alone, and asks for each column once', () => {
    const asked: number[] = []
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`c${i}`, (row: number) => NOISE[(row * (i + 1)) % ROWS]]),
    )
    const values = Object.values(many)
    const valuesOf = (i: number) => {
      asked.push(i)
      return Float32Array.from({ length: ROWS }, (_, row) => values[i](row))
    }
    const first = study(many, { valuesOf })
    expect(asked).toEqual([...Array(40).keys()])
    expect(study(many)).toEqual(first)
    expect(first.drawn).toHaveLength(DRAWN)
    expect(first.correlations.names.length).toBeLessThanOrEqual(16)
  })
})

describe('sampled rows', () => {
  it('are one of each equal stretch, or all', () => {
    const { next } = createRandom(2, 'rows')
    const rows = sampleRows({ start: 100, end: 100 + 10 * SAMPLED }, SAMPLED, next)
    expect(rows).toHaveLength(SAMPLED)
    expect([...rows].every((row, i) => row >= 100 + 10 * i && row < 110 + 10 * i)).toBe(true)
    expect([...sampleRows({ start: 3, end: 6 }, 5, next)]).toEqual([3, 4, 5])
  })
})
