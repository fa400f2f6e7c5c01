/** Whatever the rules of an account are, and however many instruments it trades, no money appears or vanishes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAccount } from '../../src/backtest/account.js'
import { checkAccount } from '../../src/backtest/check.js'
import { firstDifference } from '../../src/backtest/compare-trades.js'
import { runAccount } from '../../src/backtest/engine.js'
import type { AccountResult, BacktestSettings, Depth, Instrument } from '../../src/backtest/types.js'
import { createRandom } from '../../src/core/random.js'
import { MINUTE } from '../../src/core/time.js'
import { SIZING_NAMES } from '../../src/portfolio/sizing.js'
import { SLIPPAGE_NAMES } from '../../src/portfolio/slippage.js'
import { randomBars } from '../labels/make-bars.js'
import { DEFAULTS, hourlyFunding, randomDecisions } from './settings.js'

const settings: fc.Arbitrary<BacktestSettings> = fc
  .record({
    makerBps: fc.double({ min: -1, max: 20, noNaN: true }),
    takerBps: fc.double({ min: 0, max: 20, noNaN: true }),
    slippage: fc.constantFrom(...SLIPPAGE_NAMES),
    slippageBps: fc.double({ min: 0, max: 20, noNaN: true }),
    latencyBars: fc.integer({ min: 0, max: 3 }),
    order: fc.constantFrom('market' as const, 'limit' as const),
    limitBps: fc.double({ min: 0, max: 30, noNaN: true }),
    orderBars: fc.integer({ min: 1, max: 6 }),
    volumeShare: fc.constantFrom(Number.POSITIVE_INFINITY, 0.02, 0.3),
    depthShare: fc.constantFrom(Number.POSITIVE_INFINITY, 0.05, 0.5),
    tickSize: fc.constantFrom(0, 0.01, 0.1),
    stepSize: fc.constantFrom(0, 0.001, 1),
    minNotional: fc.constantFrom(0, 100),
    takeProfits: fc.constantFrom(
      [],
      [
        { share: 0.33, profit: 0.005 },
        { share: 0.33, profit: 0.01 },
        { share: 0.34, profit: 0.02 },
      ],
    ),
    trailing: fc.constantFrom(0, 0.005, 0.02),
    trailingAfter: fc.constantFrom(0, 0.005),
    reversal: fc.boolean(),
    sizing: fc.constantFrom(...SIZING_NAMES),
    leverage: fc.constantFrom(1, 3, 20),
    margin: fc.constantFrom('isolated' as const, 'cross' as const),
    maxPositions: fc.constantFrom(Number.POSITIVE_INFINITY, 1, 2),
    maxDrawdown: fc.constantFrom(1, 0.3),
    market: fc.constantFrom('perpetual' as const, 'perpetual' as const, 'spot' as const),
  })
  .map((some) => ({ ...DEFAULTS, ...some, riskFraction: 0.05, targetVolatility: 3 }))

function instrumentOf(seed: number, rows: number, marked: boolean): Instrument {
  const random = createRandom(seed, 'test volume')
  const bars = randomBars({
    rows,
    seed,
    holes: seed % 2 === 0 ? 0 : 0.004,
    volatility: seed % 5 === 0 ? 0.0008 : 0.006,
  })
  const base = { ...bars, volume: bars.close.map((close) => (Number.isNaN(close) ? close : 200 * random.next())) }
  const decisions = randomDecisions(base, seed, 0.05, 40)
  const confidence = Float64Array.from(decisions.time, () => 0.5 + random.next() / 2)
  const mark = (x: Float64Array) => x.map((price) => price * (1 + 0.002 * (random.next() - 0.5)))
  // Every tenth bar has no book.
  const book = () => base.close.map(() => (random.next() < 0.1 ? Number.NaN : 100 * random.next()))
  return {
    base,
    decisions: { ...decisions, confidence },
    funding: hourlyFunding(base, seed),
    markPrice: marked ? { high: mark(base.high), low: mark(base.low), close: mark(base.close), whole: true } : null,
    ...(seed % 3 === 0 ? {} : { depth: { bids: book(), asks: book() } }),
  }
}

function splicedDepth(one: Depth, other: Depth, cut: number): Depth {
  const [bids, asks] = (['bids', 'asks'] as const).map((name) => {
    const spliced = one[name].slice()
    spliced.set(other[name].subarray(cut), cut)
    return spliced
  })
  return { bids, asks }
}

/** The account from its events, with books of its own: the cash after every one of them. */
function audit(result: AccountResult): { readonly worst: number; readonly fills: number } {
  const held = result.instruments.map(() => ({ quantity: 0, cost: 0 }))
  let cash = result.initialEquity
  let worst = 0
  let fills = 0
  for (const event of result.events) {
    const book = held[event.instrument]
    if (event.type === 'entry') {
      book.quantity += event.quantity
      book.cost += event.quantity * event.price
      cash -= event.fee
    } else if (event.type === 'exit') {
      const cost = (book.cost / book.quantity) * event.quantity
      cash += event.side * (event.quantity * event.price - cost) - event.fee - event.liquidationFee
      book.cost -= cost
      book.quantity -= event.quantity
      if (book.quantity < 1e-9) book.quantity = book.cost = 0
    } else if (event.type === 'funding') cash -= event.paid
    else continue
    fills++
    worst = Math.max(worst, Math.abs(cash - event.cash))
  }
  return { worst, fills }
}

