/**
 * The series of features, as cleaning left them on disk.
 */

import { readFunding } from '../../datasets/bars-table.js'
import { readParquet } from '../../datasets/parquet.js'
import { SERIES, SERIES_NAMES, type SeriesName, type SeriesTable } from '../../features/inputs.js'
import { fundingSeries } from '../../features/series/funding.js'
import { type AsOfSeries, checkSeries } from '../../features/series.js'

/**
 * @param names    of the series that are wanted
 * @param pathsOf  the files of one, in the order of time; none where the instrument has none
 */
export async function readSeriesTable(
  names: readonly SeriesName[],
  pathsOf: (name: SeriesName) => readonly string[],
): Promise<SeriesTable> {
  const table: { [name in SeriesName]?: AsOfSeries } = {}
  for (const name of SERIES_NAMES.filter((one) => names.includes(one))) {
    const series = name === 'funding' ? await funding(pathsOf(name)) : await rowsOf(name, pathsOf(name))
    if (series === null) continue
    checkSeries(name, series)
    table[name] = series
  }
  // One name, one series: each has the columns of its kind.
  return table as SeriesTable
}

async function funding(paths: readonly string[]): Promise<AsOfSeries | null> {
  const prints = await readFunding(paths)
  return prints && fundingSeries(prints)
}

async function rowsOf(name: SeriesName, paths: readonly string[]): Promise<AsOfSeries | null> {
  if (paths.length === 0) return null
  const names: readonly string[] = SERIES[name].columns
  const { rows, numbers } = await readParquet(paths, [...new Set(['available_time', 'open_time', ...names])])
  if (rows === 0) return null
  return {
    available: numbers.available_time,
    time: numbers.open_time,
    columns: Object.fromEntries(names.map((one) => [one, numbers[one]])),
  }
}
