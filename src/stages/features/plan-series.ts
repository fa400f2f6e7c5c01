/**
 * Which clean files of the series beside the bars a set of columns reads.
 */
import type { Column } from '../../features/selection.js'
import { type Done, inputsFrom } from '../stage.js'

/** Float64 columns of the largest series as read, and what it is joined to. */
const SERIES_COLUMNS = 24

type SeriesFiles = {
  /** By the name of their series; none of one that the instrument has not. */
  readonly inputs: ReturnType<typeof inputsFrom>
  /** What reading all of them takes. */
  readonly memoryBytes: number
}

/** @param units  of the step `series` of cleaning, in the order of time */
export async function seriesFilesOf(units: readonly Done[]): Promise<(columns: readonly Column[]) => SeriesFiles> {
  const { seriesOf } = await import('../../features/inputs.js')
  return (columns) => {
    const names: readonly string[] = seriesOf(columns.flatMap(({ feature }) => feature.inputs))
    const own = units.filter(({ settings }) => names.includes(String(settings.series)))
    const rows = own.reduce((sum, { manifest }) => sum + Number(manifest.facts.rows), 0)
    return { inputs: inputsFrom(own, names), memoryBytes: rows * 8 * SERIES_COLUMNS }
  }
}
