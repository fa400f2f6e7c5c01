/**
 * The event engine: one position at a time on one instrument, bar by bar on the base bars.
 *
 * While flat nothing can happen between decisions, so the walk goes from decision to decision; position.ts walks every
 * bar of a position and states the order of events in it. Liquidation is not modelled: with leverage 1 a stop comes
 * long before it.
 */
import { entryBar, lastBarBy, profitPrice, type Side, stopPrice } from '../market/entry.js'
import { feeOf, marketFill } from '../portfolio/costs.js'
import { fixedRiskQuantity } from '../portfolio/sizing.js'
import { EXIT } from './exits.js'
import { checkInputs, scheduleFor } from './inputs.js'
import { createMarket, holdPosition, type Market, type Position } from './position.js'
import { blankTrade, createTradeRecorder } from './trades.js'
import type {
  Backtest,
  BacktestEvent,
  BacktestInputs,
  BacktestSettings,
  Skipped,
  Trade,
  TradeDecisions,
} from './types.js'
import { EXIT_REASONS } from './types.js'

/**
 * @param inputs  bars, decisions (oldest first), funding, settings
 * @returns       trades as columns, equity at each base bar's close, and what was left out
 * @throws UserError when the horizon leaves no bar after the entry, or on funding or a mark price that is missing
 */
export function runBacktest(inputs: BacktestInputs): Backtest {
  const { base, decisions, settings } = inputs
  checkInputs(inputs)
  const market = createMarket(base, scheduleFor(inputs), inputs.markPrice)
  const events: BacktestEvent[] = []
  const log = inputs.events === true ? events : null
  const equity = new Float64Array(base.rows)
  const recorder = createTradeRecorder()
  const trade = blankTrade()
  const position = blankPosition()
  const skipped: Skipped = { inPosition: 0, noBar: 0, noBarrier: 0, noShort: 0, noEquity: 0 }
  let cash = settings.equity
  let marked = 0 // bars of `equity` that are done
  let freeFrom = Number.NEGATIVE_INFINITY // the close of the bar in which the last position ended
  let withoutFunding = market.funding.absent && settings.missingFunding === 'exclude'
  for (let row = 0; row < decisions.time.length; row++) {
    if (decisions.side[row] === 0) continue
    const t0 = decisions.time[row]
    log?.push({ type: 'decision', time: t0, row, side: decisions.side[row] })
    const reason = t0 < freeFrom ? 'inPosition' : openPosition(market, decisions, row, settings, cash, position)
    if (reason !== null) {
      skipped[reason]++
      log?.push({ type: 'skip', time: t0, row, reason })
      continue
    }
    equity.fill(cash, marked, position.entryBar)
    const before = cash
    const entryFee = feeOf(position.entryPrice * position.quantity, settings.takerBps)
    position.cash = cash - entryFee
    log?.push({
      type: 'entry',
      time: base.openTime[position.entryBar],
      price: position.entryPrice,
      quantity: position.quantity,
      fee: entryFee,
    })
    holdPosition(market, position, equity, log)
    cash = closePosition(market, position, settings, trade, entryFee)
    trade.decision_row = row
    trade.decision_time = t0
    trade.equity_before = before
    trade.return_on_equity = trade.net_pnl / before
    recorder.add(trade)
    log?.push({
      type: 'exit',
      time: trade.exit_time,
      price: trade.exit_price,
      reason: EXIT_REASONS[position.exitCode],
      fee: trade.fees - entryFee,
    })
    equity[position.exitBar] = cash
    marked = position.exitBar + 1
    freeFrom = base.openTime[position.exitBar] + market.stepMs
    withoutFunding ||= position.fundingExcluded
  }
  equity.fill(cash, marked)
  return {
    trades: recorder.finish(),
    equity,
    initialEquity: settings.equity,
    finalEquity: cash,
    skipped,
    withoutFunding,
    withoutMarkPrice: settings.market === 'perpetual' && inputs.markPrice === null,
    events,
  }
}

