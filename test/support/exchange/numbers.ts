/**
 * What the exchange's numbers are made of: chance that can be asked for any place in any order, and exact decimals.
 *
 * Values are whole numbers of their last decimal ("units"), so sums over bars are exact and every timeframe agrees with 1m to the digit.
 */
import { DAY, HOUR, MINUTE } from '../../../src/core/time.js'

/** Uniform in [0, 1), a pure function of the seed, the name and the two whole numbers. */
export type Dice = (a: number, b?: number) => number

export function createDice(seed: number, name: string): Dice {
  let key = Math.imul(seed ^ 0x811c9dc5, 0x01000193)
  for (const letter of name) key = Math.imul(key ^ letter.codePointAt(0)!, 0x01000193)
  return (a, b = 0) => {
    let z = (Math.imul(a ^ key, 0x9e3779b1) + Math.imul(b + 0x7f4a7c15, 0x85ebca6b)) | 0
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 4294967296
  }
}

/** How far (log) and how slowly a price wanders: value noise on five lattices. */
const OCTAVES = [
  { period: 9 * DAY, size: 0.12 },
  { period: DAY, size: 0.04 },
  { period: 3 * HOUR, size: 0.012 },
  { period: 20 * MINUTE, size: 0.004 },
  { period: 2 * MINUTE, size: 0.001 },
] as const

/** The log of a price relative to its base at any time, without walking there from the start. */
export function createWander(dice: Dice): (time: number) => number {
  return (time) => {
    let sum = 0
    for (let k = 0; k < OCTAVES.length; k++) {
      const { period, size } = OCTAVES[k]
      const cell = Math.floor(time / period)
      const x = time / period - cell
      const blend = x * x * (3 - 2 * x)
      sum += size * ((1 - blend) * (2 * dice(cell, k) - 1) + blend * (2 * dice(cell + 1, k) - 1))
    }
    return sum
  }
}

/** `decimal(-1205, 2)` = "-12.05". */
export function decimal(units: number, decimals: number): string {
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0')
  const whole = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
  return units < 0 ? `-${whole}` : whole
}
