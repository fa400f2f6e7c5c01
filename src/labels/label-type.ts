/**
 * What a label type is: one entry in the registry. The race of the barriers is run for every event and says what a trade would have
 * made of it; the type says what a model is to learn. Times, holes and the end of the data are handled once, in label.ts.
 */
import type { BarrierPath } from './barrier-path.js'

/** What became of one side of a trade. */
export const OUTCOME = { win: 1, none: 0, stop: -1 } as const

/** How the race of the barriers went. One object is used again for all events. */
export type Race = {
  /** Last bar that had to be seen for both sides. The horizon's last bar may lie beyond the data. */
  lastBar: number
  /** True when a touch settled the race before the horizon did. */
  touched: boolean
  long: number // OUTCOME
  short: number // OUTCOME
  longBar: number // bar that touches the long's barrier; -1 none
}

export type BarrierEvent = {
  entryBar: number
  horizonBar: number // last bar that closes by t0 + horizon
  windowBar: number // last bar that closes by the end of the type's own window
  entryPrice: number
  profit: number // fraction of the entry price
  stop: number // fraction of the entry price
  side: number // of the primary model: 1 long, -1 short, 0 none, NaN not known
}

/** The same for all events. */
export type LabelTerms = {
  readonly threshold: number // of `direction`, fraction of the entry price
  readonly costs: number // of two market orders, fraction of the entry price; 0 unless labels are cost-aware
}

/** The label of an event whose bars are all known; NaN = the event has none. */
export type Measure = (event: BarrierEvent, race: Race) => number

export interface LabelType {
  readonly name: string
  readonly meaning: string
  readonly reference: string
  readonly task: 'classification' | 'regression'
  /** The classes, in the order in which models number them; none for a regression. */
  readonly classes: readonly number[]
  /** Where a signal's side comes from: the class, the sign of the value, the primary model; null: there is none to trade. */
  readonly side: 'class' | 'sign' | 'primary' | null
  /** Which trades are raced: those of both sides, or longs only. */
  readonly trades: 'both' | 'long'
  /** How far the label itself looks: as far as the race, to the horizon, or `labels.directionBars`. */
  readonly window: 'race' | 'horizon' | 'bars'
  /** Smallest profit ÷ stop for which a long and a short cannot both win; 0 = any. */
  readonly minimumRatio: number
  /** Called once for all events of a path. */
  readonly measure: (path: BarrierPath, terms: LabelTerms) => Measure
}
