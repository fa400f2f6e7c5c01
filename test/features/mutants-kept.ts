/**
 * Planted leaks that the data themselves carry, in rows that are called known too early; and columns that keep something from
 * one call to the next, so that the same process answers the same to whoever asks again.
 */
import { createRandom } from '../../src/core/random.js'
import { HOUR, MINUTE } from '../../src/core/time.js'
import { columnSubject, type Subject } from '../../src/features/certificate.js'
import { defineFeature } from '../../src/features/feature.js'
import type { Inputs, SeriesName } from '../../src/features/inputs.js'
import type { FeatureSource } from '../../src/features/matrix.js'
import type { AsOfSeries } from '../../src/features/series.js'
import { mapSeries } from './market.js'

export type WrongSeries = {
  readonly name: SeriesName
  readonly fault: string
  readonly change: (own: AsOfSeries) => AsOfSeries
}

const earlier = (ms: number) => (own: AsOfSeries) => ({ ...own, available: own.available.map((time) => time - ms) })
const atItsOwnTime = (own: AsOfSeries) => ({ ...own, available: own.time })

/** One row that is early among thousands: but never before the one ahead of it. */
const once = (number: number) => (own: AsOfSeries) => {
  const row = 2 + createRandom(number, 'one early row').below(own.available.length - 2)
  return {
    ...own,
    available: own.available.map((time, i) => (i === row ? Math.max(own.available[i - 1], own.time[i]) : time)),
  }
}

export const WRONG_SERIES: readonly WrongSeries[] = [
  { name: 'funding', fault: 'an hour before it is printed', change: earlier(HOUR) },
  { name: 'funding', fault: 'at the time that it carries', change: atItsOwnTime },
  { name: 'funding', fault: 'one print, at the time that it carries', change: once(1) },
  { name: 'market', fault: 'at its open', change: atItsOwnTime },
  { name: 'market', fault: 'a minute before its close', change: earlier(MINUTE) },
  { name: 'market', fault: 'one bar, at its open', change: once(2) },
  { name: 'peers', fault: 'at its open', change: atItsOwnTime },
  { name: 'peers', fault: 'half an hour before its close', change: earlier(30 * MINUTE) },
  { name: 'spy', fault: 'at its open', change: atItsOwnTime },
  { name: 'dxy', fault: 'at its open', change: atItsOwnTime },
  { name: 'metrics', fault: 'when its period begins', change: atItsOwnTime },
  { name: 'metrics', fault: 'a minute before its period is over', change: earlier(6 * MINUTE) },
  { name: 'mark_price', fault: 'at its open', change: atItsOwnTime },
  { name: 'index_price', fault: 'one bar, at its open', change: once(3) },
  { name: 'premium_index', fault: 'a minute before its close', change: earlier(MINUTE) },
  { name: 'trade_bars', fault: 'at its open', change: atItsOwnTime },
  { name: 'liquidation_bars', fault: 'one bar, at its open', change: once(4) },
  { name: 'book_depth_bars', fault: 'a minute before its close', change: earlier(MINUTE) },
  { name: 'book_ticker_bars', fault: 'at its open', change: atItsOwnTime },
]

export function withSeries(source: FeatureSource, { name, change }: WrongSeries): FeatureSource {
  return { ...source, series: mapSeries(source.series, (own, each) => (each === name ? change(own) : own)) }
}

/** A fresh one each time it is called, as a process has it that has computed nothing yet. */
export type Keeper = { readonly name: string; readonly begin: () => Subject }

type Compute = (inputs: Inputs & { readonly rows: number }) => Float64Array

function keeper(name: string, begin: () => Compute): Keeper {
  return {
    name,
    begin() {
      const compute = begin()
      const feature = defineFeature({
        ...{ name: 'keeper', family: 'price', meaning: 'A planted leak.', reference: 'none' },
        inputs: ['openTime', 'close', 'volume'],
        ...{ lookback: 0, memory: 'window', timeframes: 'decision' },
        compute: (inputs) => compute(inputs as Inputs & typeof inputs),
      })
      return columnSubject({ name: 'keeper', feature, timeframe: '1h', context: false })
    },
  }
}

const meanOf = (x: Float64Array) => {
  const known = x.filter((value) => !Number.isNaN(value))
  return known.reduce((sum, value) => sum + value, 0) / known.length
}

export const KEEPERS: readonly Keeper[] = [
  keeper('the first answer for each bar', () => {
    const kept = new Map<number, number>()
    return ({ openTime, close }) =>
      close.map((value, i) => {
        const answer = kept.get(openTime[i]) ?? (close[i + 1] ?? value) / value
        kept.set(openTime[i], answer)
        return answer
      })
  }),
  keeper('the longest answer, of which a shorter one is a part', () => {
    let kept = new Float64Array(0)
    let from = 0
    return ({ openTime, close }) => {
      if (close.length > kept.length) {
        kept = close.map((value, i) => (close[i + 1] ?? value) / value)
        from = openTime[0]
      }
      return close.map((value, i) => kept[(openTime[i] - from) / HOUR] ?? value)
    }
  }),
  keeper('a scaler that is fitted at the first call', () => {
    let mean = Number.NaN
    return ({ close }) => {
      if (Number.isNaN(mean)) mean = meanOf(close)
      return close.map((value) => value / mean)
    }
  }),
  keeper('the largest volume that was ever seen', () => {
    let largest = 0
    return ({ volume }) => {
      for (const value of volume) if (value > largest) largest = value
      return volume.map((value) => value / largest)
    }
  }),
  keeper('the next close, where an earlier call has seen it', () => {
    const seen = new Map<number, number>()
    return ({ openTime, close }) => {
      openTime.forEach((time, i) => {
        if (!seen.has(time)) seen.set(time, close[i])
      })
      return close.map((value, i) => (seen.get(openTime[i] + HOUR) ?? value) / value)
    }
  }),
  keeper('a mean of all closes that were ever seen, each once', () => {
    const seen = new Map<number, number>()
    return ({ openTime, close }) => {
      openTime.forEach((time, i) => {
        if (!Number.isNaN(close[i])) seen.set(time, close[i])
      })
      const mean = meanOf(Float64Array.from(seen.values()))
      return close.map((value) => value / mean)
    }
  }),
]
