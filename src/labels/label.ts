/**
 * Labels every decision row: what a model is to learn, what a trade would have made of it, and when both were known.
 *
 * Only what lies in [t0, t1] decides a row. A hole in that interval, or data that ends inside it, makes the row
 * unknown; it is never guessed.
 */
import { UserError } from '../core/errors.js'
import { timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { entryBar, firstBarFrom, lastBarBy, profitPrice, stopPrice } from '../market/entry.js'
import { type BarrierPath, barrierPath } from './barrier-path.js'
import { type BarrierEvent, type LabelTerms, type LabelType, OUTCOME, type Race } from './label-type.js'
import { outcomeOf, raceBoth, raceLong } from './race.js'
import { LABEL_TYPES, type LabelTypeName } from './registry.js'

export type LabelInputs = Partial<LabelTerms> & {
  readonly base: Bars
  readonly availableTime: Float64Array // t0 of each row, UTC ms [n]
  readonly type: LabelTypeName
  readonly horizonMs: number // from t0
  readonly directionMs?: number // from t0: how far `direction` looks; the horizon when not given
  readonly profit: Float64Array | number // fraction of the entry price, for all rows or for each [n]; NaN = not known
  readonly stop: Float64Array | number // the same
  readonly side?: Float64Array | null // of the primary model: 1, -1, 0 none, NaN not known [n]; null = there is none
  readonly latencyBars: number // base bars between t0 and the entry
}

/** Columns, one value a row. An unknown row has NaN in every Float64Array but t0 and side, and 0 in both outcomes of a side. */
export type Labels = {
  readonly type: LabelTypeName
  readonly rows: number
  readonly label: Float64Array // what is learned; NaN = unknown, or the event has none (binary: neither barrier): then t1 is known
  readonly outcome: Float64Array // side whose trade would have won: 1, -1 (never where longs alone are raced), 0 neither
  readonly side: Float64Array // of the primary model; NaN where there is none or it is not known
  readonly t0: Float64Array // UTC ms
  readonly t1: Float64Array // UTC ms at which label and outcome were known; NaN = unknown
  readonly entryPrice: Float64Array // open of the entry bar, before slippage
  readonly longReturn: Float64Array // gross return of a long by the end of the race; a stop jumped over fills at that bar's open
  readonly longOutcome: Int8Array // OUTCOME: 1 win, -1 stop, 0 neither or unknown
  readonly shortOutcome: Int8Array // the same; always 0 for types that race longs only
}

/**
 * @param inputs  bars on a complete grid and the decision rows; rows need not be sorted
 * @returns       one label a row, see `Labels`
 * @throws UserError when the horizon or the type's window leaves no bar after the entry, when a barrier given for all rows is not
 *                   above zero, or when profit < stop would let a long and a short both win
 */
export function label(inputs: LabelInputs): Labels {
  const { base, availableTime, latencyBars, horizonMs } = inputs
  const type: LabelType = LABEL_TYPES[inputs.type]
  checkInputs(inputs, type)
  const rows = availableTime.length
  const labels = unknownLabels(inputs.type, availableTime, inputs.side ?? null)
  const path = barrierPath(base)
  const run = type.trades === 'long' ? raceLong : raceBoth
  const measure = type.measure(path, { threshold: inputs.threshold ?? 0, costs: inputs.costs ?? 0 })
  const windowMs = windowOf(inputs, type)
  const unknown = Number.NaN
  // Written out and of doubles from the start: built by spreading, or begun with whole numbers, the loop takes 2.5 times as long.
  const event: BarrierEvent = {
    entryBar: 0,
    horizonBar: 0,
    windowBar: 0,
    entryPrice: unknown,
    profit: unknown,
    stop: unknown,
    side: unknown,
  }
  const race: Race = { lastBar: 0, touched: false, long: 0, short: 0, longBar: -1 }
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
    event.horizonBar = lastBarBy(base, t0 + horizonMs)
    if (event.horizonBar < event.entryBar) continue
    run(path, event, race)
    event.windowBar = windowMs > 0 ? lastBarBy(base, t0 + windowMs) : race.lastBar
    const firstBar = firstBarFrom(base, t0)
    const lastBar = Math.max(race.lastBar, event.windowBar)
    if (firstBar < 0 || lastBar >= base.rows || event.windowBar < event.entryBar) continue
    if (path.holesBefore[lastBar + 1] > path.holesBefore[firstBar]) continue
    event.side = labels.side[row]
    labels.label[row] = measure(event, race)
    const settled = race.touched ? base.openTime[race.lastBar] + path.stepMs : t0 + horizonMs
    labels.t1[row] = windowMs > 0 ? Math.max(settled, t0 + windowMs) : settled
    record(labels, row, path, event, race)
  }
  return labels
}

/** How far beyond t0 the label looks by itself; 0 = no further than the race. */
function windowOf({ horizonMs, directionMs = horizonMs }: LabelInputs, { window }: LabelType): number {
  return window === 'race' ? 0 : window === 'horizon' ? horizonMs : directionMs
}

function unknownLabels(type: LabelTypeName, t0: Float64Array, side: Float64Array | null): Labels {
  const rows = t0.length
  const unknown = () => new Float64Array(rows).fill(Number.NaN)
  return {
    type,
    rows,
    label: unknown(),
    outcome: unknown(),
    side: side?.slice() ?? unknown(),
    t0: t0.slice(),
    t1: unknown(),
    entryPrice: unknown(),
    longReturn: unknown(),
    longOutcome: new Int8Array(rows),
    shortOutcome: new Int8Array(rows),
  }
}

function record(labels: Labels, row: number, path: BarrierPath, event: BarrierEvent, race: Race): void {
  const { open, close } = path.base
  labels.outcome[row] = outcomeOf(race)
  labels.entryPrice[row] = event.entryPrice
  labels.longOutcome[row] = race.long
  labels.shortOutcome[row] = race.short
  const exit =
    race.long === OUTCOME.win
      ? profitPrice(event.entryPrice, 1, event.profit)
      : race.long === OUTCOME.stop
        ? Math.min(open[race.longBar], stopPrice(event.entryPrice, 1, event.stop))
        : close[race.lastBar]
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
  const windowMs = windowOf(inputs, type)
  if (type.window === 'bars' && !(windowMs >= atLeast)) {
    throw new UserError(
      `labels.directionBars are ${windowMs / 60_000} min, but entry and one base bar take ${atLeast / 60_000} min`,
      { hint: 'raise labels.directionBars, or lower backtest.latencyBars' },
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
