/**
 * How far away the barriers are, row by row: fixed fractions of the price, or scaled by the recent range.
 */
import { assert } from '../core/errors.js'

export const BARRIER_KINDS = ['fixed', 'atr'] as const
export type BarrierKind = (typeof BARRIER_KINDS)[number]

export type BarrierSettings = {
  readonly barrier: BarrierKind
  readonly profit: number // fraction of the entry price
  readonly stop: number // fraction of the entry price
  readonly atrMultiple: number
}

/**
 * Distances of profit and stop as fractions of the price.
 *
 * `fixed`: the settings themselves. `atr`: stop = atrMultiple × ATR ÷ close, and profit keeps the ratio
 * profit ÷ stop of the settings, so that one break-even precision holds for both kinds.
 *
 * @param rows   number of decision rows
 * @param range  only for `atr`: average true range and close at each row, as known at its t0 [rows]
 * @returns      both [rows]; NaN where the range is not known
 */
export function barrierDistances(
  settings: BarrierSettings,
  rows: number,
  range: { readonly atr: Float64Array; readonly close: Float64Array } | null,
): { readonly profit: Float64Array; readonly stop: Float64Array } {
  if (settings.barrier === 'fixed') {
    return {
      profit: new Float64Array(rows).fill(settings.profit),
      stop: new Float64Array(rows).fill(settings.stop),
    }
  }
  assert(range !== null && range.atr.length === rows && range.close.length === rows, `no range for ${rows} rows`)
  const stop = new Float64Array(rows)
  const profit = new Float64Array(rows)
  const ratio = settings.profit / settings.stop
  for (let i = 0; i < rows; i++) {
    stop[i] = (settings.atrMultiple * range.atr[i]) / range.close[i]
    profit[i] = ratio * stop[i]
  }
  return { profit, stop }
}
