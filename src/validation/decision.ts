/**
 * From two calibrated probabilities to a decision, and the threshold at which the backtest enters. The threshold is
 * chosen on validation rows and stored with the model; rows that score the model are never looked at.
 */
import { assert } from '../core/errors.js'
import type { SideProbabilities } from './calibration.js'
import { nonOverlapping, wilson } from './independence.js'
import { normalCdf } from './normal.js'
import type { Intervals } from './splits.js'

export type Decisions = {
  readonly side: Int8Array // 1 long, −1 short, 0 flat
  readonly confidence: Float64Array // probability of `side`; 0 where flat, NaN where not known
}

/**
 * The side with the larger calibrated probability, and that probability as confidence. Flat (confidence 0) when the
 * two are equal, and for a short where shorts are not allowed (spot); flat with confidence NaN when either is NaN.
 */
export function decide(p: SideProbabilities, { allowShort }: { readonly allowShort: boolean }): Decisions {
  const n = p.long.length
  const side = new Int8Array(n)
  const confidence = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    if (p.long[i] > p.short[i]) side[i] = 1
    else if (allowShort && p.short[i] > p.long[i]) side[i] = -1
    if (side[i] !== 0) confidence[i] = side[i] === 1 ? p.long[i] : p.short[i]
    else if (Number.isNaN(p.long[i] + p.short[i])) confidence[i] = Number.NaN
  }
  return { side, confidence }
}

/** 1 where the decision's side is the label's: flat rows, rows that hit neither barrier and unknown labels have not won. */
export function wonOf(side: Int8Array, label: Float64Array): Uint8Array {
  return Uint8Array.from(side, (s, i) => (s !== 0 && s === label[i] ? 1 : 0))
}

/** Barriers and round-trip costs, all fractions of the position's value. */
export type Payoff = { readonly profit: number; readonly stop: number; readonly costs: number }

/** What `rows` of a barrier's column have in common: the upper median of those that are known, NaN where none is. */
export function typicalOf(x: Float64Array, rows: Int32Array): number {
  const known = Float64Array.from(rows, (row) => x[row])
    .filter((value) => !Number.isNaN(value))
    .sort()
  return known[Math.floor(known.length / 2)] ?? Number.NaN
}

/** Share of winners at which winning `profit − costs` and losing `stop + costs` cancel out. Above 1: costs eat it all. */
export function breakEven({ profit, stop, costs }: Payoff): number {
  assert(profit > 0 && stop > 0 && costs >= 0, `profit ${profit}, stop ${stop}, costs ${costs}`)
  return (stop + costs) / (profit + stop)
}

export type ThresholdChoice = {
  readonly threshold: number
  readonly breakEven: number
  readonly margin: number // threshold − break-even
  readonly signals: number // validation rows at or above the threshold
  readonly independentSignals: number // of them, non-overlapping: what one position at a time would take
  readonly precision: number // winners / signals; NaN without a signal
  readonly precisionLow: number // lower 90 % bound, on the independent signals; NaN without a signal
  readonly reason: string
}

export type ThresholdRows = Decisions & { readonly won: Uint8Array } & Intervals

export type ThresholdOptions = {
  readonly payoff: Payoff
  readonly minTrades: number // gates.minTrades: how many trades the scored part must show
  readonly scoredMs: number // length of the part that the gates will read
  readonly targetPrecision: number // gates.precision
}

const MARGINS = Array.from({ length: 41 }, (_, i) => i / 100) // 0 … 0.40 above break-even
const Z90 = 1.2815515655446004 // one-sided 90 %
const Z95 = 1.6448536269514722 // one-sided 95 %

/** With fewer independent signals than that, validation says nothing of a margin. */
const FEWEST = 10

/** Below this chance of passing, the gates are no guide to a threshold. */
const HOPE = 0.05

/** Chances that differ by less are the same: of a strong edge a wide range of margins is nearly sure to pass. */
const AS_LIKELY = 0.001

/**
 * Break-even plus the margin that is likeliest to pass the gates on the part that scores the model.
 *
 * Every margin 0, 0.01 … 0.40 with at least 10 independent signals on validation (non-overlapping: thousands of overlapping rows would make any
 * precision look certain) is judged by `passChance`; a row that hit no barrier counts as a full loss. In this order:
 *
 * 1. the largest chance of passing, where it is at least 5 %; of those within 0.1 percentage points of it the one that earned most;
 * 2. margins whose precision is safely above break-even, by its lower 90 % bound, and that yield enough signals: so many that a Poisson count of the
 *    same rate reaches `minTrades` over `scoredMs` with a chance of 90 %. Of these the largest bound;
 * 3. none: break-even itself. A model without an edge ends here, and its many losing signals are shown as they are.
 *
 * Precision rises with the margin while the number of signals falls, and the gates ask for both: neither the most profitable margin, which lies where
 * the precision is just enough, nor the most precise one, which rests on a handful of signals, is the one that holds on later rows.
 *
 * @param rows  validation rows in time order                                     [n]
 */
