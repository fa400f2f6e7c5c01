/** Minimises a smooth function of many variables. */

/** Writes the gradient at `x` into `gradient` and returns the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number

export type LbfgsOptions = {
  /** Stop when no component of the gradient exceeds this. */
  readonly tolerance: number
  readonly maxIterations: number
  /** Pairs of steps that are remembered. */
  readonly memory: number
  /** Multiplies a vector, in place, by a fixed positive definite guess of the inverse Hessian, up to its scale; absent = the identity. */
  readonly precondition?: (vector: Float64Array) => void
}

export type LbfgsState = {
  /** The current point; overwritten by the next iteration, so copy what must last. */
  readonly x: Float64Array
  readonly value: number
  /** Largest component of the gradient. */
  readonly gradientNorm: number
  readonly iterations: number
  /** `stalled`: rounding leaves no step that lowers the value; `limit`: maxIterations reached. */
  readonly end: 'converged' | 'stalled' | 'limit' | null
}

/** A step, by how much the gradient changed along it, 1 / (s · y), and y · M y, M being the preconditioner. */
export type Pair = {
  readonly s: Float64Array
  readonly y: Float64Array
  readonly rho: number
  readonly ySquare: number
}

/**
 * Limited-memory BFGS, one iteration per `next()`, so that a caller can do other things in between. The last state,
 * with `end` set, is both yielded and returned.
 *
 * Two-loop recursion after Nocedal & Wright 2006, algorithm 7.4; step length by the bisection of Lewis & Overton 2013
 * (Math. Program. 141), which keeps the weak Wolfe conditions and thereby a positive curvature in every pair.
 *
 * @param start  finite; not changed   [n]
 */
export function* lbfgs(
  objective: Objective,
  start: Float64Array,
  options: LbfgsOptions,
): Generator<LbfgsState, LbfgsState> {
  const n = start.length
  const x = start.slice()
  const gradient = new Float64Array(n)
  const direction = new Float64Array(n)
  const trial = new Float64Array(n)
  const trialGradient = new Float64Array(n)
  const pairs: Pair[] = []
  let value = objective(x, gradient)
  for (let iterations = 0; ; iterations++) {
    const gradientNorm = maxAbs(gradient)
    let end: LbfgsState['end'] = null
    if (gradientNorm <= options.tolerance) end = 'converged'
    else if (iterations >= options.maxIterations) end = 'limit'
    let step = 0
    let trialValue = value
    if (end === null) {
      descend(direction, gradient, pairs, options.precondition)
      const slope = dot(direction, gradient)
      let low = 0
      let high = Number.POSITIVE_INFINITY
      // Without curvature the first direction is the bare gradient: its length says nothing about the scale of x.
      step = pairs.length === 0 && options.precondition === undefined ? Math.min(1, 1 / Math.sqrt(-slope)) : 1
      for (let tries = 0; ; tries++) {
        if (tries === 40) {
          end = 'stalled'
          break
        }
        for (let i = 0; i < n; i++) trial[i] = x[i] + step * direction[i]
        trialValue = objective(trial, trialGradient)
        // Written so that a NaN shortens the step.
        if (!(trialValue <= value + 1e-4 * step * slope)) high = step
        else if (dot(direction, trialGradient) < 0.9 * slope) low = step
        else break
        step = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2
      }
    }
    const state: LbfgsState = { x, value, gradientNorm, iterations, end }
    yield state
    if (end !== null) return state
    remember(pairs, x, trial, gradient, trialGradient, options)
    x.set(trial)
    gradient.set(trialGradient)
    value = trialValue
  }
}

/** direction = −H · gradient, H being the inverse Hessian that the pairs stand for. */
export function descend(
  direction: Float64Array,
  gradient: Float64Array,
  pairs: readonly Pair[],
  precondition?: LbfgsOptions['precondition'],
): void {
  for (let i = 0; i < gradient.length; i++) direction[i] = -gradient[i]
  const alphas: number[] = []
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, direction)
    alphas.push(alpha)
    addScaled(direction, y, -alpha)
  }
  precondition?.(direction)
  const last = pairs.at(-1)
  if (last !== undefined) {
    const scale = 1 / (last.rho * last.ySquare)
    for (let i = 0; i < direction.length; i++) direction[i] *= scale
  }
  for (const { s, y, rho } of pairs) {
    const alpha = alphas.pop() ?? 0
    addScaled(direction, s, alpha - rho * dot(y, direction))
  }
}

/** Keeps the step from `x` to `nextX` if the function curves upwards along it; the oldest of `memory` pairs goes. */
export function remember(
  pairs: Pair[],
  x: Float64Array,
  nextX: Float64Array,
  gradient: Float64Array,
  nextGradient: Float64Array,
  { memory, precondition }: LbfgsOptions,
): void {
  const oldest = pairs.length === memory ? pairs.shift() : undefined
  const s = oldest?.s ?? new Float64Array(x.length)
  const y = oldest?.y ?? new Float64Array(x.length)
  for (let i = 0; i < x.length; i++) {
    s[i] = nextX[i] - x[i]
    y[i] = nextGradient[i] - gradient[i]
  }
  const curvature = dot(s, y)
  if (!(curvature > 0)) return
  const my = precondition === undefined ? y : y.slice()
  precondition?.(my)
  pairs.push({ s, y, rho: 1 / curvature, ySquare: dot(y, my) })
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

function addScaled(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] += factor * b[i]
}

function maxAbs(a: Float64Array): number {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]))
  return most
}
