/**
 * One file of the user: what it is, read into a temporary table, and judged. Everything that is wrong with it is gathered; nothing is thrown
 * that a second file could have as well.
 */
import { DAY, isoDay, isoMinute, TIMEFRAMES, type Timeframe } from '../core/time.js'
import {
  applyZone,
  conflictsOf,
  contradictionsOf,
  hourSigns,
  phasesOf,
  spacingsOf,
  typicalRate,
  wrongEndsOf,
} from '../datasets/import-checks.js'
import {
  type ImportSource,
  type Loaded,
  loadImport,
  nativeTimeForm,
  openImportSource,
  type Problem,
  sampleOf,
  valuesOf,
} from '../datasets/import-table.js'
import { type Columns, FUNDING_NUMBERS, KLINE_NUMBERS, recogniseColumns } from '../market/recognise/columns.js'
import { guessFromName, type NameGuess, pairFromSymbol } from '../market/recognise/names.js'
import {
  chooseLabel,
  chooseTimeframe,
  isWithoutZone,
  type Label,
  type Spacings,
  type TimeForm,
  type TimeUnit,
  timeFormOf,
} from '../market/recognise/times.js'
import { summerTimeSigns, zoneOf } from '../market/recognise/zones.js'
import type { ArchiveKind, Venue } from '../sources/keys.js'

/** What the user says of all files of a call; null is guessed. */
export type ImportWishes = {
  readonly pair: string | null
  readonly venue: Venue | null
  readonly kind: ArchiveKind | null
  readonly timeframe: Timeframe | null
  readonly timeZone: string | null
  readonly timeUnit: TimeUnit | null
  readonly label: Label | null
  readonly columns: readonly (readonly [string, string])[]
  /** UTC ms; later times are those of a wrong unit. */
  readonly now: number
}

export type RecognisedFile = {
  readonly table: string
  readonly rows: number
  readonly venue: Venue
  readonly pair: string
  readonly kind: ArchiveKind
  readonly timeframe: Timeframe | null // of klines
  readonly shift: number
  readonly isReversed: boolean
  readonly numbers: readonly string[] // columns of the table that the archive has
  readonly columns: Readonly<Record<string, string>>
  readonly unused: readonly string[]
  readonly timeUnit: string
  readonly timeZone: string
  readonly label: Label | null
  readonly labelBecause: string | null
  /** What was assumed rather than seen. */
  readonly notes: readonly string[]
}

export type FileOutcome = RecognisedFile | { readonly problems: readonly Problem[] }

const EARLIEST = Date.UTC(2000, 0, 1)
/** More rows than this share against a rule are not slips but another meaning. */
const SLIPS = 0.05
const CONFLICTS = 0.01

