/**
 * Fees that fall with what was traded in the last 30 days, as exchanges have them: the tier is decided at the beginning of each day (UTC),
 * from the whole days before it.
 */
import { DAY } from '../core/time.js'

export type FeeTier = {
  readonly volume: number // traded notional of 30 days, quote currency, from which on it holds
  readonly makerBps: number
  readonly takerBps: number
}

export type FeeLadder = {
  /** Counts a fill. Times must not fall. */
  trade(time: number, notional: number): void
  /** Basis points of a fill at this time. */
  bps(time: number, maker: boolean): number
}

const DAYS = 30

/** @param tiers  in any order; below the lowest volume `base` holds */
export function createFeeLadder(
  base: { readonly makerBps: number; readonly takerBps: number },
  tiers: readonly FeeTier[],
): FeeLadder {
  const rising = [...tiers].sort((a, b) => a.volume - b.volume)
  const traded = new Float64Array(DAYS + 1) // by day, in a ring
  let today = Number.NEGATIVE_INFINITY
  let { makerBps, takerBps } = base
  const turn = (time: number) => {
    const day = Math.floor(time / DAY)
    if (day === today) return
    const gone = Math.min(day - today, DAYS + 1)
    for (let back = 0; back < gone; back++) traded[(day - back) % (DAYS + 1)] = 0
    today = day
    let sum = 0
    for (const value of traded) sum += value
    makerBps = base.makerBps
    takerBps = base.takerBps
    for (const tier of rising) {
      if (sum < tier.volume) break
      makerBps = tier.makerBps
      takerBps = tier.takerBps
    }
  }
  return {
    trade(time, notional) {
      if (rising.length === 0) return
      turn(time)
      traded[today % (DAYS + 1)] += notional
    },
    bps(time, maker) {
      if (rising.length > 0) turn(time)
      return maker ? makerBps : takerBps
    },
  }
}
