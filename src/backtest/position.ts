/**
 * One position from entry to exit, bar by bar. Within a bar things happen in this order:
 *
 * 1. funding prints of that bar, at the price known before it (a print at the very entry is not paid)
 * 2. the entry, at the bar's open; or, after a hole, the exit at the first known open
 * 3. stop, then profit, inside the bar; then, on the last bar of the horizon or of the data, the exit at its close
 * 4. the account is marked at the bar's close
 */
import { UserError } from '../core/errors.js'
import { isoMinute, timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { isHole, type Side } from '../market/entry.js'
import { type FundingSchedule, fundingPaid, PRINT } from '../portfolio/funding.js'
import { barrierExit, EXIT, exitReference, lastKnownBar } from './exits.js'
import type { BacktestEvent } from './types.js'

/** Everything a position meets, prepared once for a run. */
export type Market = {
  readonly base: Bars
  readonly stepMs: number
  readonly lastBar: number // last bar with known prices
  readonly funding: FundingSchedule
  readonly markPrice: Float64Array | null
}

export type Position = {
  side: Side
  quantity: number
  entryBar: number
  entryReference: number
  entryPrice: number
  stopPrice: number
  profitPrice: number
  horizonBar: number // last bar that closes by t0 + horizon
  cash: number // account without the position's unrealised gain
  exitBar: number
  exitCode: number
  exitReference: number
  fundingPaid: number
  fundingExcluded: boolean // held over a print that is not in the totals
  low: number // lowest and highest price met, as far as it is known to lie before the exit
  high: number
}

export function createMarket(base: Bars, funding: FundingSchedule, markPrice: Float64Array | null): Market {
  return { base, stepMs: timeframeMs(base.timeframe), lastBar: lastKnownBar(base), funding, markPrice }
}

/**
 * Walks a position to its end: fills in its exit, pays its funding from its cash, and marks `equity` at every bar
 * before the exit bar.
 *
 * @throws UserError when it is held over a funding print, or needs a mark price, that is missing inside its series
 */
export function holdPosition(
  market: Market,
  position: Position,
  equity: Float64Array,
  log: BacktestEvent[] | null,
): void {
  const { openTime, high, low, close } = market.base
  const { side, quantity, entryPrice, stopPrice, profitPrice, horizonBar, entryBar } = position
  const lastBar = Math.min(horizonBar, market.lastBar)
  let print = firstPrintAfter(market.funding.time, openTime[entryBar])
  let nextPrint = market.funding.time[print] ?? Number.POSITIVE_INFINITY
  let lastClose = position.entryReference
  let afterHole = false
  let code: number = EXIT.none
  let bar = entryBar
  position.low = position.high = position.entryReference
  for (; ; bar++) {
    while (nextPrint < openTime[bar] + market.stepMs) {
      payFunding(market, position, print, bar, lastClose, log)
      nextPrint = market.funding.time[++print] ?? Number.POSITIVE_INFINITY
    }
    if (isHole(market.base, bar)) {
      afterHole = true
      equity[bar] = position.cash + side * quantity * (lastClose - entryPrice)
      continue
    }
    if (afterHole) {
      code = EXIT.gap
      break
    }
    code = barrierExit(side, low[bar], high[bar], stopPrice, profitPrice)
    if (code !== EXIT.none) break
    if (low[bar] < position.low) position.low = low[bar]
    if (high[bar] > position.high) position.high = high[bar]
    lastClose = close[bar]
    if (bar >= lastBar) {
      code = bar === horizonBar ? EXIT.time : EXIT.end
      break
    }
    equity[bar] = position.cash + side * quantity * (lastClose - entryPrice)
  }
  position.exitBar = bar
  position.exitCode = code
  position.exitReference = exitReference(code, side, bar, market.base, stopPrice, profitPrice)
  seeExtremesOfExit(position, market.base)
}

/** Of the exit bar, a touched profit may have been preceded by the bar's worst price, a stop by no better price. */
function seeExtremesOfExit(position: Position, base: Bars): void {
  const { side, exitBar, exitCode, exitReference } = position
  if (exitCode === EXIT.profit && side > 0) position.low = Math.min(position.low, base.low[exitBar])
  if (exitCode === EXIT.profit && side < 0) position.high = Math.max(position.high, base.high[exitBar])
  position.low = Math.min(position.low, exitReference)
  position.high = Math.max(position.high, exitReference)
}

function payFunding(
  market: Market,
  position: Position,
  print: number,
  bar: number,
  lastClose: number,
  log: BacktestEvent[] | null,
): void {
  const time = market.funding.time[print]
  const kind = market.funding.kind[print]
  if (kind === PRINT.hole) {
    throw new UserError(`the funding of ${isoMinute(time)} is missing, and a position was open then`, {
      hint: 'download funding again (`sluice download`), or leave that time out with data.from and data.to',
    })
  }
  if (kind === PRINT.excluded) {
    position.fundingExcluded = true
    return
  }
  const price = bar === position.entryBar ? position.entryReference : priceBefore(market, bar, lastClose)
  const rate = market.funding.rate[print]
  const paid = fundingPaid(position.side, position.quantity, price, rate)
  position.cash -= paid
  position.fundingPaid += paid
  log?.push({ type: 'funding', time, rate, paid })
}

/** The mark price at the close before `bar`, else the last known close. */
function priceBefore(market: Market, bar: number, lastClose: number): number {
  if (market.markPrice === null) return lastClose
  const mark = market.markPrice[bar - 1]
  if (!Number.isNaN(mark)) return mark
  if (isHole(market.base, bar - 1)) return lastClose
  throw new UserError(`the mark price of ${isoMinute(market.base.openTime[bar - 1])} is missing, and funding was due`, {
    hint: 'download the mark price again, or run without it: the last price then stands in for it',
  })
}

/** Index of the first time later than `time`. */
function firstPrintAfter(times: Float64Array, time: number): number {
  let from = 0
  let to = times.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (times[middle] > time) to = middle
    else from = middle + 1
  }
  return from
}