export async function recogniseFile(path: string, table: string, wishes: ImportWishes): Promise<FileOutcome> {
  const source = await openImportSource(path)
  if ('problem' in source) return { problems: [source] }
  const name = guessFromName(path)
  const columns = recogniseColumns({
    names: source.names,
    hasHeader: source.hasHeader,
    kind: wishes.kind ?? name.kind,
    given: wishes.columns,
  })
  const { pair, problems } = await choosePair(source, columns, name, wishes)
  problems.push(...columns.problems.map((problem) => ({ problem, hint: COLUMNS_HINT })))
  if (name.foreign !== null && wishes.kind === null) {
    problems.push({
      problem: `by its name it holds ${name.foreign} prices, not traded ones`,
      hint: 'rename it, or say --kind klines if that is wrong',
    })
  }
  const time = columns.at.time ?? columns.at.close_time
  if (columns.problems.length > 0 || time === undefined) return { problems }
  const forms = await formsOf(source, columns, time)
  if ('problem' in forms) return { problems: [...problems, forms] }
  const numbers = (columns.kind === 'klines' ? KLINE_NUMBERS : FUNDING_NUMBERS).flatMap((role) => {
    const position = columns.at[role]
    return position === undefined ? [] : [{ role, position }]
  })
  const closeTime = columns.at.time === undefined ? null : forms.closeTime
  const loaded = await loadImport(source, {
    table,
    time: { position: time, form: forms.time },
    rivals: forms.rivals,
    closeTime,
    numbers,
    unit: wishes.timeUnit,
  })
  if ('problem' in loaded) return { problems: [...problems, loaded] }
  problems.push(...faultProblems(source, loaded), ...rangeProblems(loaded, wishes))
  if (loaded.faults.length > 0 || problems.length > 0 || pair === null) return { problems }
  const judged = await judge({ table, columns, form: forms.time, loaded, name, wishes, hasClose: closeTime !== null })
  if ('problems' in judged) return judged
  const venue = wishes.venue ?? name.venue ?? 'binance-um'
  if (venue === 'binance-spot' && columns.kind === 'fundingRate') {
    return { problems: [{ problem: 'spot pays no funding', hint: 'leave out --venue binance-spot' }] }
  }
  return {
    table,
    rows: loaded.rows,
    venue,
    pair,
    kind: columns.kind,
    isReversed: loaded.isReversed,
    numbers: [...numbers.map(({ role }) => role), ...(closeTime !== null && judged.shift === 0 ? ['close_ms'] : [])],
    columns: Object.fromEntries(
      Object.entries(columns.at).map(([role, position]) => [role, source.names[position] || '(unnamed)']),
    ),
    unused: columns.unused,
    timeUnit: forms.time === 'epoch' ? (wishes.timeUnit ?? loaded.units.join(' and ')) : UNIT_WORDS[forms.time],
    ...judged,
    notes: [
      ...judged.notes,
      ...(loaded.isReversed ? ['newest first, turned round'] : []),
      ...(wishes.venue === null && name.venue === null ? [`venue ${venue} assumed`] : []),
    ],
  }
}

const COLUMNS_HINT = 'say which column is what: --columns time=Date,open=Open,high=High,low=Low,close=Close'

const UNIT_WORDS: Readonly<Record<Exclude<TimeForm, 'epoch'>, string>> = {
  aware: 'text with offset',
  naive: 'text without zone',
  dotted: 'text without zone',
  instant: 'timestamp in UTC',
  local: 'timestamp without zone',
}

async function choosePair(source: ImportSource, columns: Columns, name: NameGuess, wishes: ImportWishes) {
  const problems: Problem[] = []
  const hint = 'name it as the exchange does: --pair BTCUSDT'
  if (columns.at.symbol !== undefined) {
    const symbols = await valuesOf(source, columns.at.symbol, 5)
    if (symbols.length > 1) {
      problems.push({
        problem: `it holds several symbols (${symbols.slice(0, 5).join(', ')}${symbols.length > 5 ? ', …' : ''})`,
        hint: 'write one file per pair',
      })
    }
    if (wishes.pair === null && symbols.length === 1 && pairFromSymbol(symbols[0]) !== null) {
      return { pair: pairFromSymbol(symbols[0]), problems }
    }
  }
  const pair = wishes.pair ?? name.pair
  if (pair === null && problems.length === 0) problems.push({ problem: 'its name does not say which pair it is', hint })
  return { pair, problems }
}

type Forms = {
  readonly time: TimeForm
  readonly rivals: readonly { readonly position: number; readonly form: TimeForm }[]
  readonly closeTime: { readonly position: number; readonly form: TimeForm } | null
}

async function formsOf(source: ImportSource, columns: Columns, time: number): Promise<Forms | Problem> {
  const form = await formOf(source, time)
  if (typeof form !== 'string') return form
  const rivals = []
  for (const position of columns.rivals) {
    const other = await formOf(source, position)
    if (typeof other !== 'string') {
      const both = [time, ...columns.rivals].map((i) => source.names[i]).join(' and ')
      return { problem: `${both} could both be the time: choose with --columns time=…`, hint: COLUMNS_HINT }
    }
    rivals.push({ position, form: other })
  }
  const close = columns.at.close_time
  if (close === undefined) return { time: form, rivals, closeTime: null }
  const closeForm = await formOf(source, close)
  return typeof closeForm === 'string'
    ? { time: form, rivals, closeTime: { position: close, form: closeForm } }
    : closeForm
}

