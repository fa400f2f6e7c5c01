/**
 * Whether the rows of a series are called known only after they had happened. The other rules take `available` at its word,
 * for they cut by it; here it is held against the row's own time by a rule that no builder of a series shares.
 */
import { DAY, HOUR, isoMinute, MINUTE } from '../core/time.js'
import type { Broken } from './evidence.js'
import type { SeriesName } from './inputs.js'
import type { AsOfSeries } from './series.js'

type Facts = {
  /**
   * What `time` is. `opening`: of a bar or a period, known when it has ended; how long it lasts is the least distance between
   * two rows. `print`: of an event, known after it.
   */
  readonly time: 'opening' | 'print'
  /** How much older than the bar of a feature a row may be that its inputs still need, ms. */
  readonly reach: number
}

export const SERIES_FACTS: { readonly [N in SeriesName]: Facts } = {
  // The print before the last one, each for eight hours.
  funding: { time: 'print', reach: 17 * HOUR },
  metrics: { time: 'opening', reach: 20 * MINUTE },
  mark_price: { time: 'opening', reach: 10 * MINUTE },
  index_price: { time: 'opening', reach: 10 * MINUTE },
  premium_index: { time: 'opening', reach: 10 * MINUTE },
  trade_bars: { time: 'opening', reach: 0 },
  book_depth_bars: { time: 'opening', reach: 10 * MINUTE },
  book_ticker_bars: { time: 'opening', reach: 10 * MINUTE },
  liquidation_bars: { time: 'opening', reach: 0 },
  market: { time: 'opening', reach: 0 },
  spy: { time: 'opening', reach: DAY },
  dxy: { time: 'opening', reach: DAY },
  peers: { time: 'opening', reach: 0 },
}

/** The first row that is called known before it was over. */
export function brokenByTime(name: SeriesName, { available, time }: AsOfSeries): Broken[] {
  const isPrint = SERIES_FACTS[name].time === 'print'
  const lasts = isPrint ? 0 : leastDistance(time)
  const row = available.findIndex((known, i) => (isPrint ? known <= time[i] : known < time[i] + lasts))
  if (row < 0) return []
  const over = isPrint ? 'is of that time or later' : `is over ${lasts / MINUTE} minutes after it opened`
  const detail = `row ${isoMinute(time[row])} ${over}, and is called known at ${isoMinute(available[row])}`
  return [{ rule: 'available', detail }]
}

/** Between two times that differ; 0 where all are one. */
function leastDistance(time: Float64Array): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 1; i < time.length; i++) if (time[i] > time[i - 1]) least = Math.min(least, time[i] - time[i - 1])
  return Number.isFinite(least) ? least : 0
}