describe('an account of one to three instruments', () => {
  it('conserves money at every event', () => {
    let fills = 0
    const reasons = new Set<number>()
    const skipped = new Set<string>()
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 1e6 }), (rules, count, seed) => {
        const instruments = Array.from({ length: count }, (_, i) =>
          instrumentOf(seed + i, 2400 - 300 * i, seed % 3 === 0),
        )
        const result = runAccount(instruments, rules, true)
        const found = audit(result)
        fills += found.fills
        expect(found.worst).toBeLessThan(1e-9 * rules.equity * Math.max(1, rules.leverage))
        checkAccount(result)
        expect(result.equity[result.equity.length - 1]).toBe(result.finalEquity)
        expect(result.equity.every(Number.isFinite)).toBe(true)
        for (let i = 1; i < result.events.length; i++) {
          if (result.events[i].type === 'exit') continue // inside a bar, and timed at its close
          expect(result.events[i].time).toBeGreaterThanOrEqual(result.events[i - 1].time - 60_000)
        }
        for (const { trades, skipped: left } of result.instruments) {
          for (const reason of trades.exit_reason) reasons.add(reason)
          for (const [name, value] of Object.entries(left)) if (value > 0) skipped.add(name)
        }
      }),
      { numRuns: 120, seed: 11 },
    )
    expect(fills).toBeGreaterThan(5000)
    expect([...reasons].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]) // every way to end was met
    expect([...skipped].sort()).toEqual(
      ['inPosition', 'limits', 'noBar', 'noEquity', 'noShort', 'notFilled', 'notKnown', 'tooSmall'].sort(),
    )
  })

  it('loses no more than its margins, fills on ticks, and no limit beyond its price', () => {
    const met = { liquidations: 0, parts: 0, limits: 0, emptied: 0 }
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 1e6 }), (some, count, seed) => {
        const rules = { ...some, margin: 'isolated' as const, riskFraction: seed % 2 === 0 ? 0.05 : 5, maxDrawdown: 1 }
        const instruments = Array.from({ length: count }, (_, i) =>
          withJumps(instrumentOf(seed + i, 1500, false), seed + i),
        )
        const result = runAccount(instruments, rules, true)
        checkAccount(result)
        expect(result.equity.every((equity) => equity > -1e-9 * rules.equity)).toBe(true)
        if (result.finalEquity < 0.01 * rules.equity) met.emptied++
        for (const fill of result.events) {
          if ((fill.type !== 'entry' && fill.type !== 'exit') || rules.tickSize === 0) continue
          const ticks = fill.price / rules.tickSize
          expect(Math.abs(ticks - Math.round(ticks))).toBeLessThan(1e-6)
        }
        if (rules.market === 'perpetual')
          for (const lost of lossesOverMargin(result, rules, met)) expect(lost).toBeLessThan(1e-9)
        if (rules.order === 'limit') met.limits += checkLimits(result, instruments, rules)
      }),
      { numRuns: 120, seed: 14 },
    )
    expect(met.liquidations).toBeGreaterThan(100)
    expect(met.parts).toBeGreaterThan(100)
    expect(met.limits).toBeGreaterThan(500)
    expect(met.emptied).toBeGreaterThan(3)
  })

  it('led bar by bar, with nothing known ahead, does the same to the last bit', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 1e6 }), (rules, count, seed) => {
        const instruments = Array.from({ length: count }, (_, i) => instrumentOf(seed + i, 1500, seed % 3 === 0))
        const whole = runAccount(instruments, rules, true)
        const account = createAccount(instruments, rules, { events: true })
        const { openTime } = whole
        for (let bar = 0; bar <= openTime.length; bar++) {
          const now = openTime[0] + bar * MINUTE
          account.advance(now)
          for (const [i, { decisions }] of instruments.entries())
            for (let row = decisions.time.indexOf(now); decisions.time[row] === now; row++)
              if (decisions.side[row] !== 0) account.decide(i, row)
        }
        const led = account.finish()
        expect(led.events).toEqual(whole.events)
        expect(led.equity).toEqual(whole.equity)
        for (const [i, { trades }] of led.instruments.entries())
          expect(firstDifference(trades, whole.instruments[i].trades)).toBeNull()
      }),
      { numRuns: 40, seed: 15 },
    )
  })

  it('is worth at every close what its events say', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 1e6 }), (some, seed) => {
        // Without limits of volume and depth an exit of one of these two reasons is at an open, and any other at a close.
        const rules = { ...some, volumeShare: Number.POSITIVE_INFINITY, depthShare: Number.POSITIVE_INFINITY }
        const instruments = [instrumentOf(seed, 2000, false), instrumentOf(seed + 1, 2000, false)]
        const { events, equity, openTime } = runAccount(instruments, rules, true)
        const held = instruments.map(() => ({ side: 0, quantity: 0, price: 0, close: 0 }))
        let cash = rules.equity
        let next = 0
        for (let bar = 0; bar < openTime.length; bar++) {
          const close = openTime[bar] + 60_000
          for (; next < events.length; next++) {
            const event = events[next]
            if (!('cash' in event)) continue
            const inside = event.type === 'exit' && event.reason !== 'gap' && event.reason !== 'reversal'
            if (inside ? event.time > close : event.time >= close) break
            const one = held[event.instrument]
            if (event.type === 'entry') {
              one.price = (one.price * one.quantity + event.price * event.quantity) / (one.quantity + event.quantity)
              one.quantity += event.quantity
              one.side = event.side
              if (one.quantity === event.quantity) one.close = Number.NaN
            } else if (event.type === 'exit') one.quantity = Math.max(0, one.quantity - event.quantity)
            cash = event.cash
          }
          let worth = cash
          for (const [i, one] of held.entries()) {
            const price = instruments[i].base.close[bar]
            if (!Number.isNaN(price)) one.close = price
            if (one.quantity > 1e-9) worth += one.side * one.quantity * (one.close - one.price)
          }
          if (!Number.isNaN(worth)) expect(Math.abs(equity[bar] - worth)).toBeLessThan(1e-7 * rules.equity)
        }
      }),
      { numRuns: 25, seed: 12 },
    )
  })

  it('does not see the future: what it did before a cut does not depend on the bars after it', () => {
    fc.assert(
      fc.property(
        settings,
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1500, max: 1950 }),
        (rules, seed, cut) => {
          const instruments = [instrumentOf(seed, 2000, true), instrumentOf(seed + 1, 2000, false)]
          const other = instrumentOf(seed + 7, 2000, true)
          const spliced = instruments.map((one) => ({
            ...one,
            base: spliceBars(one.base, other.base, cut),
            markPrice: one.markPrice === null ? null : spliceBars(one.markPrice, other.markPrice ?? one.markPrice, cut),
            ...(one.depth && other.depth ? { depth: splicedDepth(one.depth, other.depth, cut) } : {}),
          }))
          const [whole, changed] = [instruments, spliced].map((list) => runAccount(list, rules, true))
          const time = instruments[0].base.openTime[cut]
          expect(changed.equity.subarray(0, cut)).toEqual(whole.equity.subarray(0, cut))
          const earlier = ({ events }: AccountResult) => events.filter((event) => event.time < time)
          expect(earlier(changed)).toEqual(earlier(whole))
        },
      ),
      { numRuns: 40, seed: 13 },
    )
  })

  it('is two accounts when nothing is shared but the purse: cheap positions do not disturb each other', () => {
    // With a thousandth of the equity at risk and no limit in reach, each leg trades what it would have traded alone, but for the size.
    const rules = { ...DEFAULTS, riskFraction: 0.00001 }
    const list = [instrumentOf(4, 2000, false), instrumentOf(5, 2000, false)]
    const both = runAccount(list, rules)
    for (const [i, one] of list.entries()) {
      const alone = runAccount([one], rules)
      expect([...both.instruments[i].trades.decision_row]).toEqual([...alone.instruments[0].trades.decision_row])
      expect([...both.instruments[i].trades.exit_reference]).toEqual([...alone.instruments[0].trades.exit_reference])
    }
  })
})

