/**
 * What to type after an import: the settings that a run needs to fit what was imported, and no others.
 */
import { resolveConfig } from '../config/load.js'
import { DAY, HOUR, isoDay, type Timeframe, timeframeMs } from '../core/time.js'
import type { RawKind } from '../market/raw-kinds.js'
import { runCommand } from './for-shell.js'

type Imported = {
  readonly pair: string
  readonly venue: string
  readonly timeframe: Timeframe | null
  readonly kind: RawKind
}
type Part = { readonly key: string; readonly span: { readonly from: number; readonly to: number } }

/** Null when no bars were imported: funding alone cannot be run on. */
export function nextCommand(folder: string, files: readonly Imported[], months: readonly Part[]): string | null {
  const first = files.find(({ timeframe }) => timeframe !== null)
  if (first === undefined || first.timeframe === null) return null
  const { timeframe, venue } = first
  const alike = files.filter((file) => file.timeframe === timeframe && file.venue === venue)
  const pairs = [...new Set(alike.map(({ pair }) => pair))]
  const spans = months.filter(({ key }) => key.includes('/klines/')).map(({ span }) => span)
  const from = Math.min(...spans.map((span) => span.from))
  const to = Math.max(...spans.map((span) => span.to)) + timeframeMs(timeframe)
  const whole = { from: Math.ceil(from / DAY) * DAY, to: Math.floor(to / DAY) * DAY }
  // Whole days where there are any, for a day that is begun is mostly holes.
  const days = whole.from < whole.to ? whole : { from: Math.floor(from / DAY) * DAY, to: Math.ceil(to / DAY) * DAY }
  const settings = [
    `exchange.archiveUrl=${folder}`,
    ...(venue === 'binance-um' ? [] : [`data.venue=${venue}`]),
    `bars.base=${timeframe}`,
    ...timeframeSettings(timeframe),
    ...kindSettings(files.filter((file) => file.venue === venue)),
    `data.from=${isoDay(days.from)}`,
    `data.to=${isoDay(days.to)}`,
  ]
  return runCommand(pairs, settings)
}

/** The default kinds, and those that were imported and are none of them. */
function kindSettings(files: readonly Imported[]): string[] {
  const usual = resolveConfig([]).config['download.kinds']
  const more = [...new Set(files.map(({ kind }) => kind))].filter((kind) => !usual.includes(kind))
  return more.length === 0 ? [] : [`download.kinds=${[...usual, ...more].join(',')}`]
}

/** The defaults that do not fit a base of this length, replaced. */
function timeframeSettings(base: Timeframe): string[] {
  const { config } = resolveConfig([])
  const step = timeframeMs(base)
  const decision = timeframeMs(config['bars.decision']) % step === 0 ? config['bars.decision'] : base
  const length = timeframeMs(decision)
  const context = (config['bars.context'] as readonly Timeframe[]).filter(
    (name) => timeframeMs(name) > length && timeframeMs(name) % length === 0,
  )
  return [
    ...(decision === config['bars.decision'] ? [] : [`bars.decision=${decision}`]),
    ...(context.length === config['bars.context'].length
      ? []
      : [`bars.context=${context.length === 0 ? '[]' : context.join(',')}`]),
    // A trade enters one bar after the decision and needs some bars to meet its barriers.
    ...(step > HOUR ? [`labels.horizon=${(8 * step) / HOUR}h`] : []),
  ]
}
