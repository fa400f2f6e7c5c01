/**
 * Positions closed by force: how much, of which side, and how unusual it is. The exchange tells of one order a second at most, so these
 * are sums of a sample. An hour without liquidations is one of 0; an hour of a day that nobody recorded is not known.
 */
import { lag, ratio } from '../../math/elementwise.js'
import { rollingSum } from '../../math/rolling-sum.js'
import { barsIn, barsInDays, defineFeature, type Feature } from '../feature.js'

const ORDERS = "the exchange's liquidationSnapshot, whose archive ends on 2024-03-31"
const USUAL_DAYS = 7
const BOTH = ['liquidatedLongs', 'liquidatedShorts'] as const

const sum = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i])

/** a / b, but 0 where both are: nothing of nothing is not unusual, and known to be so. */
function share(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => (value === 0 && b[i] === 0 ? 0 : value / b[i]))
}

const hourly = (x: Float64Array, stepMs: number, origin: number) => rollingSum(x, barsIn(1, stepMs), origin)
const facts = { family: 'liquidations', timeframes: 'decision', reference: ORDERS } as const
const hour = { ...facts, lookback: (stepMs: number) => barsIn(1, stepMs) - 1 } as const

const sideFeature = (side: 'long' | 'short'): Feature => {
  const input = side === 'long' ? 'liquidatedLongs' : 'liquidatedShorts'
  return defineFeature({
    ...facts,
    name: `liq_${side}_volume`,
    meaning: `Value of the ${side} positions closed by force in the bar, by orders to ${side === 'long' ? 'sell' : 'buy'}, in quote currency.`,
    inputs: [input],
    lookback: 0,
    timeframes: 'every',
    compute: ({ [input]: value }) => value.slice(),
  })
}

export const liquidationFeatures: readonly Feature[] = [
  defineFeature({
    ...hour,
    name: 'liq_volume_1h',
    meaning: 'Value of the positions closed by force in the last hour (one bar at least), in quote currency.',
    inputs: BOTH,
    compute: ({ liquidatedLongs, liquidatedShorts, stepMs, origin }) =>
      hourly(sum(liquidatedLongs, liquidatedShorts), stepMs, origin),
  }),
  defineFeature({
    ...hour,
    name: 'liq_count_1h',
    meaning: 'Orders that closed positions by force in the last hour (one bar at least), of those that were told of.',
    inputs: ['liquidationOrders'],
    compute: ({ liquidationOrders, stepMs, origin }) => hourly(liquidationOrders, stepMs, origin),
  }),
  defineFeature({
    ...facts,
    name: 'liq_spike',
    meaning: `liq_volume_1h over its mean of ${USUAL_DAYS} days; 1 = usual, 0 where nothing was closed in all of them.`,
    inputs: BOTH,
    lookback: (stepMs) => barsInDays(USUAL_DAYS, stepMs) - 1,
    compute({ liquidatedLongs, liquidatedShorts, stepMs, origin }) {
      const value = sum(liquidatedLongs, liquidatedShorts)
      const usual = barsInDays(USUAL_DAYS, stepMs)
      const hours = usual / barsIn(1, stepMs)
      return share(hourly(value, stepMs, origin), rollingSum(value, usual, origin)).map((part) => part * hours)
    },
  }),
  defineFeature({
    ...facts,
    name: 'liq_momentum',
    meaning:
      'liq_volume_1h less that of the hour before, as a share of both, -1 … 1; 0 where nothing was closed in either.',
    inputs: BOTH,
    lookback: (stepMs) => 2 * barsIn(1, stepMs) - 1,
    compute({ liquidatedLongs, liquidatedShorts, stepMs, origin }) {
      const now = hourly(sum(liquidatedLongs, liquidatedShorts), stepMs, origin)
      const before = lag(now, barsIn(1, stepMs))
      return share(
        now.map((value, i) => value - before[i]),
        sum(now, before),
      )
    },
  }),
  ...(['long', 'short'] as const).map(sideFeature),
  defineFeature({
    ...hour,
    name: 'liq_imbalance_1h',
    meaning:
      'Value of the longs closed by force less that of the shorts in the last hour, as a share of both, -1 … 1; 0 where nothing was closed.',
    inputs: BOTH,
    compute({ liquidatedLongs, liquidatedShorts, stepMs, origin }) {
      const longs = hourly(liquidatedLongs, stepMs, origin)
      const shorts = hourly(liquidatedShorts, stepMs, origin)
      return share(
        longs.map((value, i) => value - shorts[i]),
        sum(longs, shorts),
      )
    },
  }),
  defineFeature({
    ...hour,
    name: 'liq_turnover_share_1h',
    meaning: 'liq_volume_1h as a share of all that was traded in that hour; NaN without trades.',
    inputs: [...BOTH, 'quoteVolume'],
    compute: ({ liquidatedLongs, liquidatedShorts, quoteVolume, stepMs, origin }) =>
      ratio(hourly(sum(liquidatedLongs, liquidatedShorts), stepMs, origin), hourly(quoteVolume, stepMs, origin)),
  }),
]
