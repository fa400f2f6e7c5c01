/**
 * What higher costs and a slower entry do to the result: the engine runs again on a grid of both, and once more, narrower and narrower, to
 * find the costs at which nothing is left.
 */
import { runBacktest } from '../engine.js'
import type { BacktestInputs, BacktestSettings } from '../types.js'
import { type Outcome, rerun } from './rerun.js'

/** Of fees and slippage; funding is the exchange's and stays. */
export const COST_MULTIPLES = [0, 0.5, 1, 1.5, 2, 3] as const
export const LATENCIES = [0, 1, 2, 3, 4, 5] as const

export type SurfaceCell = Outcome & { readonly multiple: number; readonly latencyBars: number }

export type BreakEven =
  /** Times the assumed costs, and what a trade then pays in all, in and out by market order, in basis points of its notional. */
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

export function withCosts(settings: BacktestSettings, multiple: number): BacktestSettings {
  const { makerBps, takerBps, slippageBps } = settings
  return {
    ...settings,
    makerBps: makerBps * multiple,
    takerBps: takerBps * multiple,
    slippageBps: slippageBps * multiple,
  }
}

/** The smallest multiple where the result turns from a gain into a loss, by halving; it need not fall everywhere. */
function breakEven(inputs: BacktestInputs): BreakEven {
  const { settings } = inputs
  const paid = 2 * (settings.takerBps + settings.slippageBps)
  if (!(paid > 0)) return { multiple: null, reason: 'no costs are assumed' }
  const gain = (multiple: number) => {
    const result = runBacktest({ ...inputs, settings: withCosts(settings, multiple), events: false })
    return { gain: result.finalEquity - result.initialEquity, trades: result.trades.rows }
  }
  const free = gain(0)
  if (free.trades === 0) return { multiple: null, reason: 'no trades' }
  if (free.gain <= 0) return { multiple: null, reason: 'it loses without any costs' }
  let low = 0
  let high = Number.NaN
  for (const multiple of [...COST_MULTIPLES.slice(1), 4, 6, LARGEST_MULTIPLE]) {
    if (gain(multiple).gain <= 0) {
      high = multiple
      break
    }
    low = multiple
  }
  if (Number.isNaN(high)) return { multiple: null, reason: `it still gains at ${LARGEST_MULTIPLE} times the costs` }
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (gain(middle).gain > 0) low = middle
    else high = middle
  }
  return { multiple: (low + high) / 2, roundTripBps: ((low + high) / 2) * paid }
}
