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
    slippageBps: Number(settings['backtest.slippageBps']),
    latencyBars: Number(settings['backtest.latencyBars']),
    leverage: Number(settings['backtest.leverage']),
    riskFraction: Number(settings['backtest.riskFraction']),
    missingFunding: settings['backtest.missingFunding'] as BacktestSettings['missingFunding'],
    market: settings['data.venue'] === 'binance-spot' ? 'spot' : 'perpetual',
  }
}