/** Opens `position` at the decision's entry bar, or says why not. */
function openPosition(
  market: Market,
  decisions: TradeDecisions,
  row: number,
  settings: BacktestSettings,
  equity: number,
  position: Position,
): keyof Skipped | null {
  const side: Side = decisions.side[row] > 0 ? 1 : -1
  const stop = decisions.stop[row]
  const profit = decisions.profit[row]
  if (settings.market === 'spot' && side < 0) return 'noShort'
  if (!(stop > 0 && profit > 0)) return 'noBarrier'
  const bar = entryBar(market.base, decisions.time[row], settings.latencyBars)
  const horizonBar = lastBarBy(market.base, decisions.time[row] + decisions.horizonMs)
  if (bar < 0 || horizonBar < bar) return 'noBar'
  const reference = market.base.open[bar]
  const fillPrice = marketFill(reference, side, settings.slippageBps)
  const leverage = settings.market === 'spot' ? 1 : settings.leverage
  const quantity = fixedRiskQuantity({
    equity,
    riskFraction: settings.riskFraction,
    stop,
    leverage,
    reference,
    fillPrice,
  })
  if (!(quantity > 0)) return 'noEquity'
  position.side = side
  position.quantity = quantity
  position.entryBar = bar
  position.entryReference = reference
  position.entryPrice = fillPrice
  position.stopPrice = stopPrice(reference, side, stop)
  position.profitPrice = profitPrice(reference, side, profit)
  position.horizonBar = horizonBar
  position.fundingPaid = 0
  position.fundingExcluded = false
  return null
}

/** Books the exit into `trade`; returns the account afterwards. */
function closePosition(
  market: Market,
  position: Position,
  settings: BacktestSettings,
  trade: Trade,
  entryFee: number,
): number {
  const { side, quantity, entryReference, entryPrice, exitReference, exitBar, exitCode } = position
  const resting = exitCode === EXIT.profit
  const exitPrice = resting ? exitReference : marketFill(exitReference, side > 0 ? -1 : 1, settings.slippageBps)
  const exitFee = feeOf(exitPrice * quantity, resting ? settings.makerBps : settings.takerBps)
  const exitOpen = market.base.openTime[exitBar]
  trade.entry_time = market.base.openTime[position.entryBar]
  trade.exit_time = exitCode === EXIT.gap ? exitOpen : exitOpen + market.stepMs
  trade.side = side
  trade.quantity = quantity
  trade.entry_reference = entryReference
  trade.entry_price = entryPrice
  trade.stop_price = position.stopPrice
  trade.profit_price = position.profitPrice
  trade.exit_reference = exitReference
  trade.exit_price = exitPrice
  trade.exit_reason = exitCode
  trade.gross_pnl = side * quantity * (exitReference - entryReference)
  trade.fees = entryFee + exitFee
  trade.slippage_cost = quantity * (Math.abs(entryPrice - entryReference) + Math.abs(exitPrice - exitReference))
  trade.funding = position.fundingPaid
  trade.net_pnl = trade.gross_pnl - trade.fees - trade.slippage_cost - trade.funding
  const worst = side > 0 ? position.low : position.high
  const best = side > 0 ? position.high : position.low
  trade.mae = side * (worst / entryReference - 1)
  trade.mfe = side * (best / entryReference - 1)
  trade.bars_held = exitBar - position.entryBar + 1
  return position.cash + side * quantity * (exitPrice - entryPrice) - exitFee
}

function blankPosition(): Position {
  return {
    side: 1,
    quantity: 0,
    entryBar: 0,
    entryReference: 0,
    entryPrice: 0,
    stopPrice: 0,
    profitPrice: 0,
    horizonBar: 0,
    cash: 0,
    exitBar: 0,
    exitCode: EXIT.none,
    exitReference: 0,
    fundingPaid: 0,
    fundingExcluded: false,
    low: 0,
    high: 0,
  }
}
