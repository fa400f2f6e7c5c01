/** What no single setting of the backtest can say. */
import { timeframeMs } from '../core/time.js'
import { durationMs } from './durations.js'
import type { Config } from './settings.js'

export function backtestProblems(config: Config): string[] {
  return [...costProblems(config), ...timeProblems(config), ...termProblems(config)]
}

function costProblems(config: Config): string[] {
  const problems: string[] = []
  const { 'backtest.makerBps': maker, 'backtest.takerBps': taker } = config
  const { 'backtest.slippageBps': fixed, 'backtest.maxSlippageBps': most } = config
  if (maker + taker < 0) {
    problems.push(
      `backtest.makerBps ${maker} and backtest.takerBps ${taker} pay for trading: together they are below 0`,
    )
  }
  const spread = config['backtest.slippage'] === 'spread' ? config['backtest.spreadBps'] / 2 : 0
  if (fixed + spread > most) {
    const parts = spread > 0 ? ' and half of backtest.spreadBps' : ''
    problems.push(`backtest.slippageBps${parts}, ${fixed + spread} in all, is above backtest.maxSlippageBps ${most}`)
  }
  return problems
}

function timeProblems(config: Config): string[] {
  const base = timeframeMs(config['bars.base'])
  const horizon = durationMs(config['labels.horizon']) ?? 0
  const latency = config['backtest.latencyBars']
  const needed = (latency + 1) * base
  if (horizon >= needed) return []
  return [
    `labels.horizon ${config['labels.horizon']} is over before a trade of one bar: backtest.latencyBars ${latency} and one bars.base ${config['bars.base']} take ${needed / 60_000}m`,
  ]
}

/** Of the account, and of each pair with terms of its own. */
function termProblems(config: Config): string[] {
  const problems: string[] = []
  const equity = config['backtest.equity']
  const own = {
    leverage: config['backtest.leverage'],
    marginTiers: config['backtest.marginTiers'],
    minNotional: config['backtest.minNotional'],
  }
  const isSpot = config['data.venue'] === 'binance-spot'
  const pairs = Object.entries(config['backtest.pairs'])
  const all = [['backtest', own] as const, ...pairs.map(([pair, terms]) => [`backtest.pairs.${pair}`, terms] as const)]
  for (const [name, terms] of all) {
    const { leverage = own.leverage, marginTiers = own.marginTiers, minNotional = own.minNotional } = terms
    const lent = marginTiers[0].leverage
    if (!isSpot && lent < leverage) {
      problems.push(
        `${name}.leverage ${leverage} is above ${lent}, the most that ${name}.marginTiers lends to any position`,
      )
    }
    const most = equity * (isSpot ? 1 : leverage)
    if (minNotional > most) {
      problems.push(`${name}.minNotional ${minNotional} is above ${most}, all that backtest.equity ${equity} can open`)
    }
  }
  return problems
}
