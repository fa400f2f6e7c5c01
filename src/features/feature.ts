/**
 * What a feature is: one entry in one family's file. Its declared inputs are the only columns its `compute` can see; the
 * compiler says so, and so does the object it is handed.
 */
import { assert } from '../core/errors.js'
import { DAY, HOUR } from '../core/time.js'
import type { Inputs } from './inputs.js'

export const FAMILIES = [
  'price',
  'moving-average',
  'momentum',
  'trend',
  'volatility',
  'volatility-model',
  'regime',
  'volume',
  'structure',
  'candlestick',
  'order-flow',
  'statistics',
  'lag',
  'spectral',
  'alpha',
  'factor',
  'time',
  'session',
  'funding',
  'open-interest',
  'long-short',
  'liquidations',
  'premium',
  'interactions',
  'trades',
  'order-book',
  'cross-asset',
  'macro',
] as const
export type Family = (typeof FAMILIES)[number]

/** The grid on which a feature is computed. */
export type Grid = {
  /** Absolute number of bar 0: its open time / stepMs. Rolling kernels tie their sums to it. */
  readonly origin: number
  readonly stepMs: number
  readonly rows: number
}

/**
 * Bars before the first value on data without holes: a number, or a function of the bar's length where the window is
 * fixed in hours or days.
 */
export type Lookback = number | ((stepMs: number) => number)

/** Bars beyond a look-back after which averages in Wilder's manner, and faster ones, have forgotten: (1 - 1/n)^(24 n) < 4e-11. */
export function usualSettle(lookback: number): number {
  return 24 * lookback
}

type FeatureFacts = {
  readonly name: string // snake_case: the column on disk
  readonly family: Family
  readonly meaning: string // one sentence with the unit
  /** `every`: on the decision timeframe and on every context timeframe; `decision`: only there. */
  readonly timeframes: 'every' | 'decision'
  /** Paper, book or other implementation. */
  readonly reference: string
}

/**
 * Work that several features have in common, such as a fitted model of which each is one line. Where they are computed one after
 * another on the same inputs it is done once; what came out is read by all of them and written by none.
 */
export type SharedWork<K extends keyof Inputs, T> = {
  readonly inputs: readonly K[]
  readonly of: (inputs: Pick<Inputs, K> & Grid) => T
}

export type FeatureSpec<K extends keyof Inputs, T = undefined> = FeatureFacts & {
  readonly inputs: readonly K[]
  readonly lookback: Lookback
  /**
   * `window` (default): a value depends on the last lookback + 1 bars alone, so a run on a suffix of the data gives the
   * same bits. `recursive`: it depends on all bars since the last hole, as averages in Wilder's manner do, or on those since the
   * start of a calendar period.
   */
  readonly memory?: 'window' | 'recursive'
  /**
   * Of a recursive feature: bars beyond the look-back after which what came before them moves its value by less than 1e-9
   * of the largest that it takes. Left out it is `usualSettle` (test/features/live.test.ts measures it for every entry). There is
   * no feature that never forgets: a balance counts from the start of a calendar period.
   */
  readonly settle?: Lookback
  /** What it shares with others, made of inputs that it declares itself. */
  readonly work?: SharedWork<NoInfer<K>, T>
  /** One value a bar, NaN = not known; must write neither to its inputs nor to the shared work. */
  readonly compute: (inputs: Pick<Inputs, K> & Grid, work: T) => Float64Array
}

/** Takes all inputs, and hands on to a feature or its shared work what it declares. */
type ToAllInputs<T> = (all: Inputs & Grid) => T

/** The shared work of the feature that was computed last, and what it was made of. No more than one is held at a time. */
export type Workbench = { held: { readonly key: readonly unknown[]; readonly made: unknown } | null }

export function createWorkbench(): Workbench {
  return { held: null }
}

export type Feature = FeatureFacts & {
  readonly inputs: readonly (keyof Inputs)[]
  readonly memory: 'window' | 'recursive'
  readonly lookback: (stepMs: number) => number
  /** Bars beyond the look-back after which the past is forgotten: 0 for a window. */
  readonly settle: (stepMs: number) => number
  /** Takes all inputs and hands on the declared ones. On one workbench shared work is done once; see `SharedWork`. */
  readonly compute: (inputs: Inputs & Grid, bench?: Workbench) => Float64Array
}

export function defineFeature<const K extends keyof Inputs, T = undefined>(spec: FeatureSpec<K, T>): Feature {
  const { compute, settle, work, memory = 'window' } = spec
  const lookback = inBars(spec.lookback)
  const usual = (stepMs: number) => (memory === 'window' ? 0 : usualSettle(lookback(stepMs)))
  const isDeclared = work?.inputs.every((name) => spec.inputs.includes(name)) ?? true
  assert(isDeclared, `${spec.name} shares work on inputs that it does not declare`)
  const own = visibleTo(spec.inputs)
  const shared = work === undefined ? null : sharedOn(work)
  return {
    ...spec,
    memory,
    lookback,
    settle: settle === undefined ? usual : inBars(settle),
    compute(all, bench = createWorkbench()) {
      if (shared === null) bench.held = null
      // Without shared work T is undefined.
      const values = compute(own(all), (shared?.(all, bench) ?? undefined) as T)
      assert(values.length === all.rows, `${spec.name} gave ${values.length} values for ${all.rows} bars`)
      return values
    },
  }
}

function visibleTo<K extends keyof Inputs>(names: readonly K[]): ToAllInputs<Pick<Inputs, K> & Grid> {
  return (all) => {
    const declared: Partial<Inputs> & Grid = { origin: all.origin, stepMs: all.stepMs, rows: all.rows }
    return Object.assign(declared, ...names.map((name) => ({ [name]: all[name] })))
  }
}

/** What is on the bench if it is this work on these very arrays, else made anew; the old one goes before the new one is made. */
function sharedOn<K extends keyof Inputs, T>(work: SharedWork<K, T>): (all: Inputs & Grid, bench: Workbench) => T {
  const visible = visibleTo(work.inputs)
  return (all, bench) => {
    const key = [work, all.origin, all.stepMs, all.rows, ...work.inputs.map((name) => all[name])]
    const isHeld = bench.held?.key.every((value, i) => value === key[i]) ?? false
    if (!isHeld) {
      bench.held = null
      bench.held = { key, made: work.of(visible(all)) }
    }
    return bench.held?.made as T // made by this very work
  }
}

function inBars(bars: Lookback): (stepMs: number) => number {
  return typeof bars === 'function' ? bars : () => bars
}

/** Bars in a span of hours, at least one. */
export function barsIn(hours: number, stepMs: number): number {
  return Math.max(1, Math.round((hours * HOUR) / stepMs))
}

/** Bars in a span of days, at least one. */
export function barsInDays(days: number, stepMs: number): number {
  return barsIn((days * DAY) / HOUR, stepMs)
}
