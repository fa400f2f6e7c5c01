/**
 * Volume signed by what the price did: balances that run on for ever, and their windowed forms. A running balance
 * begins anew after a NaN; its level depends on where the data begins, its changes do not.
 */
import { rollingSum } from './rolling-sum.js'
import type { RangeBars } from './true-range.js'

export type FlowBars = RangeBars & { readonly volume: Float64Array }

/** On-balance volume, from the first bar's volume on (Granville 1963; TA-Lib OBV); NaN in a hole [n]. */
export function onBalanceVolume(close: Float64Array, volume: Float64Array): Float64Array {
  const out = new Float64Array(close.length)
  let balance = Number.NaN
  let previous = Number.NaN
  for (let i = 0; i < out.length; i++) {
    const change = close[i] - previous
    previous = close[i]
    if (Number.isNaN(balance)) balance = volume[i] + 0 * close[i]
    // Times 1, 0 or -1 and not a branch, which no processor could foresee. 0 · change keeps what is not known.
    else balance += volume[i] * (+(change > 0) - +(change < 0)) + 0 * change
    out[i] = balance
  }
  return out
}

/** Volume times where the close lies in the bar, -1 (low) … 1 (high); 0 for a bar without range [n]. */
export function moneyFlowVolume({ high, low, close, volume }: FlowBars): Float64Array {
  const out = new Float64Array(close.length)
  for (let i = 0; i < out.length; i++) {
    const range = high[i] - low[i]
    const place = range === 0 ? 0 * close[i] : (close[i] - low[i] - (high[i] - close[i])) / range
    out[i] = place * volume[i]
  }
  return out
}

/** Accumulation/distribution: running sum of the money flow volume (Chaikin; TA-Lib AD); NaN in a hole [n]. */
export function accumulationDistribution(bars: FlowBars): Float64Array {
  const out = moneyFlowVolume(bars)
  let balance = Number.NaN
  for (let i = 0; i < out.length; i++) {
    balance = Number.isNaN(balance) ? out[i] : balance + out[i]
    out[i] = balance
  }
  return out
}

/**
 * Chaikin oscillator: fast less slow exponential average of accumulation/distribution (TA-Lib ADOSC). Both averages
 * begin with the first value of the run, not with a mean.
 *
 * @returns NaN for the first slow - 1 bars of every run [n]
 */
export function chaikinOscillator(bars: FlowBars, fast: number, slow: number): Float64Array {
  const balance = accumulationDistribution(bars)
  const out = new Float64Array(balance.length)
  const fastWeight = 2 / (fast + 1)
  const slowWeight = 2 / (slow + 1)
  let known = 0
  let quick = 0
  let calm = 0
  for (let i = 0; i < out.length; i++) {
    const value = balance[i]
    known = Number.isNaN(value) ? 0 : known + 1
    quick = known <= 1 ? value : quick + fastWeight * (value - quick)
    calm = known <= 1 ? value : calm + slowWeight * (value - calm)
    out[i] = known < slow ? Number.NaN : quick - calm
  }
  return out
}

/** Chaikin money flow: money flow volume of the window over its volume, -1 … 1; NaN without any volume [n]. */
export function chaikinMoneyFlow(bars: FlowBars, window: number, origin: number): Float64Array {
  const out = rollingSum(moneyFlowVolume(bars), window, origin)
  const total = rollingSum(bars.volume, window, origin)
  for (let i = 0; i < out.length; i++) out[i] = total[i] === 0 ? Number.NaN : out[i] / total[i]
  return out
}

/** Running sum of volume times the bar's return; NaN for the first bar of every run [n]. */
export function volumePriceTrend(close: Float64Array, volume: Float64Array): Float64Array {
  const out = new Float64Array(close.length)
  if (out.length > 0) out[0] = Number.NaN
  for (let i = 1; i < out.length; i++) {
    out[i] = volume[i] * (close[i] / close[i - 1] - 1)
    if (!Number.isNaN(out[i - 1])) out[i] += out[i - 1]
  }
  return out
}
