import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE, monthSpan } from '../../src/core/time.js'
import { NO_EVIDENCE } from '../../src/market/gaps.js'
import { LABEL_SEAM, METRIC_COLUMNS, type MetricColumn } from '../../src/market/metric-labels.js'
import { cleanMetrics, METRICS_STEP, type RawMetrics, type RestMetrics } from '../../src/market/metrics.js'
import { seriesQuality } from '../../src/market/series-quality.js'

type Row = { readonly label: number; readonly value: number } & Partial<Record<MetricColumn, number>>

function rawOf(rows: readonly Row[]): RawMetrics {
  const column = (name: MetricColumn) => Float64Array.from(rows, (row) => row[name] ?? row.value)
  const values = Object.fromEntries(METRIC_COLUMNS.map((name) => [name, column(name)])) as RawMetrics['values']
  return { rows: rows.length, label: Float64Array.from(rows, ({ label }) => label), values }
}

/** Times of the day before the seam, of the seam's day, and of the one after. */
const time = (text: string, day = 0) => LABEL_SEAM + day * DAY + Date.parse(`1970-01-01T${text}Z`)
const JUNE = monthSpan('2026-06')
const clean = (rows: readonly Row[], span = JUNE, rest: RestMetrics | null = null) =>
  cleanMetrics(rawOf(rows), { span, period: JUNE, rest })
const NEAR = { from: time('23:45', -1), to: time('00:15') }

/** Start of the period, when it may be used, and the value, of the rows that are known. */
function known({ metrics }: ReturnType<typeof cleanMetrics>): (readonly [string, string, number])[] {
  const clock = (ms: number) => new Date(ms).toISOString().slice(8, 16)
  const { openTime, availableTime, values } = metrics
  return [...openTime.keys()]
    .filter((i) => !Number.isNaN(values.count_long_short_ratio[i]))
    .map((i) => [clock(openTime[i]), clock(availableTime[i]), values.count_long_short_ratio[i]])
}