async function formOf(source: ImportSource, position: number): Promise<TimeForm | Problem> {
  const native = nativeTimeForm(source.cells[position])
  if (native !== null) return native
  const sample = await sampleOf(source, position, 1)
  return 'problem' in sample ? sample : timeFormOf(sample)
}

function faultProblems({ firstLine, names }: ImportSource, { faults, rows }: Loaded): Problem[] {
  if (rows === 0) return [{ problem: 'it holds no rows' }]
  return faults.map(({ fault, count, firstRow }) => ({
    problem: `${fault} in ${count.toLocaleString('en')} of ${rows.toLocaleString('en')} rows, first in ${firstLine === null ? `row ${firstRow + 1}` : `line ${firstRow + firstLine}`}`,
    hint: / say different times/.test(fault)
      ? `choose one: --columns time=${names.find((name) => fault.startsWith(name)) ?? '…'}`
      : 'mend these rows, or leave them out of the file',
  }))
}

function rangeProblems({ first, last, rows, units }: Loaded, { now, timeUnit }: ImportWishes): Problem[] {
  if (rows === 0 || (first >= EARLIEST && last <= now + DAY)) return []
  const read = units.length > 0 ? `, read as ${timeUnit ?? units.join(' and ')}` : ''
  return [
    {
      problem: `its times reach from ${dayOrNumber(first)} to ${dayOrNumber(last)}${read}, and not from 2000 to now`,
      hint: 'give the unit of its times: --time-unit s, ms, us or ns; or the right column: --columns time=…',
    },
  ]
}

function dayOrNumber(time: number): string {
  return Math.abs(time) < 8.64e15 ? isoDay(time) : String(time)
}

type Judged = {
  readonly timeframe: Timeframe | null
  readonly shift: number
  readonly label: Label | null
  readonly labelBecause: string | null
  readonly timeZone: string
  readonly notes: readonly string[]
}

type ToJudge = {
  readonly table: string
  readonly columns: Columns
  readonly form: TimeForm
  readonly loaded: Loaded
  readonly name: NameGuess
  readonly wishes: ImportWishes
  readonly hasClose: boolean
}

async function judge(of: ToJudge): Promise<Judged | { problems: Problem[] }> {
  const { table, columns, form, loaded, name, wishes, hasClose } = of
  const isLocal = isWithoutZone(form)
  const zoned = isLocal ? await toUtc(of) : []
  if (zoned.length > 0) return { problems: zoned }
  const timeZone = isLocal ? (wishes.timeZone ?? 'UTC') : 'UTC'
  const zoneNotes = isLocal && wishes.timeZone === null ? ['times without zone, UTC assumed'] : []
  if (columns.kind === 'fundingRate') {
    const problems = await fundingProblems(table)
    if (problems.length > 0) return { problems }
    return { timeframe: null, shift: 0, label: null, labelBecause: null, timeZone, notes: zoneNotes }
  }
  const spacings = await spacingsOf(table, Object.values(TIMEFRAMES))
  const chosen = chooseTimeframe(spacings, { given: wishes.timeframe, named: name.timeframe })
  if ('problem' in chosen) return { problems: [withTimeframeHint(chosen.problem, spacings)] }
  const { timeframe } = chosen
  const column = columns.at.time === undefined ? 'end' : hasClose ? 'start' : null
  const label = chooseLabel(await phasesOf(table, timeframe), { timeframe, given: wishes.label, column })
  const problems: Problem[] = 'problem' in label ? [{ problem: label.problem, hint: LABEL_HINT }] : []
  problems.push(...(await candleProblems(table, loaded.rows, { timeframe, hasClose })))
  if (isLocal && wishes.timeZone === null) problems.push(...(await summerTimeProblems(table, timeframe)))
  if ('problem' in label || problems.length > 0) return { problems }
  const labelNotes =
    label.because === 'assumed' ? ['times taken as the begin of each bar (--label end if they are its end)'] : []
  return {
    timeframe,
    shift: label.shift,
    label: label.label,
    labelBecause: label.because,
    timeZone,
    notes: [...zoneNotes, ...labelNotes],
  }
}

