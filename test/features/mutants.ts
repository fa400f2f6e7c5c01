/**
 * Planted leaks, each the way people make them. They are judged by the certificate itself, as subjects beside the shipped
 * columns: a feature with a fault in its formula, or an honest one on top of a fault in joining, resampling or filling.
 */
import { HOUR, MINUTE, type Timeframe, timeframeMs } from '../../src/core/time.js'
import { columnSubject, type Subject } from '../../src/features/certificate.js'
import { defineFeature, type Feature } from '../../src/features/feature.js'
import type { Inputs, SeriesName } from '../../src/features/inputs.js'
import { columnValues, type FeatureSource, openSource } from '../../src/features/matrix.js'
import { FEATURES } from '../../src/features/registry.js'
import type { AsOfSeries } from '../../src/features/series.js'
import { BAR_VALUES, type Bars } from '../../src/market/bars.js'
import { logReturn } from '../../src/math/elementwise.js'
import { rollingCorrelation } from '../../src/math/rolling-correlation.js'
import { copyOf, mapSeries, START } from './market.js'

export type Mutant = { readonly name: string; readonly subject: Subject }

const H: Timeframe = '1h'

/** A faulty formula of the decision bars. */
export function formula(
  name: string,
  lookback: number,
  compute: (inputs: Inputs & { readonly origin: number }) => Float64Array,
  memory: 'window' | 'recursive' = 'recursive',
): Mutant {
  const feature = defineFeature({
    name: 'mutant',
    family: 'price',
    meaning: 'A planted leak.',
    inputs: ['openTime', 'open', 'high', 'low', 'close', 'volume', 'fundingRate'],
    lookback,
    memory,
    timeframes: 'decision',
    reference: 'none',
    compute: (inputs) => compute(inputs as Inputs & typeof inputs),
  })
  return { name, subject: columnSubject({ name, feature, timeframe: H, context: false }) }
}

/** An honest column of a source that was made wrongly. */
export function plumbing(
  name: string,
  column: { readonly feature: string; readonly timeframe: Timeframe },
  change: (source: FeatureSource) => FeatureSource,
): Mutant {
  const { timeframe } = column
  const honest = { name, feature: featureOf(column.feature), timeframe, context: timeframe !== H }
  const { definition } = columnSubject(honest)
  return { name, subject: { definition, values: ({ source }) => columnValues(openSource(change(source)), honest) } }
}

function featureOf(name: string): Feature {
  const feature = FEATURES.find((one) => one.name === name)
  if (feature === undefined) throw new Error(`no feature ${name}`)
  return feature
}

const sum = (x: Float64Array) => x.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0)
const mean = (x: Float64Array) => sum(x) / x.filter((value) => !Number.isNaN(value)).length
const spread = (x: Float64Array) => {
  const centre = mean(x)
  return Math.sqrt(mean(x.map((value) => (value - centre) ** 2)))
}
const known = (x: Float64Array) => x.filter((value) => !Number.isNaN(value))
const dayOf = (time: number) => Math.floor(time / (24 * HOUR))
const largest = (x: Float64Array) => known(x).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
const smallest = (x: Float64Array) => -largest(x.map((value) => -value))

/** Rows of the same group as row i, whatever comes of them. */
const groupOf = (keys: Float64Array, i: number) => {
  let [start, end] = [i, i]
  while (start > 0 && keys[start - 1] === keys[i]) start--
  while (end + 1 < keys.length && keys[end + 1] === keys[i]) end++
  return [start, end + 1] as const
}

