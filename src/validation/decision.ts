/**
 * From two calibrated probabilities to a decision, and the threshold at which the backtest enters. The threshold is
 * chosen on validation rows and stored with the model; rows that score the model are never looked at.
 */
import { assert } from '../core/errors.js'
import { DAY } from '../core/time.js'
import type { SideProbabilities } from './calibration.js'
import { nonOverlapping, wilson } from './independence.js'
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

/**
 * Break-even plus the margin that served the validation rows best.
 *
 * Every margin 0, 0.01 … 0.40 is judged by the lower 90 % bound q of its precision, counted on non-overlapping signals
 * (thousands of overlapping rows would make any precision look certain), a row that hit no barrier counting as a full
 * loss. A margin qualifies when it yields enough independent signals: so many that a Poisson count of the same rate
 * reaches `minTrades` over `scoredMs` with a chance of 90 %, and at least 10. Among those, in this order:
 *
 * 1. q above the required precision (the larger of break-even and `targetPrecision`): the largest
 *    signals per day × (q − required) × (profit + stop), the net return per day that is safe beyond what is asked;
 * 2. q above break-even only: the largest q, the margin likeliest to reach the required precision;
 * 3. none: break-even itself. A model without an edge ends here, and its many losing signals are shown as they are.
 *
 * Asking for a lower bound and a number of signals, not for the best precision, is what keeps the few lucky rows at the
 * top of a noise model's ranking from choosing the threshold.
 *
 * @param rows  validation rows in time order                                     [n]
 */
export function chooseThreshold(rows: ThresholdRows, options: ThresholdOptions): ThresholdChoice {
  const { payoff, minTrades, scoredMs, targetPrecision } = options
  assert(scoredMs > 0 && minTrades >= 0, `scoredMs ${scoredMs}, minTrades ${minTrades}`)
  const even = breakEven(payoff)
  const spanMs = rows.t0.length > 0 ? rows.t0[rows.t0.length - 1] - rows.t0[0] : 0
  const expected = (minTrades * spanMs) / scoredMs
  const needed = Math.max(10, Math.ceil(expected + Z90 * Math.sqrt(expected)))
  const required = Math.max(even, targetPrecision)

  const atBreakEven = at(rows, even, even)
  const enough = MARGINS.map((margin) => at(rows, even + margin, even)).filter(
    (choice) => choice.threshold < 1 && choice.independentSignals >= needed,
  )
  const perDay = (choice: ThresholdChoice) =>
    ((choice.independentSignals * DAY) / spanMs) * (choice.precisionLow - required) * (payoff.profit + payoff.stop)
  const best = largest(
    enough.filter((choice) => choice.precisionLow > required),
    perDay,
  )
  if (best !== undefined) {
    const gain = `${(perDay(best) * 100).toFixed(2)} % a day`
    return { ...best, reason: `safest net return beyond a precision of ${required.toFixed(2)}: ${gain}` }
  }
  const closest = largest(
    enough.filter((choice) => choice.precisionLow > even),
    (choice) => choice.precisionLow,
  )
  if (closest !== undefined) {
    return { ...closest, reason: `highest safe precision; none is safely above ${required.toFixed(2)}` }
  }
  const reason =
    enough.length === 0
      ? `break-even: ${atBreakEven.independentSignals} independent signals on validation, needs ${needed}`
      : 'break-even: no margin is safely above it on validation'
  return { ...atBreakEven, reason }
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
