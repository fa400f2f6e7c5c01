/**
 * Planted leaks that show at few rows: an honest value, but at rows of one kind that of a bar or two later. Which honest value,
 * how long its window is and which rows of the kind are meant is drawn by chance for every mutant.
 */
import { createRandom, type Random } from '../../src/core/random.js'
import { DAY, HOUR } from '../../src/core/time.js'
import type { Inputs } from '../../src/features/inputs.js'
import type { FeatureSource } from '../../src/features/matrix.js'
import type { AsOfSeries } from '../../src/features/series.js'
import type { Bars } from '../../src/market/bars.js'
import { copyOf, type Market, mapSeries, randomMarket, withHole } from './market.js'
import { formula, type Mutant, plumbing } from './mutants.js'

/** Three holes, bars without volume, four months. */
export const RARE_MARKET: Market = (() => {
  const whole = [700, 1411, 2302].reduce((own, row) => withHole(own, row, row + 3), randomMarket(3000, 31))
  const decision = copyOf(whole.decision)
  for (const row of [333, 912, 1800, 1801, 2555]) {
    for (const name of ['volume', 'quoteVolume', 'takerBuyVolume', 'takerBuyQuoteVolume', 'count'] as const)
      decision[name][row] = 0
    for (const name of ['high', 'low', 'close'] as const) decision[name][row] = decision.open[row]
  }
  return { ...whole, decision }
})()

type Row = { readonly inputs: Inputs; readonly i: number; readonly opened: number; readonly closed: number }
type Kind = { readonly name: string; readonly choose: (random: Random) => (row: Row) => boolean }

const { close, volume } = RARE_MARKET.decision
const sorted = (x: Float64Array) => x.filter((value) => !Number.isNaN(value)).sort()
/** The value that only so many bars lie beyond. */
const beyond = (x: Float64Array, bars: number) => sorted(x).at(-1 - bars) ?? Number.NaN
const below = (x: Float64Array, bars: number) => sorted(x)[bars]

const KINDS: readonly Kind[] = [
  { name: 'one row in 500', choose: every(500) },
  { name: 'one row in 200', choose: every(200) },
  {
    name: 'one hour of the day',
    choose: (random) => at(random, 24, ({ opened }) => (opened / HOUR) % 24),
  },
  {
    name: 'one hour of one weekday',
    choose: (random) => at(random, 168, ({ opened }) => (opened / HOUR) % 168),
  },
  { name: 'the border of a week', choose: () => (row) => (row.closed - 4 * DAY) % (7 * DAY) === 0 },
  { name: 'the first bar of a week', choose: () => (row) => (row.opened - 4 * DAY) % (7 * DAY) === 0 },
  { name: 'the border of a month', choose: () => (row) => isFirstOfMonth(row.closed) },
  { name: 'the first bar of a month', choose: () => (row) => isFirstOfMonth(row.opened) },
  {
    name: 'no volume',
    choose:
      () =>
      ({ inputs, i }) =>
        inputs.volume[i] === 0,
  },
  {
    name: 'the bar before one without volume',
    choose:
      () =>
      ({ inputs, i }) =>
        inputs.volume[i + 1] === 0,
  },
  {
    name: 'before a hole',
    choose:
      () =>
      ({ inputs, i }) =>
        Number.isNaN(inputs.close[i + 1]),
  },
  {
    name: 'after a hole',
    choose:
      () =>
      ({ inputs, i }) =>
        i > 0 && Number.isNaN(inputs.close[i - 1]),
  },
  {
    name: 'beyond a price',
    choose: (random) => beyondOf('close', beyond(close, 1 + random.below(8)), 1),
  },
  {
    name: 'below a price',
    choose: (random) => beyondOf('close', below(close, 1 + random.below(8)), -1),
  },
  {
    name: 'beyond a volume',
    choose: (random) => beyondOf('volume', beyond(volume, 1 + random.below(8)), 1),
  },
]

function every(rows: number) {
  return (random: Random) => at(random, rows, ({ opened }) => (opened / HOUR) % rows)
}

function at(random: Random, count: number, placeOf: (row: Row) => number) {
  const place = random.below(count)
  return (row: Row) => placeOf(row) === place
}

function beyondOf(name: 'close' | 'volume', limit: number, sign: number) {
  return ({ inputs, i }: Row) => sign * inputs[name][i] > sign * limit
}

function isFirstOfMonth(time: number): boolean {
  return time % DAY === 0 && new Date(time).getUTCDate() === 1
}

