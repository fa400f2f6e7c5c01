/**
 * One file of the user: what it is, read into a temporary table, and judged. Everything that is wrong with it is gathered; nothing is thrown
 * that a second file could have as well.
 */
import { DAY, isoDay, type Timeframe } from '../core/time.js'
import type { CaptureTable } from '../datasets/import-capture.js'
import { type ImportSource, openImportSource, type Problem, withMoment } from '../datasets/import-source.js'
import {
  type Loaded,
  type LoadRequest,
  loadImport,
  marksOf,
  nativeTimeForm,
  partedVolumes,
  sampleOf,
  valuesOf,
} from '../datasets/import-table.js'
import { type Columns, recogniseColumns } from '../market/recognise/columns.js'
import { type DecimalMark, isPlain, type Marks, PLAIN_MARKS } from '../market/recognise/marks.js'
import { guessFromName, type ImportKind, type NameGuess, pairFromSymbol } from '../market/recognise/names.js'
import { IMPORT_KINDS } from '../market/recognise/roles.js'
import {
  isClockAlone,
  isDateAlone,
  type Label,
  type TimeForm,
  type TimeUnit,
  timeFormOf,
} from '../market/recognise/times.js'
import { publishes, type Venue } from '../sources/keys.js'
import { judgeTimes } from './import-judge.js'
import { lackingOfTrades } from './import-judge-events.js'

/** What the user says of all files of a call; null is guessed. */
export type ImportWishes = {
  readonly pair: string | null
  readonly venue: Venue | null
  readonly kind: ImportKind | null
  readonly timeframe: Timeframe | null
  readonly timeZone: string | null
  readonly timeUnit: TimeUnit | null
  readonly label: Label | null
  readonly decimal: DecimalMark | null
  readonly columns: readonly (readonly [string, string])[]
  /** Folder for unpacked files. */
  readonly scratch: string
  /** UTC ms; later times are those of a wrong unit. */
  readonly now: number
}

export type RecognisedFile = {
  readonly table: string
  readonly rows: number
  readonly venue: Venue
  readonly pair: string
  readonly kind: ImportKind | CaptureTable['kind']
  readonly timeframe: Timeframe | null // of klines
  readonly shift: number
  readonly isReversed: boolean
  readonly numbers: readonly string[] // columns of the table that the archive has
  readonly cut: 'month' | 'day' // of the archive's files
  readonly isKept: boolean // false: only bars are made of it
  readonly columns: Readonly<Record<string, string>>
  readonly unused: readonly string[]
  readonly timeUnit: string
  readonly timeZone: string
  readonly label: Label | null
  readonly labelBecause: string | null
  /** What was assumed rather than seen. */
  readonly notes: readonly string[]
}

/** A table is one file of the archive's kinds, a recording may be several. */
export type FileOutcome = { readonly files: readonly RecognisedFile[] } | { readonly problems: readonly Problem[] }

const EARLIEST = Date.UTC(1990, 0, 1)
export async function recogniseFile(path: string, table: string, wishes: ImportWishes): Promise<FileOutcome> {
  const { isCapture } = await import('../datasets/import-capture.js')
  if (isCapture(path)) return (await import('./import-capture.js')).recogniseCapture(path, table, wishes)
  const outcome = await recogniseTable(path, table, wishes)
  return 'problems' in outcome ? outcome : { files: [outcome] }
}

type TableOutcome = RecognisedFile | { readonly problems: readonly Problem[] }

