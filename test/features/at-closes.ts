/** Inputs and features at chosen closes, from rows of a series written out by hand. Times are in minutes after a midnight. */
import { DAY, MINUTE, type Timeframe } from '../../src/core/time.js'
import type { Grid } from '../../src/features/feature.js'
import { featureInputs, type Inputs, SERIES, type SeriesName } from '../../src/features/inputs.js'
import { FEATURES } from '../../src/features/registry.js'
import type { AsOfSeries, SeriesKind } from '../../src/features/series.js'
import { emptyBars } from '../../src/market/bars.js'

type Rows = {
  readonly available: ArrayLike<number> // minutes
  readonly columns: { readonly [column: string]: ArrayLike<number> | undefined }
}

/** Columns that are not given are not known. */
function seriesOf(name: SeriesName, { available, columns }: Rows): AsOfSeries {
  const names: readonly string[] = SERIES[name].columns
  const unknown = new Array(available.length).fill(Number.NaN)
  const times = Float64Array.from(available, (minute) => minute * MINUTE)
  return {
    ...{ available: times, time: times },
    columns: Object.fromEntries(names.map((column) => [column, Float64Array.from(columns[column] ?? unknown)])),
  }
}

export function seriesAt(
  name: SeriesName,
  { closes, stepMinutes = 1, ...rows }: Rows & { readonly closes: readonly number[]; readonly stepMinutes?: number },
): Record<string, Float64Array> {
  const availableTime = Float64Array.from(closes, (minute) => minute * MINUTE)
  return (SERIES[name] as SeriesKind).join({ availableTime, stepMs: stepMinutes * MINUTE }, seriesOf(name, rows))
}

/** A feature over bars from midnight on. Inputs of series are given as they are known at each close. */
export function featureOver(
  name: string,
  inputs: Partial<Record<keyof Inputs, ArrayLike<number>>>,
  timeframe: Timeframe = '1m',
): Float64Array {
  const rows = Math.max(...Object.values(inputs).map(({ length }) => length))
  const bars = emptyBars(timeframe, DAY * 19_723, rows)
  const all: Inputs & Grid = featureInputs(bars, {})
  const given = Object.fromEntries(Object.entries(inputs).map(([input, values]) => [input, Float64Array.from(values)]))
  const feature = FEATURES.find((one) => one.name === name)
  if (feature === undefined) throw new Error(`no feature ${name}`)
  return feature.compute({ ...all, ...given })
}
