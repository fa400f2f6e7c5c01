/** How long the months of a plan are. */
import type { Json } from '../../core/canonical.js'
import { type Timeframe, timeframeMs } from '../../core/time.js'
import type { Done } from '../stage.js'

/** UTC ms of a time in a unit's settings. */
export function timeOf(value: Json): number {
  return Date.parse(String(value))
}

/** Bars in the spans of these units. */
export function rowsOf(bars: readonly Done[], timeframe: Timeframe): number {
  const spanMs = bars.reduce((sum, { settings }) => sum + timeOf(settings.to) - timeOf(settings.from), 0)
  return spanMs / timeframeMs(timeframe)
}

/** The months that hold the last `spanMs`. */
export function newest(bars: readonly Done[], spanMs: number): readonly Done[] {
  const end = timeOf(bars.at(-1)?.settings.to ?? '')
  return bars.filter(({ settings }) => timeOf(settings.to) > end - spanMs)
}
