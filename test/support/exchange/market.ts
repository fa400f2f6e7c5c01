/**
 * One contract's market: trades, from which the klines are summed, and the mark, index and premium prices.
 */
import { DAY, MINUTE, type Span } from '../../../src/core/time.js'
import { type Bar, type BarSeries, createBarSeries } from './bars.js'
import { createDice, createWander, type Dice } from './numbers.js'

export type Contract = {
  readonly name: string
  readonly price: number // units of the last price decimal
  readonly priceDecimals: number
  readonly tick: number // units
  readonly lotDecimals: number
  readonly tradesPerMinute: number // mean of aggregate trades in a minute that trades
  readonly life: Span
  readonly gaps: readonly Span[] // no bar and no trade
  readonly quiet: readonly Span[] // bars without a trade
  readonly priceGaps: Readonly<Record<PriceKind, readonly Span[]>>
}

export type PriceKind = 'markPriceKlines' | 'indexPriceKlines' | 'premiumIndexKlines'

/** Trades of one taker at one price; all of them in the same millisecond. */
export type AggTrade = {
  readonly id: number
  readonly firstId: number
  readonly time: number
  readonly price: number
  readonly lots: readonly number[] // one per trade
  readonly hidden: number // lots of RPI orders among them
  readonly buyerMaker: boolean
}

export interface Market {
  readonly contract: Contract
  readonly klines: BarSeries
  readonly prices: Readonly<Record<PriceKind, BarSeries>>
  /** Aggregate trades with from <= time < to. */
  trades(from: number, to: number): AggTrade[]
  /** When the aggregate trade, or the trade, of this number happened, to the minute; NaN beyond the ends. */
  minuteOf(id: number, what: 'agg' | 'trade'): number
  /** The price a model would give, in units, not on the tick. */
  level(time: number): number
}

/** Days of one-minute bars in memory: two months, so that pages over them do not make them again. */
const DAYS_KEPT = 64

/** Decimals of mark, index and premium prices. */
export const FINE_DECIMALS = 8

export const within = (spans: readonly Span[], time: number) =>
  spans.some((span) => time >= span.from && time < span.to)

export function createMarket(contract: Contract, seed: number, venue: string): Market {
  const dice = createDice(seed, `${venue} ${contract.name}`)
  const wander = createWander(createDice(seed, contract.name)) // spot and futures follow one path
  const basis = 1 + 0.0004 * (dice(1, 1) - 0.5)
  const level = (time: number) => contract.price * basis * Math.exp(wander(time))
  const flow = createFlow(contract, dice, level)
  const cache = new Map<number, readonly Bar[]>()
  const klines = createBarSeries({
    life: contract.life,
    ofDay(day, asOf) {
      const known = cache.get(day)
      if (known !== undefined && asOf >= day + DAY) return known
      const bars = minutesOf(contract, flow, level, { day, asOf })
      if (asOf < day + DAY) return bars
      cache.set(day, bars)
      if (cache.size > DAYS_KEPT) cache.delete(cache.keys().next().value ?? day)
      return bars
    },
  })
  const price = (kind: PriceKind) => priceSeries(contract, kind, dice, level)
  return {
    contract,
    klines,
    prices: {
      markPriceKlines: price('markPriceKlines'),
      indexPriceKlines: price('indexPriceKlines'),
      premiumIndexKlines: price('premiumIndexKlines'),
    },
    level,
    ...createIds(contract, flow),
  }
}

type Flow = {
  /** Aggregate trades and trades of a minute. */
  counts(minute: number): { aggs: number; trades: number }
  of(minute: number, firstAgg: number, firstTrade: number): AggTrade[]
}

function createFlow(contract: Contract, dice: Dice, level: (time: number) => number): Flow {
  const { life, gaps, quiet, tick, tradesPerMinute } = contract
  const count = (time: number) => {
    if (time < life.from || time >= life.to || within(gaps, time) || within(quiet, time)) return 0
    return 1 + Math.floor(dice(time / MINUTE) * (2 * tradesPerMinute - 1))
  }
  const parts = (minute: number, i: number) =>
    dice(minute, 8 * i + 1) < 0.7 ? 1 : 2 + Math.floor(dice(minute, 8 * i + 2) * 3)
  return {
    counts(time) {
      const aggs = count(time)
      let trades = 0
      for (let i = 0; i < aggs; i++) trades += parts(time / MINUTE, i)
      return { aggs, trades }
    },
    of(time, firstAgg, firstTrade) {
      const minute = time / MINUTE
      const n = count(time)
      const from = level(time)
      const to = level(time + MINUTE)
      const trades: AggTrade[] = []
      let id = firstTrade
      for (let i = 0; i < n; i++) {
        const roll = (k: number) => dice(minute, 8 * i + k)
        const before = trades[i - 1]
        // One in eight happens in the millisecond of the trade before it.
        const offset = Math.floor(((i + roll(3)) / n) * MINUTE)
        const at = before !== undefined && roll(4) < 0.125 ? before.time : time + offset
        const drift = from + ((to - from) * offset) / MINUTE
        const ticks = Math.round((drift * (1 + 0.0004 * (roll(5) - 0.5))) / tick)
        const price = Math.max(1, ticks) * tick
        // The exchange would have made one of two that meet in price and side within 100 ms.
        const joins = before !== undefined && before.price === price && at - before.time <= 100
        const buyerMaker = joins ? !before.buyerMaker : roll(6) < 0.5
        const lots = Array.from(
          { length: parts(minute, i) },
          (_, k) => 1 + Math.floor(dice(minute, 100_000 + 8 * i + k) ** 4 * 4000),
        )
        const hidden = roll(7) < 0.1 ? lots[0] : 0
        trades.push({ id: firstAgg + i, firstId: id, time: at, price, lots, hidden, buyerMaker })
        id += lots.length
      }
      return trades
    },
  }
}

