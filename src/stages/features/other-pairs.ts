/**
 * What a feature table takes from other pairs: the market's bars, and those of all others where a column ranks the pair
 * among them. They are inputs by content like the pair's own, so a table is stale when they change; without them the features
 * that need them are absent, and it is said why.
 */
import type { Json } from '../../core/canonical.js'
import type { Timeframe } from '../../core/time.js'
import { LEAST_PAIRS } from '../../features/formula/evaluate.js'
import { SERIES, type SeriesName } from '../../features/inputs.js'
import type { FeatureSource } from '../../features/matrix.js'
import type { Column } from '../../features/selection.js'
import { BAR_VALUES, type BarValue } from '../../market/bars.js'
import { type Done, type InputFile, inputsFrom, type PlanContext, type Task, type TaskIo } from '../stage.js'
import { rowsOf, timeOf } from './spans.js'

/** Series that are the bars of one other pair each, and the settings that name it. */
const SINGLE = { market: 'features.market', spy: 'features.spy', dxy: 'features.dxy' } as const
type Single = keyof typeof SINGLE
const SINGLES = Object.keys(SINGLE) as readonly Single[]

export function isOfOtherPairs(name: SeriesName): boolean {
  return name === 'peers' || SINGLES.some((single) => single === name)
}

/** Which pairs a unit reads; a series that is missing is so for a reason. */
type OtherPairs = {
  readonly market: string | null
  readonly spy: string | null
  readonly dxy: string | null
  readonly peers: readonly string[]
  readonly missing: NonNullable<FeatureSource['missing']>
}

export type PlannedPairs = {
  readonly inputs: readonly InputFile[]
  /** None where no column needs another pair, so that other pairs are nothing to such a unit. */
  readonly settings: { readonly others?: Json }
  /** Pairs that are ranked together, the own one included; 0 where none are. */
  readonly ranked: number
  readonly memoryBytes: number
}

/** Values of a pair and row: as read, as joined, and panels of a formula, in float64. */
export const PAIR_VALUES = 6 + 8 + 6 + 8

export function planOtherPairs(
  context: PlanContext,
  pair: string,
  { columns, months }: { readonly columns: readonly Column[]; readonly months: readonly Done[] },
): PlannedPairs {
  const singles = SINGLES.filter((name) => needs(columns, name))
  const ofPeers = needs(columns, 'peers')
  if (singles.length === 0 && !ofPeers) return { inputs: [], settings: {}, ranked: 0, memoryBytes: 0 }
  const { config } = context
  const decision = config['bars.decision']
  const from = Math.min(...months.map(({ settings }) => timeOf(settings.from)))
  const bars = context.others('clean', 'bars')
  const chosen: { [name in Single]: string | null } = { market: null, spy: null, dxy: null }
  const missing: { [name in Single | 'peers']?: string } = {}
  for (const name of singles) {
    const named = config[SINGLE[name]]
    const why = whyNot(SINGLE[name], { pair, named, bars: bars.find((other) => other.pair === named)?.done })
    if (why === null) chosen[name] = named
    else missing[name] = why
  }
  const peers = ofPeers ? bars.filter(({ done }) => done !== null && done.length > 0) : []
  const noPeers = ofPeers ? whyNoPeers(peers.length + 1) : null
  if (noPeers !== null) missing.peers = noPeers
  const plan: OtherPairs = { ...chosen, peers: noPeers === null ? peers.map((peer) => peer.pair) : [], missing }
  const one = Object.values(chosen)
  const wanted = bars.filter((other) => one.includes(other.pair) || plan.peers.includes(other.pair))
  const rows = rowsOf(months, decision)
  const ranked = plan.peers.length === 0 ? 0 : plan.peers.length + 1
  return {
    inputs: wanted.flatMap((other) => barsOf(other.pair, since(other.done ?? [], from), decision)),
    settings: { others: plan as unknown as Json },
    ranked,
    memoryBytes: rows * 8 * (4 * Math.max(1, singles.length) + ranked * PAIR_VALUES),
  }
}

