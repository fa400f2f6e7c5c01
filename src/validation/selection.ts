/**
 * Which candidate comes first, whether it may be approved without a person, whether it replaces the model in production,
 * and which version it gets. Values in, values out: the registry remembers, the select stage acts.
 */
import { assert } from '../core/errors.js'
import { allPassed, type GateResult, type Metric } from './gates.js'
import { commonDays, type DayRecord, dayMetrics, type PairedTest, pairedTest } from './paired.js'

export type RankedCandidate = {
  readonly id: string // fingerprint of the bundle
  readonly model: string
  readonly gates: readonly GateResult[]
  /** `compositeScore`; NaN comes last. */
  readonly score: number
}

export type Ranking<C extends RankedCandidate> = {
  readonly best: C
  /** Whether `best` passed its gates: only then may it be approved without a person. */
  readonly approved: boolean
  /** Best first: those that passed before those that did not, each by score, then name, then fingerprint. */
  readonly ranking: readonly C[]
  readonly reason: string
}

/** Out-of-sample metrics by name; `isBetter` reads `precision` and `profit_factor`. */
export type ModelMetrics = { readonly [name: string]: Metric }

/** `Better by 2 %`: by so much precision, at least this profit factor, and by luck alone no more often than this. */
export const PROMOTION = { precisionGain: 0.02, profitFactor: 1.5, chance: 0.05 } as const

/** What decides a version. */
export type Lineage = {
  readonly id: string // fingerprint of the bundle: covers data, parameters and code
  /** What a reader of the bundle relies on: its format, the classes and their meaning. */
  readonly schemaHash: string
  readonly featureSetHash: string
  readonly labelHash: string
}

/** Sums of decimal fractions miss their limit by rounding: 0.57 − 0.55 < 0.02. */
const ROUNDING = 1e-9

/** Whether every required gate was passed, and there was at least one: a model that nobody judged has not passed. */
export function mayBeApproved(gates: readonly GateResult[]): boolean {
  return gates.some(({ required }) => required) && allPassed(gates)
}

/**
 * Orders the candidates and picks the first. When none passed, the best by score stays a candidate, for a person to decide.
 *
 * @param candidates  at least one; their order does not matter
 */
export function rankCandidates<C extends RankedCandidate>(candidates: readonly C[]): Ranking<C> {
  const ranking = [...candidates].sort(
    (a, b) =>
      Number(mayBeApproved(b.gates)) - Number(mayBeApproved(a.gates)) ||
      compare(orLast(b.score), orLast(a.score)) ||
      compare(a.model, b.model) ||
      compare(a.id, b.id),
  )
  const best = ranking.at(0)
  assert(best !== undefined, 'there is no candidate to rank')
  const passed = ranking.filter(({ gates }) => mayBeApproved(gates)).length
  const reason =
    passed > 0
      ? `${best.model} passed every required gate with score ${shownScore(best.score)} (${passed} of ${ranking.length} passed)`
      : `no candidate of ${ranking.length} passed; ${best.model} has the best score, ${shownScore(best.score)}, ` +
        `and failed ${failures(best.gates)}`
  return { best, approved: passed > 0, ranking, reason }
}

/** The required gates that were not passed, with their reasons: `precision (0.55, at least 0.6)`. */
export function failures(gates: readonly GateResult[]): string {
  const failed = gates.filter(({ passed, required }) => required && !passed)
  if (failed.length === 0) return mayBeApproved(gates) ? 'no gate' : 'every gate (it was never judged)'
  return failed.map(({ gate, reason }) => `${gate} (${reason})`).join(', ')
}

/**
 * Whether `next` may take the place of the model in production: its precision is higher by two percentage points and its
 * profit factor is at least 1.5, each resting on `minTrades` or more. What is not known is not better, so that a champion
 * without a precision is replaced by a person only. Whether both were measured on the same rows is the caller's concern:
 * `comparePair` sees to it.
 *
 * @returns reasons  one line per condition, met or not, with both numbers
 */
export function isBetter(
  next: ModelMetrics,
  champion: ModelMetrics,
  { minTrades }: { readonly minTrades: number },
): { readonly better: boolean; readonly reasons: readonly string[] } {
  const conditions = [precisionRose(next, champion, minTrades), profitFactorHolds(next, minTrades)]
  return { better: conditions.every(({ met }) => met), reasons: conditions.map(({ reason }) => reason) }
}

export type Comparison = {
  readonly better: boolean
  /** One line per condition, met or not, with both numbers. */
  readonly reasons: readonly string[]
  readonly days: number
  readonly test: PairedTest | null
  readonly next: ModelMetrics
  readonly champion: ModelMetrics
}

