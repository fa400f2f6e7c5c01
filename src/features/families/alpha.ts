/**
 * Of Kakushadze's 101 formulas, those that one pair can compute: without rank, scale or neutralisation across pairs. Where such
 * a wrapper is the outermost call, what it wraps is here under its own name, `alpha_001_unranked`; a rank across pairs is
 * another number, so the name without it is kept for when several pairs are at hand (src/math/cross-section.ts).
 *
 * Not here although one pair would do: 84, whose exponent is a change of price in money, beyond any float at a price of
 * 60,000. All others need a rank, a scale, a sector or the market's capital inside the formula.
 *
 * Departures: vwap is quote volume / volume of the bar; adv20 is the mean quote volume of 20 bars and is compared with the
 * quote volume (the paper compares money with shares); stddev is the sample's; a correlation with what stood still is 0. The
 * constants of 24, 46, 49, 51 and 101 are in the paper's money, not ours: they are left as printed.
 */
import { power } from '../../core/power.js'
import { ratio, relativeChange } from '../../math/elementwise.js'
import { combine, type FormulaOperators, formulaOperators } from '../../math/formula-operators.js'
import { apart, withoutNoise } from '../../math/ties.js'
import { defineFeature, type Feature, type Grid } from '../feature.js'
import type { Inputs } from '../inputs.js'

type Formula<K extends keyof Inputs> = {
  readonly number: number
  /** Its outermost call, rank or scale across pairs, is left off. */
  readonly without?: 'ranked' | 'scaled'
  readonly formula: string
  readonly unit: string
  readonly inputs: readonly K[]
  readonly lookback: number
  readonly compute: (inputs: Pick<Inputs, K> & Grid, ts: FormulaOperators) => Float64Array
}

function alpha<const K extends keyof Inputs>(entry: Formula<K>): Feature {
  const { number, without, formula, unit, inputs, lookback, compute } = entry
  const name = `alpha_${String(number).padStart(3, '0')}`
  return defineFeature({
    name: without === undefined ? name : `${name}_un${without}`,
    family: 'alpha',
    meaning: `${formula}; ${unit}.`,
    inputs,
    lookback,
    timeframes: 'every',
    reference: `Kakushadze 2016, 101 Formulaic Alphas, Wilmott 84, number ${number}`,
    compute: (visible) => compute(visible, formulaOperators(visible.origin)),
  })
}

const MONEY = 'in quote currency'

/** Difference of the last two changes over ten bars, per bar: the bend of the price. */
const bend = (close: Float64Array, ts: FormulaOperators) =>
  combine(
    [close, ts.delay(close, 10), ts.delay(close, 20)],
    ([now, ten, twenty]) => apart(twenty - ten, ten - now, now) / 10,
  )

const BEND = '(delay(close, 20) - delay(close, 10)) / 10 - (delay(close, 10) - close) / 10'

/** The change, with its sign turned unless the last `bars` changes all had the same. */
const changeIfSteady = (close: Float64Array, bars: number, ts: FormulaOperators) => {
  const change = ts.delta(close, 1)
  return combine([change, ts.ts_min(change, bars), ts.ts_max(change, bars)], ([last, least, most]) =>
    least > 0 || most < 0 ? last : -last,
  )
}

const steadyFormula = (bars: number) =>
  `0 < ts_min(delta(close, 1), ${bars}) or ts_max(delta(close, 1), ${bars}) < 0 ? delta(close, 1) : -delta(close, 1)`

const bendFeature = (number: number, limit: number): Feature =>
  alpha({
    number,
    formula: `${BEND} < -${limit} ? 1 : -delta(close, 1)`,
    unit: MONEY,
    inputs: ['close'],
    lookback: 20,
    compute: ({ close }, ts) =>
      combine([bend(close, ts), ts.delta(close, 1)], ([bent, change]) => (bent < -limit ? 1 : -change)),
  })

