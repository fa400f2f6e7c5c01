/**
 * What would have happened in a worse market: the bars or the costs are changed, the decisions stay as they were made, and the engine runs
 * again. Neither new signals nor other traders' answers to the shock can be told from history, and none are made up.
 */
import type { Bars } from '../../market/bars.js'
import { firstBarFrom } from '../../market/entry.js'
import type { BacktestInputs, Trades } from '../types.js'
import { type Outcome, rerun } from './rerun.js'
import { withCosts, withSlippage } from './surface.js'

export type ShockName = 'as it was' | 'gap' | 'volatility' | 'liquidity' | 'costs'
export type Shock = Outcome & { readonly name: ShockName; readonly meaning: string }

const GAP = 0.05
/** One trade in so many meets a gap. */
const GAP_EVERY = 20
const MEANINGS: Readonly<Record<ShockName, string>> = {
  'as it was': 'The backtest itself.',
  gap: `In one trade of ${GAP_EVERY} (that lasts two bars or more), the price jumps ${100 * GAP} % against the position at the open after its entry and stays there; the stop fills at that open.`,
  volatility:
    'Every move of the price, up or down, is twice as large as a logarithm; stops and targets stay where they were set.',
  liquidity:
    'Half the depth: the price moves twice as far under an order of the same size, so all slippage is doubled; with depthShare, a fill finds half as much.',
  costs: 'Fees and slippage, in all their parts, are doubled.',
}

/** @param trades those of the backtest itself: the gap is put into them */
export function shocks(inputs: BacktestInputs, trades: Trades): Shock[] {
  const { settings } = inputs
  const level = gapLevels(inputs.base, trades)
  const first = inputs.base.open.find((price) => price > 0) ?? 1
  // Made one at a time: each has prices of its own.
  const cases: Readonly<Record<ShockName, () => BacktestInputs>> = {
    'as it was': () => inputs,
    gap: () => withPrices(inputs, (price, bar) => price * level[bar]),
    volatility: () => withPrices(inputs, (price) => price * (price / first)),
    liquidity: () => ({
      ...inputs,
      settings: { ...withSlippage(settings, 2), depthShare: settings.depthShare / 2 },
    }),
    costs: () => ({ ...inputs, settings: withCosts(settings, 2) }),
  }
  return (Object.keys(cases) as ShockName[]).map((name) => ({
    name,
    meaning: MEANINGS[name],
    ...rerun(cases[name]()),
  }))
}

/** Factor of the price of each bar: after a gap all later prices stand at its level. [base.rows] */
function gapLevels(base: Bars, trades: Trades): Float64Array {
  const level = new Float64Array(base.rows).fill(1)
  let bar = 0
  let now = 1
  let waited = GAP_EVERY - 1 // the first trade that lasts has one
  for (let row = 0; row < trades.rows; row++) {
    waited++
    if (waited < GAP_EVERY || trades.bars_held[row] < 2) continue
    waited = 0
    const from = firstBarFrom(base, trades.entry_time[row]) + 1
    level.fill(now, bar, from)
    bar = from
    now *= 1 - trades.side[row] * GAP
  }
  return level.fill(now, bar)
}

/** Holes are NaN and stay so. */
function withPrices(inputs: BacktestInputs, change: (price: number, bar: number) => number): BacktestInputs {
  const { base, markPrice } = inputs
  return {
    ...inputs,
    base: {
      ...base,
      open: base.open.map(change),
      high: base.high.map(change),
      low: base.low.map(change),
      close: base.close.map(change),
    },
    markPrice:
      markPrice === null
        ? null
        : {
            ...markPrice,
            high: markPrice.high.map(change),
            low: markPrice.low.map(change),
            close: markPrice.close.map(change),
          },
  }
}
