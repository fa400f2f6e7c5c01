import { describe, expect, it } from 'vitest'
import { runBacktest } from '../../src/backtest/engine.js'
import { MINUTE } from '../../src/core/time.js'
import { type BarrierSettings, barrierDistances } from '../../src/labels/distances.js'
import { exponentialDeviation } from '../../src/math/exponential-deviation.js'
import { profitOrderFor } from '../../src/portfolio/costs.js'
import { DEFAULTS, decide } from '../backtest/settings.js'
import { barsOf, type Row, randomBars, START } from './make-bars.js'

const settings: BarrierSettings = {
  ...{ barrier: 'fixed', profit: 0.02, stop: 0.01, atrMultiple: 1.5 },
  ...{ volatilityMethod: 'ewma', volatilityBars: 3, volatilityMultiple: 1 },
  profitAfter: (profit) => profit,
}
const closes = (...prices: readonly (number | null)[]) =>
  barsOf(prices.map((price): Row => (price === null ? null : [price, price, price, price])))

describe('barrier distances', () => {
  it('are the settings when fixed', () => {
    const { profit, stop } = barrierDistances(settings, closes(100, 100), 48 * MINUTE)
    expect([...profit, ...stop]).toEqual([0.02, 0.02, 0.01, 0.01])
  })

  it('follow the range and keep the ratio of profit to stop', () => {
    // Range 2 in every bar, so ATR 14 is 2 from bar 14 on: 1.5 × 2 ÷ 100 = 0.03, and profit 0.02 ÷ 0.01 = 2 times as far.
    const bars = barsOf(Array.from({ length: 16 }, (): Row => [100, 101, 99, 100]))
    const { profit, stop } = barrierDistances({ ...settings, barrier: 'atr' }, bars, 48 * MINUTE)
    expect(stop[13]).toBeNaN()
    expect([stop[14], profit[14]]).toEqual([0.03, 0.06])
  })

  it('follow the volatility before, scaled by the root of the horizon', () => {
    // pandas 1.5.3, r = log(x / x.shift()): (r.ewm(span=3, min_periods=3).std() * sqrt(48)) and (r.rolling(3).std() * sqrt(48))
    const bars = closes(100, 101, 99, 102, 103, 101.5, 104)
    const wanted = {
      ewma: [0.19969258750594662, 0.13139297192913182, 0.14301826577498206, 0.15080358703398625],
      rolling: [0.17386342771298677, 0.17377537066195334, 0.15447561185337325, 0.13653669278447714],
    }
    for (const volatilityMethod of ['ewma', 'rolling'] as const) {
      const { stop, profit } = barrierDistances(
        { ...settings, barrier: 'volatility', volatilityMethod, volatilityMultiple: 0.5 },
        bars,
        48 * MINUTE,
      )
      expect([...stop.subarray(0, 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN])
      wanted[volatilityMethod].forEach((x, i) => {
        expect(stop[3 + i]).toBeCloseTo(0.5 * x, 14)
        expect(profit[3 + i]).toBeCloseTo(x, 14)
      })
    }
  })

  it('know nothing of a bar that comes later', () => {
    const bars = randomBars({ rows: 400, seed: 9, holes: 0.003 })
    for (const barrier of ['atr', 'volatility'] as const) {
      for (const volatilityMethod of ['ewma', 'rolling'] as const) {
        const of = (rows: number) => {
          const part = barsOf(
            Array.from(
              { length: rows },
              (_, i): Row =>
                Number.isNaN(bars.close[i]) ? null : [bars.open[i], bars.high[i], bars.low[i], bars.close[i]],
            ),
          )
          return barrierDistances({ ...settings, barrier, volatilityMethod, volatilityBars: 20 }, part, 60 * MINUTE)
        }
        const whole = of(400)
        for (const rows of [50, 133, 299]) {
          expect(of(rows).stop).toEqual(whole.stop.subarray(0, rows))
          expect(of(rows).profit).toEqual(whole.profit.subarray(0, rows))
        }
      }
    }
  })
})

describe('exponentially weighted deviation', () => {
  it('is that of pandas', () => {
    // pandas 1.5.3: pd.Series(x).ewm(span=3, min_periods=3).std()
    const x = Float64Array.of(0.01, -0.02, 0.015, 0.003, -0.007, 0.02, -0.001)
    const wanted = [
      0.020441554316077408, 0.013406821291523848, 0.011286017612443598, 0.015615925936592516, 0.012633672221123047,
    ]
    exponentialDeviation(x, 3).forEach((value, i) => {
      if (i < 2) expect(value).toBeNaN()
      else expect(value).toBeCloseTo(wanted[i - 2], 15)
    })
  })

  it('begins anew after a hole', () => {
    const x = Float64Array.of(0.5, 0.25, 0.01, Number.NaN, 0.01, -0.02, 0.015)
    const alone = exponentialDeviation(x.slice(4), 3)
    expect([...exponentialDeviation(x, 3)].slice(3)).toEqual([Number.NaN, ...alone])
  })
})

describe('the profit order that clears the costs', () => {
  const flat: Row = [100, 100, 100, 100]

  it('leaves a long exactly what was asked, and a short hardly more', () => {
    const net = 0.02
    const distance = profitOrderFor(net, DEFAULTS)
    const left = [1, -1].map((side) => {
      const beyond: Row = side > 0 ? [100, 104, 100, 103] : [100, 100, 96, 97]
      const decisions = decide(START, [[0, side]])
      const { trades } = runBacktest({
        ...{ base: barsOf([flat, flat, beyond, flat, flat, flat]), funding: null, markPrice: null, settings: DEFAULTS },
        decisions: { ...decisions, profit: decisions.profit.map(() => distance) },
      })
      return trades.net_pnl[0] / (trades.quantity[0] * trades.entry_reference[0])
    })
    expect(left[0]).toBeCloseTo(net, 14)
    expect(left[1]).toBeGreaterThan(net)
    expect(left[1] - net).toBeLessThan(2 * net * 0.0002 + 1e-6)
  })
})
