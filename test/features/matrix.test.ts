/** The table: its join by availability, its selection, what is absent, its hash. */
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { DAY, HOUR } from '../../src/core/time.js'
import { featureSetHash } from '../../src/features/definition.js'
import { featureColumns, featureMatrix, planFeatures } from '../../src/features/matrix.js'
import { FEATURES } from '../../src/features/registry.js'
import { DEFAULT_SELECTION, selectColumns } from '../../src/features/selection.js'
import { fundingInputs, fundingSeries } from '../../src/features/series/funding.js'
import { BAR_VALUES, emptyBars } from '../../src/market/bars.js'
import { copyOf, randomMarket } from './market.js'

const pick = (...include: string[]) => ({ include, exclude: [] })

describe('the join of a higher timeframe', () => {
  // Decision 15m from 00:00, context 1h from the day before 23:00: closes 10, 20, 30, 40 at 00:00, 01:00, 02:00, 03:00.
  const decision = emptyBars('15m', DAY, 12)
  decision.close.fill(1)
  const context = emptyBars('1h', DAY - HOUR, 4)
  ;[10, 20, 30, 40].forEach((close, i) => {
    context.close[i] = close
    context.high[i] = close
    context.low[i] = close
  })
  const typical = (bars: typeof context) =>
    Array.from(featureMatrix({ decision, context: [bars], series: {}, selection: pick('typical_price_1h') }).columns[0])

  it('gives each row the last bar that had closed, and never the one still open', () => {
    // Rows become available at 00:15, 00:30, 00:45 (bar 23:00 has closed), 01:00 (bar 00:00 has just closed) …
    expect(typical(context)).toEqual([10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30, 40])
  })

  it('does not see what the open bar will be', () => {
    const other = copyOf(context)
    for (const name of ['close', 'high', 'low'] as const) other[name][2] = 99 // 01:00–02:00
    expect(typical(other).slice(0, 7)).toEqual(typical(context).slice(0, 7))
    expect(typical(other)[7]).toBe(99)
  })

  it('does not know before the first close, nor after the bars end', () => {
    const short = emptyBars('1h', DAY, 1) // 00:00–01:00, and nothing after
    for (const name of ['close', 'high', 'low'] as const) short[name][0] = 5
    expect(typical(short)).toEqual([NaN, NaN, NaN, 5, 5, 5, 5, NaN, NaN, NaN, NaN, NaN])
  })
})

describe('funding as known at the close', () => {
  const funding = {
    time: Float64Array.of(8 * HOUR, 16 * HOUR, 20 * HOUR, 40 * HOUR),
    rate: Float64Array.of(0.1, 0.2, 0.4, 0.8),
    intervalHours: Float64Array.of(8, 8, 4, 4),
  }
  const at = (...hours: number[]) =>
    fundingInputs(
      { availableTime: Float64Array.from(hours, (hour) => hour * HOUR), stepMs: 2 * HOUR },
      fundingSeries(funding),
    )

  it('is the last print before it: one at the same time comes some milliseconds later', () => {
    expect([...at(7, 8, 9, 16, 17, 20, 21).fundingRate]).toEqual([NaN, NaN, 0.1, 0.1, 0.2, 0.2, 0.4])
    expect([...at(9, 17, 21).previousFundingRate]).toEqual([NaN, 0.1, 0.2])
    expect([...at(9, 15, 16, 21, 23).timeToFunding]).toEqual([7, 1, 0, 3, 1])
  })

  it('is paid in the bar in which it was printed', () => {
    // Bars of two hours: [6, 8), [8, 10), [14, 16), [16, 18).
    expect([...at(8, 10, 16, 18).fundingPaid]).toEqual([NaN, 0.1, 0, 0.2])
  })

  it('is not known in a hole: 8 hours after the last print, though it was due after 4', () => {
    expect([...at(28, 29, 39, 40, 41).fundingRate]).toEqual([0.4, NaN, NaN, NaN, 0.8])
    expect([...at(26, 28).timeToFunding]).toEqual([NaN, NaN])
    expect([...at(28, 29, 41).fundingPaid]).toEqual([0, NaN, 0.8])
    expect([...at(41).previousFundingRate]).toEqual([NaN])
  })
})

