import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json } from '../../src/core/canonical.js'
import { DAY } from '../../src/core/time.js'
import { type Bars, emptyBars, sliceBars } from '../../src/market/bars.js'
import { cleanKlines } from '../../src/market/clean.js'
import { cleanFunding } from '../../src/market/funding.js'
import { NO_EVIDENCE } from '../../src/market/gaps.js'
import { combineReference, findFarFromReference, findOutliers } from '../../src/market/outliers.js'
import { barFindings, type Findings, qualityReport } from '../../src/market/quality.js'
import { resample } from '../../src/market/resample.js'
import { combineRuns, frozenRuns, zeroVolumeRuns } from '../../src/market/runs.js'
import { anyBars, minute, rowsOf, START } from './make-rows.js'

function closes(values: readonly number[], from = START): Bars {
  const bars = emptyBars('1m', from, values.length)
  for (const column of [bars.open, bars.high, bars.low, bars.close]) column.set(values)
  values.forEach((value, i) => {
    bars.baseBars[i] = Number.isNaN(value) ? 0 : 1
  })
  return bars
}

describe('runs', () => {
  it('of equal prices end where one price differs or a bar is missing', () => {
    expect(frozenRuns(closes([1, 2, 2, 2, Number.NaN, 2, 2, 3]))).toMatchObject({ longest: 3, longestFrom: minute(1) })
    const bars = closes([5, 5, 5])
    bars.high[1] = 6
    expect(frozenRuns(bars)).toMatchObject({ longest: 1, longestFrom: minute(0) })
  })

  it('go on across the border of a month only when they touch and agree', () => {
    const first = frozenRuns(closes([1, 2, 2]))
    const longest = (values: number[], from: number) =>
      combineRuns(first, frozenRuns(closes(values, minute(from)))).longest
    expect(longest([2, 2, 3], 3)).toBe(4)
    expect(longest([9, 9, 3], 3), 'other prices').toBe(2)
    expect(longest([2, 2, 3], 4), 'a bar between').toBe(2)
  })

  it('measured in parts and combined are those of the whole', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 23 }), { maxLength: 6 })
    fc.assert(
      fc.property(anyBars({ rows: 24 }), cuts, fc.boolean(), (bars, inner, isFlat) => {
        if (isFlat) for (const name of ['open', 'high', 'low', 'close'] as const) bars[name].fill(1)
        const borders = [0, ...inner.sort((a, b) => a - b), 24]
        const parts = borders.slice(1).map((end, i) => sliceBars(bars, borders[i], end))
        for (const measure of [zeroVolumeRuns, frozenRuns]) {
          expect(parts.map(measure).reduce(combineRuns)).toEqual(measure(bars))
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('outliers', () => {
  it('are measured by the median absolute deviation', () => {
    // Returns +1 %, −1 % in turns, one of +50 %: median 0.01, |r − median| is 0 or 0.02 but for the jump.
    // 21 returns: 11 of 0.01, 9 of −0.01, 1 of 0.5 → MAD 0; mean |deviation| = (9 × 0.02 + 0.49) / 21 = 0.0319048.
    // z of the jump = 0.49 / (1.253314 × 0.0319048) = 12.25: not flagged at 20.
    const returns = Array.from({ length: 21 }, (_, i) => (i === 20 ? 0.5 : i % 2 === 0 ? 0.01 : -0.01))
    returns[19] = 0.01
    expect(findOutliers(closes(prices(returns))).count).toBe(0)
    // Returns 0.01 × {1, 2, 3, 4, 5} four times and a fall of 3: median 0.03, MAD 0.01 (deviations 0, .01, .01, .02, .02),
    // z of the fall = 0.6745 × 3.03 / 0.01 = 204.3735.
    const graded = [...Array.from({ length: 20 }, (_, i) => 0.01 * ((i % 5) + 1)), -3]
    const found = findOutliers(closes(prices(graded)))
    expect(found.count).toBe(1)
    expect(found.largest[0].time).toBe(minute(21))
    expect(found.largest[0].logReturn).toBeCloseTo(-3, 12)
    expect(found.largest[0].z).toBeCloseTo(204.3735, 6)
  })

  it('are found in a market that stands still, where the MAD is 0', () => {
    const returns = Array.from({ length: 1000 }, (_, i) => (i === 500 ? 0.1 : 0))
    // Mean |deviation| = 0.1 / 1000; z = 0.1 / (1.253314 × 0.0001) = 797.885.
    expect(findOutliers(closes(prices(returns))).largest[0].z).toBeCloseTo(797.885, 2)
    const broken = [...prices(returns), Number.NaN, 100]
    expect(findOutliers(closes(broken)).largest[0].z, 'a hole adds no return').toBeCloseTo(797.885, 2)
    expect(findOutliers(closes([7, 7, 7]))).toEqual({ ...NONE, iqr: NONE, jumps: NONE })
  })

  it('do not look across a hole', () => {
    const steady = prices(Array.from({ length: 50 }, (_, i) => 0.001 * ((i % 5) - 2)))
    const values = [...steady, Number.NaN, ...steady.map((price) => price * 3)]
    expect(findOutliers(closes(values)).count).toBe(0)
    expect(findOutliers(closes(values.filter((price) => !Number.isNaN(price)))).count).toBe(1)
  })

  it('list the ten largest, largest first, and count all', () => {
    const returns = Array.from({ length: 1000 }, (_, i) => (i % 50 === 0 ? i / 1000 + 1 : 0.001 * ((i % 5) - 2)))
    const { count, largest } = findOutliers(closes(prices(returns)))
    expect(count).toBe(20)
    expect(largest).toHaveLength(10)
    expect(largest.map((outlier) => outlier.time)).toEqual(Array.from({ length: 10 }, (_, i) => minute(951 - 50 * i)))
  })
})

function prices(returns: readonly number[]): number[] {
  const values = [100]
  for (const r of returns) values.push(values[values.length - 1] * Math.exp(r))
  return values
}

const NONE = { count: 0, largest: [] }

/** Findings of days of 1m bars, each day by itself; only the given hours of a day have rows. */
function dayFindings(day: number, fromHour: number, toHour: number): Findings {
  const from = START + day * DAY
  const rows = Array.from({ length: (toHour - fromHour) * 60 }, (_, i) => ({
    time: from + (fromHour * 60 + i) * 60_000,
  }))
  const { bars, findings } = cleanKlines(rowsOf(rows), { timeframe: '1m', span: { from, to: from + DAY } })
  return { rows: findings, bars: [barFindings(bars, '1m'), barFindings(resample(bars, '4h'), '1m')], published: [] }
}

describe('the quality report', () => {
  const options = { pair: 'XUSDT', span: { from: START, to: START + 4 * DAY }, funding: null }
  // Day 0 has rows from 05:00, day 1 until 20:00, day 2 is absent, day 3 is whole.
  const days = [dayFindings(3, 0, 24), dayFindings(1, 0, 20), dayFindings(0, 5, 24)]
  const evidence = { ...NO_EVIDENCE, searched: [options.span], asked: [{ from: START + 2 * DAY, to: START + 3 * DAY }] }
  const report = qualityReport(days, { ...options, evidence })

  it('counts what is there against what was asked for', () => {
    const present = (19 + 20 + 24) * 60
    expect(report.timeframes[0]).toMatchObject({
      ...{ timeframe: '1m', expected: 4 * 1440, present, missing: 4 * 1440 - present, partial: 0 },
      ...{ completeness: present / 5760, first: minute(300), last: minute(4 * 1440 - 1) },
    })
    expect(report.rows).toMatchObject({ kept: present, rows: present, duplicates: 0 })
  })

  it('tells bars that rest on fewer base bars than fit into them', () => {
    // 4h bars: day 0 lacks 00:00 and has 04:00 from 05:00 on, day 1 lacks 20:00, day 2 all six.
    expect(report.timeframes[1]).toMatchObject({ timeframe: '4h', expected: 24, present: 16, missing: 8, partial: 1 })
  })

  it('names every gap with its cause', () => {
    const gap = (from: number, to: number, cause: string) => ({
      ...{ from: START + from * DAY, to: START + to * DAY, cause },
      bars: Math.round((to - from) * 1440),
    })
    expect(report.timeframes[0].gaps).toEqual([
      gap(0, 5 / 24, 'before first bar'),
      gap(1 + 20 / 24, 2, 'absent in archive'),
      gap(2, 3, 'absent in both'),
    ])
  })

  it('counts as missing what lies outside of the findings', () => {
    const { timeframes } = qualityReport([dayFindings(1, 0, 24)], { ...options, evidence: NO_EVIDENCE })
    expect(timeframes[0]).toMatchObject({ expected: 5760, present: 1440, missing: 4320, completeness: 0.25 })
    expect(timeframes[0].gaps.map((gap) => [gap.bars, gap.cause])).toEqual([
      [1440, 'before first bar'],
      [2880, 'after last bar'],
    ])
  })

  it('is plain JSON', () => {
    const none = Float64Array.of()
    const funding = cleanFunding({ time: none, rate: none, intervalHours: none }, options.span).findings
    const json: Json = qualityReport(days, { ...options, evidence, funding })
    expect(JSON.parse(canonicalJson(json))).toEqual(json)
  })
})

describe('outliers of other kinds', () => {
  it('lie many interquartile ranges outside of the quartiles', () => {
    // Returns 0.01 × {1 … 5} four times and a fall of 0.2: of 21 sorted values the quartiles are the 6th and the 16th, 0.02 and 0.04.
    // The fall is (0.02 + 0.2) / 0.02 = 11 ranges below the lower quartile; one of 0.17 would be 9.5.
    const graded = Array.from({ length: 20 }, (_, i) => 0.01 * ((i % 5) + 1))
    const { iqr } = findOutliers(closes(prices([...graded, -0.2])))
    expect(iqr.count).toBe(1)
    expect(iqr.largest[0]).toMatchObject({ time: minute(21) })
    expect(iqr.largest[0].ranges).toBeCloseTo(11, 9)
    expect(findOutliers(closes(prices([...graded, -0.17]))).iqr.count).toBe(0)
    expect(findOutliers(closes(prices([...graded, 0.25]))).iqr.largest[0].ranges, 'above').toBeCloseTo(10.5, 9)
  })

  it('are closes far from a reference price, whatever its usual distance', () => {
    // Distances 0.001 × {1 … 5} four times and one of 0.03 more: median 0.003, MAD 0.001 (0, .001, .001, .002, .002).
    // z = 0.6745 × (0.033 − 0.003) / 0.001 = 20.235.
    const distances = Array.from({ length: 21 }, (_, i) => (i === 20 ? 0.033 : 0.001 * ((i % 5) + 1)))
    const traded = closes(distances.map((d) => 100 * Math.exp(d)))
    const reference = closes(distances.map(() => 100))
    const found = findFarFromReference(traded, reference)
    expect(found).toMatchObject({ compared: 21, count: 1, largest: [{ time: minute(20) }] })
    expect(found.largest[0].z).toBeCloseTo(20.235, 6)
    reference.close[20] = Number.NaN
    expect(findFarFromReference(traded, reference), 'a hole is not compared').toMatchObject({ compared: 20, count: 0 })
    expect(combineReference([found, found])).toMatchObject({ compared: 42, count: 2, largest: [{}, {}] })
  })
})

describe('jumps', () => {
  it('are steps between a close and the next open, which the returns may not show', () => {
    // Returns 0.001 × {1 … 5} eight times: median 0.003, MAD 0.001, one deviation 0.001 / 0.6745. Each bar opens where the one before
    // closed, but for one 0.006 above: 0.006 × 0.6745 / 0.001 = 4.047 deviations; 0.005 would be 3.37.
    const bars = closes(prices(Array.from({ length: 40 }, (_, i) => 0.001 * ((i % 5) + 1))))
    const openAbove = (step: number) => {
      for (let i = 1; i < bars.rows; i++) bars.open[i] = bars.close[i - 1] * (i === 25 ? Math.exp(step) : 1)
      return findOutliers(bars)
    }
    const { count, jumps } = openAbove(0.006)
    expect(count).toBe(0)
    expect(jumps).toMatchObject({ count: 1, largest: [{ time: minute(25) }] })
    expect(jumps.largest[0].z).toBeCloseTo(4.047, 3)
    expect(openAbove(-0.006).jumps.count, 'down as well').toBe(1)
    expect(openAbove(0.005).jumps.count).toBe(0)
  })
})

describe('the manifest of gaps', () => {
  it('lists refused rows, holes and runs without volume in the order of time', () => {
    const rows = Array.from({ length: 30 }, (_, n) => ({
      ...{ time: minute(n), volume: n >= 10 && n < 16 ? 0 : 2, takerBuyVolume: 0 },
      low: n === 20 ? -1 : 9,
    })).filter(({ time }) => time !== minute(5))
    const span = { from: START, to: minute(30) }
    const { bars, findings } = cleanKlines(rowsOf(rows), { timeframe: '1m', span })
    const month = { rows: findings, bars: [barFindings(bars, '1m', findings.refused)], published: [] }
    const evidence = { ...NO_EVIDENCE, searched: [span] }
    const { timeframes, sources } = qualityReport([month], { pair: 'X', span, evidence, funding: null })
    expect(timeframes[0].gaps.map(({ from, bars: n, cause }) => [(from - START) / 60_000, n, cause])).toEqual([
      [5, 1, 'absent in archive'],
      [10, 6, 'zero-volume'],
      [20, 1, 'refused'],
    ])
    expect(timeframes[0]).toMatchObject({ missing: 2, zeroVolume: { bars: 6, runs: 1 } })
    // 0–4, 6–15 … 19 and 21–29 have the same four prices and no hole between.
    expect(timeframes[0].frozen).toMatchObject({ longest: 14, longestFrom: minute(6), runs: 3 })
    expect(sources).toEqual([{ from: START, archive: 29, rest: 0 }])
  })
})