describe('the label of metrics', () => {
  // File of 24 June: labels are ends. File of 25 June: labels are starts. The label 00:00 stands in both.
  const OLD: Row[] = [
    { label: time('23:50', -1), value: 1 },
    { label: time('23:55', -1), value: 2 },
    { label: time('00:00'), value: 3 },
  ]
  const NEW: Row[] = [
    { label: time('00:00'), value: 4 },
    { label: time('00:05'), value: 5 },
  ]
  const BEFORE = [
    ['24T23:45', '24T23:55', 1],
    ['24T23:50', '25T00:00', 2],
  ] as const

  it('is an end before the seam and a start after it, and the seam is both', () => {
    expect(known(clean([...OLD, ...NEW], NEAR))).toEqual([
      ...BEFORE,
      ['24T23:55', '25T00:05', 3],
      ['25T00:00', '25T00:05', 4],
      ['25T00:05', '25T00:10', 5],
    ])
  })

  it('is told apart in files that are doubled', () => {
    const twice = clean([...OLD, ...OLD, ...NEW, ...NEW], NEAR)
    expect(known(twice)).toEqual(known(clean([...OLD, ...NEW], NEAR)))
    expect(twice.findings).toMatchObject({ rows: 10, duplicates: 5, conflicts: { count: 0 } })
  })

  it('is told by its neighbours where only one file has it', () => {
    expect(
      known(clean([...OLD, NEW[1]], NEAR)).map(([start]) => start),
      'the newer file lacks it: either could be',
    ).toEqual([...['24T23:45', '24T23:50', '24T23:55', '25T00:05']])
    expect(clean([...OLD, NEW[1]], NEAR).findings.counts).toMatchObject({
      'label at the seam that could be of either day': 1,
    })
    expect(known(clean(NEW, NEAR))[0], 'the older file is absent').toEqual(['25T00:00', '25T00:05', 4])
    expect(known(clean(OLD, NEAR)).at(-1), 'the newer file is absent').toEqual(['24T23:55', '25T00:05', 3])
    expect(clean(OLD, NEAR).findings.counts).toMatchObject({ 'label at the seam that could be of either day': 0 })
  })

  it('gives no row before its period was over, whatever the labels mean', () => {
    // Each value is the number of the five minutes that it was measured in. A row says them by their start or by their end, in whatever
    // order, doubled or not, and the archive may have changed its ways at any time.
    const row = fc.record({
      period: fc.integer({ min: -40, max: 40 }),
      isEnd: fc.boolean(),
      times: fc.integer({ min: 1, max: 2 }),
    })
    const some = fc.array(row, { maxLength: 60 })
    fc.assert(
      fc.property(some, some, (archive, asked) => {
        const labelOf = ({ period, isEnd }: { period: number; isEnd: boolean }) =>
          LABEL_SEAM + (period + (isEnd ? 1 : 0)) * METRICS_STEP
        const rows = archive.flatMap((one) => Array(one.times).fill({ label: labelOf(one), value: one.period + 100 }))
        const column = {
          label: Float64Array.from(asked, labelOf),
          value: Float64Array.from(asked, ({ period }) => period + 100),
        }
        const { metrics } = clean(rows, { from: LABEL_SEAM - DAY, to: LABEL_SEAM + DAY }, { sum_open_interest: column })
        for (let i = 0; i < metrics.rows; i++) {
          for (const name of METRIC_COLUMNS) {
            const period = metrics.values[name][i] - 100
            if (Number.isNaN(period)) continue
            expect(metrics.availableTime[i]).toBeGreaterThanOrEqual(LABEL_SEAM + (period + 1) * METRICS_STEP)
          }
          expect(metrics.availableTime[i]).toBeGreaterThanOrEqual(metrics.openTime[i] + METRICS_STEP)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('gives each value to its own period, in files of the archive that are shuffled and doubled', () => {
    const periods = Array.from({ length: 40 }, (_, i) => i - 20)
    const shuffled = fc.shuffledSubarray(periods, { minLength: 38 })
    fc.assert(
      fc.property(shuffled, shuffled, (first, second) => {
        const older = [...first, ...second].filter((period) => period < 0)
        const newer = [...first, ...second].filter((period) => period >= 0)
        fc.pre(older.includes(-1) && newer.includes(0))
        const at = (period: number, shift: number) => ({
          label: LABEL_SEAM + (period + shift) * METRICS_STEP,
          value: period + 100,
        })
        const { metrics } = clean([...older.map((period) => at(period, 1)), ...newer.map((period) => at(period, 0))])
        for (let i = 0; i < metrics.rows; i++) {
          const period = metrics.values.count_long_short_ratio[i] - 100
          if (!Number.isNaN(period)) expect(metrics.openTime[i]).toBe(LABEL_SEAM + period * METRICS_STEP)
        }
      }),
    )
  })
})

describe('cleaning metrics', () => {
  const MAY = monthSpan('2024-05')
  const at = (minutes: number) => MAY.from + minutes * MINUTE
  const of = (rows: readonly Row[], bars: number, rest: RestMetrics | null = null) =>
    cleanMetrics(rawOf(rows), { span: { from: MAY.from, to: at(5 * bars) }, period: MAY, rest })

  it('sorts rows, keeps one a period, and counts what it drops', () => {
    const { metrics, findings } = of(
      [
        { label: at(10), value: 2 },
        { label: at(5), value: 1 },
        { label: at(5), value: 7 },
        { label: at(12), value: 9 }, // off the grid
        { label: at(0), value: 9 }, // ends the last period of April
        { label: at(40), value: 9 }, // outside the span
      ],
      4,
    )
    expect([...metrics.values.sum_open_interest]).toEqual([7, 2, Number.NaN, Number.NaN])
    expect(findings).toMatchObject({
      rows: 6,
      kept: 2,
      dropped: 3,
      outOfOrder: 2,
      duplicates: 0,
      conflicts: { count: 1 },
    })
    expect(findings.gaps).toMatchObject([{ from: at(10), bars: 2, cause: 'after last bar' }])
    expect(findings).toMatchObject({ first: at(0), last: at(5) })
  })

  it('does not know a blank cell, a negative one, or an open interest of zero', () => {
    const { metrics, findings } = of(
      [
        { label: at(5), value: 1, count_long_short_ratio: Number.NaN },
        { label: at(10), value: 1, sum_taker_long_short_vol_ratio: -1 },
        { label: at(15), value: 1, sum_open_interest: 0, sum_open_interest_value: 0 },
        { label: at(20), value: Number.NaN },
      ],
      4,
    )
    const unknown = Number.NaN
    expect([...metrics.values.count_long_short_ratio]).toEqual([unknown, 1, 1, unknown])
    expect([...metrics.values.sum_taker_long_short_vol_ratio]).toEqual([1, unknown, 1, unknown])
    expect([...metrics.values.sum_open_interest]).toEqual([1, 1, unknown, unknown])
    expect([...metrics.values.sum_open_interest_value]).toEqual([1, 1, unknown, unknown])
    expect(findings).toMatchObject({ kept: 3, impossible: 1 })
    expect(findings.counts).toMatchObject({ 'blank cells': 7, 'rows with no open interest': 1 })
  })

  it('takes from REST what the archive does not know, and says where they differ', () => {
    const rest: RestMetrics = {
      sum_open_interest: {
        label: Float64Array.of(at(0), at(5), at(10), at(10), at(11)),
        value: Float64Array.of(1, 20, 30, 31, 5),
      },
      count_long_short_ratio: { label: Float64Array.of(at(0), at(5)), value: Float64Array.of(1.0005, 2) },
    }
    const rows = [
      { label: at(5), value: 1 },
      { label: at(10), value: 2, sum_open_interest: Number.NaN },
    ]
    const { metrics, findings } = of(rows, 4, rest)
    expect([...metrics.values.sum_open_interest]).toEqual([1, 20, 31, Number.NaN])
    expect([...metrics.values.count_long_short_ratio]).toEqual([1, 2, Number.NaN, Number.NaN])
    // Labels of the archive end their period here: available ten minutes after its start; REST's five.
    expect([...metrics.availableTime]).toEqual([at(10), at(15), at(15), at(20)])
    expect(findings.rest).toMatchObject({
      ...{ rows: 7, dropped: 1, conflicts: 1, used: { count: 1, first: [at(10)] }, compared: 3 },
      disagreements: { count: 0 },
    })
    expect(findings.counts).toMatchObject({ 'cells from REST': 2 })
    const wrong: RestMetrics = { count_long_short_ratio: { label: Float64Array.of(at(0)), value: Float64Array.of(2) } }
    expect(of(rows, 4, wrong).findings.rest).toMatchObject({
      largestDifference: 0.5,
      disagreements: { count: 1, first: [{ time: at(0), column: 'count_long_short_ratio', archive: 1, rest: 2 }] },
    })
  })
})

describe('the quality of a series', () => {
  it('found in parts is that of the whole', () => {
    const MAY = monthSpan('2024-05')
    const labels = fc.uniqueArray(fc.integer({ min: 1, max: 40 })).map((some) => [...some].sort((a, b) => a - b))
    fc.assert(
      fc.property(labels, fc.integer({ min: 1, max: 39 }), (known, cut) => {
        const rows = known.map((n) => ({ label: MAY.from + n * METRICS_STEP, value: n % 7 }))
        const part = (from: number, to: number) => {
          const span = { from: MAY.from + from * METRICS_STEP, to: MAY.from + to * METRICS_STEP }
          const inside = rows.filter(({ label }) => label > span.from && label <= span.to)
          return cleanMetrics(rawOf(inside), { span, period: MAY }).findings
        }
        const span = { from: MAY.from, to: MAY.from + 40 * METRICS_STEP }
        const evidence = { ...NO_EVIDENCE, searched: [span] }
        const whole = seriesQuality([part(0, 40)], span, evidence)
        expect(seriesQuality([part(cut, 40), part(0, cut)], span, evidence)).toEqual(whole)
        expect(whole.missing).toBe(whole.gaps.reduce((sum, { bars }) => sum + bars, 0))
      }),
    )
  })
})
