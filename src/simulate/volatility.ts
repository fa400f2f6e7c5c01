/**
 * How restless the market is, minute by minute: hidden regimes, two speeds of stochastic volatility, the hour of the day and
 * the weekend, and the shared heavy tail. All of it is about the size of moves; nothing here leans up or down.
 */
import { power } from '../core/power.js'
import { createRandom } from '../core/random.js'
import { DAY, HOUR, MINUTE } from '../core/time.js'

/** Fraction of a year's 525,600 minutes: volatility per minute = volatility per year × √(1 / 525,600). */
const MINUTES_PER_YEAR = 365 * 24 * 60

export type Regime = 'calm' | 'normal' | 'turbulent'

type RegimeRow = {
  readonly level: number
  readonly meanHours: number
  readonly next: readonly [Regime, number, Regime]
}

/** Level multiplies volatility; `next` = [a, probability of a, else b]. */
const REGIMES: Readonly<Record<Regime, RegimeRow>> = {
  calm: { level: 0.7, meanHours: 30, next: ['normal', 0.9, 'turbulent'] },
  normal: { level: 1, meanHours: 48, next: ['calm', 0.6, 'turbulent'] },
  turbulent: { level: 1.5, meanHours: 14, next: ['normal', 0.8, 'calm'] },
}

/** Ornstein–Uhlenbeck terms of log volatility: half-life in minutes, stationary standard deviation. */
const SLOW = { halfLife: 24 * 60, spread: 0.22 }
const FAST = { halfLife: 40, spread: 0.22 }

/** Degrees of freedom of the minute's Student t innovation; even, so that chi-square is a sum of exponentials. */
const TAIL_DEGREES = 6

export type Ou = { readonly keep: number; readonly kick: number }

/** Exact one-minute step of an OU process with stationary variance `spread`²: x' = keep·x + kick·normal. */
export function ouStep(halfLifeMinutes: number, spread: number): Ou {
  const keep = power(2, -1 / halfLifeMinutes)
  return { keep, kick: spread * Math.sqrt(1 - keep * keep) }
}

/** Relative activity by minute of the day (UTC), root mean square 1: Asia's open, London, New York, and a quiet late evening. */
export const SEASON: Float64Array = seasonTable()

/** One minute's: standard deviation of the log return, its heavy-tailed multiplier, and the regime. */
export type Weather = { readonly sigma: number; readonly tail: number; readonly regime: Regime }

export interface Restlessness {
  /** Advances by one minute, to the one that opens at `time`. The object returned is reused. */
  next(time: number): Weather
}

/**
 * The market-wide volatility process.
 *
 * `sigma` is the scale before the tail; `tail` is √((ν − 2) / χ²(ν)), mean square 1, so that `sigma · tail · normal` is a Student t
 * with ν = 6 and standard deviation `sigma`. Mean square of `sigma` over time is about `annual`² / 525,600.
 */
export function createRestlessness(seed: number, annual: number): Restlessness {
  const regimeChance = createRandom(seed, 'regime')
  const levelChance = createRandom(seed, 'volatility')
  const tailChance = createRandom(seed, 'tail')
  const slowStep = ouStep(SLOW.halfLife, SLOW.spread)
  const fastStep = ouStep(FAST.halfLife, FAST.spread)
  // E[exp(2x)] = exp(2·var) for a normal x: taken off, so that the mean square stays put.
  const base = annual / Math.sqrt(MINUTES_PER_YEAR) / Math.exp(SLOW.spread ** 2 + FAST.spread ** 2)
  let regime: Regime = 'normal'
  let slow = SLOW.spread * levelChance.normal()
  let fast = FAST.spread * levelChance.normal()
  const state = { sigma: 0, tail: 1, regime: regime as Regime }
  return {
    next(time) {
      const { meanHours, next } = REGIMES[regime]
      if (regimeChance.next() < 1 / (meanHours * 60)) regime = regimeChance.next() < next[1] ? next[0] : next[2]
      slow = slowStep.keep * slow + slowStep.kick * levelChance.normal()
      fast = fastStep.keep * fast + fastStep.kick * levelChance.normal()
      state.sigma =
        base * REGIMES[regime].level * SEASON[Math.floor((time % DAY) / MINUTE)] * weekend(time) * Math.exp(slow + fast)
      let product = 1
      for (let i = 0; i < TAIL_DEGREES / 2; i++) product *= 1 - tailChance.next()
      state.tail = Math.sqrt((TAIL_DEGREES - 2) / (-2 * Math.log(product)))
      state.regime = regime
      return state
    },
  }
}

/** 1970-01-01 was a Thursday: days 2 and 3 of each week since then are Saturday and Sunday. */
export function weekend(time: number): number {
  const day = Math.floor(time / DAY) % 7
  return day === 2 || day === 3 ? 0.75 : 1.08
}

function seasonTable(): Float64Array {
  const humps = [
    { hour: 0.5, width: 1.0, height: 0.3 },
    { hour: 8, width: 1.5, height: 0.25 },
    { hour: 14.5, width: 1.8, height: 0.7 },
    { hour: 20, width: 1.2, height: 0.15 },
  ]
  const table = new Float64Array(DAY / MINUTE)
  let sum = 0
  for (let minute = 0; minute < table.length; minute++) {
    let level = 0.8
    for (const { hour, width, height } of humps) {
      const apart = Math.abs((minute * MINUTE) / HOUR - hour)
      const hours = Math.min(apart, 24 - apart)
      level += height * Math.exp(-0.5 * (hours / width) ** 2)
    }
    table[minute] = level
    sum += level * level
  }
  const scale = Math.sqrt(table.length / sum)
  return table.map((level) => level * scale)
}
