/**
 * Mark price, index price and premium index: at each close that of the last base bar that had closed.
 */
import { MINUTE } from '../../core/time.js'
import type { JoinRows, SeriesKind } from '../series.js'
import { carried } from './carry.js'

export type ReferenceInputs = {
  readonly markPrice: Float64Array // quote currency
  readonly indexPrice: Float64Array // quote currency: spot on several exchanges
  readonly premiumIndex: Float64Array // fraction of the index
}

/** A close counts for five minutes after it became known. */
export const REFERENCE_AGE = 5 * MINUTE

const lastClose = <const K extends keyof ReferenceInputs>(input: K, meaning: string) =>
  ({
    meaning,
    columns: ['close'],
    inputs: [input],
    join: (rows: JoinRows, series) =>
      ({ [input]: carried(rows, series, REFERENCE_AGE).close }) as { readonly [name in K]: Float64Array },
  }) as const satisfies SeriesKind<K, 'close'>

export const MARK_PRICE = lastClose('markPrice', 'Mark price, by which positions are liquidated')
export const INDEX_PRICE = lastClose('indexPrice', 'Index price: spot on several exchanges')
export const PREMIUM_INDEX = lastClose('premiumIndex', 'Premium index, from which funding is made')