const FORMULAS: readonly Mutant[] = [
  formula('shift by −1: the return of the next bar', 0, ({ close }) =>
    close.map((value, i) => (close[i + 1] ?? Number.NaN) / value - 1),
  ),
  formula('a window centred on the bar', 2, ({ close }) =>
    close.map((_, i) => (i < 2 ? Number.NaN : mean(close.slice(i - 2, i + 3)))),
  ),
  formula('a z-score over the whole series', 0, ({ close }) => {
    const [centre, scale] = [mean(close), spread(close)]
    return close.map((value) => (value - centre) / scale)
  }),
  formula('a trace of the whole maximum, in the last bits', 0, ({ close }) => {
    const top = largest(close)
    return close.map((value) => value + 1e-12 * top)
  }),
  formula('a future fill of gaps', 0, ({ close }) =>
    close.map((value, i) => (Number.isNaN(value) ? (close.slice(i).find((x) => !Number.isNaN(x)) ?? value) : value)),
  ),
  formula('a backward fill of the warm-up', 9, ({ close }) => {
    const means = close.map((_, i) => (i < 9 ? Number.NaN : mean(close.slice(i - 9, i + 1))))
    return means.map((value, i) => (i < 9 ? (means[9] ?? Number.NaN) : value))
  }),
  formula('gaps interpolated between their ends', 0, ({ close }) =>
    close.map((value, i) => {
      if (!Number.isNaN(value)) return value
      const [before, after] = [
        close.subarray(0, i).findLastIndex((x) => x > 0),
        close.findIndex((x, j) => j > i && x > 0),
      ]
      if (before < 0 || after < 0) return Number.NaN
      return close[before] + ((close[after] - close[before]) * (i - before)) / (after - before)
    }),
  ),
  formula('bars resampled to 4 hours and known from their begin', 0, ({ openTime, close }) => {
    const keys = openTime.map((time) => Math.floor(time / (4 * HOUR)))
    return close.map((_, i) => close[groupOf(keys, i)[1] - 1])
  }),
  formula('a percentile within the whole series', 0, ({ volume }) => {
    const sorted = known(volume).sort()
    return volume.map((value) => sorted.filter((x) => x <= value).length / sorted.length)
  }),
  formula('a line fitted on all data', 0, ({ close }) => {
    const n = close.length
    const mid = (n - 1) / 2
    const slope = sum(close.map((value, i) => (i - mid) * value)) / sum(close.map((_, i) => (i - mid) ** 2))
    return close.map((value, i) => value - slope * i)
  }),
  formula('a scaler fitted on the whole series (min, max)', 0, ({ close }) => {
    const [low, high] = [smallest(close), largest(close)]
    return close.map((value) => (value - low) / (high - low))
  }),
  formula('a first principal component of the whole series', 1, ({ close, volume }) => {
    const [x, y] = [logReturn(close, 1), volume.map((value) => Math.log(value))]
    const [sx, sy] = [spread(x), spread(y)]
    const cross = mean(x.map((value, i) => value * (y[i] - mean(y)))) / (sx * sy)
    return x.map((value, i) => value / sx + (Math.sign(cross) * (y[i] - mean(y))) / sy)
  }),
  formula('the range of the whole day, its rest included', 0, ({ openTime, high, low }) => {
    const days = openTime.map(dayOf)
    return high.map((_, i) => largest(high.slice(...groupOf(days, i))) - smallest(low.slice(...groupOf(days, i))))
  }),
  formula('the high of the London session from midnight on', 0, ({ openTime, high }) => {
    const hours = openTime.map((time) => (time / HOUR) % 24)
    const days = openTime.map(dayOf)
    return high.map((_, i) => {
      const [start, end] = groupOf(days, i)
      return largest(
        high.slice(start, end).map((x, j) => (hours[start + j] >= 8 && hours[start + j] < 16 ? x : Number.NaN)),
      )
    })
  }),
  formula('a correlation with the next return', 20, ({ close, volume, origin }) => {
    const next = logReturn(close, 1).map((_, i, all) => all[i + 1] ?? Number.NaN)
    return rollingCorrelation(volume, next, { window: 20, origin })
  }),
  formula('the place among all bars sorted by value', 0, ({ close }) => {
    const order = Array.from(close.keys()).sort((a, b) => close[a] - close[b])
    const out = new Float64Array(close.length)
    order.forEach((row, place) => {
      out[row] = place
    })
    return out
  }),
  formula('a rank along all of time in place of one across pairs', 0, ({ open, close }) => {
    const gains = close.map((value, i) => value / open[i] - 1)
    return gains.map((gain) => gains.filter((other) => other <= gain).length / gains.length)
  }),
  formula('a cumulative sum from the end', 0, ({ volume }) => {
    const out = volume.slice()
    for (let i = out.length - 2; i >= 0; i--) out[i] += Number.isNaN(out[i + 1]) ? 0 : out[i + 1]
    return out
  }),
  formula('a trailing stop computed backwards', 0, ({ close, low }) => {
    const out = new Float64Array(close.length)
    let stop = close.at(-1) ?? Number.NaN
    for (let i = close.length - 1; i >= 0; i--) {
      stop = low[i] < stop ? low[i] : stop + 0.02 * (close[i] - stop)
      if (Number.isNaN(stop)) stop = close[i - 1] ?? Number.NaN
      out[i] = stop
    }
    return out
  }),
  formula('an exponential mean run both ways', 0, ({ close }) => {
    const smooth = (x: Float64Array) => {
      let average = Number.NaN
      return x.map((value) => {
        if (!Number.isNaN(value)) average = Number.isNaN(average) ? value : average + 0.1 * (value - average)
        return average
      })
    }
    return smooth(smooth(close).reverse()).reverse()
  }),
  formula('the label as a feature', 0, ({ close, high, low }) =>
    close.map((entry, i) => {
      for (let j = i + 1; j <= i + 4 && j < close.length; j++) {
        if (low[j] <= entry * 0.99) return -1
        if (high[j] >= entry * 1.02) return 1
      }
      return 0
    }),
  ),
  formula('a target mean by hour of the day, over all days', 0, ({ openTime, close }) => {
    const returns = logReturn(close, 1)
    const hours = openTime.map((time) => (time / HOUR) % 24)
    return hours.map((hour) => mean(returns.filter((_, i) => hours[i] === hour)))
  }),
  formula(
    'a window that is said to be shorter than it is',
    9,
    ({ close }) => close.map((_, i) => (i < 9 ? Number.NaN : mean(close.slice(Math.max(0, i - 19), i + 1)))),
    'window',
  ),
  formula(
    'a running balance that is said to be a window',
    0,
    ({ volume }) => {
      let total = 0
      return volume.map((value) => {
        total += Number.isNaN(value) ? 0 : value
        return total
      })
    },
    'window',
  ),
]

