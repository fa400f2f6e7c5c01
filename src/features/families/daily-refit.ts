/**
 * When fitted columns are fitted: once a day of bars, on at least 500 returns that all lie before the day. Daily bars and
 * those of some hours wait for 20 bars, or they would be fitted anew at almost every one.
 */
import { barsInDays } from '../feature.js'

const LEAST_WINDOW = 500 // returns
const LEAST_EVERY = 20 // bars

export function dailyRefit(stepMs: number): { readonly window: number; readonly every: number } {
  const every = Math.max(LEAST_EVERY, barsInDays(1, stepMs))
  return { window: Math.max(LEAST_WINDOW, every), every }
}

/** One close more than the returns that a value may rest on. */
export function dailyRefitLookback(stepMs: number): number {
  const { window, every } = dailyRefit(stepMs)
  return window + every
}

/** For meanings. */
export const FITTED_DAILY = `fitted once a day (at least ${LEAST_EVERY} bars) on the day (at least ${LEAST_WINDOW} returns) before`
