/**
 * The gates a model passes before it may be promoted, and the score that ranks candidates. One table; configuration,
 * the select stage, the report and the reference page are derived from it.
 */

/** A metric out of sample: `value` null when it cannot be computed, `count` what it rests on (trades, signals, rows). */
export type Metric = {
  readonly value: number | null
  readonly count: number
  readonly reason?: string
  /** Ends of its interval, where there is one. */
  readonly interval?: readonly [number, number]
}

/** What a gate looks at beside the number. */
export type GateMetric = Metric & {
  /** Why a value beyond the limit passes all the same. */
  readonly excuse?: string
  /** Why the gate is shown and does not decide here. */
  readonly notRequired?: string
}

export type GateDefinition = {
  readonly meaning: string
  readonly bound: 'at least' | 'at most'
  readonly limit: number
  /** false: shown beside the others, but promotes and refuses nothing. */
  readonly required: boolean
  /** Only for candidates that bring its metric; the others have no such row. */
  readonly some?: true
  /** How many of what it rests on it takes; `minTrades` observations when absent. */
  readonly least?: { readonly count: number; readonly of: string }
  /** Share in the composite score, and the values that earn 0 and 1 there. */
  readonly score?: { readonly weight: number; readonly worst: number; readonly best: number }
}

export const gates = {
  precision: {
    meaning: 'Winning signals / all signals at the threshold, out of sample; a row that hits no barrier has not won.',
    bound: 'at least',
    limit: 0.6,
    required: true,
    score: { weight: 0.35, worst: 0.4, best: 0.8 },
  },
  sharpe: {
    meaning: 'Mean / standard deviation of daily UTC equity returns × √365, flat days included, after costs.',
    bound: 'at least',
    limit: 1.2,
    required: true,
    score: { weight: 0.35, worst: 0, best: 2.4 },
  },
  maxDrawdown: {
    meaning: 'Largest fall of equity from its peak, as a positive fraction of the peak.',
    bound: 'at most',
    limit: 0.2,
    required: true,
    score: { weight: 0.15, worst: 0.4, best: 0 },
  },
  calibrationError: {
    meaning:
      'Expected calibration error of confidence in 10 equal-count bins (fewer where they would hold fewer than 30 independent outcomes each), ' +
      'beyond what chance alone makes of it.',
    bound: 'at most',
    limit: 0.05,
    required: true,
    score: { weight: 0.15, worst: 0.1, best: 0 },
  },
  deflatedSharpe: {
    meaning:
      'Probability that the Sharpe ratio beats the best of as many trials without skill; trials are those of the ledger.',
    bound: 'at least',
    limit: 0.95,
    required: true,
  },
  pbo: {
    meaning:
      'How often the best candidate of one half of the out-of-fold days is in the lower half of the candidates in the other. ' +
      'More passes where the one chosen loses money in at most 5 % of the other halves; does not decide for one candidate alone.',
    bound: 'at most',
    limit: 0.5,
    required: true,
    least: { count: 32, of: 'days' },
  },
  stability: {
    meaning: 'How alike the leading features of the folds are: 1 the same, 0 as drawn by lot.',
    bound: 'at least',
    limit: 0.4,
    required: true,
    least: { count: 2, of: 'folds' },
  },
  beatsTrees: {
    meaning:
      'Of networks and ensembles, where trees are among the candidates: mean daily return out of fold, after costs, less that of the best tree on the same days.',
    bound: 'at least',
    limit: 0,
    required: true,
    some: true,
    least: { count: 20, of: 'days' },
  },
} as const satisfies Record<string, GateDefinition>

export type GateName = keyof typeof gates
export type GateMetrics = { readonly [name in GateName]?: GateMetric }
export type GateLimits = { readonly [name in GateName]?: number }

export type GateResult = {
  readonly gate: GateName
  readonly value: number | null
  readonly count: number
  readonly limit: number
  readonly bound: GateDefinition['bound']
  readonly required: boolean
  readonly passed: boolean
  /** Why it passed or not, with both numbers. */
  readonly reason: string
}

/**
 * One row per gate, in the table's order, but for gates of some candidates. A metric that is absent, cannot be computed, or rests on fewer than
 * `minTrades` (or the gate's own `least`) fails its gate.
 */
export function judge(
  metrics: GateMetrics,
  { limits = {}, minTrades }: { readonly limits?: GateLimits; readonly minTrades: number },
): GateResult[] {
  const names = (Object.keys(gates) as GateName[]).filter((gate) => {
    const { some }: GateDefinition = gates[gate]
    return some !== true || metrics[gate] !== undefined
  })
  return names.map((gate): GateResult => {
    const { bound, limit: usual, least, ...definition }: GateDefinition = gates[gate]
    const limit = limits[gate] ?? usual
    const metric: GateMetric = metrics[gate] ?? { value: null, count: 0, reason: 'not computed' }
    const { count, excuse, notRequired } = metric
    const required = definition.required && notRequired === undefined
    const row = { gate, value: known(metric.value), count, limit, bound, required }
    const because = (reason: string) => (notRequired === undefined ? reason : `${reason}; not required: ${notRequired}`)
    if (row.value === null) return { ...row, passed: false, reason: because(metric.reason ?? 'cannot be computed') }
    const needed = least?.count ?? minTrades
    if (count < needed) {
      const short = `rests on ${count}${least === undefined ? '' : ` ${least.of}`}, needs ${needed}`
      return { ...row, passed: false, reason: because(short) }
    }
    const within = bound === 'at least' ? row.value >= limit : row.value <= limit
    const compared = `${shown(row.value, limit)}, ${bound} ${limit}`
    if (!within && excuse !== undefined) return { ...row, passed: true, reason: `${compared}, but ${excuse}` }
    return { ...row, passed: within, reason: because(compared) }
  })
}

/** Whether every required gate was passed. */
export function allPassed(results: readonly GateResult[]): boolean {
  return results.every(({ passed, required }) => passed || !required)
}

/**
 * Ranks candidates: 0 (worst) … 1 (best).
 *
 *     score = Σ weight · clamp((value − worst) / (best − worst), 0, 1) · min(1, count / minTrades)
 *
 * over the gates that have a score: precision 0.35 (0.40 → 0, 0.80 → 1), sharpe 0.35 (0 → 0, 2.4 → 1), maxDrawdown 0.15
 * (0.40 → 0, 0 → 1), calibrationError 0.15 (0.10 → 0, 0 → 1). The usual limit of every gate earns half of its weight, so
 * a candidate that just passes them all has 0.5. A metric that is not known earns 0, and one that rests on few trades
 * earns in proportion, so that a candidate that hardly trades cannot lead by its small drawdown.
 */
export function compositeScore(metrics: GateMetrics, minTrades: number): number {
  let total = 0
  for (const gate of Object.keys(gates) as GateName[]) {
    const { score }: GateDefinition = gates[gate]
    const metric = metrics[gate]
    const value = known(metric?.value)
    if (score === undefined || metric === undefined || value === null) continue
    const share = Math.min(1, Math.max(0, (value - score.worst) / (score.best - score.worst)))
    total += score.weight * share * (minTrades > 0 ? Math.min(1, metric.count / minTrades) : 1)
  }
  return total
}

function known(value: number | null | undefined): number | null {
  return value === undefined || value === null || Number.isNaN(value) ? null : value
}

/** Four digits, or all of them where rounding would show a value that fails as its limit. */
function shown(value: number, limit: number): string {
  const rounded = Number(value.toPrecision(4))
  return String(rounded === limit ? value : rounded)
}