const earlier = (bars: Bars, step: number): Bars => ({ ...bars, openTime: bars.openTime.map((time) => time - step) })

const PLUMBING: readonly Mutant[] = [
  plumbing('a higher bar before it has closed', { feature: 'return', timeframe: '4h' }, (source) => ({
    ...source,
    context: source.context.map((bars) => earlier(bars, timeframeMs(bars.timeframe))),
  })),
  plumbing('a higher bar one row before it has closed', { feature: 'return', timeframe: '4h' }, (source) => ({
    ...source,
    // Whoever labels bars by their end and joins by less-or-equal of the open time takes the bar one row too soon.
    context: source.context.map((bars) => earlier(bars, HOUR)),
  })),
  plumbing(
    'higher bars made of decision bars that are not all there',
    { feature: 'return', timeframe: '4h' },
    (source) => ({
      ...source,
      context: source.context.map((bars) => forming(bars, source.decision)),
    }),
  ),
  plumbing('a print taken at the very time of the close', { feature: 'funding_rate', timeframe: H }, (source) =>
    shifted(source, -1),
  ),
  plumbing('the print of the next interval', { feature: 'funding_rate', timeframe: H }, (source) =>
    shifted(source, -8 * HOUR),
  ),
  plumbing(
    'open interest by the label of its row, five minutes before it is published',
    { feature: 'open_interest', timeframe: H },
    (source) => earlierSeries(source, 'metrics', 5 * MINUTE),
  ),
  // At 2026-06-25 the labels of metrics turned from the end of a period to its start, without a word.
  plumbing(
    'open interest whose labels turn from ends to starts, all taken for ends',
    { feature: 'oi_pct_change_1', timeframe: '4h' },
    (source) => earlierSeries(source, 'metrics', 10 * MINUTE, SEAM),
  ),
  plumbing(
    'liquidations of the quarter of an hour that is still going on',
    { feature: 'liq_volume_1h', timeframe: H },
    (source) => earlierBars(source, 'liquidation_bars', 15 * MINUTE),
  ),
  plumbing('the market’s bar that has not closed', { feature: 'relative_strength_20', timeframe: H }, (source) =>
    earlierSeries(source, 'market', HOUR),
  ),
  plumbing('the dollar’s bar that has not closed', { feature: 'dxy_beta_30d', timeframe: H }, (source) =>
    earlierSeries(source, 'dxy', HOUR),
  ),
  plumbing('other pairs’ bars that have not closed', { feature: 'alpha_033', timeframe: H }, (source) =>
    earlierSeries(source, 'peers', HOUR),
  ),
  plumbing('gaps filled from the bars after them', { feature: 'return', timeframe: H }, (source) => ({
    ...source,
    decision: backfilled(source.decision),
  })),
]

