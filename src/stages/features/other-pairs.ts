/**
 * What a feature table takes from other pairs: the market's bars. They are inputs by content like the pair's own, so
 * a table is stale when they change; without them the features that need them are absent, and it is said why.
 */
import type { Json } from '../../core/canonical.js'
import type { Timeframe } from '../../core/time.js'
import type { SeriesName } from '../../features/inputs.js'
import type { FeatureSource } from '../../features/matrix.js'
import type { Column } from '../../features/selection.js'
import { type Done, type InputFile, inputsFrom, type PlanContext, type Task, type TaskIo } from '../stage.js'

/** Which pairs a unit reads; a series that is missing is so for a reason. */
type OtherPairs = { readonly market: string | null; readonly missing: NonNullable<FeatureSource['missing']> }

export type PlannedPairs = {
  readonly inputs: readonly InputFile[]
  /** None where no column needs another pair, so that other pairs are nothing to such a unit. */
  readonly settings: { readonly others?: Json }
  /** Values a decision row that come into memory. */
  readonly columns: number
}

/** @param from  UTC ms before which no bars are needed */
export function planOtherPairs(
  { config, others }: PlanContext,
  pair: string,
  columns: readonly Column[],
  from: number = Number.NEGATIVE_INFINITY,
): PlannedPairs {
  if (!needs(columns, ['marketClose'])) return { inputs: [], settings: {}, columns: 0 }
  const name = config['features.market']
  const bars = name === null ? undefined : others('clean', 'bars').find((other) => other.pair === name)?.done
  const reason = whyNoMarket(pair, name, bars)
  const plan: OtherPairs =
    reason === null ? { market: name, missing: {} } : { market: null, missing: { market: reason } }
  return {
    inputs: reason === null && bars && name !== null ? barsOf(name, since(bars, from), config['bars.decision']) : [],
    settings: { others: plan as unknown as Json },
    columns: 4,
  }
}

function needs(columns: readonly Column[], inputs: readonly string[]): boolean {
  return columns.some(({ feature }) => feature.inputs.some((input) => inputs.includes(input)))
}

function whyNoMarket(pair: string, name: string | null, bars: readonly Done[] | null | undefined): string | null {
  if (name === null) return 'features.market names no pair to compare with'
  if (name === pair) return `${pair} is features.market itself`
  if (bars === undefined) return `features.market ${name} is not among data.pairs`
  if (bars === null || bars.length === 0) return `features.market ${name} has no clean bars`
  return null
}

function since(bars: readonly Done[], from: number): readonly Done[] {
  return bars.filter(({ settings }) => Date.parse(String(settings.to)) > from)
}

/** Bars of another pair, under a name of their own: those of the pair itself are called bars_5m. */
function barsOf(pair: string, bars: readonly Done[], timeframe: Timeframe): InputFile[] {
  return inputsFrom(bars, [`bars_${timeframe}`]).map((file) => ({ ...file, name: barsNameOf(pair, timeframe) }))
}

const barsNameOf = (pair: string, timeframe: Timeframe) => `${pair} bars_${timeframe}`

type OtherSeries = Required<Pick<FeatureSource, 'series' | 'missing'>>

export async function readOtherPairs(
  io: TaskIo,
  settings: Task['settings'],
  timeframe: Timeframe,
): Promise<OtherSeries> {
  const { market, missing } = (settings.others ?? { market: null, missing: {} }) as unknown as OtherPairs
  if (market === null) return { series: {}, missing }
  const { readBars } = await import('../../datasets/bars-table.js')
  const { checkSeries } = await import('../../features/series.js')
  const { marketSeries } = await import('../../features/series/market.js')
  const series = marketSeries(await readBars(io.paths(barsNameOf(market, timeframe)), timeframe, ['baseBars', 'close']))
  checkSeries('market' satisfies SeriesName, series)
  return { series: { market: series }, missing }
}
