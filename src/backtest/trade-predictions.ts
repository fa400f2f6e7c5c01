/**
 * Predictions of one part as a backtest: signals at or above their threshold become decisions, the base bars are cut to the part.
 */
import { type Bars, type Funding, sliceBars } from '../market/bars.js'
import { firstBarFrom, lastBarBy } from '../market/entry.js'
import { checkAccount } from './check.js'
import { runAccount, runBacktest } from './engine.js'
import type {
  AccountResult,
  Backtest,
  BacktestInputs,
  BacktestSettings,
  Depth,
  Instrument,
  MarkPrice,
} from './types.js'

/** All decision rows of the part, in time order; side 0 or a confidence below its threshold is no trade. [n] each */
export type TradedRows = {
  readonly rows: number
  readonly t0: Float64Array
  readonly side: Float64Array
  readonly confidence: Float64Array
  readonly threshold: Float64Array
  readonly profit: Float64Array
  readonly stop: Float64Array
  /** Calibrated probability that a short would win; absent where nothing predicts one. */
  readonly p_short?: Float64Array
}

/** All that was recorded of one instrument; the mark price of each base bar. */
export type TradedMarket = {
  readonly pair?: string
  readonly base: Bars
  readonly funding: Funding | null
  readonly markPrice: MarkPrice | null
  readonly depth?: Depth
}

export type Traded = { readonly inputs: BacktestInputs; readonly result: Backtest }

/**
 * The side that a signal trades, 0 for none. On a spot market, where no short is decided for, one that is predicted with the confidence of a
 * signal is -1 all the same: it means flat.
 */
export function signalOf(
  market: BacktestSettings['market'],
  decided: { readonly side: number; readonly confidence: number; readonly short: number; readonly threshold: number },
): number {
  const { side, confidence, short, threshold } = decided
  if (side !== 0 && confidence >= threshold) return side
  return market === 'spot' && side === 0 && short >= threshold ? -1 : 0
}

/** The part ends one horizon after its last decision, so that the last trade may run its course. */
export function instrumentOf(
  predictions: TradedRows,
  market: TradedMarket,
  settings: BacktestSettings,
  horizonMs: number,
): Instrument {
  const { rows, t0, confidence, threshold, profit, stop, p_short } = predictions
  const first = Math.max(0, firstBarFrom(market.base, t0[0]))
  const last = Math.min(market.base.rows - 1, lastBarBy(market.base, t0[rows - 1] + horizonMs))
  const decided = (i: number) => ({
    ...{ side: predictions.side[i], confidence: confidence[i] },
    ...{ short: p_short?.[i] ?? Number.NaN, threshold: threshold[i] },
  })
  return {
    ...(market.pair === undefined ? {} : { pair: market.pair }),
    base: sliceBars(market.base, first, last + 1),
    decisions: {
      time: t0,
      side: Int8Array.from(t0, (_, i) => signalOf(settings.market, decided(i))),
      stop,
      profit,
      confidence,
      horizonMs,
    },
    funding: market.funding,
    markPrice: market.markPrice && {
      ...market.markPrice,
      high: market.markPrice.high.subarray(first, last + 1),
      low: market.markPrice.low.subarray(first, last + 1),
      close: market.markPrice.close.subarray(first, last + 1),
    },
    ...(market.depth && {
      depth: {
        bids: market.depth.bids.subarray(first, last + 1),
        asks: market.depth.asks.subarray(first, last + 1),
      },
    }),
  }
}

export function tradePredictions(
  predictions: TradedRows,
  market: TradedMarket,
  settings: BacktestSettings,
  horizonMs: number,
): Traded {
  const inputs = { ...instrumentOf(predictions, market, settings, horizonMs), settings }
  const result = runBacktest(inputs)
  checkAccount({ ...result, instruments: [result], openTime: inputs.base.openTime })
  return { inputs, result }
}

/** The same part of several instruments on one account. */
export function tradeTogether(
  parts: readonly { readonly predictions: TradedRows; readonly market: TradedMarket }[],
  settings: BacktestSettings,
  horizonMs: number,
): AccountResult {
  const result = runAccount(
    parts.map(({ predictions, market }) => instrumentOf(predictions, market, settings, horizonMs)),
    settings,
  )
  checkAccount(result)
  return result
}
