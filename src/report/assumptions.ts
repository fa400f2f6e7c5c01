/**
 * How orders are taken to be filled, as a report says it: in words, and only what holds of this run.
 */
import type { SlippageName } from '../portfolio/slippage.js'
import { fixed, percent } from './format.js'
import type { CostAssumptions, ReportInput } from './input.js'

type Assumed = Pick<ReportInput, 'costs' | 'market' | 'bars' | 'quoteAsset'>

const SIZING: Readonly<Record<CostAssumptions['sizing'], (costs: CostAssumptions) => string>> = {
  'fixed-risk': ({ riskFraction }) => `a stop costs ${percent(riskFraction)} of the equity`,
  kelly: ({ kellyFraction }) =>
    `${percent(kellyFraction, 0)} of the bet that grows fastest (Kelly), from confidence and barriers`,
  volatility: ({ targetVolatility }) => `equally restless positions, ${percent(targetVolatility, 0)} volatility a year`,
}

const SLIPPAGE: Readonly<Record<SlippageName, (costs: CostAssumptions) => string>> = {
  fixed: ({ slippageBps }) => bps(slippageBps),
  spread: ({ slippageBps, spreadBps }) => `half of a spread of ${bps(spreadBps)}, and ${bps(slippageBps)}`,
  volatility: ({ slippageBps, volatilityShare }) =>
    `${percent(volatilityShare, 0)} of a bar’s volatility, and ${bps(slippageBps)}`,
  'volume-share': ({ slippageBps, impact }) =>
    `${fixed(impact, 2)} × a bar’s volatility × √(its share of the volume), and ${bps(slippageBps)}`,
}

/** What a market order loses against the price that it meets. */
export function slippageText(costs: CostAssumptions): string {
  return SLIPPAGE[costs.slippage](costs)
}

/** Rows of the table of assumptions: what, and how much. */
export function assumptions({ costs, market, bars }: Assumed): [string, string][] {
  const spot = market === 'spot'
  return [
    ['Order of entry', orderText(costs, bars.base)],
    ['Latency between decision and order', `${fixed(costs.latencyBars, 0)} × ${bars.base}`],
    ['Maker fee', bps(costs.makerBps)],
    ['Taker fee', bps(costs.takerBps)],
    ...(costs.feeTiers > 0
      ? [['Lower fees by traded volume', `${fixed(costs.feeTiers, 0)} tiers`] satisfies [string, string]]
      : []),
    ['Slippage of a market order', slippageText(costs)],
    ['Most of a bar’s volume that one fill takes', share(costs.volumeShare)],
    ['Most of the recorded book that one order takes', share(costs.depthShare)],
    ['Profit orders', profitText(costs)],
    [
      'Stop',
      costs.trailing > 0
        ? `follows the best price at ${percent(costs.trailing)} from a profit of ${percent(costs.trailingAfter)} on`
        : 'the label’s, stays where it is',
    ],
    ...(costs.reversal
      ? [['A signal for the other side', 'closes the position and turns it'] satisfies [string, string]]
      : []),
    ['Sizing', SIZING[costs.sizing](costs)],
    ['Leverage, at most', fixed(costs.leverage, 1)],
    ...(spot
      ? []
      : ([
          [
            'Margin',
            costs.margin === 'cross'
              ? 'cross: the whole account stands behind a position'
              : 'isolated: a position loses its own margin at most',
          ],
          ['Where funding is missing', missingText(costs.missingFunding)],
        ] satisfies [string, string][])),
  ]
}

/** Where a position begins, as a sentence. */
export function entrySentence({ costs, bars }: Assumed): string {
  const { order, latencyBars } = costs
  const first =
    latencyBars === 0
      ? `the first ${bars.base} bar after the decision`
      : `the first ${bars.base} bar that opens ${fixed(latencyBars, 0)} × ${bars.base} or more after the decision`
  return order === 'market'
    ? `A trade is entered by a market order at the open of ${first}.`
    : `A trade is entered by a limit order that is placed at the open of ${first}, ${bps(costs.limitBps)} better than the last close; what is not filled within ${fixed(costs.orderBars, 0)} bars is withdrawn.`
}

function orderText({ order, limitBps, orderBars }: CostAssumptions, base: string): string {
  return order === 'market'
    ? 'market'
    : `limit, ${bps(limitBps)} better than the last close, withdrawn after ${fixed(orderBars, 0)} × ${base}`
}

function profitText({ takeProfits }: CostAssumptions): string {
  return takeProfits.length === 0
    ? 'one, at the label’s barrier'
    : takeProfits.map((order) => `${percent(order.share, 0)} at ${percent(order.profit)}`).join(', ')
}

function missingText(rule: string): string {
  if (rule === 'exclude') return 'left out of the totals, which say so'
  return rule === 'fail' ? 'the backtest fails' : `taken to be ${rule.replace('assume:', '')}`
}

function share(value: number | null): string {
  return value === null ? 'no limit' : percent(value)
}

function bps(value: number): string {
  return `${fixed(value, 2)} bp`
}
