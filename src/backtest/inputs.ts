/**
 * What a backtest asks of its inputs, and the funding that they bring.
 */
import { assert, UserError } from '../core/errors.js'
import { timeframeMs } from '../core/time.js'
import { type FundingSchedule, fundingSchedule, NO_FUNDING } from '../portfolio/funding.js'
import type { BacktestSettings, Instrument } from './types.js'

/** Every funding print that is due over the bars; none on a spot market. */
export function scheduleFor({ base, funding }: Instrument, settings: BacktestSettings): FundingSchedule {
  if (settings.market === 'spot' || base.rows === 0) return NO_FUNDING
  const span = { from: base.openTime[0], to: base.openTime[base.rows - 1] + timeframeMs(base.timeframe) }
  return fundingSchedule(funding, span, settings.missingFunding)
}

/** @throws UserError when the horizon leaves no bar after the entry */
export function checkInputs({ base, decisions, markPrice, depth }: Instrument, settings: BacktestSettings): void {
  const rows = decisions.time.length
  assert(
    decisions.side.length === rows && decisions.stop.length === rows && decisions.profit.length === rows,
    `decision columns differ in length from ${rows}`,
  )
  for (const name of ['high', 'low', 'close'] as const) {
    const marks = markPrice?.[name].length ?? base.rows
    assert(marks === base.rows, `${marks} mark prices, ${base.rows} bars`)
  }
  for (const side of ['bids', 'asks'] as const) {
    const books = depth?.[side].length ?? base.rows
    assert(books === base.rows, `${books} ${side}, ${base.rows} bars`)
  }
  assert(
    settings.sizing !== 'kelly' || decisions.confidence?.length === rows,
    'sizing by Kelly needs the confidence of each decision',
  )
  const { time } = decisions
  let sorted = 1
  while (sorted < rows && time[sorted] >= time[sorted - 1]) sorted++
  assert(sorted >= rows, 'the decisions are not in order of time')
  const atLeast = (settings.latencyBars + 1) * timeframeMs(base.timeframe)
  if (decisions.horizonMs >= atLeast) return
  throw new UserError(
    `the horizon is ${decisions.horizonMs / 60_000} min, but entry and one base bar take ${atLeast / 60_000} min`,
    { hint: 'raise labels.horizon, or lower backtest.latencyBars' },
  )
}