async function recogniseTable(path: string, table: string, wishes: ImportWishes): Promise<TableOutcome> {
  const opened = await openImportSource(path, wishes.scratch)
  if ('problem' in opened) return { problems: [opened] }
  const name = guessFromName(path)
  const found = recogniseColumns({
    names: opened.names,
    hasHeader: opened.hasHeader,
    kind: wishes.kind ?? name.kind,
    ratio: name.ratio,
    given: wishes.columns,
  })
  const { source, columns } = await withJoinedTime(opened, found)
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
  const numbers = IMPORT_KINDS[columns.kind].numbers.flatMap((role) => {
    const position = columns.at[role]
    return position === undefined ? [] : [{ role, position }]
  })
  const closeTime = columns.at.time === undefined ? null : forms.closeTime
  const read = await readNumbers(source, wishes.decimal, {
    table,
    time: { position: time, form: forms.time },
    rivals: forms.rivals,
    closeTime,
    numbers,
    unit: wishes.timeUnit,
  })
  if ('problem' in read) return { problems: [...problems, read] }
  const { loaded, marks } = read
  problems.push(...faultProblems(source, loaded), ...rangeProblems(loaded, wishes))
  if (loaded.faults.length > 0 || problems.length > 0 || pair === null) return { problems }
  const judged = await judgeTimes({
    table,
    columns,
    form: forms.time,
    loaded,
    name,
    wishes,
    hasClose: closeTime !== null,
    numbers: numbers.map(({ role }) => role),
  })
  if ('problems' in judged) return judged
  const venue = wishes.venue ?? name.venue ?? 'binance-um'
  if (!publishes(venue, columns.kind)) {
    const what = columns.kind === 'fundingRate' ? 'spot pays no funding' : 'spot has no open interest'
    return { problems: [{ problem: what, hint: 'leave out --venue binance-spot' }] }
  }
  return {
    table,
    rows: loaded.rows,
    venue,
    pair,
    kind: columns.kind,
    isReversed: loaded.isReversed,
    cut: IMPORT_KINDS[columns.kind].cut,
    isKept: columns.kind !== 'trades' || lackingOfTrades(judged.numbers).length === 0,
    columns: Object.fromEntries(
      Object.entries(columns.at).map(([role, position]) => [role, source.names[position] || '(unnamed)']),
    ),
    unused: columns.unused,
    timeUnit: forms.time === 'epoch' ? (wishes.timeUnit ?? loaded.units.join(' and ')) : UNIT_WORDS[forms.time],
    ...judged,
    numbers: [...judged.numbers, ...(closeTime !== null && judged.shift === 0 ? ['close_ms'] : [])],
    notes: [
      ...judged.notes,
      ...marksNote(marks),
      ...(loaded.isReversed ? ['newest first, turned round'] : []),
      ...(wishes.venue === null && name.venue === null ? [`venue ${venue} assumed`] : []),
    ],
  }
}

const COLUMNS_HINT = 'say which column is what: --columns time=Date,open=Open,high=High,low=Low,close=Close'

const UNIT_WORDS: Readonly<Record<Exclude<TimeForm, 'epoch'>, string>> = {
  aware: 'text with offset',
  naive: 'text without zone',
  half: 'text without zone',
  dotted: 'text without zone',
  compact: 'text without zone',
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

/** A date in one column and the time of day in another, as MetaTrader writes them, are one time. */
async function withJoinedTime(
  source: ImportSource,
  columns: Columns,
): Promise<{ source: ImportSource; columns: Columns }> {
  const { at, rivals } = columns
  if (at.time === undefined || rivals.length === 0) return { source, columns }
  const positions = [at.time, ...rivals]
  const samples = await Promise.all(positions.map((position) => firstText(source, position)))
  const [dates, clocks] = [isDateAlone, isClockAlone].map((is) => positions.filter((_, i) => is(samples[i])))
  if (dates.length !== 1 || clocks.length !== 1) return { source, columns }
  const [date, clock] = [dates[0], clocks[0]]
  return {
    source: withMoment(source, date, clock),
    columns: {
      ...columns,
      at: { ...at, time: source.names.length },
      rivals: positions.filter((position) => position !== date && position !== clock),
    },
  }
}

async function firstText(source: ImportSource, position: number): Promise<string> {
  if (nativeTimeForm(source.cells[position]) !== null) return ''
  const sample = await sampleOf(source, position, 1)
  return 'problem' in sample ? '' : (sample[0] ?? '')
}

/**
 * Rows with their numbers as programs write them; where some are not written so, all are looked at for how they are. Few tables need the second
 * reading.
 */
async function readNumbers(
  source: ImportSource,
  decimal: DecimalMark | null,
  request: Omit<LoadRequest, 'marks'>,
): Promise<{ readonly loaded: Loaded; readonly marks: Marks } | Problem> {
  const plain = await loadImport(source, { ...request, marks: PLAIN_MARKS })
  if ('problem' in plain) return plain
  if (decimal === null && !plain.faults.some(({ fault }) => fault.endsWith('is no number'))) {
    return (await partedVolumes(source, request)) ?? { loaded: plain, marks: PLAIN_MARKS }
  }
  const marks = await marksOf(source, request.numbers, decimal)
  if ('problem' in marks) return marks
  if (isPlain(marks)) return { loaded: plain, marks }
  const loaded = await loadImport(source, { ...request, marks })
  return 'problem' in loaded ? loaded : { loaded, marks }
}

function marksNote(marks: Marks): string[] {
  const { decimal, thousands } = marks
  const parted =
    thousands === '' ? '' : `, thousands parted by ${/[.,]/.exec(thousands)?.[0] ?? 'spaces or apostrophes'}`
  return isPlain(marks) ? [] : [`numbers with a decimal ${decimal}${parted}`]
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
      problem: `its times reach from ${dayOrNumber(first)} to ${dayOrNumber(last)}${read}, and not from 1990 to now`,
      hint: 'give the unit of its times: --time-unit s, ms, us or ns; or the right column: --columns time=…',
    },
  ]
}

function dayOrNumber(time: number): string {
  return Math.abs(time) < 8.64e15 ? isoDay(time) : String(time)
}