/** Honest values, each a window or a memory since the last hole. */
function honest(random: Random) {
  const bars = [1, 3, 8, 20, 40][random.below(5)]
  const mean = ({ close: x }: Inputs) =>
    x.map((_, i) => (i < bars ? Number.NaN : x.subarray(i - bars, i + 1).reduce((sum, value) => sum + value, 0)))
  const change = ({ close: x }: Inputs) => x.map((value, i) => (i < bars ? Number.NaN : value / x[i - bars] - 1))
  const range = ({ high, low }: Inputs) => high.map((value, i) => value - low[i])
  const average = ({ close: x }: Inputs) => {
    let [state, since] = [Number.NaN, 0]
    return x.map((value) => {
      if (Number.isNaN(value)) state = Number.NaN
      else state = Number.isNaN(state) ? value : state + (value - state) / bars
      since = Number.isNaN(value) ? 0 : since + 1
      return since > bars ? state : Number.NaN
    })
  }
  return [
    { lookback: bars, memory: 'window', compute: mean } as const,
    { lookback: bars, memory: 'window', compute: change } as const,
    { lookback: 0, memory: 'window', compute: range } as const,
    { lookback: bars, memory: 'recursive', compute: average } as const,
  ][random.below(4)]
}

const OF_EACH_KIND = 3

/** At rows of the kind the value of one bar later, or a trace of the next close. */
const FORMULAS: readonly Mutant[] = KINDS.flatMap(({ name, choose }) =>
  Array.from({ length: OF_EACH_KIND }, (_, number) => {
    const random = createRandom(number, `mutant ${name}`)
    const { lookback, memory, compute } = honest(random)
    const isMeant = choose(random)
    const isTrace = random.below(2) === 0
    return formula(
      `${name} (${number + 1}: ${memory} of ${lookback}, ${isTrace ? 'a trace' : 'the value'} of the next bar)`,
      lookback,
      (inputs) => {
        const own = compute(inputs)
        const { openTime } = inputs
        return own.map((value, i) => {
          if (!isMeant({ inputs, i, opened: openTime[i], closed: openTime[i] + HOUR })) return value
          // Where there is no honest value, as after a hole, the trace is all.
          if (isTrace) return (Number.isNaN(value) ? 0 : value) + 1e-9 * (inputs.close[i + 1] ?? 0)
          return own[i + 1] ?? Number.NaN
        })
      },
      memory,
    )
  }),
)

/** Joins that are wrong now and then. */
const JOINS: readonly Mutant[] = Array.from({ length: OF_EACH_KIND }, (_, number) => {
  const random = createRandom(number, 'mutant joins')
  const weekday = random.below(5)
  const isMeant = (time: number) => new Date(time).getUTCDay() === 1 + weekday
  const hour = random.below(24)
  return [
    plumbing(
      `a print an hour early, on one weekday (${number + 1})`,
      { feature: 'funding_rate', timeframe: '1h' },
      (source) => earlySeries(source, 'funding', isMeant),
    ),
    plumbing(
      `the market’s bar before it has closed, in one hour of the day (${number + 1})`,
      { feature: 'relative_strength_20', timeframe: '1h' },
      (source) => earlySeries(source, 'market', (time) => (time / HOUR) % 24 === hour),
    ),
    plumbing(
      `a higher bar that knows the next one’s open, on one weekday (${number + 1})`,
      { feature: 'return', timeframe: '4h' },
      (source) => ({ ...source, context: source.context.map((bars) => knowsNext(bars, isMeant)) }),
    ),
  ]
}).flat()

/** Rows of a series that are meant are used an hour early, but never before the row ahead of them. */
function earlySeries(source: FeatureSource, name: string, isMeant: (time: number) => boolean): FeatureSource {
  const move = (own: AsOfSeries, each: string) => {
    if (each !== name) return own
    let latest = 0
    const available = own.available.map((time) => {
      latest = Math.max(latest, isMeant(time) ? time - HOUR : time)
      return latest
    })
    return { ...own, available }
  }
  return { ...source, series: mapSeries(source.series, move) }
}

function knowsNext(bars: Bars, isMeant: (time: number) => boolean): Bars {
  const close = bars.close.map((value, i) => (isMeant(bars.openTime[i]) ? (bars.open[i + 1] ?? value) : value))
  return { ...bars, close }
}

export const RARE_MUTANTS: readonly Mutant[] = [...FORMULAS, ...JOINS]
