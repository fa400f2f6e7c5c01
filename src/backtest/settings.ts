/**
 * The backtest's part of a resolved configuration.
 */
import type { Json } from '../core/canonical.js'
import type { BacktestSettings } from './types.js'

/** @param settings by the names of the configuration, such as `backtest.takerBps` */
export function backtestSettings(settings: { readonly [name: string]: Json }): BacktestSettings {
  return {
    equity: Number(settings['backtest.equity']),
    makerBps: Number(settings['backtest.makerBps']),
    takerBps: Number(settings['backtest.takerBps']),
    feeTiers: settings['backtest.feeTiers'] as BacktestSettings['feeTiers'],
    slippage: settings['backtest.slippage'] as BacktestSettings['slippage'],
    slippageBps: Number(settings['backtest.slippageBps']),
    spreadBps: Number(settings['backtest.spreadBps']),
    volatilityShare: Number(settings['backtest.volatilityShare']),
    impact: Number(settings['backtest.impact']),
    maxSlippageBps: Number(settings['backtest.maxSlippageBps']),
    latencyBars: Number(settings['backtest.latencyBars']),
    order: settings['backtest.order'] as BacktestSettings['order'],
    limitBps: Number(settings['backtest.limitBps']),
    orderBars: Number(settings['backtest.orderBars']),
    volumeShare: Number(settings['backtest.volumeShare'] ?? Number.POSITIVE_INFINITY),
    depthShare: Number(settings['backtest.depthShare'] ?? Number.POSITIVE_INFINITY),
    tickSize: Number(settings['backtest.tickSize']),
    stepSize: Number(settings['backtest.stepSize']),
    minNotional: Number(settings['backtest.minNotional']),
    takeProfits: settings['backtest.takeProfits'] as BacktestSettings['takeProfits'],
    trailing: Number(settings['backtest.trailing']),
    trailingAfter: Number(settings['backtest.trailingAfter']),
    reversal: settings['backtest.reversal'] === true,
    sizing: settings['backtest.sizing'] as BacktestSettings['sizing'],
    riskFraction: Number(settings['backtest.riskFraction']),
    kellyFraction: Number(settings['backtest.kellyFraction']),
    targetVolatility: Number(settings['backtest.targetVolatility']),
    leverage: Number(settings['backtest.leverage']),
    margin: settings['backtest.margin'] as BacktestSettings['margin'],
    marginTiers: settings['backtest.marginTiers'] as BacktestSettings['marginTiers'],
    liquidationFeeBps: Number(settings['backtest.liquidationFeeBps']),
    pairs: settings['backtest.pairs'] as BacktestSettings['pairs'],
    maxPositions: Number(settings['backtest.maxPositions'] ?? Number.POSITIVE_INFINITY),
    maxDrawdown: Number(settings['backtest.maxDrawdown']),
    missingFunding: settings['backtest.missingFunding'] as BacktestSettings['missingFunding'],
    market: settings['data.venue'] === 'binance-spot' ? 'spot' : 'perpetual',
  }
}
