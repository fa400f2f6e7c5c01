/**
 * Best bid and ask: the last before each close, and the mean spread within the bar.
 */
import { MINUTE } from '../../core/time.js'
import { type JoinRows, lastKnown, type SeriesKind, type SeriesRows } from '../series.js'
import { valuesAt } from './carry.js'

export type BookTickerInputs = {
  readonly bidPrice: Float64Array // quote currency
  readonly bidQuantity: Float64Array // base asset
  readonly askPrice: Float64Array // quote currency
  readonly askQuantity: Float64Array // base asset
  readonly meanSpread: Float64Array // quote currency, over the updates within the bar; NaN without any
}

type BookTickerColumn =
  | 'open_time'
  | 'bid_price'
  | 'bid_quantity'
  | 'ask_price'
  | 'ask_quantity'
  | 'mean_spread'
  | 'updates'

/** A book that has not changed so long after the base bar of its last update is one that is not recorded. */
export const TICKER_AGE = 5 * MINUTE

export const BOOK_TICKER_BARS = {
  meaning: 'Best bid and ask',
  columns: ['open_time', 'bid_price', 'bid_quantity', 'ask_price', 'ask_quantity', 'mean_spread', 'updates'],
  inputs: ['bidPrice', 'bidQuantity', 'askPrice', 'askQuantity', 'meanSpread'],
  join: bookTickerInputs,
} as const satisfies SeriesKind<keyof BookTickerInputs, BookTickerColumn>

/** As known at each close. The four of a quote are of one base bar; each update weighs the same in the mean. */
export function bookTickerInputs(
  { availableTime, stepMs }: JoinRows,
  { available, columns }: SeriesRows<BookTickerColumn>,
): BookTickerInputs {
  const { open_time: openTime, mean_spread: spread, updates } = columns
  const lasts = lastKnown(available, availableTime)
  const quoted = lasts.map((last, i) => {
    let row = last
    while (row >= 0 && Number.isNaN(updates[row]) && availableTime[i] - available[row] <= TICKER_AGE) row--
    return row >= 0 && availableTime[i] - available[row] <= TICKER_AGE ? row : -1
  })
  const meanSpread = new Float64Array(lasts.length)
  for (let i = 0; i < lasts.length; i++) {
    let sum = 0
    let count = 0
    for (let row = lasts[i]; row >= 0 && openTime[row] >= availableTime[i] - stepMs; row--) {
      if (Number.isNaN(updates[row])) continue
      sum += spread[row] * updates[row]
      count += updates[row]
    }
    meanSpread[i] = count === 0 ? Number.NaN : sum / count
  }
  return {
    bidPrice: valuesAt(columns.bid_price, quoted),
    bidQuantity: valuesAt(columns.bid_quantity, quoted),
    askPrice: valuesAt(columns.ask_price, quoted),
    askQuantity: valuesAt(columns.ask_quantity, quoted),
    meanSpread,
  }
}