/** A rank is another number when a pair is not among the ranked, so it is said. */
export function sayWhoFailed({ others, warn }: PlanContext, pair: string, columns: readonly Column[]): void {
  if (!needs(columns, 'peers')) return
  const failed = others('clean', 'bars').filter(({ done }) => done === null)
  if (failed.length > 0) warn(`${pair}: ranks across pairs are without ${failed.map((other) => other.pair).join(', ')}`)
}

/**
 * Columns of a unit each, in their order. Those that rank pairs stand apart: they are made in another way, and only they
 * are stale when another pair changes.
 */
export function inGroups(
  columns: readonly Column[],
  size: number,
): readonly { readonly first: number; readonly columns: readonly Column[] }[] {
  const groups: { readonly first: number; readonly columns: Column[] }[] = []
  for (const [i, column] of columns.entries()) {
    const last = groups.at(-1)
    if (last && last.columns.length < size && needs(last.columns, 'peers') === needs([column], 'peers')) {
      last.columns.push(column)
    } else groups.push({ first: i, columns: [column] })
  }
  return groups
}

/** Whether a column has inputs of that series. */
function needs(columns: readonly Column[], name: SeriesName): boolean {
  const inputs: readonly string[] = SERIES[name].inputs
  return columns.some(({ feature }) => feature.inputs.some((input) => inputs.includes(input)))
}

type Named = { readonly pair: string; readonly named: string | null; readonly bars: readonly Done[] | null | undefined }

function whyNot(setting: string, { pair, named, bars }: Named): string | null {
  if (named === null) return `${setting} names no pair to compare with`
  if (named === pair) return `${pair} is ${setting} itself`
  if (bars === undefined) return `${setting} ${named} is not among data.pairs`
  if (bars === null || bars.length === 0) return `${setting} ${named} has no clean bars`
  return null
}

function whyNoPeers(pairs: number): string | null {
  if (pairs >= LEAST_PAIRS) return null
  return `${pairs} of data.pairs ${pairs === 1 ? 'has' : 'have'} bars, and a rank across pairs needs ${LEAST_PAIRS}`
}

function since(bars: readonly Done[], from: number): readonly Done[] {
  return bars.filter(({ settings }) => timeOf(settings.to) > from)
}

/** Bars of another pair, under a name of their own: those of the pair itself are called bars_5m. */
function barsOf(pair: string, bars: readonly Done[], timeframe: Timeframe): InputFile[] {
  return inputsFrom(bars, [`bars_${timeframe}`]).map((file) => ({ ...file, name: barsNameOf(pair, timeframe) }))
}

const barsNameOf = (pair: string, timeframe: Timeframe) => `${pair} bars_${timeframe}`

type OtherSeries = Required<Pick<FeatureSource, 'series' | 'missing'>>

/** @param columns  of which the inputs are read; null reads all */
export async function readOtherPairs(
  io: Pick<TaskIo, 'paths'>,
  settings: Task['settings'],
  timeframe: Timeframe,
  columns: readonly Column[] | null,
): Promise<OtherSeries> {
  if (settings.others === undefined) return { series: {}, missing: {} }
  const { market, spy, dxy, peers, missing } = settings.others as unknown as OtherPairs
  const { readBars } = await import('../../datasets/bars-table.js')
  const { checkSeries } = await import('../../features/series.js')
  const { marketSeries } = await import('../../features/series/market.js')
  const { referenceSeries } = await import('../../features/series/references.js')
  const { peersSeries, peerValues } = await import('../../features/series/peers.js')
  const read = (pair: string, values: readonly BarValue[]) =>
    readBars(io.paths(barsNameOf(pair, timeframe)), timeframe, ['baseBars', ...values])
  const values = columns === null ? BAR_VALUES : peerValues(columns.flatMap(({ feature }) => feature.inputs))
  const others = []
  for (const pair of peers) others.push(await read(pair, values))
  const series = {
    market: market === null ? null : marketSeries(await read(market, ['close'])),
    spy: spy === null ? null : referenceSeries(await read(spy, ['close'])),
    dxy: dxy === null ? null : referenceSeries(await read(dxy, ['close'])),
    peers: peers.length === 0 ? null : peersSeries(others),
  }
  for (const [name, one] of Object.entries(series)) if (one !== null) checkSeries(name, one)
  return { series, missing }
}