/** Once in some hundred bars the market stands elsewhere, up to half as high again or as low: often over a hole. */
function withJumps(one: Instrument, seed: number): Instrument {
  const random = createRandom(seed, 'test jumps')
  let level = 1
  const levels = one.base.close.map((close) => {
    if (random.next() < (Number.isNaN(close) ? 0.3 : 0.005))
      level = Math.min(3, Math.max(0.3, level * (0.5 + random.next())))
    return level
  })
  const moved = (x: Float64Array) => x.map((price, bar) => Math.round(price * levels[bar] * 100) / 100)
  const { open, high, low, close } = one.base
  return { ...one, base: { ...one.base, open: moved(open), high: moved(high), low: moved(low), close: moved(close) } }
}

/** Of each sale: what it lost against the mean entry, fees included, beyond its share of the margin, ÷ that margin. */
function lossesOverMargin(
  { events }: AccountResult,
  { leverage }: BacktestSettings,
  met: { liquidations: number; parts: number },
): number[] {
  const held = new Map<number, { quantity: number; cost: number }>()
  const found: number[] = []
  for (const event of events) {
    if (event.type !== 'entry' && event.type !== 'exit') continue
    const book = held.get(event.instrument) ?? { quantity: 0, cost: 0 }
    held.set(event.instrument, book)
    if (event.type === 'entry') {
      book.quantity += event.quantity
      book.cost += event.quantity * event.price
      continue
    }
    const cost = (book.cost / book.quantity) * event.quantity
    const lost = event.side * (cost - event.quantity * event.price) + event.fee + event.liquidationFee
    found.push((lost - cost / leverage) / cost)
    if (event.reason === 'liquidation') met.liquidations++
    book.cost -= cost
    book.quantity -= event.quantity
    if (book.quantity < 1e-9) book.quantity = book.cost = 0
    else met.parts++
  }
  return found
}