const LABEL_HINT = 'say what the times are: --label start or --label end, --time-zone Europe/Berlin, --timeframe 5m'

function withTimeframeHint(problem: string, { total }: Spacings): Problem {
  const hint = problem.startsWith('mixed')
    ? 'write one file per timeframe'
    : total === 0
      ? 'such as --timeframe 5m'
      : 'rename the file or give the --timeframe of its rows; Sluice resamples upwards by itself'
  return { problem, hint }
}

async function toUtc({ table, loaded, wishes }: ToJudge): Promise<Problem[]> {
  const name = wishes.timeZone ?? 'UTC'
  if (name === 'UTC') return []
  const zone = zoneOf(name, { from: loaded.first - 2 * DAY, to: loaded.last + 2 * DAY })
  if (zone === null) return [{ problem: `${name} is not a time zone`, hint: 'such as Europe/Berlin or UTC' }]
  return (await applyZone(table, zone, loaded.isReversed)).map(({ time, count, why }) => ({
    problem: `${count.toLocaleString('en')} ${count === 1 ? 'time' : 'times'} from ${isoMinute(time).replace(' UTC', '')} on ${why === 'skipped' ? `${count === 1 ? 'does' : 'do'} not exist in ${name}: the clock was put forward` : `happened twice in ${name}, and the order of the rows does not show which is meant`}`,
    hint:
      why === 'skipped'
        ? 'give the right --time-zone'
        : 'write the times with their offset, such as 2023-10-29 02:30:00+02:00, or in UTC',
  }))
}

async function summerTimeProblems(table: string, timeframe: Timeframe): Promise<Problem[]> {
  const { holes, repeats } = await hourSigns(table, timeframe)
  const days = summerTimeSigns(holes, repeats)
  if (days.length === 0) return []
  return [
    {
      problem: `its times have no zone and look like those of a clock with summer time: an hour is missing or stands twice on ${days.slice(0, 4).join(', ')}`,
      hint: 'give the --time-zone they are written in, such as Europe/Berlin; or --time-zone UTC if they are UTC all the same',
    },
  ]
}

async function candleProblems(
  table: string,
  rows: number,
  { timeframe, hasClose }: { readonly timeframe: Timeframe; readonly hasClose: boolean },
): Promise<Problem[]> {
  const problems: Problem[] = []
  const wrong = await contradictionsOf(table)
  if (wrong > SLIPS * rows) {
    problems.push({
      problem: `high and low do not enclose open and close in ${wrong.toLocaleString('en')} of ${rows.toLocaleString('en')} rows: its columns stand in another order, or it holds no candles`,
      hint: 'say which column is what with --columns; a funding file needs --kind fundingRate',
    })
  }
  const { conflicts, times } = await conflictsOf(table, 'close')
  if (conflicts > CONFLICTS * times) {
    problems.push({
      problem: `${conflicts.toLocaleString('en')} of ${times.toLocaleString('en')} times stand more than once with different prices: several pairs or timeframes in one file`,
      hint: 'write one file per pair and timeframe',
    })
  }
  if (hasClose) {
    const ends = await wrongEndsOf(table, timeframe)
    if (ends > SLIPS * rows) {
      problems.push({
        problem: `the close time lies outside the ${timeframe} after the open time in ${ends.toLocaleString('en')} of ${rows.toLocaleString('en')} rows`,
        hint: 'choose the columns with --columns time=…,close_time=…',
      })
    }
  }
  return problems
}

/** No exchange pays more than some tenths of a percent usually; a hundredth is the default rate of 0.01 % written as a number of percents. */
const PERCENT_FROM = 0.004

async function fundingProblems(table: string): Promise<Problem[]> {
  const typical = await typicalRate(table)
  if (typical < PERCENT_FROM) return []
  return [
    {
      problem: `its rates look like percents: their typical size is ${typical.toPrecision(3)}`,
      hint: 'write them as fractions: 0.0001 is 0.01 %',
    },
  ]
}
