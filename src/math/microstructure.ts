/**
 * What trading costs and who trades, estimated from bars with the taker's side. All NaN while a NaN lies in the window;
 * the estimators that start from returns are silent for one bar more than the window has returns.
 */
import { lag, logReturn } from './elementwise.js'
import { type PairWindow, rollingBeta, rollingCovariance } from './rolling-correlation.js'
import { rollingSum } from './rolling-sum.js'

/** Volume that takers bought less volume that takers sold: 2 · bought - all [n]. */
export function signedVolume(bought: Float64Array, all: Float64Array): Float64Array {
  const out = new Float64Array(all.length)
  for (let i = 0; i < out.length; i++) out[i] = 2 * bought[i] - all[i]
  return out
}

/**
 * Kyle's λ: slope of the log return on the signed volume of the same bar (Kyle 1985, Econometrica 53(6), as estimated
 * by Hasbrouck 2009 on intervals). NaN for the first `window` bars and where signed volume does not vary [n].
 */
export function kyleLambda(close: Float64Array, signed: Float64Array, settings: PairWindow): Float64Array {
  return rollingBeta(signed, logReturn(close, 1), settings)
}

/**
 * Amihud's illiquidity: mean of |log return| / quote volume over the window's bars that traded (Amihud 2002, J. Fin.
 * Markets 5(1), who averages over days that traded). NaN for the first `window` bars and where none traded [n].
 */
export function amihudIlliquidity(close: Float64Array, quoteVolume: Float64Array, settings: PairWindow): Float64Array {
  const { window, origin } = settings
  const impact = logReturn(close, 1)
  const traded = new Float64Array(impact.length)
  for (let i = 0; i < impact.length; i++) {
    traded[i] = quoteVolume[i] > 0 ? 1 : 0 * quoteVolume[i]
    impact[i] = traded[i] === 0 ? 0 * impact[i] : Math.abs(impact[i]) / quoteVolume[i]
  }
  const sum = rollingSum(impact, window, origin)
  const bars = rollingSum(traded, window, origin)
  for (let i = 0; i < sum.length; i++) sum[i] = bars[i] === 0 ? Number.NaN : sum[i] / bars[i]
  return sum
}

/**
 * Roll's effective spread, 2 √(-cov(r[t], r[t - 1])) of log returns, a fraction of the price; 0 where the covariance is
 * positive, as is usual (Roll 1984, J. Finance 39(4)). NaN for the first window + 1 bars [n].
 */
export function rollSpread(close: Float64Array, settings: PairWindow): Float64Array {
  const returns = logReturn(close, 1)
  const out = rollingCovariance(returns, lag(returns, 1), settings)
  for (let i = 0; i < out.length; i++) out[i] = 2 * Math.sqrt(Math.max(0, -out[i]))
  return out
}

/**
 * VPIN: Σ|bought - sold| / Σ volume over the window, 0 … 1 (Easley, López de Prado & O'Hara 2012, RFS 25(5)). They fill
 * buckets of equal volume and guess sides from price changes; here the buckets are bars and the sides are the exchange's.
 * NaN for the first window - 1 bars and where nothing traded [n].
 */
export function vpin(signed: Float64Array, all: Float64Array, { window, origin }: PairWindow): Float64Array {
  const imbalance = new Float64Array(signed.length)
  for (let i = 0; i < imbalance.length; i++) imbalance[i] = Math.abs(signed[i])
  const sum = rollingSum(imbalance, window, origin)
  const total = rollingSum(all, window, origin)
  for (let i = 0; i < sum.length; i++) sum[i] = total[i] === 0 ? Number.NaN : sum[i] / total[i]
  return sum
}
