/**
 * How times are written, how far they lie apart, and whether they name a bar's begin or its end. A bar that is labelled by its end and
 * taken by its begin would be known one bar late, the other way round one bar early, which no later stage could see: so what the times show
 * overrules what is usual, and what cannot be told is said.
 */
import { TIMEFRAME_NAMES, type Timeframe, timeframeMs } from '../../core/time.js'

/** Numbers since 1970, texts with and without an offset from UTC, with a clock of 12 hours, day-first texts with dots, dates and times without
 * any mark, and the two kinds of Parquet times. */
export type TimeForm = 'epoch' | 'aware' | 'naive' | 'half' | 'dotted' | 'compact' | 'instant' | 'local'

export const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const
export type TimeUnit = (typeof TIME_UNITS)[number]

export const LABELS = ['start', 'end'] as const
export type Label = (typeof LABELS)[number]

const DATE = String.raw`\d{4}[-/.]\d{1,2}[-/.]\d{1,2}`
const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?`
const HALF_CLOCK = String.raw`\d{1,2}(?::\d{2}){0,2} ?[AaPp][Mm]`
const DOTTED = String.raw`\d{1,2}\.\d{1,2}\.\d{4}`
const ZONE = String.raw` ?(?:Z|UTC|[-+]\d{2}(?::?\d{2})?)`
/** Of a text as a whole; they are JavaScript and RE2 at once, for DuckDB checks every row by them. */
export const TIME_PATTERNS = {
  epoch: String.raw`[-+]?\d+(?:\.\d*)?(?:[eE]\+?\d+)?`,
  aware: `${DATE}[T ]${CLOCK}${ZONE}`,
  naive: `${DATE}(?:[T ]${CLOCK})?`,
  half: `${DATE}[T ]${HALF_CLOCK}`,
  dotted: `${DOTTED}(?: ${CLOCK})?`,
  compact: String.raw`\d{8}[T ]\d{2}:?\d{2}(?::?\d{2})?`,
} as const satisfies Partial<Record<TimeForm, string>>

/** @returns the form of the first text, or the problem as a text with a space in it */
export function timeFormOf(texts: readonly string[]): TimeForm | { readonly problem: string } {
  const [first] = texts
  if (first === undefined) return { problem: 'its column of times is empty' }
  for (const form of Object.keys(TIME_PATTERNS) as (keyof typeof TIME_PATTERNS)[]) {
    if (new RegExp(`^(?:${TIME_PATTERNS[form]})$`).test(first)) return form
  }
  const isSlashed = /^\d{1,2}\/\d{1,2}\/\d{4}/.test(first)
  return {
    problem: `${JSON.stringify(first)} is not a time${isSlashed ? ' (day or month first? it cannot be told)' : ''}: write times as 2024-01-31T12:00:00Z or as a number since 1970`,
  }
}

export function isWithoutZone(form: TimeForm): boolean {
  return form !== 'epoch' && form !== 'aware' && form !== 'instant'
}

/** A day without a time of day. */
export function isDateAlone(text: string): boolean {
  return new RegExp(`^(?:${DATE}|${DOTTED}|\\d{1,2}/\\d{1,2}/\\d{4}|\\d{8})$`).test(text)
}

/** A time of day without a day. */
export function isClockAlone(text: string): boolean {
  return new RegExp(`^(?:${CLOCK}(?:${ZONE})?|${HALF_CLOCK}|\\d{6})$`).test(text)
}

export type Spacings = {
  /** Distances of sorted distinct times, the most common first. */
  readonly common: readonly { readonly ms: number; readonly count: number }[]
  readonly total: number
  /** How many are those of a shorter timeframe than the most common one. */
  readonly shorter: number
  /** The first long stretch that is evenly spaced at another timeframe. */
  readonly stretch: { readonly ms: number; readonly from: number; readonly count: number } | null
}

export type TimeframeChoice = { readonly timeframe: Timeframe } | { readonly problem: string }

/** Shorter distances than this share are slips of single rows, more are bars of another length. */
const SHORTER_SHARE = 0.01
/** Below this share of bars that follow each other, a timeframe that was asked for is not the one of the file. */
const NEIGHBOUR_SHARE = 0.05

/** The timeframe that the times show; what the user says wins where the times allow it, and a file's name where they show none. */
export function chooseTimeframe(
  spacings: Spacings,
  { given, named }: { readonly given: Timeframe | null; readonly named: Timeframe | null },
): TimeframeChoice {
  const { common, total, shorter, stretch } = spacings
  if (total === 0) {
    const said = given ?? named
    return said === null ? { problem: 'one row shows no timeframe: give --timeframe' } : { timeframe: said }
  }
  const [{ ms }] = common
  if (given !== null) {
    const step = timeframeMs(given)
    const neighbours = common.find((one) => one.ms === step)?.count ?? 0
    if (neighbours < NEIGHBOUR_SHARE * total || ms % step !== 0) {
      return { problem: `--timeframe ${given}, but its times are ${lengthOf(ms)} apart` }
    }
    return { timeframe: given }
  }
  const shown = TIMEFRAME_NAMES.find((name) => timeframeMs(name) === ms)
  if (shown === undefined) {
    return { problem: `its times are ${lengthOf(ms)} apart, which is none of ${TIMEFRAME_NAMES.join(', ')}` }
  }
  if (shorter > SHORTER_SHARE * total) {
    return {
      problem: `mixed timeframes: most times are ${shown} apart, but ${shorter.toLocaleString('en')} of ${total.toLocaleString('en')} are closer`,
    }
  }
  if (stretch !== null) {
    return {
      problem: `mixed timeframes: most times are ${shown} apart, but ${stretch.count.toLocaleString('en')} rows from ${new Date(stretch.from).toISOString()} on are ${lengthOf(stretch.ms)} apart`,
    }
  }
  if (named !== null && named !== shown) return { problem: `its name says ${named}, its times are ${shown} apart` }
  return { timeframe: shown }
}

/** How times lie against the grid of their timeframe: `ms` after a multiple of it, the most common first. */
export type Phases = {
  readonly common: readonly { readonly ms: number; readonly count: number }[]
  readonly total: number
}

export type LabelChoice =
  | {
      readonly label: Label
      /** To be taken from a time to have the begin of its bar, ms. */
      readonly shift: number
      readonly because: 'given' | 'column' | 'times' | 'assumed'
    }
  | { readonly problem: string }

/** Ends are written as the last millisecond, second or minute of the bar. */
const BEFORE_END = [1, 1000, 60_000]

export function chooseLabel(
  phases: Phases,
  {
    timeframe,
    given,
    column,
  }: { readonly timeframe: Timeframe; readonly given: Label | null; readonly column: Label | null },
): LabelChoice {
  const step = timeframeMs(timeframe)
  const [main] = phases.common
  const isEnd = BEFORE_END.some((ms) => ms < step && main.ms === step - ms)
  if (main.count * 2 <= phases.total || (main.ms !== 0 && !isEnd)) {
    const off = phases.total - (phases.common.find(({ ms }) => ms === 0)?.count ?? 0)
    return {
      problem: `${off.toLocaleString('en')} of ${phases.total.toLocaleString('en')} times lie off the ${timeframe} grid of UTC, most by ${lengthOf(main.ms)}: give the --time-zone they are written in, or another --timeframe`,
    }
  }
  if (isEnd) {
    return given === 'start'
      ? {
          problem: `--label start, but its times are the last moment of each ${timeframe} bar (${lengthOf(main.ms)} after its begin)`,
        }
      : { label: 'end', shift: main.ms, because: given === 'end' ? 'given' : 'times' }
  }
  if (given === 'start' && column === 'end') {
    return { problem: '--label start, but its only column of times is the close time' }
  }
  if (given === 'end' && column === 'start') {
    return {
      problem:
        '--label end, but its column of times is the open time by name: choose another with --columns close_time=…',
    }
  }
  const label = given ?? column ?? 'start'
  const because = given !== null ? 'given' : column !== null ? 'column' : 'assumed'
  return { label, shift: label === 'end' ? step : 0, because }
}

/** `5m`, `90 s`, `37 ms`. */
export function lengthOf(ms: number): string {
  const name = TIMEFRAME_NAMES.find((known) => timeframeMs(known) === ms)
  if (name !== undefined) return name
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms >= length && ms % length === 0) return `${ms / length} ${unit}`
  }
  return `${ms} ms`
}
