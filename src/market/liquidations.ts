/**
 * Liquidations of each bar: what the exchange closed by force, longs and shorts apart. An order to sell closes a long. The archive holds
 * what the exchange's stream told of, one order of a pair a second at most, so the sums are a sample, and small in a cascade.
 */
import { DAY, SECOND, type Span, type Timeframe, timeframeMs } from '../core/time.js'
import { createList } from './listed.js'
import { gridFindings, type SeriesFindings } from './series-quality.js'

/** The stream tells of an order up to a second after it happened, so that is when it counts. */
export const LIQUIDATION_DELAY = SECOND

/** Orders; volume in base asset; value in quote asset, at the price at which the order was filled. */
export const LIQUIDATION_COLUMNS = [
  'long_orders',
  'long_volume',
  'long_value',
  'short_orders',
  'short_volume',
  'short_value',
] as const
export type LiquidationColumn = (typeof LIQUIDATION_COLUMNS)[number]

/** Rows in the order of the files, each of which may stand there twice. */
export type RawLiquidations = {
  readonly rows: number
  readonly time: Float64Array // UTC ms
  readonly side: readonly string[] // SELL or BUY
  readonly quantity: Float64Array // of the order, base asset
  readonly price: Float64Array // of the order: where the position is bankrupt
  readonly averagePrice: Float64Array // of the fills
  readonly filled: Float64Array // of the order so far, base asset
}

export type LiquidationBars = {
  readonly rows: number
  readonly openTime: Float64Array
  readonly values: Readonly<Record<LiquidationColumn, Float64Array>> // NaN where not known
}

export type LiquidationOptions = {
  readonly span: Span
  /** What the files say they hold; a row outside of it is lost. */
  readonly period: Span
  readonly timeframe: Timeframe
  /** ISO; days of the span of which the archive has no file. */
  readonly absentDays: readonly string[]
}

/**
 * Sums of each bar. The rules, in this order:
 *
 * 1. A row without a time, a side, a price or a filled quantity above 0 is impossible; counted and left out. Where the price of the fills
 *    is not known, the order's stands in.
 * 2. Rows of the same time, side, quantity and price are one order, for there is one a second: equal ones are duplicates (the archive
 *    doubled its rows), and of those that differ the one that has filled most is kept.
 * 3. An order counts in the bar in which it was told of: `LIQUIDATION_DELAY` after its time.
 * 4. A bar of a day that has a file and no order in it is one without liquidations: 0. A bar of a day without a file is not known. A file
 *    that was cut short looks like a quiet day, for nothing numbers the orders; the longest silence is among the findings.
 */
export function liquidationBars(
  raw: RawLiquidations,
  { span, period, timeframe, absentDays }: LiquidationOptions,
): { bars: LiquidationBars; findings: SeriesFindings } {
  const step = timeframeMs(timeframe)
  const rows = Math.max(0, Math.round((span.to - span.from) / step))
  const openTime = Float64Array.from({ length: rows }, (_, i) => span.from + i * step)
  const absent = new Set(absentDays.map((day) => Date.parse(day)))
  const isAbsent = (time: number) => {
    for (let day = Math.floor(time / DAY) * DAY; day < time + step; day += DAY) if (absent.has(day)) return true
    return false
  }
  const known = openTime.map((time) => (isAbsent(time) ? Number.NaN : 0))
  const values = Object.fromEntries(LIQUIDATION_COLUMNS.map((name) => [name, known.slice()])) as Record<
    LiquidationColumn,
    Float64Array
  >
  const { orders, ...found } = ordersOf(raw)
  const foreign = raw.time.reduce((n, time) => (time < period.from || time >= period.to ? n + 1 : n), 0)
  let dropped = 0
  for (const row of orders) {
    const bar = Math.floor((raw.time[row] + LIQUIDATION_DELAY - span.from) / step)
    if (bar < 0 || bar >= rows || Number.isNaN(known[bar])) {
      dropped++
      continue
    }
    const side = raw.side[row] === 'SELL' ? 'long' : 'short'
    values[`${side}_orders`][bar]++
    values[`${side}_volume`][bar] += raw.filled[row]
    values[`${side}_value`][bar] += raw.filled[row] * fillPrice(raw, row)
  }
  const { longs, shorts, withOrder, longest } = summaryOf(values, step)
  const findings: SeriesFindings = {
    ...{ name: 'liquidation_bars', timeframe, span, rows: raw.rows, dropped, ...found },
    ...gridFindings(span, timeframe, (bar) => !Number.isNaN(known[bar])),
    // A later row of an order replaces an earlier one by rule 2: that is no loss.
    lost: { foreign, offGrid: 0, impossible: found.impossible, replaced: 0 },
    ...{ rest: null, reference: null },
    counts: {
      'days without a file': absentDays.length,
      'orders that closed longs': longs,
      'orders that closed shorts': shorts,
      'bars with a liquidation': withOrder,
    },
    largest: { 'hours without a liquidation, at most': longest },
  }
  return { bars: { rows, openTime, values }, findings }
}

function fillPrice({ price, averagePrice }: RawLiquidations, row: number): number {
  return averagePrice[row] > 0 ? averagePrice[row] : price[row]
}

/** The row that stands for each order, in the order of the file. */
function ordersOf(raw: RawLiquidations) {
  const kept = new Map<string, number>()
  const conflicts = createList<number | null>()
  let impossible = 0
  let duplicates = 0
  let outOfOrder = 0
  let latest = Number.NEGATIVE_INFINITY
  for (let row = 0; row < raw.rows; row++) {
    const { time, side, quantity, price, averagePrice, filled } = raw
    const isSide = side[row] === 'SELL' || side[row] === 'BUY'
    const isFilled = filled[row] > 0 && Number.isFinite(filled[row] * fillPrice(raw, row)) && fillPrice(raw, row) > 0
    if (!isSide || !isFilled || Number.isNaN(time[row])) {
      impossible++
      continue
    }
    if (time[row] < latest) outOfOrder++
    latest = Math.max(latest, time[row])
    const key = `${time[row]} ${side[row]} ${quantity[row]} ${price[row]}`
    const before = kept.get(key)
    if (before === undefined) {
      kept.set(key, row)
    } else if (filled[before] === filled[row] && Object.is(averagePrice[before], averagePrice[row])) {
      duplicates++
    } else {
      conflicts.add(time[row])
      if (filled[row] > filled[before]) kept.set(key, row)
    }
  }
  return { orders: kept.values(), impossible, duplicates, outOfOrder, conflicts: conflicts.listed() }
}

function summaryOf({ long_orders: longOrders, short_orders: shortOrders }: LiquidationBars['values'], step: number) {
  let [longs, shorts, withOrder, silent, longest] = [0, 0, 0, 0, 0]
  for (let bar = 0; bar < longOrders.length; bar++) {
    const orders = longOrders[bar] + shortOrders[bar]
    silent = orders === 0 ? silent + 1 : 0
    longest = Math.max(longest, silent)
    if (!(orders > 0)) continue
    withOrder++
    longs += longOrders[bar]
    shorts += shortOrders[bar]
  }
  return { longs, shorts, withOrder, longest: Math.round((longest * step) / 36_000) / 100 }
}
