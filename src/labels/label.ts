/**
 * Labels every decision row: its class, when that class was known, and what a long would have made.
 *
 * Only what lies in [t0, t1] decides a row. A hole in that interval, or data that ends inside it, makes the row
 * unknown; it is never guessed.
 */
import { UserError } from '../core/errors.js'
import { timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { entryBar, firstBarFrom, lastBarBy, profitPrice, stopPrice } from '../market/entry.js'
import { type BarrierPath, barrierPath } from './barrier-path.js'
import { type BarrierEvent, type LabelType, OUTCOME, type Outcome } from './label-type.js'
import { LABEL_TYPES, type LabelTypeName } from './registry.js'

export type LabelInputs = {
  readonly base: Bars
  readonly availableTime: Float64Array // t0 of each row, UTC ms [n]
  readonly type: LabelTypeName
  readonly horizonMs: number // from t0
  readonly profit: Float64Array | number // fraction of the entry price, for all rows or for each [n]; NaN = not known
  readonly stop: Float64Array | number // the same
  readonly latencyBars: number // base bars between t0 and the entry
}

/** Columns, one value a row. An unknown row has NaN in every Float64Array but t0, and 0 in both outcomes. */
export type Labels = {
  readonly type: LabelTypeName
  readonly rows: number
  readonly label: Float64Array // a class of the type; NaN = unknown, or (binary) neither barrier: then t1 is known
  readonly t0: Float64Array // UTC ms
  readonly t1: Float64Array // UTC ms at which the outcome was known; NaN = unknown
  readonly entryPrice: Float64Array // open of the entry bar, before slippage
  readonly longReturn: Float64Array // gross return of a long by t1; a stop that is jumped over fills at that bar's open
  readonly longOutcome: Int8Array // OUTCOME: 1 win, -1 stop, 0 neither or unknown
  readonly shortOutcome: Int8Array // the same; always 0 for types that look at longs only
  readonly longTouch: Float64Array // UTC ms, close of the bar that touches; NaN none
  readonly shortTouch: Float64Array
}

/**
 * @param inputs  bars on a complete grid and the decision rows; rows need not be sorted
 * @returns       one label a row, see `Labels`
 * @throws UserError when the horizon leaves no bar after the entry, when a barrier given for all rows is not above
 *                   zero, or when the type cannot tell its classes apart because profit < stop
 */
export function label(inputs: LabelInputs): Labels {
  const { base, availableTime, latencyBars } = inputs
  const type: LabelType = LABEL_TYPES[inputs.type]
  checkInputs(inputs, type)
  const rows = availableTime.length
  const labels = unknownLabels(inputs.type, availableTime)
  const path = barrierPath(base)
  const event: BarrierEvent = { entryBar: 0, horizonBar: 0, entryPrice: 0, profit: 0, stop: 0 }
  const outcome: Outcome = { label: 0, lastBar: 0, touched: false, long: 0, short: 0, longBar: -1, shortBar: -1 }
  for (let row = 0; row < rows; row++) {
    const t0 = availableTime[row]
    event.profit = typeof inputs.profit === 'number' ? inputs.profit : inputs.profit[row]
    event.stop = typeof inputs.stop === 'number' ? inputs.stop : inputs.stop[row]
    // A distance of zero (a flat market under an ATR barrier) is no barrier.
    if (!(event.profit > 0 && event.stop > 0)) continue
    checkRatio(type, event.profit, event.stop)
    event.entryBar = entryBar(base, t0, latencyBars)
    if (event.entryBar < 0) continue
    event.entryPrice = base.open[event.entryBar]
    event.horizonBar = lastBarBy(base, t0 + inputs.horizonMs)
    if (event.horizonBar < event.entryBar) continue
    type.resolve(path, event, outcome)
    const firstBar = firstBarFrom(base, t0)
    if (firstBar < 0 || outcome.lastBar >= base.rows) continue
    if (path.holesBefore[outcome.lastBar + 1] > path.holesBefore[firstBar]) continue
    record(labels, row, path, event, outcome, t0 + inputs.horizonMs)
  }
  return labels
}

function unknownLabels(type: LabelTypeName, t0: Float64Array): Labels {
  const rows = t0.length
  const unknown = () => new Float64Array(rows).fill(Number.NaN)
  return {
    type,
    rows,
    label: unknown(),
    t0: t0.slice(),
    t1: unknown(),
    entryPrice: unknown(),
    longReturn: unknown(),
    longOutcome: new Int8Array(rows),
    shortOutcome: new Int8Array(rows),
    longTouch: unknown(),
    shortTouch: unknown(),
  }
}

function record(
  labels: Labels,
  row: number,
  path: BarrierPath,
  event: BarrierEvent,
  outcome: Outcome,
  horizonEnd: number,
): void {
  const { openTime, open, close } = path.base
  labels.label[row] = outcome.label
  labels.t1[row] = outcome.touched ? openTime[outcome.lastBar] + path.stepMs : horizonEnd
  labels.entryPrice[row] = event.entryPrice
  labels.longOutcome[row] = outcome.long
  labels.shortOutcome[row] = outcome.short
  if (outcome.longBar >= 0) labels.longTouch[row] = openTime[outcome.longBar] + path.stepMs
  if (outcome.shortBar >= 0) labels.shortTouch[row] = openTime[outcome.shortBar] + path.stepMs
  const exit =
    outcome.long === OUTCOME.win
      ? profitPrice(event.entryPrice, 1, event.profit)
      : outcome.long === OUTCOME.stop
        ? Math.min(open[outcome.longBar], stopPrice(event.entryPrice, 1, event.stop))
        : close[outcome.lastBar]
  labels.longReturn[row] = exit / event.entryPrice - 1
}

function checkInputs(inputs: LabelInputs, type: LabelType): void {
  const stepMs = timeframeMs(inputs.base.timeframe)
  const atLeast = (inputs.latencyBars + 1) * stepMs
  if (!(inputs.horizonMs >= atLeast)) {
    throw new UserError(
      `the label horizon is ${inputs.horizonMs / 60_000} min, but entry and one base bar take ${atLeast / 60_000} min`,
      { hint: 'raise labels.horizon, or lower backtest.latencyBars' },
    )
  }
  for (const name of ['profit', 'stop'] as const) {
    const value = inputs[name]
    if (typeof value === 'number' && !(value > 0)) {
      throw new UserError(`labels.${name} is ${value}, but must be above 0`, {
        hint: `set labels.${name} to a fraction of the price, such as 0.02`,
      })
    }
  }
  if (typeof inputs.profit === 'number' && typeof inputs.stop === 'number') {
    checkRatio(type, inputs.profit, inputs.stop)
  }
}

function checkRatio(type: LabelType, profit: number, stop: number): void {
  if (profit >= stop * type.minimumRatio) return
  throw new UserError(
    `profit ${profit} is nearer than stop ${stop}: with ${type.name} labels a long and a short could both win`,
    { hint: `make labels.profit at least ${type.minimumRatio} × labels.stop, or use labels.type binary` },
  )
}
