/**
 * The first baseline: buy with the whole equity, pay the same costs and funding, hold to the end.
 */
import { UserError } from '../core/errors.js'
import { isoMinute, timeframeMs } from '../core/time.js'
import { entryBar, isHole } from '../market/entry.js'
import { feeOf } from '../portfolio/costs.js'
import { wholeSteps, worseTick } from '../portfolio/exchange-rules.js'
import { EXIT } from '../portfolio/exits.js'
import { fundingPaid, PRINT } from '../portfolio/funding.js'
import { readsConditions, slippageFraction } from '../portfolio/slippage.js'
import { conditionsOf } from './conditions.js'
import { scheduleFor } from './inputs.js'
import { lastKnownBar, noneSkipped, termsOf } from './leg.js'
import { blankTrade, createTradeRecorder } from './trades.js'
import type { Backtest, BacktestInputs } from './types.js'

/**
 * One long from the first bar that can be entered, and whose slippage is known, to the last close, leverage 1 with the fee paid out of the equity;
 * holes are held through.
 *
 * @returns the same shape as a strategy's backtest, or the reason why there is none (a hole in the funding)
 */
export function buyAndHold(inputs: BacktestInputs): Backtest | { readonly unavailable: string } {
  try {
    return holdThrough(inputs)
  } catch (thrown) {
    if (thrown instanceof UserError) return { unavailable: thrown.message }
    throw thrown
  }
}

function holdThrough(inputs: BacktestInputs): Backtest | { readonly unavailable: string } {
  const { base, settings } = inputs
  const stepMs = timeframeMs(base.timeframe)
  const slipped = slippage(inputs)
  let entry = -1
  let isKnown = true
  for (let row = 0; row < inputs.decisions.time.length && entry < 0; row++) {
    entry = entryBar(base, inputs.decisions.time[row], settings.latencyBars)
    isKnown = entry < 0 || !Number.isNaN(slipped(entry, settings.equity / base.open[entry]))
    if (!isKnown) entry = -1
  }
  const exit = lastKnownBar(base)
  if (entry < 0 && !isKnown) return { unavailable: 'there is no day before it to know the slippage from' }
  if (entry < 0) return { unavailable: 'no bar can be entered' }
  const reference = base.open[entry]
  const terms = termsOf(settings, inputs.pair)
  const price = worseTick(reference * (1 + slipped(entry, settings.equity / reference)), 1, terms)
  const quantity = wholeSteps(settings.equity / (price + feeOf(price, settings.takerBps)), terms)
  const entryFee = feeOf(price * quantity, settings.takerBps)
  const equity = new Float64Array(base.rows).fill(settings.equity, 0, entry)
  const paid = markThrough(inputs, entry, exit, quantity, settings.equity - entryFee - quantity * price, equity)
  const lost = slipped(exit, quantity)
  // After a day of holes it must still be sold: at what it cost to buy.
  const exitPrice = worseTick(base.close[exit] * (1 - (Number.isNaN(lost) ? price / reference - 1 : lost)), -1, terms)
  const fees = entryFee + feeOf(exitPrice * quantity, settings.takerBps)
  const trade = blankTrade()
  trade.entry_time = base.openTime[entry]
  trade.exit_time = base.openTime[exit] + stepMs
  trade.side = 1
  trade.quantity = quantity
  trade.entry_reference = reference
  trade.entry_price = price
  trade.stop_price = trade.profit_price = Number.NaN
  trade.exit_reference = base.close[exit]
  trade.exit_price = exitPrice
  trade.exit_reason = EXIT.end
  trade.gross_pnl = quantity * (trade.exit_reference - reference)
  trade.fees = fees
  trade.slippage_cost = quantity * (price - reference + trade.exit_reference - exitPrice)
  trade.funding = paid.funding
  trade.net_pnl = trade.gross_pnl - fees - trade.slippage_cost - paid.funding
  trade.equity_before = settings.equity
  trade.return_on_equity = trade.net_pnl / settings.equity
  trade.mae = Math.min(0, paid.low / reference - 1)
  trade.mfe = Math.max(0, paid.high / reference - 1)
  trade.bars_held = exit - entry + 1
  equity.fill(settings.equity + trade.net_pnl, exit)
  const recorder = createTradeRecorder()
  recorder.add(trade)
  return {
    trades: recorder.finish(),
    equity,
    initialEquity: settings.equity,
    finalEquity: settings.equity + trade.net_pnl,
    skipped: noneSkipped(),
    cutSlippage: [price / reference - 1, lost].filter((part) => part >= settings.maxSlippageBps * 1e-4).length,
    withoutFunding: paid.excluded,
    withoutMarkPrice: settings.market === 'perpetual' && inputs.markPrice?.whole !== true,
    events: [],
  }
}

/** By the model of the strategy's own market orders, as a fraction of the price; NaN where the day before is not known. */
function slippage({ base, settings }: BacktestInputs): (bar: number, quantity: number) => number {
  const { slippage: name } = settings
  if (!readsConditions(name)) return () => slippageFraction(name, settings, Number.NaN, Number.NaN)
  const { volatility, volume } = conditionsOf(base)
  return (bar, quantity) => slippageFraction(name, settings, volatility[bar], quantity / volume[bar])
}

/** Marks the equity of `quantity` at each close and pays funding from `cash`, which holds what the purchase left. */
function markThrough(
  inputs: BacktestInputs,
  entry: number,
  exit: number,
  quantity: number,
  cash: number,
  equity: Float64Array,
) {
  const { base, markPrice, settings } = inputs
  const { openTime, close, high, low } = base
  const { time, rate, kind, absent } = scheduleFor(inputs, settings)
  const stepMs = timeframeMs(base.timeframe)
  const result = {
    funding: 0,
    excluded: absent && kind[0] === PRINT.excluded,
    low: high[entry],
    high: 0,
  }
  let print = 0
  let price = base.open[entry]
  while (time[print] <= openTime[entry]) print++
  for (let bar = entry; bar <= exit; bar++) {
    for (; time[print] < openTime[bar] + stepMs; print++) {
      if (kind[print] === PRINT.hole) throw new UserError(`the funding of ${isoMinute(time[print])} is missing`)
      result.excluded ||= kind[print] === PRINT.excluded
      const mark = markPrice?.close[bar - 1]
      result.funding += fundingPaid(1, quantity, mark === undefined || Number.isNaN(mark) ? price : mark, rate[print])
    }
    if (!isHole(base, bar)) {
      price = close[bar]
      result.low = Math.min(result.low, low[bar])
      result.high = Math.max(result.high, high[bar])
    }
    equity[bar] = cash - result.funding + quantity * price
  }
  return result
}
