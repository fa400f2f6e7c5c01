/**
 * The feature table of one instrument: one row a decision bar, holding only what was known at its close.
 */
import { assert, EXIT, UserError } from '../core/errors.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import type { Bars, Funding } from '../market/bars.js'
import { definitionOf, type FeatureDefinition } from './definition.js'
import type { Grid } from './feature.js'
import { availableTimes, featureInputs, type Inputs } from './inputs.js'
import { lastClosedBar } from './join.js'
import { type Column, type Selection, selectColumns } from './selection.js'

export type FeatureRequest = {
  /** The bars whose rows the table has. */
  readonly decision: Bars
  /** Higher timeframes, each on its own complete grid; a bar counts from its close on. */
  readonly context: readonly Bars[]
  /** Null where the instrument has none (spot) or none was found: its features are then absent. */
  readonly funding: Funding | null
  readonly selection: Selection
}

/** A selected column that cannot be made from this source. */
export type Absence = { readonly name: string; readonly reason: string }

export type FeatureColumn = {
  readonly definition: FeatureDefinition
  readonly values: Float32Array // computed in float64; NaN = not known [rows]
}

export type FeatureMatrix = {
  readonly rows: number
  readonly openTime: Float64Array // UTC ms [rows]
  readonly availableTime: Float64Array // UTC ms [rows]
  readonly names: readonly string[]
  readonly columns: readonly Float32Array[] // in the order of `names`, each [rows]
  readonly set: readonly FeatureDefinition[] // in the order of `names`
  readonly absent: readonly Absence[]
}

/** What a request comes to on this source, before anything is computed. */
export type FeaturePlan = { readonly columns: readonly Column[]; readonly absent: readonly Absence[] }

/**
 * Splits the selected columns into those that the source can give and those that it cannot. A column is absent when one
 * of its inputs is not known in any bar; it is never filled in.
 *
 * @throws UserError for unknown names, and for a context timeframe given twice or not longer than the decision's
 */
export function planFeatures(request: FeatureRequest): FeaturePlan {
  const { decision, context, selection } = request
  checkTimeframes(
    decision.timeframe,
    context.map((bars) => bars.timeframe),
  )
  const grids = inputGrids(request)
  const columns: Column[] = []
  const absent: Absence[] = []
  for (const column of selectColumns(
    selection,
    decision.timeframe,
    context.map((bars) => bars.timeframe),
  )) {
    const { inputs } = gridOf(grids, column)
    const missing = column.feature.inputs.filter((name) => !inputs[name].some((value) => !Number.isNaN(value)))
    if (missing.length === 0) columns.push(column)
    else
      absent.push({ name: column.name, reason: `${missing.join(' and ')}: not known in any ${column.timeframe} bar` })
  }
  return { columns, absent }
}

/** One column of the plan at a time, so that a caller can store each before the next is made. */
export function* featureColumns(request: FeatureRequest, plan: FeaturePlan): Generator<FeatureColumn> {
  const grids = inputGrids(request)
  for (const column of plan.columns) {
    const { inputs, bar } = gridOf(grids, column)
    const whole = column.feature.compute(inputs)
    yield { definition: definitionOf(column), values: bar === null ? new Float32Array(whole) : take(whole, bar) }
  }
}

/** The whole table in memory. */
export function featureMatrix(request: FeatureRequest): FeatureMatrix {
  const plan = planFeatures(request)
  const made = [...featureColumns(request, plan)]
  return {
    rows: request.decision.rows,
    openTime: request.decision.openTime,
    availableTime: availableTimes(request.decision),
    names: made.map(({ definition }) => definition.name),
    columns: made.map(({ values }) => values),
    set: made.map(({ definition }) => definition),
    absent: plan.absent,
  }
}

function checkTimeframes(decision: Timeframe, context: readonly Timeframe[]): void {
  context.forEach((timeframe, i) => {
    const hint = `take it out of bars.context (now ${context.join(', ')})`
    if (timeframeMs(timeframe) <= timeframeMs(decision)) {
      const message = `context timeframe ${timeframe} is not longer than the decision timeframe ${decision}`
      throw new UserError(message, { hint, exitCode: EXIT.usage })
    }
    if (context.indexOf(timeframe) < i) {
      throw new UserError(`context timeframe ${timeframe} is given twice`, { hint, exitCode: EXIT.usage })
    }
  })
}

/** The inputs of one timeframe, and for context the bar that each row sees. */
type InputGrid = { readonly bars: Bars; readonly inputs: Inputs & Grid; readonly bar: Int32Array | null }

function inputGrids({ decision, context, funding }: FeatureRequest): readonly InputGrid[] {
  const available = availableTimes(decision)
  return [
    { bars: decision, inputs: featureInputs(decision, funding), bar: null },
    // Funding is a decision-only family: context bars carry none.
    ...context.map((bars) => ({ bars, inputs: featureInputs(bars, null), bar: lastClosedBar(available, bars) })),
  ]
}

function gridOf(grids: readonly InputGrid[], column: Column): InputGrid {
  const grid = grids.find(({ bars, bar }) => bars.timeframe === column.timeframe && (bar !== null) === column.context)
  assert(grid !== undefined, `no ${column.timeframe} bars for ${column.name}`)
  return grid
}

function take(values: Float64Array, bar: Int32Array): Float32Array {
  const out = new Float32Array(bar.length)
  for (let i = 0; i < out.length; i++) out[i] = bar[i] < 0 ? Number.NaN : values[bar[i]]
  return out
}