/**
 * Whether `next` is better than `champion` on the days that both were out of sample, their folds included: by precision and profit factor over
 * these days (`isBetter`), and by a daily return whose difference chance alone would make in at most 5 of 100 cases (`pairedTest`).
 * Fewer than 20 common days decide nothing.
 */
export function comparePair(
  next: readonly DayRecord[],
  champion: readonly DayRecord[],
  { minTrades, seed }: { readonly minTrades: number; readonly seed: number },
): Comparison {
  const pairs = commonDays(next, champion)
  const [ours, theirs] = [dayMetrics(pairs.map(([a]) => a)), dayMetrics(pairs.map(([, b]) => b))]
  const { better, reasons } = isBetter(ours, theirs, { minTrades })
  const test = pairedTest(pairs, { seed })
  const beyondLuck = significance(test)
  return {
    better: better && beyondLuck.met,
    reasons: [...reasons, beyondLuck.reason],
    days: pairs.length,
    test: typeof test === 'string' ? null : test,
    next: ours,
    champion: theirs,
  }
}

function significance(test: PairedTest | string): Condition {
  if (typeof test === 'string') return { met: false, reason: test }
  const { difference, low, high, level, p, days } = test
  const share = (x: number) => `${(100 * x).toFixed(3)} %`
  return {
    met: p <= PROMOTION.chance,
    reason:
      `daily return ${difference < 0 ? '' : '+'}${share(difference)} over ${days} common days ` +
      `(${100 * level} % interval ${share(low)} … ${share(high)}): chance ${p.toFixed(4)}, at most ${PROMOTION.chance}`,
  }
}

type Condition = { readonly met: boolean; readonly reason: string }

function precisionRose(next: ModelMetrics, champion: ModelMetrics, minTrades: number): Condition {
  const ours = usable(next, 'precision', minTrades)
  const theirs = usable(champion, 'precision', minTrades)
  if (typeof ours === 'string') return { met: false, reason: ours }
  if (typeof theirs === 'string') return { met: false, reason: `the other: ${theirs}` }
  const gain = ours - theirs
  return {
    met: gain >= PROMOTION.precisionGain - ROUNDING,
    reason:
      `precision ${fraction(ours)} against ${fraction(theirs)}: ` +
      `${gain < 0 ? '' : '+'}${(gain * 100).toFixed(2)} percentage points, at least ${PROMOTION.precisionGain * 100}`,
  }
}

function profitFactorHolds(next: ModelMetrics, minTrades: number): Condition {
  const factor = usable(next, 'profit_factor', minTrades)
  if (typeof factor === 'string') return { met: false, reason: factor }
  return {
    met: factor >= PROMOTION.profitFactor,
    reason: `profit factor ${fraction(factor)}, at least ${PROMOTION.profitFactor}`,
  }
}

/** The value, or why it cannot be relied on. */
function usable(metrics: ModelMetrics, name: 'precision' | 'profit_factor', minTrades: number): number | string {
  const title = name.replace('_', ' ')
  const metric = metrics[name] as Metric | undefined
  if (metric === undefined) return `${title} was not recorded`
  const { value, count, reason } = metric
  if (value === null || Number.isNaN(value)) return `${title} is not known: ${reason ?? 'cannot be computed'}`
  return count < minTrades ? `${title} rests on ${count}, needs ${minTrades}` : value
}

/**
 * `major.minor.patch`: the first is 1.0.0. A new schema raises major, other features or labels raise minor, any other
 * difference (data, parameters, kind of model, code) raises patch; the same bundle keeps its version.
 *
 * @param previous  the latest of the same venue and pair, or null
 */
export function nextVersion(previous: (Lineage & { readonly version: string }) | null, next: Lineage): string {
  if (previous === null) return '1.0.0'
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(previous.version)
  assert(match !== null, `${previous.version} is not a version`)
  const [major, minor, patch] = match.slice(1).map(Number)
  if (next.id === previous.id) return previous.version
  if (next.schemaHash !== previous.schemaHash) return `${major + 1}.0.0`
  if (next.featureSetHash !== previous.featureSetHash || next.labelHash !== previous.labelHash) {
    return `${major}.${minor + 1}.0`
  }
  return `${major}.${minor}.${patch + 1}`
}

/** By code unit, so that the order is the same under every locale. */
function compare<T extends number | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function orLast(score: number): number {
  return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score
}

function shownScore(score: number): string {
  return Number.isNaN(score) ? 'not known' : score.toFixed(4)
}

function fraction(value: number): string {
  return String(Number(value.toPrecision(4)))
}