describe('a selection', () => {
  const names = (include: string[], exclude: string[] = []) =>
    selectColumns({ include, exclude }, '5m', ['1h', '4h']).map((column) => column.name)

  it('takes columns, globs, families and presets, in the order of the registry', () => {
    expect(names(['rsi_14_4h', 'rsi_14'])).toEqual(['rsi_14', 'rsi_14_4h'])
    expect(names(['rsi_?'])).toEqual(['rsi_2', 'rsi_7'])
    expect(names(['adx_*_1h'])).toEqual(['adx_14_1h', 'adx_21_1h'])
    expect(names(['time'], ['*_sin', '*_cos'])).toContain('hour')
    expect(names(['time']).some((name) => name.endsWith('_1h'))).toBe(false)
    expect(names(['momentum'], ['*_1h', '*_4h'])).toEqual(
      FEATURES.filter(({ family }) => family === 'momentum').map(({ name }) => name),
    )
    expect(names(['core'], ['funding']).length).toBeGreaterThan(50)
    expect(names(['core']).filter((name) => name.endsWith('_1h'))).toHaveLength(4)
    expect(names(['sequence'])).toHaveLength(8)
    expect(names(['core'])).toEqual(expect.arrayContaining(names(['sequence'])))
  })

  it('has no price or volume levels in core', () => {
    // Ten times the price and the volume, the same core.
    const { decision, context, series } = randomMarket(700, 2)
    const scaled = (bars: typeof decision, prices: readonly string[], volumes: readonly string[]) => {
      const out = copyOf(bars)
      for (const name of BAR_VALUES) {
        const factor = name.toLowerCase().includes('quote')
          ? 128
          : prices.includes(name)
            ? 8
            : volumes.includes(name)
              ? 16
              : 1
        out[name].forEach((value, i) => {
          out[name][i] = value * factor
        })
      }
      return out
    }
    const change = (bars: typeof decision) =>
      scaled(bars, ['open', 'high', 'low', 'close'], ['volume', 'takerBuyVolume'])
    const selection = { include: ['core'], exclude: ['kyle_lambda_60'] } // per unit of money by its nature
    const one = featureMatrix({ decision, context, series, selection })
    const other = featureMatrix({ decision: change(decision), context: context.map(change), series, selection })
    one.columns.forEach((column, i) => {
      const worst = column.reduce((most, value, row) => {
        const gap = Math.abs(value - other.columns[i][row])
        return Number.isNaN(gap) ? most : Math.max(most, gap / (1 + Math.abs(value)))
      }, 0)
      expect(worst, one.names[i]).toBeLessThan(1e-5)
    })
  })

  it('refuses unknown names all at once and says what may have been meant', () => {
    const refused = (): unknown => {
      try {
        names(['rsi_15', 'core', 'momentun'], ['nonsense_entirely'])
        return null
      } catch (thrown) {
        return thrown
      }
    }
    const error = refused()
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({
      message: expect.stringContaining('rsi_15, momentun, nonsense_entirely'),
      hint: expect.stringMatching(/did you mean rsi_\d+, momentum\?/),
      exitCode: 2,
    })
    expect(() => names(['rsi_14_1d'])).toThrow(UserError) // 1d is not among the timeframes
    expect(() => names(['core'], ['all'])).toThrow(/no features are selected/)
  })

  it('refuses a context timeframe that is not longer than the decision’s', () => {
    const { decision } = randomMarket(50, 1)
    const context = [emptyBars('15m', DAY, 4)]
    expect(() => planFeatures({ decision, context, series: {}, selection: DEFAULT_SELECTION })).toThrow(
      /context timeframe 15m is not longer than the decision timeframe 1h/,
    )
  })
})

describe('a source without all columns', () => {
  const market = randomMarket(400, 4)
  const decision = copyOf(market.decision)
  for (const name of ['quoteVolume', 'count', 'takerBuyVolume', 'takerBuyQuoteVolume'] as const)
    decision[name].fill(NaN)
  const matrix = featureMatrix({
    ...market,
    decision,
    series: {},
    selection: pick('order-flow', 'funding', 'rsi_14'),
  })

  it('has the rest, and says what is absent and why', () => {
    expect(matrix.names).toEqual([
      'rsi_14',
      'roll_spread_60', // needs the close alone
      ...matrix.names.filter((name) => /_(4h|1d)$/.test(name)), // whose bars have them
    ])
    expect(matrix.absent).toContainEqual({
      name: 'taker_buy_share',
      reason: 'takerBuyVolume: not known in any 1h bar',
    })
    expect(matrix.absent.map(({ name }) => name)).toContain('funding_rate')
    expect(matrix.columns.some((column) => column.every((value) => value === 0))).toBe(false)
  })
})

describe('a feature table', () => {
  const market = randomMarket(400, 4)
  const request = { ...market, selection: DEFAULT_SELECTION }

  it('comes whole or column by column, the same', () => {
    const whole = featureMatrix(request)
    expect(whole.rows).toBe(400)
    expect(whole.availableTime[0] - whole.openTime[0]).toBe(HOUR)
    let i = 0
    for (const { definition, values } of featureColumns(request, planFeatures(request))) {
      expect(definition).toEqual(whole.set[i])
      expect(values).toEqual(whole.columns[i])
      i++
    }
    expect(i).toBe(whole.names.length)
  })

  it('has a hash that changes with any name, order, look-back or meaning, and with nothing else', () => {
    const { set } = featureMatrix(request)
    const hash = featureSetHash(set)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(featureSetHash(featureMatrix({ ...request, series: market.series }).set)).toBe(hash)
    const changed = [
      set.slice(1),
      [set[1], set[0], ...set.slice(2)],
      [{ ...set[0], lookback: set[0].lookback + 1 }, ...set.slice(1)],
      [{ ...set[0], meaning: 'Something else.' }, ...set.slice(1)],
    ]
    expect(new Set([hash, ...changed.map(featureSetHash)]).size).toBe(5)
  })
})
