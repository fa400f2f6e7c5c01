/**
 * What is particular to tables that hold no candles: trades, and what the exchange says of positions.
 */
import { MINUTE, TIMEFRAMES, timeframeMs } from '../core/time.js'
import { dropSpacings, spacingsOf } from '../datasets/import-checks.js'
import type { Problem } from '../datasets/import-source.js'
import { chooseTimeframe } from '../market/recognise/times.js'
import type { Judged, ToJudge } from './import-judge.js'

/** A trade is one of the archive when it has a number, by which a missing one shows, and a taker. */
export function lackingOfTrades(numbers: readonly string[]): string[] {
  const hasSide = numbers.includes('side') || numbers.includes('is_buyer_maker')
  return [...(numbers.includes('id') ? [] : ['numbers of the trades']), ...(hasSide ? [] : ['sides of the takers'])]
}

export function tradeNotes({ numbers }: Pick<ToJudge, 'numbers'>): string[] {
  const lacking = lackingOfTrades(numbers)
  return lacking.length === 0 ? [] : [`only bars are made of them: it has no ${lacking.join(' and no ')}`]
}

/** The archive's metrics are those of five minutes, and known five minutes after their label. */
const PERIOD = 5 * MINUTE

/**
 * A row of another period stands for the last five minutes of it: so it is known at the period's end, whether its time named the begin, and
 * a period too late where it named the end, which the exchange did until 2026-06-24 and does not say.
 */
export async function judgeMetrics(
  { table, name, wishes, numbers }: ToJudge,
  { timeZone, zoneNotes }: { readonly timeZone: string; readonly zoneNotes: readonly string[] },
): Promise<Judged | { problems: Problem[] }> {
  const spacings = await spacingsOf(table, Object.values(TIMEFRAMES))
  await dropSpacings(table)
  const chosen = chooseTimeframe(spacings, { given: wishes.timeframe, named: name.timeframe })
  if ('problem' in chosen) return { problems: [{ problem: chosen.problem, hint: 'such as --timeframe 4h' }] }
  const period = timeframeMs(chosen.timeframe)
  if (period < PERIOD) {
    return { problems: [{ problem: `its rows are ${chosen.timeframe} apart`, hint: 'five minutes are the shortest' }] }
  }
  const isLonger = period > PERIOD
  const usable = numbers.filter((role) => !isLonger || role !== 'taker_ratio')
  if (usable.length === 0) {
    return {
      problems: [
        {
          problem: `takers' ratios of ${chosen.timeframe} are not those of five minutes`,
          hint: 'candles with taker_buy_volume say the same of any period',
        },
      ],
    }
  }
  return {
    ...{ timeframe: null, label: null, labelBecause: null, timeZone, numbers: usable },
    shift: PERIOD - period,
    notes: [
      ...zoneNotes,
      `each row is known ${chosen.timeframe} after its time, and counts for a quarter of an hour${isLonger ? `: decide at ${chosen.timeframe}` : ''}`,
      ...(usable.length < numbers.length
        ? [`takers' ratios left out: they are of ${chosen.timeframe}, not of five minutes`]
        : []),
    ],
  }
}
