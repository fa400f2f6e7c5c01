/**
 * The feature table of one instrument: one row a decision bar, holding only what was known at its close.
 */
import { assert, EXIT, UserError } from '../core/errors.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import { type Bars, sliceBars } from '../market/bars.js'
import { definitionOf, type FeatureDefinition } from './definition.js'
import { createWorkbench, type Feature, type Grid, type Workbench } from './feature.js'
import {
  availableTimes,
  type BarInputs,
  barInputs,
  type Inputs,
  type SeriesName,
  type SeriesTable,
  seriesInputs,
  seriesOf,
} from './inputs.js'
import { lastClosedBar } from './join.js'
import { type Column, type Selection, selectColumns } from './selection.js'

/** What is known of an instrument. */
export type FeatureSource = {
  /** The bars whose rows the table has. */
  readonly decision: Bars
  /** Higher timeframes, each on its own complete grid; a bar counts from its close on. */
  readonly context: readonly Bars[]
  /** Features of a series that is absent are absent. */
  readonly series: SeriesTable
  /** Why a series is absent, where there is more to say than that nothing of it is known. */
  readonly missing?: { readonly [N in SeriesName]?: string }
}

export type FeatureRequest = FeatureSource & { readonly selection: Selection }

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

/** A source with the inputs of its timeframes, each made when first asked for. */
export type OpenSource = { readonly source: FeatureSource; readonly grids: readonly InputGrid[] }

/** The inputs of one timeframe, and for context the bar that each row sees. */
type InputGrid = {
  readonly bars: Bars
  readonly context: boolean
  readonly inputsFor: (feature: Feature) => Inputs & Grid
  /** The same of bars `start` to before `end`: one and the same arrays for all features, so that these share their work. */
  readonly stretch: (feature: Feature, start: number, end: number) => Inputs & Grid
  readonly bar: () => Int32Array
  readonly bench: Workbench
}

export function openSource(source: FeatureSource): OpenSource {
  const { decision, context, series } = source
  let made: Float64Array | null = null
  const times = () => {
    made ??= availableTimes(decision)
    return made
  }
  return {
    source,
    grids: [inputGrid(decision, series, null), ...context.map((bars) => inputGrid(bars, series, times))],
  }
}

/** Splits the selected columns into those that the source can give and those that it cannot; see `planColumns`. */
export function planFeatures(request: FeatureRequest): FeaturePlan {
  const context = request.context.map((bars) => bars.timeframe)
  return planColumns(openSource(request), selectedColumns(request.selection, request.decision.timeframe, context))
}

/**
 * The columns of a selection.
 *
 * @throws UserError for unknown names, and for a context timeframe given twice or not longer than the decision's
 */
export function selectedColumns(
  selection: Selection,
  decision: Timeframe,
  context: readonly Timeframe[],
): readonly Column[] {
  checkTimeframes(decision, context)
  return selectColumns(selection, decision, context)
}

/** A column is absent when one of its inputs is not known in any bar; it is never filled in. */
export function planColumns(open: OpenSource, selected: readonly Column[]): FeaturePlan {
  const columns: Column[] = []
  const absent: Absence[] = []
  for (const column of selected) {
    const { feature, name, timeframe } = column
    const inputs = gridOf(open, column).inputsFor(feature)
    const missing = feature.inputs.filter((input) => inputs[input].every(Number.isNaN))
    if (missing.length === 0) columns.push(column)
    else absent.push({ name, reason: reasonFor(open.source, missing, timeframe) })
  }
  return { columns, absent }
}

/** What was said of a missing series; else that it is missing, or that nothing of it is known. */
function reasonFor(
  { series, missing: known }: FeatureSource,
  inputs: readonly (keyof Inputs)[],
  timeframe: Timeframe,
): string {
  const names = seriesOf(inputs)
  const said = names.map((name) => known?.[name]).find((reason) => reason !== undefined)
  const without = names.filter((name) => series[name] === undefined || series[name] === null)
  if (said !== undefined) return said
  if (without.length > 0) return `no ${without.join(' and ')}`
  return `${inputs.join(' and ')}: not known in any ${timeframe} bar`
}

/** A column at the decision rows, in float64 as computed; NaN = not known; not to be written to [rows]. */
export function columnValues(open: OpenSource, column: Column): Float64Array {
  const { inputsFor, bar, bench } = gridOf(open, column)
  const whole = column.feature.compute(inputsFor(column.feature), bench)
  return column.context ? take(whole, bar()) : whole
}

