import { expect, it } from 'vitest'
import { depthOf } from '../../src/backtest/depth.js'
import { MINUTE } from '../../src/core/time.js'
import { barsOf, type Row, START } from '../labels/make-bars.js'

it('a bar has the book that was recorded before it opened', () => {
  const base = barsOf(new Array<Row>(5).fill([100, 100, 100, 100]))
  const recorded = {
    rows: 4,
    openTime: Float64Array.from([-1, 0, 2, 9], (minutes) => START + minutes * MINUTE),
    bids: Float64Array.of(1, 2, 3, 4),
    asks: Float64Array.of(10, 20, Number.NaN, 40),
  }
  expect(depthOf(base, recorded)).toEqual({
    bids: Float64Array.of(1, 2, Number.NaN, 3, Number.NaN),
    asks: Float64Array.of(10, 20, Number.NaN, Number.NaN, Number.NaN),
  })
  expect(depthOf(base, null).bids).toEqual(new Float64Array(5).fill(Number.NaN))
})
