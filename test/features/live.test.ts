/** One bar at a time gives what the batch gives: the same bits for windows, within the stated bound for averages. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { HOUR } from '../../src/core/time.js'
import { windowAt } from '../../src/features/cut.js'
import { createLiveFeatures, type LiveRow } from '../../src/features/live.js'
import { columnValues, type FeatureSource, openSource } from '../../src/features/matrix.js'
import { FEATURES } from '../../src/features/registry.js'
import { type Column, possibleColumns } from '../../src/features/selection.js'
import { type Bars, sliceBars } from '../../src/market/bars.js'
import { resample } from '../../src/market/resample.js'
import { randomMarket, withHole } from './market.js'

const COLUMNS = possibleColumns('4h', ['1d'])

/** What the batch makes of the base bars. */
function batchOf(base: Bars, series: FeatureSource['series']) {
  const source = { decision: resample(base, '4h'), context: [resample(base, '1d')], series }
  const open = openSource(source)
  return { source, values: new Map(COLUMNS.map((column) => [column.name, columnValues(open, column)])) }
}

/** What comes out when they are pushed one after another, but for those that were not published; of the bars that are asked for. */
function liveOf(
  base: Bars,
  series: FeatureSource['series'],
  columns: readonly Column[] = COLUMNS,
  isAsked: (bar: number) => boolean = () => true,
): LiveRow[] {
  const live = createLiveFeatures({ columns, base: '1h', decision: '4h', context: ['1d'] })
  const rows: LiveRow[] = []
  for (let i = 0; i < base.rows; i++) {
    if (base.baseBars[i] === 0) continue
    const bar = sliceBars(base, i, i + 1)
    const row = isAsked(i) ? live.push(bar, series) : live.remember(bar)
    if (row) rows.push(row)
  }
  return rows
}

/** So many parts of the columns are asked for in turn, each at every so many rows; all of them at the first and after a hole. */
const PARTS = 5
const EDGE = 24 // base bars

const largestOf = (x: Float64Array) =>
  x.reduce((most, value) => (Number.isNaN(value) ? most : Math.max(most, Math.abs(value))), 0)

/** Rows and columns in which the two differ by more than their memory allows. */
function differences(base: Bars, series: FeatureSource['series']): string[] {
  const { source, values } = batchOf(base, series)
  const found: string[] = []
  const looked = new Set<number>()
  const isAtEdge = (bar: number) => bar < EDGE || base.baseBars.subarray(bar - EDGE, bar).includes(0)
  const size = Math.ceil(COLUMNS.length / PARTS)
  for (let part = 0; part < PARTS; part++) {
    const columns = COLUMNS.slice(part * size, (part + 1) * size)
    const scales = columns.map(({ name }) => largestOf(values.get(name) ?? new Float64Array(0)))
    const isAsked = (bar: number) => isAtEdge(bar) || Math.floor(bar / 4) % PARTS === part
    for (const { openTime, values: own } of liveOf(base, series, columns, isAsked)) {
      looked.add(openTime)
      const row = (openTime - source.decision.openTime[0]) / (4 * HOUR)
      for (const [c, { name, feature }] of columns.entries()) {
        const batch = values.get(name) ?? new Float64Array(0)
        const isNear = feature.memory === 'recursive' && Math.abs(own[c] - batch[row]) <= 1e-9 * scales[c]
        if (!Object.is(own[c], batch[row]) && !isNear) found.push(`${name} at ${row}: ${own[c]}, batch ${batch[row]}`)
      }
    }
  }
  expect(looked.size).toBeGreaterThan(500)
  return found
}

describe('features bar by bar', () => {
  const market = randomMarket(2300, 21)

  it('are those of the batch, from the first bar on, with a first bar that is not whole', () => {
    expect(market.decision.openTime[0] % (4 * HOUR)).not.toBe(0)
    expect(differences(market.decision, market.series)).toEqual([])
  })

  it('are those of the batch after bars that were never published', () => {
    const { decision, series } = withHole(market, 1201, 1216) // whole bars of 4 hours, and parts of two
    expect(differences(decision, series)).toEqual([])
  })

  it('know a print only after it, though it is handed in before', () => {
    const [funding] = possibleColumns('4h', []).filter(({ name }) => name === 'funding_rate')
    const times = market.funding?.time ?? new Float64Array(0)
    const rates = market.funding?.rate ?? new Float64Array(0)
    for (const { availableTime, values } of liveOf(market.decision, market.series, [funding]).slice(0, 50)) {
      const printed = times.findLastIndex((time) => time < availableTime)
      expect(values[0]).toBe(rates[printed])
    }
  })

  it('keep no more bars than a value needs', () => {
    const [rsi, sma] = ['rsi_14', 'sma_200'].map((name) => COLUMNS.filter((column) => column.name === name))
    const keep = (columns: readonly Column[]) =>
      createLiveFeatures({ columns, base: '1h', decision: '4h', context: ['1d'] }).history.get('4h')
    expect(keep(sma)).toBe(200) // its own bar and 199 before
    expect(keep(rsi)).toBe(1 + 14 + 24 * 14)
  })
})

describe('the look-back of every feature', () => {
  const market = randomMarket(6000, 22)
  const source = { decision: market.decision, context: [], series: market.series }
  const open = openSource(source)
  const random = createRandom(5, 'rows')

  /** Largest difference from the batch over some rows, as a fraction of the feature's largest value. */
  function errorOf(column: Column, lookback: number): number {
    const batch = columnValues(open, column)
    const scale = largestOf(batch)
    const rows = Array.from({ length: 4 }, () => lookback + random.below(market.decision.rows - lookback))
    return Math.max(
      ...rows.map((row) => {
        const window = windowAt(source, row, { timeframe: '1h', lookback })
        if (window === null) throw new Error('the market is too short')
        const own = columnValues(openSource(window), column).at(-1) ?? Number.NaN
        return Object.is(own, batch[row]) ? 0 : Math.abs(own - batch[row]) / scale
      }),
    )
  }

  for (const feature of FEATURES) {
    const column = { name: feature.name, feature, timeframe: '1h', context: false } as const
    const [lookback, settle] = [feature.lookback(HOUR), feature.settle(HOUR)]
    it(`${feature.name} needs ${lookback}${settle > 0 ? ` and ${settle} more` : ''} bars for its value`, () => {
      const error = errorOf(column, lookback + settle)
      if (feature.memory === 'window') expect(error).toBe(0)
      else expect(error).toBeLessThan(1e-9)
    })
  }

  it('is not enough by itself for averages that remember', () => {
    const averages = FEATURES.filter(({ memory }) => memory === 'recursive')
    const far = averages.filter((feature) => {
      const column = { name: feature.name, feature, timeframe: '1h', context: false } as const
      return errorOf(column, feature.lookback(HOUR)) > 1e-6
    })
    expect(far.length).toBeGreaterThan(averages.length * 0.9)
  })
})
