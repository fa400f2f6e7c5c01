/**
 * Single past returns, for models that look at one row at a time. Sums over spans are momentum's (`roc_*`).
 */
import { lag, logReturn } from '../../math/elementwise.js'
import { defineFeature, type Feature } from '../feature.js'

const lagFeature = (bars: number): Feature =>
  defineFeature({
    name: `log_return_lag_${bars}`,
    family: 'lag',
    meaning: `Log return of the single bar ${bars} bar${bars === 1 ? '' : 's'} ago.`,
    inputs: ['close'],
    lookback: bars + 1,
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ close }) => lag(logReturn(close, 1), bars),
  })

export const lagFeatures: readonly Feature[] = [1, 2, 3, 5, 10, 20, 30, 60].map(lagFeature)
