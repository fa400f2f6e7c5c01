/**
 * What higher costs and a slower entry do to the result: the engine runs again on a grid of both, and once more, narrower and narrower, to
 * find the costs at which nothing is left.
 */
import { runBacktest } from '../engine.js'
import type { Backtest, BacktestInputs, BacktestSettings } from '../types.js'
import { type Outcome, rerun } from './rerun.js'

/** Of fees and slippage, whatever they are made of; funding is the exchange's and stays. */
export const COST_MULTIPLES = [0, 0.5, 1, 1.5, 2, 3] as const
export const LATENCIES = [0, 1, 2, 3, 4, 5] as const

export type SurfaceCell = Outcome & { readonly multiple: number; readonly latencyBars: number }

export type BreakEven =
  /** Times the assumed costs, and twice what its entries then pay in fees and slippage, in basis points of their notional. */
  { readonly multiple: number; readonly roundTripBps: number } | { readonly multiple: null; readonly reason: string }

export type CostSurface = {
  readonly multiples: readonly number[]
  readonly latencies: readonly number[] // base bars; the configured one is among them
  readonly latencyBars: number // configured
  readonly cells: readonly SurfaceCell[] // latency by latency, each with all multiples
  /** At the configured latency. */
  readonly breakEven: BreakEven
}

/** Looked for no further than this. */
const LARGEST_MULTIPLE = 10
/** Halvings of one step of the grid: finer than any assumption about costs. */
const HALVINGS = 10

export function costSurface(inputs: BacktestInputs): CostSurface {
  const { settings } = inputs
  const latencies = [...new Set([...LATENCIES, settings.latencyBars])].sort((a, b) => a - b)
  return {
    multiples: COST_MULTIPLES,
    latencies,
    latencyBars: settings.latencyBars,
    cells: latencies.flatMap((latencyBars) =>
      COST_MULTIPLES.map((multiple) => ({
        multiple,
        latencyBars,
        ...rerun({ ...inputs, settings: { ...withCosts(settings, multiple), latencyBars } }),
      })),
    ),
    breakEven: breakEven(inputs),
  }
}

/** Every part of what a trade pays times `multiple`. What makers are paid stays: more of it would be no cost. */
export function withCosts(settings: BacktestSettings, multiple: number): BacktestSettings {
  const { makerBps, takerBps, feeTiers, liquidationFeeBps } = settings
  const fee = (bps: number) => (bps > 0 ? bps * multiple : bps)
  return {
    ...withSlippage(settings, multiple),
    makerBps: fee(makerBps),
    takerBps: fee(takerBps),
    feeTiers: feeTiers.map((tier) => ({ ...tier, makerBps: fee(tier.makerBps), takerBps: fee(tier.takerBps) })),
    liquidationFeeBps: liquidationFeeBps * multiple,
  }
}

/** Every part of what a market order loses times `multiple`, by whichever model; its ceiling stays. */
export function withSlippage(settings: BacktestSettings, multiple: number): BacktestSettings {
  const { slippageBps, spreadBps, volatilityShare, impact } = settings
  return {
    ...settings,
    slippageBps: slippageBps * multiple,
    spreadBps: spreadBps * multiple,
    volatilityShare: volatilityShare * multiple,
    impact: impact * multiple,
  }
}

/** Twice what the entries of a run pay, in basis points of their notional. */
function roundTripOf({ trades, events }: Backtest): number {
  let [fees, paidOn, slipped, notional] = [0, 0, 0, 0]
  for (const event of events) {
    if (event.type !== 'entry') continue
    fees += event.fee
    paidOn += event.price * event.quantity
  }
  for (let row = 0; row < trades.rows; row++) {
    const { entry_reference: reference, entry_price: price, quantity } = trades
    slipped += quantity[row] * Math.abs(price[row] - reference[row])
    notional += quantity[row] * reference[row]
  }
  return 2e4 * (fees / paidOn + slipped / notional)
}

/** The smallest multiple where the result turns from a gain into a loss, by halving; it need not fall everywhere. */
function breakEven(inputs: BacktestInputs): BreakEven {
  const at = (multiple: number, events = false) =>
    runBacktest({ ...inputs, settings: withCosts(inputs.settings, multiple), events })
  const gain = (multiple: number) => gainOf(at(multiple))
  const free = at(0)
  if (free.trades.rows === 0) return { multiple: null, reason: 'no trades' }
  if (!(roundTripOf(at(1, true)) > 0)) return { multiple: null, reason: 'no costs are assumed' }
  if (gainOf(free) <= 0) return { multiple: null, reason: 'it loses without any costs' }
  let low = 0
  let high = Number.NaN
  for (const multiple of [...COST_MULTIPLES.slice(1), 4, 6, LARGEST_MULTIPLE]) {
    if (gain(multiple) <= 0) {
      high = multiple
      break
    }
    low = multiple
  }
  if (Number.isNaN(high)) return { multiple: null, reason: `it still gains at ${LARGEST_MULTIPLE} times the costs` }
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (gain(middle) > 0) low = middle
    else high = middle
  }
  const multiple = (low + high) / 2
  return { multiple, roundTripBps: roundTripOf(at(multiple, true)) }
}

function gainOf({ finalEquity, initialEquity }: Backtest): number {
  return finalEquity - initialEquity
}
