/**
 * What a series of placebo runs says of the whole pipeline: does it promote models of noise, does it find an edge that is there, and is
 * the ranking of noise no better than chance? A few runs say little, so each share is judged with its interval: a bar is broken when the
 * runs contradict it, and the interval is shown beside it.
 */
import { mean, standardDeviation } from '../math/statistics.js'
import { wilson } from './independence.js'

/** `walk`: a market without an edge. `permuted`: a market with one, whose labels were moved to other rows. `planted`: that market itself. */
export const PLACEBO_KINDS = ['walk', 'permuted', 'planted'] as const
export type PlaceboKind = (typeof PLACEBO_KINDS)[number]

/** Area under the curve of one candidate on the test part, with its block-bootstrap interval. */
export type PlaceboAuc = { readonly model: string; readonly value: number; readonly low: number; readonly high: number }

export type PlaceboRun = {
  readonly kind: PlaceboKind
  readonly seed: number
  /** Of the market: planted predictability, 0 none. */
  readonly edge: number
  /** A candidate passed all gates. */
  readonly promoted: boolean
  /** The candidate with the best score, and the gates that it failed. */
  readonly model: string
  readonly failed: readonly string[]
  readonly aucs: readonly PlaceboAuc[]
}

export type PlaceboFinding = {
  readonly name: 'promoted on noise' | 'planted edge found' | 'AUC on noise' | 'intervals around 0.5'
  /** Share, or mean for the AUC; NaN without runs. */
  readonly value: number
  readonly low: number // 95 % interval
  readonly high: number
  readonly bound: string
  readonly count: number // runs it rests on; candidates for the AUC
  readonly holds: boolean
}

const Z = 1.959963984540054

/** Most promotions on noise, fewest planted edges found, and fewest intervals that cover 0.5 where 95 % are meant to. */
export const PLACEBO_BARS = { promoted: 0.05, found: 0.8, covered: 0.9 } as const

/** A mean of fewer has no interval worth showing: they are wide, and far from normal. */
const FEWEST_AUCS = 10

/**
 * @returns  one finding a question; a question without runs, and that of the AUC with fewer than ten, is left out
 */
export function judgePlacebo(runs: readonly PlaceboRun[]): PlaceboFinding[] {
  const noise = runs.filter(({ kind }) => kind !== 'planted')
  const planted = runs.filter(({ kind }) => kind === 'planted')
  const aucs = noise.flatMap((run) => run.aucs)
  const findings: PlaceboFinding[] = []
  if (noise.length > 0) {
    const { low, ...rest } = share(noise, ({ promoted }) => promoted)
    const { promoted: limit } = PLACEBO_BARS
    findings.push({
      name: 'promoted on noise',
      ...rest,
      low,
      bound: `at most ${percent(limit)}`,
      holds: low <= limit,
    })
  }
  if (planted.length > 0) {
    const { high, ...rest } = share(planted, ({ promoted }) => promoted)
    const { found: limit } = PLACEBO_BARS
    findings.push({
      name: 'planted edge found',
      ...rest,
      high,
      bound: `at least ${percent(limit)}`,
      holds: high >= limit,
    })
  }
  if (aucs.length >= FEWEST_AUCS) {
    const values = Float64Array.from(aucs, ({ value }) => value)
    const value = mean(values)
    const half = (Z * standardDeviation(values)) / Math.sqrt(values.length)
    const [low, high] = [value - half, value + half]
    findings.push({
      name: 'AUC on noise',
      value,
      low,
      high,
      bound: '0.5 inside',
      count: aucs.length,
      holds: low <= 0.5 && high >= 0.5,
    })
    const covered = share(aucs, ({ low, high }) => low <= 0.5 && high >= 0.5)
    const { covered: limit } = PLACEBO_BARS
    findings.push({
      name: 'intervals around 0.5',
      ...covered,
      bound: `at least ${percent(limit)}`,
      holds: covered.high >= limit,
    })
  }
  return findings
}

/** How often an edge of that strength is found, and what kept it out. */
export type PowerPoint = {
  readonly edge: number
  readonly count: number
  readonly promoted: number
  readonly low: number // 95 % interval of the share promoted
  readonly high: number
  /** Gates that were failed, with how many runs failed them; the most frequent first. */
  readonly failed: readonly (readonly [gate: string, runs: number])[]
}

/**
 * @returns  a point for each edge among the runs, the weakest first
 */
export function powerCurve(runs: readonly PlaceboRun[]): PowerPoint[] {
  const edges = [...new Set(runs.map(({ edge }) => edge))].sort((a, b) => a - b)
  return edges.map((edge) => {
    const own = runs.filter((run) => run.edge === edge)
    const { low, high } = share(own, ({ promoted }) => promoted)
    const failed = new Map<string, number>()
    for (const gate of own.flatMap((run) => run.failed)) failed.set(gate, (failed.get(gate) ?? 0) + 1)
    return {
      ...{ edge, count: own.length, promoted: own.filter(({ promoted }) => promoted).length, low, high },
      failed: [...failed].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)),
    }
  })
}

function share<T>(all: readonly T[], is: (one: T) => boolean) {
  const count = all.length
  return { ...wilson(all.filter(is).length / count, count, Z), count }
}

function percent(value: number): string {
  return `${(100 * value).toFixed(0)} %`
}
