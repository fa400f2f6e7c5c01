/**
 * What the times and values of one file mean, judged by its rows: time zone, timeframe, label, and whether they are what they seem.
 */
import { DAY, isoMinute, TIMEFRAMES, type Timeframe } from '../core/time.js'
import {
  applyZone,
  conflictsOf,
  contradictionsOf,
  dropSpacings,
  hourSigns,
  phasesOf,
  spacingsOf,
  typicalRate,
  wrongEndsOf,
} from '../datasets/import-checks.js'
import type { Problem } from '../datasets/import-source.js'
import type { Loaded } from '../datasets/import-table.js'
import type { Columns } from '../market/recognise/columns.js'
import type { NameGuess } from '../market/recognise/names.js'
import type { Role } from '../market/recognise/roles.js'
import {
  chooseLabel,
  chooseTimeframe,
  isWithoutZone,
  type Label,
  type Spacings,
  type TimeForm,
} from '../market/recognise/times.js'
import { summerTimeSigns, zoneOf } from '../market/recognise/zones.js'
import type { ImportWishes } from './import-file.js'
import { judgeMetrics, tradeNotes } from './import-judge-events.js'

/** More rows than this share against a rule are not slips but another meaning. */
const SLIPS = 0.05
const CONFLICTS = 0.01

export type Judged = {
  readonly timeframe: Timeframe | null
  readonly shift: number
  readonly label: Label | null
  readonly labelBecause: string | null
  readonly timeZone: string
  readonly numbers: readonly Role[] // those that can be used
  readonly notes: readonly string[]
}

export type ToJudge = {
  readonly table: string
  readonly columns: Columns
  readonly form: TimeForm
  readonly loaded: Loaded
  readonly name: NameGuess
  readonly wishes: ImportWishes
  readonly hasClose: boolean
  readonly numbers: readonly Role[]
}

/** The times of the table are UTC afterwards; `shift` is what makes begins of them. */
export async function judgeTimes(of: ToJudge): Promise<Judged | { problems: Problem[] }> {
  const { table, columns, form, loaded, name, wishes, hasClose } = of
  const isLocal = isWithoutZone(form)
  const zoned = isLocal ? await toUtc(of) : []
  if (zoned.length > 0) return { problems: zoned }
  const timeZone = isLocal ? (wishes.timeZone ?? 'UTC') : 'UTC'
  const zoneNotes = isLocal && wishes.timeZone === null ? ['times without zone, UTC assumed'] : []
  if (columns.kind === 'fundingRate') {
    const problems = await fundingProblems(table)
    if (problems.length > 0) return { problems }
    return { ...NO_BARS, timeZone, numbers: of.numbers, notes: zoneNotes }
  }
  if (columns.kind === 'trades')
    return { ...NO_BARS, timeZone, numbers: of.numbers, notes: [...zoneNotes, ...tradeNotes(of)] }
  if (columns.kind === 'metrics') return judgeMetrics(of, { timeZone, zoneNotes })
  const spacings = await spacingsOf(table, Object.values(TIMEFRAMES))
  const chosen = chooseTimeframe(spacings, { given: wishes.timeframe, named: name.timeframe })
  if ('problem' in chosen) return { problems: [withTimeframeHint(chosen.problem, spacings)] }
  const { timeframe } = chosen
  const column = columns.at.time === undefined ? 'end' : columns.isStart || hasClose ? 'start' : null
  const label = chooseLabel(await phasesOf(table, timeframe), { timeframe, given: wishes.label, column })
  const problems: Problem[] = 'problem' in label ? [{ problem: label.problem, hint: LABEL_HINT }] : []
  const summerTime = isLocal && wishes.timeZone === null ? await summerTimeProblems(table, timeframe) : []
  await dropSpacings(table)
  // An hour that stands twice has other prices the second time: one cause, one problem.
  problems.push(
    ...(summerTime.length > 0 ? summerTime : await candleProblems(table, loaded.rows, { timeframe, hasClose })),
  )
  if ('problem' in label || problems.length > 0) return { problems }
  const labelNotes =
    label.because === 'assumed' ? ['times taken as the begin of each bar (--label end if they are its end)'] : []
  return {
    timeframe,
    shift: label.shift,
    label: label.label,
    labelBecause: label.because,
    timeZone,
    numbers: of.numbers,
    notes: [...zoneNotes, ...labelNotes],
  }
}

const NO_BARS = { timeframe: null, shift: 0, label: null, labelBecause: null } as const

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
