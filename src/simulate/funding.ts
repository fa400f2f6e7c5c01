/**
 * Funding every 8 hours: the exchange's own formula over a premium that drifts slowly and follows the last 8 hours' return.
 * It looks at the past alone, so it foretells nothing.
 */
import type { Random } from '../core/random.js'
import { HOUR } from '../core/time.js'

export const FUNDING_INTERVAL = 8 * HOUR

/** Interest part of the rate for 8 hours, the band in which it dominates, and the cap on the rate. */
const INTEREST = 0.0001
const BAND = 0.0005
const CAP = 0.003

/** The premium keeps this much of itself from print to print, and takes this much of the last 8 hours' log return. */
const KEEP = 0.8
const KICK = 0.00018
export const FOLLOW = 0.004

export type Premium = { level: number }

/**
 * The next rate: the premium drifts on, and the rate is read off it.
 *
 * @param move log return since the print before; 0 at the first one
 */
export function nextFundingRate(premium: Premium, move: number, random: Random): number {
  premium.level = driftPremium(premium.level, random) + FOLLOW * limitMove(move)
  return fundingRate(premium.level)
}

/** The part of the next premium that no price has a hand in. */
export function driftPremium(level: number, random: Random): number {
  return KEEP * level + KICK * random.normal()
}

/** How much of the log return since the last print the premium follows. */
export function limitMove(move: number): number {
  return Math.max(-0.1, Math.min(0.1, move))
}

/** On the exchange's grid of 1e-8: premium + clamp(interest − premium, ±0.05 %), capped at ±0.3 %. */
export function fundingRate(premium: number): number {
  const rate = premium + Math.max(-BAND, Math.min(BAND, INTEREST - premium))
  return Math.round(Math.max(-CAP, Math.min(CAP, rate)) * 1e8) / 1e8
}