export const alphaFeatures: readonly Feature[] = [
  alpha({
    number: 1,
    without: 'ranked',
    formula: 'ts_argmax(signedpower(returns < 0 ? stddev(returns, 20) : close, 2), 5)',
    unit: '1 = oldest … 5 = newest',
    inputs: ['close'],
    lookback: 24,
    compute({ close }, ts) {
      const returns = relativeChange(close, 1)
      const size = combine([returns, ts.stddev(returns, 20), close], ([last, usual, price]) =>
        last < 0 ? usual * usual : price * price,
      )
      return ts.ts_argmax(size, 5)
    },
  }),
  alpha({
    number: 6,
    formula: '-correlation(open, volume, 10)',
    unit: '-1 … 1',
    inputs: ['open', 'volume'],
    lookback: 9,
    compute: ({ open, volume }, ts) => combine([ts.correlation(open, volume, 10)], ([r]) => -r),
  }),
  alpha({
    number: 7,
    formula: 'adv20 < volume ? -ts_rank(abs(delta(close, 7)), 60) * sign(delta(close, 7)) : -1',
    unit: '-1 … 1',
    inputs: ['close', 'quoteVolume'],
    lookback: 66,
    compute({ close, quoteVolume }, ts) {
      const change = ts.delta(close, 7)
      const rank = ts.ts_rank(withoutNoise(change.map(Math.abs)), 60)
      return combine([quoteVolume, ts.mean(quoteVolume, 20), change, rank], ([volume, usual, moved, place]) =>
        apart(usual, volume) < 0 ? -place * Math.sign(moved) : -1,
      )
    },
  }),
  alpha({
    number: 8,
    without: 'ranked',
    formula: '-(sum(open, 5) * sum(returns, 5) - delay(sum(open, 5) * sum(returns, 5), 10))',
    unit: MONEY,
    inputs: ['open', 'close'],
    lookback: 15,
    compute({ open, close }, ts) {
      const product = combine([ts.sum(open, 5), ts.sum(relativeChange(close, 1), 5)], ([price, gain]) => price * gain)
      return combine([ts.delta(product, 10)], ([change]) => -change)
    },
  }),
  alpha({
    number: 9,
    formula: steadyFormula(5),
    unit: MONEY,
    inputs: ['close'],
    lookback: 5,
    compute: ({ close }, ts) => changeIfSteady(close, 5, ts),
  }),
  alpha({
    number: 10,
    without: 'ranked',
    formula: steadyFormula(4),
    unit: MONEY,
    inputs: ['close'],
    lookback: 4,
    compute: ({ close }, ts) => changeIfSteady(close, 4, ts),
  }),
  alpha({
    number: 12,
    formula: 'sign(delta(volume, 1)) * -delta(close, 1)',
    unit: MONEY,
    inputs: ['close', 'volume'],
    lookback: 1,
    compute: ({ close, volume }, ts) =>
      combine([ts.delta(volume, 1), ts.delta(close, 1)], ([more, change]) => Math.sign(more) * -change),
  }),
  alpha({
    number: 18,
    without: 'ranked',
    formula: '-(stddev(abs(close - open), 5) + (close - open) + correlation(close, open, 10))',
    unit: MONEY,
    inputs: ['open', 'close'],
    lookback: 9,
    compute({ open, close }, ts) {
      const body = combine([open, close], ([first, last]) => last - first)
      const spread = ts.stddev(body.map(Math.abs), 5)
      return combine([spread, body, ts.correlation(close, open, 10)], ([size, gain, r]) => -(size + gain + r))
    },
  }),
  alpha({
    number: 21,
    formula:
      'mean(close, 8) + stddev(close, 8) < mean(close, 2) ? -1 : mean(close, 2) < mean(close, 8) - stddev(close, 8) or 1 <= volume / adv20 ? 1 : -1',
    unit: '-1 or 1',
    inputs: ['close', 'quoteVolume'],
    lookback: 19,
    compute({ close, quoteVolume }, ts) {
      const columns = [ts.mean(close, 8), ts.stddev(close, 8), ts.mean(close, 2), quoteVolume, ts.mean(quoteVolume, 20)]
      return combine(columns, ([middle, width, now, volume, usual]) => {
        if (middle + width < now) return -1
        return now < middle - width || volume >= usual ? 1 : -1
      })
    },
  }),
  alpha({
    number: 23,
    formula: 'mean(high, 20) < high ? -delta(high, 2) : 0',
    unit: MONEY,
    inputs: ['high'],
    lookback: 19,
    compute: ({ high }, ts) =>
      combine([high, ts.mean(high, 20), ts.delta(high, 2)], ([now, usual, change]) => (usual < now ? -change : 0)),
  }),
  alpha({
    number: 24,
    formula:
      'delta(mean(close, 100), 100) / delay(close, 100) <= 0.05 ? -(close - ts_min(close, 100)) : -delta(close, 3)',
    unit: MONEY,
    inputs: ['close'],
    lookback: 199,
    compute({ close }, ts) {
      const trend = ratio(ts.delta(ts.mean(close, 100), 100), ts.delay(close, 100))
      return combine([trend, close, ts.ts_min(close, 100), ts.delta(close, 3)], ([rise, now, least, change]) =>
        rise <= 0.05 ? least - now : -change,
      )
    },
  }),
  alpha({
    number: 25,
    without: 'ranked',
    formula: '-returns * adv20 * vwap * (high - close)',
    unit: 'in quote currency to the third power',
    inputs: ['high', 'close', 'quoteVolume', 'volume'],
    lookback: 19,
    compute({ high, close, quoteVolume, volume }, ts) {
      const columns = [relativeChange(close, 1), ts.mean(quoteVolume, 20), ratio(quoteVolume, volume), high, close]
      return combine(columns, ([gain, usual, vwap, top, last]) => -gain * usual * vwap * (top - last))
    },
  }),
  alpha({
    number: 26,
    formula: '-ts_max(correlation(ts_rank(volume, 5), ts_rank(high, 5), 5), 3)',
    unit: '-1 … 1',
    inputs: ['high', 'volume'],
    lookback: 10,
    compute({ high, volume }, ts) {
      const together = ts.correlation(ts.ts_rank(volume, 5), ts.ts_rank(high, 5), 5)
      return combine([ts.ts_max(together, 3)], ([most]) => -most)
    },
  }),
  alpha({
    number: 28,
    without: 'scaled',
    formula: 'correlation(adv20, low, 5) + (high + low) / 2 - close',
    unit: MONEY,
    inputs: ['high', 'low', 'close', 'quoteVolume'],
    lookback: 23,
    compute({ high, low, close, quoteVolume }, ts) {
      const r = ts.correlation(ts.mean(quoteVolume, 20), low, 5)
      return combine([r, high, low, close], ([together, top, bottom, last]) => together + (top + bottom) / 2 - last)
    },
  }),
  alpha({
    number: 33,
    without: 'ranked',
    formula: '-(1 - open / close)',
    unit: 'a fraction',
    inputs: ['open', 'close'],
    lookback: 0,
    compute: ({ open, close }) => combine([open, close], ([first, last]) => first / last - 1),
  }),
  alpha({
    number: 35,
    formula: 'ts_rank(volume, 32) * (1 - ts_rank(close + high - low, 16)) * (1 - ts_rank(returns, 32))',
    unit: '0 … 1',
    inputs: ['high', 'low', 'close', 'volume'],
    lookback: 32,
    compute({ high, low, close, volume }, ts) {
      const reach = combine([close, high, low], ([last, top, bottom]) => last + top - bottom)
      const columns = [
        ts.ts_rank(volume, 32),
        ts.ts_rank(withoutNoise(reach), 16),
        ts.ts_rank(withoutNoise(relativeChange(close, 1)), 32),
      ]
      return combine(columns, ([busy, far, gain]) => busy * (1 - far) * (1 - gain))
    },
  }),
  alpha({
    number: 41,
    formula: 'sqrt(high * low) - vwap',
    unit: MONEY,
    inputs: ['high', 'low', 'quoteVolume', 'volume'],
    lookback: 0,
    compute: ({ high, low, quoteVolume, volume }) =>
      combine(
        [high, low, quoteVolume, volume],
        ([top, bottom, paid, bought]) => Math.sqrt(top * bottom) - paid / bought,
      ),
  }),
  alpha({
    number: 43,
    formula: 'ts_rank(volume / adv20, 20) * ts_rank(-delta(close, 7), 8)',
    unit: '0 … 1',
    inputs: ['close', 'quoteVolume'],
    lookback: 38,
    compute({ close, quoteVolume }, ts) {
      const busy = ts.ts_rank(withoutNoise(ratio(quoteVolume, ts.mean(quoteVolume, 20))), 20)
      const fallen = ts.ts_rank(withoutNoise(ts.delta(close, 7).map((change) => -change)), 8)
      return combine([busy, fallen], ([one, other]) => one * other)
    },
  }),
  alpha({
    number: 46,
    formula: `0.25 < ${BEND} ? -1 : ${BEND} < 0 ? 1 : -delta(close, 1)`,
    unit: MONEY,
    inputs: ['close'],
    lookback: 20,
    compute: ({ close }, ts) =>
      combine([bend(close, ts), ts.delta(close, 1)], ([bent, change]) => {
        if (bent > 0.25) return -1
        return bent < 0 ? 1 : -change
      }),
  }),
  bendFeature(49, 0.1),
  bendFeature(51, 0.05),
  alpha({
    number: 53,
    formula: '-delta(((close - low) - (high - close)) / (close - low), 9)',
    unit: 'a ratio; NaN where either bar closed at its low',
    inputs: ['high', 'low', 'close'],
    lookback: 9,
    compute({ high, low, close }, ts) {
      const columns = [high, low, close, ...[high, low, close].map((x) => ts.delay(x, 9))]
      const place = (top: number, bottom: number, last: number) => (last - bottom - (top - last)) / (last - bottom)
      return combine(columns, ([h, l, c, h9, l9, c9]) => place(h9, l9, c9) - place(h, l, c))
    },
  }),
  alpha({
    number: 54,
    formula: '-((low - close) * open^5) / ((low - high) * close^5)',
    unit: 'a ratio; NaN for a bar without range',
    inputs: ['open', 'high', 'low', 'close'],
    lookback: 0,
    compute: ({ open, high, low, close }) =>
      combine([open, high, low, close], ([o, h, l, c]) => -((l - c) / (l - h)) * power(o / c, 5)),
  }),
  alpha({
    number: 101,
    formula: '(close - open) / (high - low + 0.001)',
    unit: '-1 … 1',
    inputs: ['open', 'high', 'low', 'close'],
    lookback: 0,
    compute: ({ open, high, low, close }) =>
      combine([open, high, low, close], ([o, h, l, c]) => (c - o) / (h - l + 0.001)),
  }),
]
