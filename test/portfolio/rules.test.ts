/** Fees by tier, slippage, exchange rules, sizing, margin and exits, each by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY } from '../../src/core/time.js'
import { isLargeEnough, wholeSteps, worseTick } from '../../src/portfolio/exchange-rules.js'
import { placeTargets, trailedStop } from '../../src/portfolio/exits.js'
import { createFeeLadder } from '../../src/portfolio/fee-tiers.js'
import {
  bankruptcyPrice,
  largestNotional,
  liquidationPrice,
  maintenanceMargin,
  marginTable,
} from '../../src/portfolio/margin.js'
import { SIZINGS } from '../../src/portfolio/sizing.js'
import { SLIPPAGE_MODELS, slippageFraction } from '../../src/portfolio/slippage.js'

describe('fees by tier', () => {
  const ladder = () =>
    createFeeLadder({ makerBps: 2, takerBps: 5 }, [
      { volume: 5000, makerBps: 1, takerBps: 3 },
      { volume: 1000, makerBps: 1.5, takerBps: 4 },
    ])

  it('count the 30 days before today, whatever the order of the tiers', () => {
    const fees = ladder()
    fees.trade(0, 1000)
    expect(fees.bps(1, false)).toBe(5) // today does not count yet
    expect(fees.bps(DAY, false)).toBe(4)
    expect(fees.bps(DAY, true)).toBe(1.5)
    fees.trade(DAY, 4000)
    expect(fees.bps(2 * DAY, false)).toBe(3) // 1,000 + 4,000
    expect(fees.bps(30 * DAY, false)).toBe(3) // days 0 … 29
    expect(fees.bps(31 * DAY, false)).toBe(4) // day 0 is over 30 days ago
    expect(fees.bps(32 * DAY, false)).toBe(5)
  })

  it('equal a sum over all that was traded', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 900 })), { maxLength: 60 }),
        (list) => {
          const fees = ladder()
          const done: { day: number; notional: number }[] = []
          let day = 0
          for (const [pause, notional] of list) {
            day += pause
            const before = done.filter((one) => one.day < day && one.day >= day - 30)
            const sum = before.reduce((total, one) => total + one.notional, 0)
            expect(fees.bps(day * DAY, false)).toBe(sum >= 5000 ? 3 : sum >= 1000 ? 4 : 5)
            fees.trade(day * DAY + 5, notional)
            done.push({ day, notional })
          }
        },
      ),
    )
  })
})

describe('slippage', () => {
  const terms = { slippageBps: 1, spreadBps: 4, volatilityShare: 0.1, impact: 0.5, maxSlippageBps: 50 }

  it('is what each model says', () => {
    expect(SLIPPAGE_MODELS.fixed.fraction(terms)).toBeCloseTo(0.0001, 12)
    expect(SLIPPAGE_MODELS.spread.fraction(terms)).toBeCloseTo(0.0003, 12) // 1 + 4 ÷ 2 bp
    expect(SLIPPAGE_MODELS.volatility.fraction(terms, 0.002)).toBeCloseTo(0.0003, 12) // 1 bp + 0.1 × 0.2 %
    // 1 bp + 0.5 × 0.2 % × √0.25
    expect(SLIPPAGE_MODELS['volume-share'].fraction(terms, 0.002, 0.25)).toBeCloseTo(0.0006, 12)
  })

  it('has a ceiling, also where nothing was traded', () => {
    // 1 bp + 0.5 × 2 % × √(100) is 10.01 %.
    expect(slippageFraction('volume-share', terms, 0.02, 100)).toBe(0.005)
    expect(slippageFraction('volume-share', terms, 0.02, Number.POSITIVE_INFINITY)).toBe(0.005)
    expect(slippageFraction('volume-share', terms, 0.002, 0.25)).toBeCloseTo(0.0006, 12)
    expect(slippageFraction('volume-share', terms, Number.NaN, 0.25)).toBeNaN()
  })

  it('grows with the order by a square root, and is not known without the market', () => {
    const impact = (share: number) =>
      SLIPPAGE_MODELS['volume-share'].fraction({ ...terms, slippageBps: 0 }, 0.002, share)
    expect(impact(0.4) / impact(0.1)).toBeCloseTo(2, 12)
    expect(SLIPPAGE_MODELS['volume-share'].fraction(terms, Number.NaN, 0.1)).toBeNaN()
    expect(SLIPPAGE_MODELS.volatility.fraction(terms, Number.NaN)).toBeNaN()
  })
})

describe('exchange rules', () => {
  const rules = { tickSize: 0.1, stepSize: 0.001, minNotional: 5 }

  it('round quantities down and prices to the worse side', () => {
    expect(wholeSteps(1.23456, rules)).toBeCloseTo(1.234, 12)
    expect(wholeSteps(0.3, { ...rules, stepSize: 0.1 })).toBeCloseTo(0.3, 12) // 0.3 ÷ 0.1 is 2.9999999999999996
    expect(worseTick(100.01, 1, rules)).toBeCloseTo(100.1, 12)
    expect(worseTick(100.09, -1, rules)).toBeCloseTo(100, 12)
    expect(worseTick(0.3, 1, rules)).toBeCloseTo(0.3, 12)
    expect(isLargeEnough(0.05, 100, rules)).toBe(true)
    expect(isLargeEnough(0.049, 100, rules)).toBe(false)
  })

  it('never give more, nor a better price', () => {
    const steps = fc.constantFrom(0, 0.001, 0.1, 1, 5)
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), steps, (value, size) => {
        const own = { tickSize: size, stepSize: size, minNotional: 0 }
        const slack = 1e-8 * Math.max(1, size)
        expect(wholeSteps(value, own)).toBeLessThanOrEqual(value + slack)
        expect(wholeSteps(value, own)).toBeGreaterThan(value - size - slack)
        expect(worseTick(value, 1, own)).toBeGreaterThanOrEqual(value - slack)
        expect(worseTick(value, -1, own)).toBeLessThanOrEqual(value + slack)
      }),
    )
  })
})

describe('sizing', () => {
  const sizing = {
    ...{ equity: 10_000, riskFraction: 0.005, stop: 0.01, profit: 0.02, confidence: 0.5, kellyFraction: 0.25 },
    ...{ targetVolatility: 0.2, volatility: 0.8, reference: 100 },
  }

  it('loses the risked share of the equity at the stop', () => {
    // 10,000 × 0.5 % = 50 at risk; the stop lies 1 below 100, so 50 units.
    expect(SIZINGS['fixed-risk'].quantity(sizing)).toBeCloseTo(50, 12)
  })

  it('bets a quarter of what grows fastest', () => {
    // 0.5 ÷ 0.01 − 0.5 ÷ 0.02 = 25 times the equity; a quarter of it, at a price of 100.
    expect(SIZINGS.kelly.quantity(sizing)).toBeCloseTo((0.25 * 25 * 10_000) / 100, 9)
    expect(SIZINGS.kelly.quantity({ ...sizing, confidence: 0.3 })).toBe(0) // 30 − 35 < 0
    // The whole bet is the best one: more or less of it grows more slowly.
    const growth = (f: number) => 0.5 * Math.log(1 + 0.02 * f) + 0.5 * Math.log(1 - 0.01 * f)
    const best = (SIZINGS.kelly.quantity({ ...sizing, kellyFraction: 1 }) * 100) / 10_000
    expect(growth(best)).toBeGreaterThan(growth(best * 1.01))
    expect(growth(best)).toBeGreaterThan(growth(best * 0.99))
  })

  it('moves as much as the target', () => {
    expect(SIZINGS.volatility.quantity(sizing)).toBeCloseTo(25, 12) // 0.2 ÷ 0.8 of 10,000, at 100
    expect(SIZINGS.volatility.quantity({ ...sizing, volatility: Number.NaN })).toBeNaN()
  })
})

describe('margin', () => {
  // Tiers of 0.4 % up to 50,000, 0.5 % up to 250,000, then 1 %: the exchange's amounts are 50 and 1,300.
  const table = marginTable([
    { upTo: 50_000, maintenance: 0.004, leverage: 125 },
    { upTo: 250_000, maintenance: 0.005, leverage: 100 },
    { upTo: 1_000_000, maintenance: 0.01, leverage: 50 },
  ])

  it('has no jumps between tiers', () => {
    expect([...table.amount]).toEqual([0, 50, 1300].map((x) => expect.closeTo(x, 9)))
    expect(maintenanceMargin(table, 50_000)).toBeCloseTo(200, 9)
    expect(maintenanceMargin(table, 50_001)).toBeCloseTo(200.005, 9)
    expect(maintenanceMargin(table, 300_000)).toBeCloseTo(1700, 9) // 3,000 − 1,300
    expect([1, 100, 101, 126].map((leverage) => largestNotional(table, leverage))).toEqual([
      Number.POSITIVE_INFINITY,
      250_000,
      50_000,
      0,
    ])
  })

  it('is met exactly at the liquidation price', () => {
    // 1 BTC at 30,000 with 10 × leverage: (3,000 − 30,000) ÷ (0.004 − 1) = 27,108.43
    expect(liquidationPrice(table, 1, 1, 30_000, 3000)).toBeCloseTo(27_108.433735, 5)
    expect(liquidationPrice(table, -1, 1, 30_000, 3000)).toBeCloseTo(33_000 / 1.004, 6)
    expect(bankruptcyPrice(1, 1, 30_000, 3000)).toBe(27_000)
    expect(liquidationPrice(table, 1, 1, 30_000, 30_000)).toBe(0) // leverage 1: never
    fc.assert(
      fc.property(
        fc.constantFrom(1 as const, -1 as const),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: 1, max: 50, noNaN: true }),
        (side, quantity, leverage) => {
          const margin = (quantity * 30_000) / leverage
          const price = liquidationPrice(table, side, quantity, 30_000, margin)
          if (price === 0) return
          const left = margin + side * quantity * (price - 30_000)
          expect(left).toBeCloseTo(maintenanceMargin(table, quantity * price), 4)
        },
      ),
    )
  })
})

describe('exits', () => {
  const plan = {
    takeProfits: [
      { share: 0.33, profit: 0.02 },
      { share: 0.33, profit: 0.04 },
      { share: 0.34, profit: 0.06 },
    ],
    ...{ trailing: 0.01, trailingAfter: 0.005, reversal: false },
  }

  it('place the profit orders, or the label’s one', () => {
    const [prices, shares] = [new Float64Array(3), new Float64Array(3)]
    expect(placeTargets(plan, 1, 100, 0.5, prices, shares)).toBe(3)
    expect([...prices]).toEqual([102, 104, 106].map((price) => expect.closeTo(price, 10)))
    expect(placeTargets({ ...plan, takeProfits: [] }, -1, 100, 0.5, prices, shares)).toBe(1)
    expect([prices[0], shares[0]]).toEqual([50, 1])
  })

  it('trail the best price from a profit on, and never go back', () => {
    expect(trailedStop(plan, 1, 100, 100.4, 99)).toBe(99) // not 0.5 % yet
    expect(trailedStop(plan, 1, 100, 102, 99)).toBeCloseTo(100.98, 10)
    expect(trailedStop(plan, 1, 100, 102, 101.5)).toBe(101.5)
    expect(trailedStop(plan, -1, 100, 98, 101)).toBeCloseTo(98.98, 10)
    expect(trailedStop({ ...plan, trailing: 0 }, 1, 100, 150, 99)).toBe(99)
  })
})
