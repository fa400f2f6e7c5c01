/**
 * What a report computes from its input before it is written: sampled curves, months, costs, and which trades are
 * drawn. The page, report.json and the CSV files all take these numbers from here, so they cannot differ.
 */
import { dailyEquity, drawdowns, monthlyReturns } from '../backtest/periods.js'
import { type Rolling, rollingMetrics } from '../backtest/rolling.js'
import { EXIT_REASONS } from '../backtest/types.js'
import { type Month, monthOf, monthSpan } from '../core/time.js'
import { isUnavailable, type MetricRow, type PartName, type PartReport, type ReportInput } from './input.js'
import { drawnRows } from './sample.js'

export const CURVE_POINTS = 2400
export const PRICE_POINTS = 3000
export const DRAWN_TRADES = 600

/** All columns have the same rows; the optional ones are null where the input has none. */
export type Curve = {
  readonly time: Float64Array // close of the bar
  readonly equity: Float64Array
  readonly drawdown: Float64Array // fraction, >= 0
  readonly buyAndHold: Float64Array | null
  readonly randomLow: Float64Array | null
  readonly randomHigh: Float64Array | null
}

export type MonthRow = {
  readonly month: Month
  readonly strategy: number
  readonly buyAndHold: number | null
  readonly trades: number // by entry
  readonly lastRow: number // last bar of the month
}

export type DerivedPart = {
  /** Every bar of the part. */
  readonly whole: Curve
  readonly drawn: readonly number[] // rows of `whole` that charts show
  readonly months: readonly MonthRow[]
  readonly costs: readonly MetricRow[]
  readonly drawnTrades: readonly number[] // rows of the trades, in their order
  readonly rolling: Rolling
}

export type Derived = Readonly<Record<PartName, DerivedPart>> & { readonly pricePoints: readonly number[] }

export function derive(input: ReportInput): Derived {
  return {
    test: derivePart(input, input.test),
    outOfFold: derivePart(input, input.outOfFold),
    pricePoints: drawnRows([input.price.close], PRICE_POINTS).filter((row) => !Number.isNaN(input.price.close[row])),
  }
}

export function exitReason(code: number): string {
  return EXIT_REASONS[code] ?? 'unknown'
}

function derivePart(input: ReportInput, part: PartReport): DerivedPart {
  const { openTime, stepMs, equity, initialEquity, trades } = part
  const hold = isUnavailable(part.buyAndHold) ? null : part.buyAndHold.equity
  const band = isUnavailable(part.random) ? undefined : part.random.band
  const whole: Curve = {
    time: openTime.map((time) => time + stepMs),
    equity,
    drawdown: drawdowns(equity, initialEquity),
    buyAndHold: hold,
    randomLow: band?.low ?? null,
    randomHigh: band?.high ?? null,
  }
  const byMonth = new Map<Month, number>()
  for (const time of trades.entry_time) byMonth.set(monthOf(time), (byMonth.get(monthOf(time)) ?? 0) + 1)
  const held = hold === null ? [] : monthlyReturns(openTime, hold, initialEquity)
  return {
    whole,
    drawn: drawnRows([equity, whole.drawdown, ...(hold === null ? [] : [hold])], CURVE_POINTS),
    months: monthlyReturns(openTime, equity, initialEquity).map(({ month, value }, i) => ({
      month,
      strategy: value,
      buyAndHold: held[i]?.value ?? null,
      trades: byMonth.get(month) ?? 0,
      lastRow: firstAtOrAfter(openTime, monthSpan(month).to) - 1,
    })),
    costs: costRows(input, part),
    drawnTrades: largestTrades(trades.return_on_equity, DRAWN_TRADES),
    rolling: rollingMetrics(
      dailyEquity(openTime, equity, initialEquity),
      hold === null ? null : dailyEquity(openTime, hold, initialEquity).returns,
      trades,
    ),
  }
}

function firstAtOrAfter(time: Float64Array, moment: number): number {
  let low = 0
  let high = time.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (time[middle] < moment) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Rows of the trades with the largest gains and losses, in their order; all of them where they are few. Measured by the
 * account, so that an account that grows does not crowd them at its end.
 */
function largestTrades(result: Float64Array, limit: number): number[] {
  const rows = Array.from(result.keys())
  if (rows.length <= limit) return rows
  const bySize = rows.sort((a, b) => Math.abs(result[b]) - Math.abs(result[a]) || a - b)
  return bySize.slice(0, limit).sort((a, b) => a - b)
}

/** Costs are shown as what they take away: paid is positive, received is negative. */
function costRows({ market }: ReportInput, { trades, feesByKind, withoutFunding }: PartReport): MetricRow[] {
  const gross = sum(trades.gross_pnl)
  const fees = sum(trades.fees)
  const slippage = sum(trades.slippage_cost)
  const funding = sum(trades.funding)
  const liquidation = sum(trades.liquidation_fee)
  const noFunding =
    market === 'spot' ? 'spot pays no funding' : withoutFunding ? 'without funding: the series is absent' : undefined
  const quote = (key: string, title: string, value: number): MetricRow => ({ key, title, unit: 'quote', value })
  const noSplit = { unit: 'quote', value: null, reason: 'the backtest does not tell them apart' } as const
  const share = { key: 'cost_share', title: 'Costs ÷ gross result', unit: 'fraction' } as const
  return [
    quote('gross_pnl', 'Gross result', gross),
    feesByKind
      ? quote('maker_fees', 'Maker fees', feesByKind.maker)
      : { key: 'maker_fees', title: 'Maker fees', ...noSplit },
    feesByKind
      ? quote('taker_fees', 'Taker fees', feesByKind.taker)
      : { key: 'taker_fees', title: 'Taker fees', ...noSplit },
    quote('fees', 'All fees', fees),
    quote('slippage', 'Slippage', slippage),
    noFunding === undefined
      ? quote('funding', 'Funding', funding)
      : { key: 'funding', title: 'Funding', unit: 'quote', value: null, reason: noFunding },
    ...(liquidation === 0 ? [] : [quote('liquidation_fees', 'Liquidation fees', liquidation)]),
    quote(
      'net_pnl',
      `Net result${withoutFunding && market !== 'spot' ? ', without funding' : ''}`,
      sum(trades.net_pnl),
    ),
    gross > 0
      ? { ...share, value: (fees + slippage + funding + liquidation) / gross }
      : { ...share, value: null, reason: trades.rows === 0 ? 'no trades' : 'the gross result is not above zero' },
  ]
}

export function sum(x: Float64Array): number {
  let total = 0
  for (const value of x) total += value
  return total
}
