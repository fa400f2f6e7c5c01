/**
 * Mark price, index price and premium index: at each close that of the last base bar that had closed.
 */
import { MINUTE } from '../../core/time.js'
import { lastClose } from './carry.js'

export type ReferenceInputs = {
  readonly markPrice: Float64Array // quote currency
  readonly indexPrice: Float64Array // quote currency: spot on several exchanges
  readonly premiumIndex: Float64Array // fraction of the index
}

/** A close counts for five minutes after it became known. */
export const REFERENCE_AGE = 5 * MINUTE

export const MARK_PRICE = lastClose('markPrice', REFERENCE_AGE, 'Mark price, by which positions are liquidated')
export const INDEX_PRICE = lastClose('indexPrice', REFERENCE_AGE, 'Index price: spot on several exchanges')
export const PREMIUM_INDEX = lastClose('premiumIndex', REFERENCE_AGE, 'Premium index, from which funding is made')