const SEAM = START + 600 * HOUR

/** Rows that became known from `since` on are used so much too early, but never before the row ahead of them. */
function earlierSeries(source: FeatureSource, name: SeriesName, ms: number, since = 0): FeatureSource {
  const move = (own: AsOfSeries, each: string) => {
    if (each !== name) return own
    let latest = 0
    return {
      ...own,
      available: own.available.map((time) => {
        latest = Math.max(latest, time < since ? time : time - ms)
        return latest
      }),
    }
  }
  return { ...source, series: mapSeries(source.series, move) }
}

/** The same of a series whose bars are found by their open time. */
function earlierBars(source: FeatureSource, name: SeriesName, ms: number): FeatureSource {
  const move = (own: AsOfSeries, each: string) => {
    if (each !== name) return own
    const open_time = own.columns.open_time.map((time) => time - ms)
    return { ...own, available: own.available.map((time) => time - ms), columns: { ...own.columns, open_time } }
  }
  return { ...source, series: mapSeries(source.series, move) }
}

/** Joined by the time that a print carries, or by when it is due: the moments at which it is not known yet. */
function shifted(source: FeatureSource, ms: number): FeatureSource {
  const funding = source.series.funding
  if (funding === undefined || funding === null) return source
  // What is cut off is cut off: a leak in the join is one that has more than the cut leaves.
  return {
    ...source,
    series: { ...source.series, funding: { ...funding, available: funding.available.map((time) => time + ms) } },
  }
}

/** The higher bar that is still open closes at the last price known, and counts. */
function forming(bars: Bars, decision: Bars): Bars {
  const step = timeframeMs(bars.timeframe)
  const begun = Math.ceil((decision.openTime[decision.rows - 1] + HOUR - bars.openTime[0]) / step)
  if (!(begun > bars.rows)) return earlier(bars, step)
  const grown = copyOf({ ...bars, rows: bars.rows })
  const longer = Object.fromEntries(
    BAR_VALUES.map((name) => [name, Float64Array.from([...grown[name], decision[name][decision.rows - 1]])]),
  )
  const openTime = Float64Array.from({ length: bars.rows + 1 }, (_, i) => bars.openTime[0] + i * step)
  return earlier({ ...bars, ...longer, rows: bars.rows + 1, openTime } as Bars, step)
}

function backfilled(bars: Bars): Bars {
  const filled = copyOf(bars)
  for (const name of BAR_VALUES) {
    for (let i = filled.rows - 2; i >= 0; i--)
      if (filled.baseBars[i] === 0 || Number.isNaN(filled[name][i])) filled[name][i] = filled[name][i + 1]
  }
  return filled
}

export const MUTANTS: readonly Mutant[] = [...FORMULAS, ...PLUMBING]
