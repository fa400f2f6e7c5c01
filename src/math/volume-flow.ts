/**
 * Volume signed by what the price did: flows bar by bar, their balance since the start of a period, and their windowed forms. No
 * balance runs on for ever: its level would depend on where the data begins. Each begins anew after a NaN.
 */
import { rollingSum } from './rolling-sum.js'
import type { RangeBars } from './true-range.js'

export type FlowBars = RangeBars & { readonly volume: Float64Array }

/** Volume, signed by whether the close rose, fell or stayed; all of it in the first bar of a run (TA-Lib OBV) [n]. */
export function volumeByChange(close: Float64Array, volume: Float64Array): Float64Array {
  const out = new Float64Array(close.length)
  let previous = Number.NaN
  for (let i = 0; i < out.length; i++) {
    const change = close[i] - previous
    previous = close[i]
    // Times 1, 0 or -1 and not a branch, which no processor could foresee. 0 · close keeps what is not known.
    out[i] = volume[i] * (Number.isNaN(change) ? 1 : +(change > 0) - +(change < 0)) + 0 * close[i]
  }
  return out
}

/** Volume times the bar's return; NaN for the first bar of every run [n]. */
export function volumeByReturn(close: Float64Array, volume: Float64Array): Float64Array {
  const out = new Float64Array(close.length).fill(Number.NaN, 0, 1)
  for (let i = 1; i < out.length; i++) out[i] = volume[i] * (close[i] / close[i - 1] - 1)
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

/**
 * Running sum of a flow since the first bar of the period that the bar lies in, or since the data or its last hole, if later:
 * on-balance volume of `volumeByChange` (Granville 1963; TA-Lib OBV), accumulation/distribution of `moneyFlowVolume`
 * (Chaikin; TA-Lib AD), volume price trend of `volumeByReturn`. TA-Lib's have one period without end.
 *
 * @param period  number of the period of each bar: a change of it begins anew [n]
 * @returns       NaN in a hole [n]
 */
export function balanceSince(period: Float64Array, flow: Float64Array): Float64Array {
  const out = new Float64Array(flow.length)
  let balance = Number.NaN
  for (let i = 0; i < out.length; i++) {
    const begins = Number.isNaN(balance) || period[i] !== period[i - 1]
    balance = begins ? flow[i] : balance + flow[i]
    out[i] = balance
  }
  return out
}

/**
 * Exponential average, weight 2 / (span + 1), of a running sum that never begins anew, measured from where `balanceSince` is 0. So
 * its distance from `balanceSince` does not jump with the period, and depends on the flows of the last bars alone.
 *
 * @returns NaN for the first span - 1 bars of every run [n]
 */
export function averageBalance(period: Float64Array, flow: Float64Array, span: number): Float64Array {
  const out = new Float64Array(flow.length)
  const weight = 2 / (span + 1)
  let known = 0
  let balance = 0
  let average = 0 // the sum of the balances so far until `span` of them are known
  for (let i = 0; i < out.length; i++) {
    if (Number.isNaN(flow[i])) {
      known = balance = average = 0
      out[i] = Number.NaN
      continue
    }
    if (known > 0 && period[i] !== period[i - 1]) {
      average -= known < span ? known * balance : balance
      balance = 0
    }
    known++
    balance += flow[i]
    if (known > span) average += weight * (balance - average)
    else average += balance
    if (known === span) average /= span
    out[i] = known < span ? Number.NaN : average
  }
  return out
}

/**
 * Chaikin oscillator: fast less slow exponential average of accumulation/distribution (TA-Lib ADOSC). Both averages
 * begin with the first value of the run, not with a mean. How far each lags behind the running sum is followed, and not the sum
 * itself, whose rounding would grow with all that ever flowed.
 *
 * @returns NaN for the first slow - 1 bars of every run [n]
 */
export function chaikinOscillator(bars: FlowBars, fast: number, slow: number): Float64Array {
  const out = moneyFlowVolume(bars)
  const fastKept = 1 - 2 / (fast + 1)
  const slowKept = 1 - 2 / (slow + 1)
  let known = 0
  let quick = 0
  let calm = 0
  for (let i = 0; i < out.length; i++) {
    const flow = out[i]
    known = Number.isNaN(flow) ? 0 : known + 1
    quick = known <= 1 ? 0 : fastKept * (quick + flow)
    calm = known <= 1 ? 0 : slowKept * (calm + flow)
    out[i] = known < slow ? Number.NaN : calm - quick
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
