/**
 * GARCH(1,1) (Bollerslev 1986, J. Econometrics 31), by maximum likelihood under normal innovations with variance targeting
 * (Engle & Mezrich 1996): h[t] = (1 - α - β) s² + α e[t - 1]² + β h[t - 1], where e is the return less the window's mean, s² the
 * window's mean e², and h of the window's first bar is s². Targeting leaves two parameters, so that a short window can
 * bear the fit and the long-run deviation is the one that was seen.
 */
import { assert } from '../core/errors.js'
import { type LbfgsState, lbfgs, type Objective } from './lbfgs.js'
import { eachRefit, type Refit, silenceRefit } from './refit.js'

export type GarchFit = {
  readonly mean: number
  readonly deviation: number // s, the long-run deviation
  readonly alpha: number // weight of the last squared surprise
  readonly beta: number // weight of the last variance
  /** Mean over the window of -(ln h + e² / h) / 2, with e and h in units of s. */
  readonly logLikelihood: number
}

/** Above this, α + β cannot be told from 1, where the long-run variance loses its meaning. */
const LARGEST_PERSISTENCE = 0.999
/**
 * The likelihood often has several peaks: of short memory, of long memory, and of one so long that it takes a share of a few
 * thousandths. A search goes up from each point of this grid of α + β and the share of α in it that is no lower than its neighbours.
 */
const PERSISTENCES = [0.05, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 0.98, 0.99, 0.995, 0.998]
const SHARES = [0.003, 0.01, 0.025, 0.06, 0.13, 0.28, 0.55, 0.85]
const LIMITS = { tolerance: 1e-6, maxIterations: 100, memory: 5 }

/**
 * Fit to a window of returns.
 *
 * @param returns  known values, oldest first [n]
 * @returns        null where the returns do not vary
 */
export function fitGarch(returns: Float64Array): GarchFit | null {
  const n = returns.length
  let mean = 0
  for (let t = 0; t < n; t++) mean += returns[t] / n
  let variance = 0
  for (let t = 0; t < n; t++) variance += (returns[t] - mean) ** 2 / n
  if (!(variance > 0)) return null
  const deviation = Math.sqrt(variance)
  const squares = returns.map((value) => ((value - mean) / deviation) ** 2)
  const objective = negativeLikelihood(squares)
  const peaks = startsOf(objective).map((start) => search(objective, start))
  const { x, value } = peaks.reduce((best, peak) => (peak.value < best.value ? peak : best))
  const [persistence, share] = parametersAt(x)
  return { mean, deviation, alpha: persistence * share, beta: persistence * (1 - share), logLikelihood: -value }
}

/** Where the grid is no higher than around it; at least the least point of all. */
function startsOf(objective: Objective): Float64Array[] {
  const gradient = new Float64Array(2)
  const points = PERSISTENCES.map((persistence) =>
    SHARES.map((share) => Float64Array.of(logit(persistence / LARGEST_PERSISTENCE), logit(share))),
  )
  const values = points.map((row) => row.map((point) => objective(point, gradient)))
  const around = (i: number) => [i - 1, i, i + 1]
  return points.flatMap((row, i) =>
    row.filter((_, j) =>
      around(i).every((k) => around(j).every((l) => !((values[k]?.[l] ?? Number.POSITIVE_INFINITY) < values[i][j]))),
    ),
  )
}

function search(objective: Objective, start: Float64Array): LbfgsState {
  let end: LbfgsState | null = null
  for (const state of lbfgs(objective, start, LIMITS)) end = state
  assert(end !== null, 'a search without a state')
  return end
}

/** Next bar's variance in units of s², from this bar's squared surprise in units of s² and its variance. */
export function nextVariance({ alpha, beta }: Pick<GarchFit, 'alpha' | 'beta'>, square: number, variance: number) {
  return 1 - alpha - beta + alpha * square + beta * variance
}

const logit = (p: number) => Math.log(p / (1 - p))
const logistic = (u: number) => 1 / (1 + Math.exp(-u))

/** Persistence α + β and the share of α in it, from the free variables of the search. */
function parametersAt(x: Float64Array): [number, number] {
  return [LARGEST_PERSISTENCE * logistic(x[0]), logistic(x[1])]
}

/** Variances whose product is taken before its logarithm: it stays far from what a double can hold. */
const PRODUCT = 8

/** Of squared surprises in units of s². The gradient runs along with the recursion. */
function negativeLikelihood(squares: Float64Array): Objective {
  const n = squares.length
  return (x, gradient) => {
    const [persistence, share] = parametersAt(x)
    const alpha = persistence * share
    const beta = persistence - alpha
    let variance = 1
    let byPersistence = 0 // ∂h / ∂(α + β)
    let byShare = 0
    let sum = 0
    let product = 1
    let slopePersistence = 0
    let slopeShare = 0
    for (let t = 0; t < n; t++) {
      const inverse = 1 / variance
      const relative = squares[t] * inverse
      sum += relative
      product *= variance
      if (t % PRODUCT === PRODUCT - 1) {
        sum += Math.log(product)
        product = 1
      }
      const slope = (1 - relative) * inverse
      slopePersistence += slope * byPersistence
      slopeShare += slope * byShare
      byPersistence = share * squares[t] + (1 - share) * variance - 1 + beta * byPersistence
      byShare = persistence * (squares[t] - variance) + beta * byShare
      variance = 1 - persistence + alpha * squares[t] + beta * variance
    }
    gradient[0] = ((slopePersistence / n) * persistence * (1 - persistence / LARGEST_PERSISTENCE)) / 2
    gradient[1] = ((slopeShare / n) * share * (1 - share)) / 2
    return (sum + Math.log(product)) / n / 2
  }
}

export type GarchLines = {
  readonly forecast: Float64Array // deviation of the next return, in units of the returns [n]
  readonly level: Float64Array // the same in units of the fit's long-run deviation [n]
  readonly surprise: Float64Array // this return less the mean, in units of the deviation forecast for it [n]
  readonly persistence: Float64Array // α + β of the fit in force [n]
}

/**
 * Fits that never see the bar they serve, and their variances followed from the window's first bar to this one.
 *
 * @param returns  NaN = not known [n]
 * @returns        NaN until window + every returns in a row are known, and where a fit's window did not vary
 */
export function garchLines(returns: Float64Array, refit: Refit): GarchLines {
  const unknown = () => new Float64Array(returns.length).fill(Number.NaN)
  const lines = { forecast: unknown(), level: unknown(), surprise: unknown(), persistence: unknown() }
  eachRefit(returns, refit, (start, end) => {
    const first = start - refit.window
    const fit = fitGarch(returns.subarray(first, start))
    if (fit === null) return
    let variance = 1
    for (let t = first; t < end; t++) {
      const surprise = (returns[t] - fit.mean) / fit.deviation
      const next = nextVariance(fit, surprise * surprise, variance)
      if (t >= start) {
        lines.surprise[t] = surprise / Math.sqrt(variance)
        lines.level[t] = Math.sqrt(next)
        lines.forecast[t] = fit.deviation * lines.level[t]
        lines.persistence[t] = fit.alpha + fit.beta
      }
      variance = next
    }
  })
  for (const line of Object.values(lines)) silenceRefit(line, returns, refit)
  return lines
}
