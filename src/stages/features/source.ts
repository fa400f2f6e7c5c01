/**
 * What every step of the features stage reads: the chosen columns, and the bars and series that they are made of.
 */
import type { Timeframe } from '../../core/time.js'
import type { FeatureSource } from '../../features/matrix.js'
import type { Column } from '../../features/selection.js'
import type { BarValue } from '../../market/bars.js'
import type { PlanContext, Task, TaskIo } from '../stage.js'
import { isOfOtherPairs, readOtherPairs } from './other-pairs.js'

type Settings = Task['settings']

export async function columnsOf(settings: Settings): Promise<readonly Column[]> {
  const { selectedColumns } = await import('../../features/matrix.js')
  return selectedColumns(
    { include: settings['features.include'] as string[], exclude: settings['features.exclude'] as string[] },
    settings['bars.decision'] as Timeframe,
    settings['bars.context'] as Timeframe[],
  )
}

/** The settings that choose columns. */
export const SELECTION = ['bars.decision', 'bars.context', 'features.include', 'features.exclude'] as const

export function folderOf(config: PlanContext['config'], pair: string): string {
  return `data/features/${config['data.venue']}/${pair}/${config['bars.decision']}`
}

/** Bars and series; of the bars the values that these columns declare, or all. */
export async function readSource(
  io: Pick<TaskIo, 'paths'>,
  settings: Settings,
  timeframes: readonly Timeframe[],
  columns: readonly Column[] | null,
): Promise<FeatureSource> {
  const { readBars } = await import('../../datasets/bars-table.js')
  const { readSeriesTable } = await import('./read-series.js')
  const { SERIES_NAMES, seriesOf } = await import('../../features/inputs.js')
  const bars = []
  for (const timeframe of timeframes) {
    const own = columns?.filter((column) => column.timeframe === timeframe).flatMap(({ feature }) => feature.inputs)
    // Inputs that are no bar values are not found among them.
    const values = own === undefined ? undefined : (['baseBars', ...own] as BarValue[])
    bars.push(await readBars(io.paths(`bars_${timeframe}`), timeframe, values))
  }
  const [decision, ...context] = bars
  const wanted = columns === null ? SERIES_NAMES : seriesOf(columns.flatMap(({ feature }) => feature.inputs))
  // What other pairs give is read from their bars, below.
  const names = wanted.filter((name) => !isOfOtherPairs(name))
  const own = await readSeriesTable(names, (name) => io.paths(name))
  const others = await readOtherPairs(io, settings, decision.timeframe, columns)
  return { decision, context, series: { ...own, ...others.series }, missing: others.missing }
}