/**
 * A column at the last decision row, from no more than the last `bars` of its timeframe that had closed by then; NaN where
 * it is not known. The inputs are those of the whole source, made once for all columns.
 */
export function lastValue(open: OpenSource, column: Column, bars: number): number {
  const { decision } = open.source
  const grid = gridOf(open, column)
  const last = decision.rows - 1
  const [bar] = column.context ? lastClosedBar(availableTimes(sliceBars(decision, last, last + 1)), grid.bars) : [last]
  if (bar === undefined || bar < 0) return Number.NaN
  const start = Math.max(0, bar + 1 - bars)
  return column.feature.compute(grid.stretch(column.feature, start, bar + 1), grid.bench)[bar - start]
}

/** Bars `start` to before `end` of an input; shares memory with the whole, but for one of several pairs. */
function within(whole: Float64Array, rows: number, start: number, end: number): Float64Array {
  const pairs = whole.length / rows
  if (pairs === 1) return whole.subarray(start, end)
  const part = new Float64Array(pairs * (end - start))
  for (let pair = 0; pair < pairs; pair++) {
    part.set(whole.subarray(pair * rows + start, pair * rows + end), pair * (end - start))
  }
  return part
}

/** One column of the plan at a time, so that a caller can store each before the next is made. */
export function* featureColumns(source: FeatureSource, plan: FeaturePlan): Generator<FeatureColumn> {
  const open = openSource(source)
  for (const column of plan.columns) {
    yield { definition: definitionOf(column), values: new Float32Array(columnValues(open, column)) }
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

/**
 * As stored: a bar that was not published decides nothing, whatever other timeframes or the clock may say at that moment.
 * NaN is written as one and the same bit pattern, for which one a sum gives is the processor's choice.
 */
export function stored(values: Float64Array, baseBars: Float64Array): Float32Array {
  const out = new Float32Array(values.length)
  for (let i = 0; i < out.length; i++) {
    out[i] = baseBars[i] === 0 || Number.isNaN(values[i]) ? Number.NaN : values[i]
  }
  return out
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

type Stretch = Grid & { -readonly [name in keyof Inputs]?: Float64Array }

function emptyStretch({ openTime, timeframe }: Bars, start: number, end: number): Stretch {
  const stepMs = timeframeMs(timeframe)
  return { origin: openTime[0] / stepMs + start, stepMs, rows: end - start }
}

function inputGrid(bars: Bars, series: SeriesTable, decisionTimes: (() => Float64Array) | null): InputGrid {
  let own: (BarInputs & Grid) | null = null
  let seen: Int32Array | null = null
  const joined = new Map<SeriesName, Partial<Inputs>>()
  const join = (name: SeriesName, rows: BarInputs & Grid) => {
    const inputs = joined.get(name) ?? seriesInputs(name, rows, series)
    joined.set(name, inputs)
    return inputs
  }
  const inputsFor = ({ inputs }: Feature) => {
    own ??= barInputs(bars)
    const rows = own
    // A feature sees the inputs that it declares, so the others need not be there.
    return Object.assign({}, rows, ...seriesOf(inputs).map((name) => join(name, rows))) as Inputs & Grid
  }
  const stretches = new Map<string, Stretch>()
  return {
    bars,
    context: decisionTimes !== null,
    bench: createWorkbench(),
    inputsFor,
    stretch(feature, start, end) {
      const key = `${start} ${end}`
      const parts = stretches.get(key) ?? emptyStretch(bars, start, end)
      stretches.set(key, parts)
      const missing = feature.inputs.filter((name) => parts[name] === undefined)
      if (missing.length > 0) {
        const all = inputsFor(feature)
        for (const name of missing) parts[name] = within(all[name], all.rows, start, end)
      }
      // As above: what no feature has declared so far is not there.
      return parts as Inputs & Grid
    },
    bar() {
      assert(decisionTimes !== null, 'the decision bars are joined to themselves')
      seen ??= lastClosedBar(decisionTimes(), bars)
      return seen
    },
  }
}

function gridOf({ grids }: OpenSource, { name, timeframe, context }: Column): InputGrid {
  const grid = grids.find((one) => one.bars.timeframe === timeframe && one.context === context)
  assert(grid !== undefined, `no ${timeframe} bars for ${name}`)
  return grid
}

function take(values: Float64Array, bar: Int32Array): Float64Array {
  const out = new Float64Array(bar.length)
  for (let i = 0; i < out.length; i++) out[i] = bar[i] < 0 ? Number.NaN : values[bar[i]]
  return out
}