function minutesOf(
  contract: Contract,
  flow: Flow,
  level: (time: number) => number,
  { day, asOf }: { day: number; asOf: number },
): Bar[] {
  const { life, gaps, tick } = contract
  const bars: Bar[] = []
  const first = Math.max(day, life.from)
  let close = closeBefore(first)
  for (let time = first; time < day + DAY && time < life.to && time <= asOf; time += MINUTE) {
    if (within(gaps, time)) continue
    const bar: Bar = {
      time,
      open: close,
      high: close,
      low: close,
      close,
      volume: 0,
      quote: 0,
      count: 0,
      buyVolume: 0,
      buyQuote: 0,
    }
    for (const trade of flow.of(time, 0, 0)) if (trade.time <= asOf) addTrade(bar, trade)
    close = bar.close
    bars.push(bar)
  }
  return bars

  function closeBefore(end: number): number {
    for (let time = end - MINUTE; time >= life.from; time -= MINUTE) {
      const last = flow.of(time, 0, 0).at(-1)
      if (last !== undefined) return last.price
    }
    return Math.round(level(life.from) / tick) * tick
  }
}

function addTrade(bar: Bar, { price, lots, buyerMaker }: AggTrade): void {
  const volume = lots.reduce((sum, lot) => sum + lot, 0)
  if (bar.count === 0) {
    bar.open = price
    bar.high = price
    bar.low = price
  }
  bar.high = Math.max(bar.high, price)
  bar.low = Math.min(bar.low, price)
  bar.close = price
  bar.volume += volume
  bar.quote += volume * price
  bar.count += lots.length
  if (buyerMaker) return
  bar.buyVolume += volume
  bar.buyQuote += volume * price
}

function priceSeries(contract: Contract, kind: PriceKind, dice: Dice, level: (time: number) => number): BarSeries {
  const scale = 10 ** (FINE_DECIMALS - contract.priceDecimals)
  const samples = kind === 'premiumIndexKlines' ? 12 : 60
  const shift = { markPriceKlines: 2, indexPriceKlines: 3, premiumIndexKlines: 4 }[kind]
  const value = (time: number) => {
    const noise = dice(time / 5000, shift) - 0.5
    return kind === 'premiumIndexKlines'
      ? Math.round((noise * 0.0008 - 0.0001) * 1e8)
      : Math.round(level(time) * scale * (1 + noise * 0.0003))
  }
  const { life } = contract
  const ofDay = (day: number, asOf: number) => {
    const bars: Bar[] = []
    for (let time = Math.max(day, life.from); time < day + DAY && time < life.to && time <= asOf; time += MINUTE) {
      if (within(contract.priceGaps[kind], time)) continue
      const points = [0, 15_000, 30_000, 55_000]
        .filter((offset) => time + offset <= asOf)
        .map((offset) => value(time + offset))
      const count = Math.min(samples, 1 + Math.floor(((asOf - time) / MINUTE) * samples))
      bars.push({
        time,
        open: points[0],
        high: Math.max(...points),
        low: Math.min(...points),
        close: points[points.length - 1],
        volume: 0,
        quote: 0,
        count,
        buyVolume: 0,
        buyQuote: 0,
      })
    }
    return bars
  }
  return createBarSeries({ life, ofDay })
}

/** Numbers run without a hole through the contract's life, so the count of all earlier trades must be known: summed once, when first asked for. */
function createIds({ life }: Contract, flow: Flow): Pick<Market, 'trades' | 'minuteOf'> {
  const FIRST = 1000
  let table: { agg: Float64Array; trade: Float64Array } | null = null
  const numbers = () => {
    if (table !== null) return table
    const minutes = Math.max(0, Math.ceil((life.to - life.from) / MINUTE))
    table = { agg: new Float64Array(minutes + 1).fill(FIRST), trade: new Float64Array(minutes + 1).fill(FIRST) }
    for (let m = 0; m < minutes; m++) {
      const { aggs, trades } = flow.counts(life.from + m * MINUTE)
      table.agg[m + 1] = table.agg[m] + aggs
      table.trade[m + 1] = table.trade[m] + trades
    }
    return table
  }
  return {
    trades(from, to) {
      const { agg, trade } = numbers()
      const found: AggTrade[] = []
      const begin = Math.max(life.from, Math.floor(from / MINUTE) * MINUTE)
      for (let time = begin; time < to && time < life.to; time += MINUTE) {
        const m = (time - life.from) / MINUTE
        for (const one of flow.of(time, agg[m], trade[m])) if (one.time >= from && one.time < to) found.push(one)
      }
      return found
    },
    minuteOf(id, what) {
      const column = numbers()[what]
      if (id < column[0] || id >= column[column.length - 1]) return Number.NaN
      let low = 0
      let high = column.length - 1 // column[low] <= id < column[high]
      while (high - low > 1) {
        const middle = (low + high) >> 1
        if (column[middle] <= id) low = middle
        else high = middle
      }
      return life.from + low * MINUTE
    },
  }
}