export function chooseThreshold(rows: ThresholdRows, options: ThresholdOptions): ThresholdChoice {
  const { payoff, minTrades, scoredMs, targetPrecision } = options
  assert(scoredMs > 0 && minTrades >= 0, `scoredMs ${scoredMs}, minTrades ${minTrades}`)
  const even = breakEven(payoff)
  const spanMs = rows.t0.length > 0 ? rows.t0[rows.t0.length - 1] - rows.t0[0] : 0
  const judged = MARGINS.map((margin) => at(rows, even + margin, even)).filter(
    (choice) => choice.threshold < 1 && choice.independentSignals >= FEWEST,
  )
  const chance = (choice: ThresholdChoice) =>
    passChance(choice, { minTrades, targetPrecision, share: scoredMs / spanMs })
  const best = Math.max(...judged.map(chance))
  const earned = ({ independentSignals, precision }: ThresholdChoice) => independentSignals * (precision - even)
  const likeliest = largest(
    judged.filter((choice) => best >= HOPE && chance(choice) >= best - AS_LIKELY),
    earned,
  )
  if (likeliest !== undefined) {
    const asked = `a precision of ${Math.max(even, targetPrecision).toFixed(2)}, ${minTrades} trades and a gain beyond chance`
    return { ...likeliest, reason: `likeliest to reach ${asked}: ${(100 * chance(likeliest)).toFixed(0)} %` }
  }
  const expected = (minTrades * spanMs) / scoredMs
  const needed = Math.max(FEWEST, Math.ceil(expected + Z90 * Math.sqrt(expected)))
  const enough = judged.filter(({ independentSignals }) => independentSignals >= needed)
  const safest = largest(
    enough.filter((choice) => choice.precisionLow > even),
    (choice) => choice.precisionLow,
  )
  if (safest !== undefined) return { ...safest, reason: 'highest safe precision; none is likely to pass the gates' }
  const atBreakEven = at(rows, even, even)
  const reason =
    enough.length === 0
      ? `break-even: ${atBreakEven.independentSignals} independent signals on validation, needs ${needed}`
      : 'break-even: no margin is safely above it on validation'
  return { ...atBreakEven, reason }
}

export type PassTerms = {
  readonly minTrades: number
  readonly targetPrecision: number
  /** Length of the scored part over that of validation. */
  readonly share: number
}

/**
 * Chance that what was seen on validation passes on a later part: at least `minTrades` independent signals, and a precision that reaches
 * `targetPrecision` and whose gain is beyond chance there. By normal approximation, with what is not known on both sides: with n independent signals
 * of precision p seen (half a winner and half a loser added, after Jeffreys) and m = n · share expected,
 *
 *     precision ~ N(p, p(1 − p)(1/n + 1/m))      signals ~ N(m, m(1 + share))
 *
 * The gain is beyond chance where its one-sided 95 % bound is above 0, as the deflated Sharpe ratio asks of a single trial: the precision
 * needed for it is break-even + 1.645 √(p(1 − p)/m).
 */
export function passChance(
  { breakEven: even, precision, independentSignals: n }: Omit<ThresholdChoice, 'reason'>,
  { minTrades, targetPrecision, share }: PassTerms,
): number {
  const m = n * share
  const p = (precision * n + 0.5) / (n + 1)
  const spread = p * (1 - p)
  const needed = Math.max(targetPrecision, even + Z95 * Math.sqrt(spread / m))
  return (
    normalCdf((p - needed) / Math.sqrt(spread * (1 / n + 1 / m))) *
    normalCdf((m - minTrades) / Math.sqrt(m * (1 + share)))
  )
}

/** A threshold set by the user, described on the same validation rows. */
export function fixedThreshold(rows: ThresholdRows, threshold: number, payoff: Payoff): ThresholdChoice {
  return { ...at(rows, threshold, breakEven(payoff)), reason: 'set in decision.threshold' }
}

/** Of a label that names no side: no confidence reaches it. */
export function noThreshold(): ThresholdChoice {
  const { NaN: none } = Number
  return {
    ...{ threshold: none, breakEven: none, margin: none, signals: 0, independentSignals: 0 },
    ...{ precision: none, precisionLow: none, reason: 'the label names no side: nothing is traded' },
  }
}

function at(
  rows: ThresholdRows,
  threshold: number,
  even: number,
): Omit<ThresholdChoice, 'reason'> & { reason: string } {
  const chosen: number[] = []
  let won = 0
  for (let row = 0; row < rows.side.length; row++) {
    if (rows.side[row] === 0 || !(rows.confidence[row] >= threshold)) continue
    chosen.push(row)
    won += rows.won[row]
  }
  const independentSignals = nonOverlapping(rows, chosen).length
  const precision = won / chosen.length
  return {
    threshold,
    breakEven: even,
    margin: threshold - even,
    signals: chosen.length,
    independentSignals,
    precision,
    precisionLow: wilson(precision, independentSignals, Z90).low,
    reason: '',
  }
}

function largest(choices: readonly ThresholdChoice[], value: (choice: ThresholdChoice) => number) {
  let best: ThresholdChoice | undefined
  for (const choice of choices) if (best === undefined || value(choice) > value(best)) best = choice
  return best
}