/** Every fill of an entry lies within the limit that the close before its decision gives. */
function checkLimits(
  { events, instruments }: AccountResult,
  list: readonly Instrument[],
  { limitBps, tickSize }: BacktestSettings,
): number {
  let checked = 0
  for (const [i, { trades }] of instruments.entries()) {
    const { base } = list[i]
    for (let row = 0; row < trades.rows; row++) {
      const side = trades.side[row]
      const bar = Math.floor((trades.decision_time[row] - base.openTime[0]) / 60_000) - 1
      const limit = base.close[bar] * (1 - side * limitBps * 1e-4) + side * tickSize
      const until = row + 1 < trades.rows ? trades.entry_time[row + 1] : Number.POSITIVE_INFINITY
      for (const fill of events) {
        if (fill.type !== 'entry' || fill.instrument !== i || fill.time < trades.entry_time[row] || fill.time >= until)
          continue
        expect(side * (fill.price - limit)).toBeLessThan(1e-9)
        checked++
      }
    }
  }
  return checked
}

type Columns = { readonly high: Float64Array; readonly low: Float64Array; readonly close: Float64Array }

function spliceBars<T extends Columns>(own: T, foreign: Columns, cut: number): T {
  const spliced = { ...own } as T & Record<string, Float64Array>
  for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
    if (!(name in own) || !(name in foreign)) continue
    const column = (own as unknown as Record<string, Float64Array>)[name].slice()
    column.set((foreign as unknown as Record<string, Float64Array>)[name].subarray(cut), cut)
    ;(spliced as Record<string, Float64Array>)[name] = column
  }
  return spliced
}
