/** Adam on one flat array of weights. Kingma & Ba 2015, algorithm 1, with the bias corrections; the gradient's norm is bounded first. */
import { power } from '../core/power.js'

export type AdamOptions = {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  /** Largest Euclidean norm of a gradient; a longer one is shortened to it (Pascanu et al. 2013). */
  readonly clipNorm: number
}

/** All that Adam remembers, as it stands; the arrays are its own. */
export type AdamState = { readonly steps: number; readonly first: Float64Array; readonly second: Float64Array }

export interface Adam {
  /** Changes `weights`. [n] each */
  step(weights: Float32Array, gradient: Float32Array, learningRate: number): void
  readonly state: AdamState
}

/** @param from  goes on where another stopped; its arrays are copied */
export function createAdam(n: number, options: AdamOptions, from: AdamState | null = null): Adam {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, clipNorm } = options
  const first = from?.first.slice() ?? new Float64Array(n)
  const second = from?.second.slice() ?? new Float64Array(n)
  let steps = from?.steps ?? 0
  return {
    get state() {
      return { steps, first, second }
    },
    step(weights, gradient, learningRate) {
      steps++
      let squares = 0
      for (let i = 0; i < n; i++) squares += gradient[i] * gradient[i]
      const norm = Math.sqrt(squares)
      const shorten = norm > clipNorm ? clipNorm / norm : 1
      const rate = (learningRate * Math.sqrt(1 - power(beta2, steps))) / (1 - power(beta1, steps))
      for (let i = 0; i < n; i++) {
        const g = gradient[i] * shorten
        first[i] = beta1 * first[i] + (1 - beta1) * g
        second[i] = beta2 * second[i] + (1 - beta2) * g * g
        weights[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + epsilon)
      }
    },
  }
}
