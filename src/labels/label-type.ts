/**
 * What a label type is: one entry in the registry. It sees one event (entry bar, last bar of the horizon, entry price,
 * barrier distances) and says what became of it; times, holes and the end of the data are handled once, in label.ts.
 */
import type { BarrierPath } from './barrier-path.js'

/** What became of one side of a trade. */
export const OUTCOME = { win: 1, none: 0, stop: -1 } as const

/** What a label type fills in for one event. One object is used again for all events. */
export type Outcome = {
  /** The class, or NaN where the type has none for this outcome (binary: neither barrier). */
  label: number
  /** Last bar that had to be seen for the outcome. The horizon's last bar may lie beyond the data. */
  lastBar: number
  /** True when a touch settled the outcome before the horizon did. */
  touched: boolean
  long: number // OUTCOME
  short: number // OUTCOME
  longBar: number // bar that touches the long's barrier; -1 none
  shortBar: number // bar that touches the short's barrier; -1 none
}

export type BarrierEvent = {
  entryBar: number
  horizonBar: number // last bar that closes by t0 + horizon
  entryPrice: number
  profit: number // fraction of the entry price
  stop: number // fraction of the entry price
}

export interface LabelType {
  readonly name: string
  readonly meaning: string
  /** The classes, in the order in which models number them. */
  readonly classes: readonly number[]
  readonly reference: string
  /** Smallest profit ÷ stop for which the classes exclude each other; 0 = any. */
  readonly minimumRatio: number
  /** Writes every field of `outcome`; called for events whose entry bar is known. */
  readonly resolve: (path: BarrierPath, event: BarrierEvent, outcome: Outcome) => void
}
