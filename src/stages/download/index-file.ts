/**
 * The ledger of a pair: what every file and page was, with its hash, rows and span; and the refusal of a pair of which nothing is there.
 * What may differ between equal runs (when it was fetched, ETags) stands in the run record beside it.
 */
import { writeFileSync } from 'node:fs'
import type { Config } from '../../config/settings.js'
import { type Json, prettyJson } from '../../core/canonical.js'
import { UserError } from '../../core/errors.js'
import { suggestion } from '../../core/suggest.js'
import { monthsOf, type Span } from '../../core/time.js'
import { type Manifest, readRunRecord } from '../../datasets/manifest.js'
import { addressIn, type Workspace } from '../../datasets/workspace.js'
import type { RawKind } from '../../market/raw-kinds.js'
import {
  type Done,
  type PlanContext,
  type PlannedTask,
  pick,
  type Task,
  type TaskIo,
  type TaskResult,
} from '../stage.js'

/** Refuses a pair of which nothing is there, and tells a misspelt name from a missing month. */
export async function planIndex(context: PlanContext): Promise<PlannedTask[]> {
  const { config, span, pair } = context
  const files = context.done('download', 'files')
  if (pair === null) return []
  if (!files.some((file) => file.settings.kind === 'klines' && hasRows(file.manifest))) {
    throw await nothingThere(context.workspace, config, pair, span)
  }
  const venue = config['data.venue']
  return [
    {
      stage: 'download',
      step: 'index',
      pair,
      unit: pair,
      inputs: [],
      settings: { ...pick(config, ['data.venue']), files: files.map((file) => entryOf(file)) },
      manifest: `data/raw/metadata/${venue}-${pair}.manifest.json`,
      libraries: [],
      memoryBytes: 80e6,
    },
  ]
}

function hasRows({ facts }: Manifest): boolean {
  return Number(facts.rows) > 0 || Number(facts.restRows ?? 0) > 0
}

/** What the ledger says of one series and month; `sources` are the archive's files, `rest` what was asked of the exchange. */
function entryOf({ manifest, settings, unit }: Done): { readonly [name: string]: Json } {
  const { sources, rows, first, last, complete, absentDays, restAsked = null, restRows = 0, quarrels } = manifest.facts
  const { kind, timeframe, month } = settings
  const files = manifest.files.map(({ path, sha256, bytes }) => ({ path, sha256, bytes }))
  const rest = restAsked === null ? null : { asked: restAsked, rows: restRows }
  const others = quarrels === undefined ? {} : { quarrels }
  return { unit, kind, timeframe, month, rows, first, last, complete, absentDays, sources, rest, files, ...others }
}

type Entry = {
  readonly kind: RawKind
  readonly month: string
  readonly rows: number
  readonly rest: { readonly rows: number } | null
}

export async function writeIndex(task: Task, io: TaskIo): Promise<TaskResult> {
  const files = task.settings.files as unknown as Entry[]
  await io.write('index', task.manifest.replace('.manifest.json', '.json'), (temporary) =>
    writeFileSync(temporary, prettyJson({ pair: task.pair, files } as unknown as Json)),
  )
  const isAbsent = ({ rows, rest }: Entry) => rows === 0 && (rest?.rows ?? 0) === 0
  const absent = files.filter(isAbsent)
  const total = files.reduce((sum, { rows, rest }) => sum + rows + (rest?.rows ?? 0), 0)
  const months = (kind: RawKind) => absent.filter((file) => file.kind === kind).map(({ month }) => month)
  return {
    facts: { absentKlines: months('klines'), absentFunding: months('fundingRate') },
    summary: `${total.toLocaleString('en')} rows in ${files.length - absent.length} of ${files.length} files`,
    warnings: absences(files, isAbsent),
    notes: { fetched: fetchedNotes(task, io.workspace) },
  }
}

/** One line for the kinds of which nothing is there, one for the months that others lack. */
function absences(files: readonly Entry[], isAbsent: (file: Entry) => boolean): string[] {
  const kinds = [...new Set(files.map(({ kind }) => kind))]
  const of = (kind: RawKind) => files.filter((file) => file.kind === kind)
  const whole = kinds.filter((kind) => of(kind).every(isAbsent))
  const funding = whole.includes('fundingRate')
    ? ['no funding in the archive: every total will be marked "without funding"']
    : []
  const rest = whole.filter((kind) => kind !== 'fundingRate')
  const partly = kinds.filter((kind) => !whole.includes(kind) && of(kind).some(isAbsent))
  return [
    ...funding,
    ...(rest.length > 0 ? [`not to be had: ${rest.join(', ')}`] : []),
    ...partly.map(
      (kind) =>
        `${kind} absent in the archive: ${of(kind)
          .filter(isAbsent)
          .map(({ month }) => month)
          .join(', ')}`,
    ),
  ]
}

/** When each unit was fetched, and by which ETags the server named what it sent. */
function fetchedNotes(task: Task, workspace: Workspace): Json {
  const files = task.settings.files as readonly { readonly unit: string; readonly files: readonly { path: string }[] }[]
  return files.flatMap(({ unit, files: [file] }) => {
    const record =
      file === undefined ? null : readRunRecord(workspace, file.path.replace(/(\.rest)?\.parquet$/, '.manifest.json'))
    return record === null ? [] : [{ unit, fetchedAt: record.startedAt, ...record.notes }]
  }) as Json
}

async function nothingThere(workspace: Workspace, config: Config, pair: string, span: Span): Promise<UserError> {
  const { openArchive } = await import('../../sources/archive.js')
  const address = config['exchange.archiveUrl']
  const known = await (await openArchive(address)).pairs(config['data.venue'])
  const months = monthsOf(span)
  const where = `${addressIn(workspace, address)} (${config['data.venue']}, ${config['bars.base']}, ${months[0]} to ${months.at(-1)})`
  if (known !== null && !known.includes(pair)) {
    return new UserError(`${pair} is not in the archive ${where}${suggestion(pair, known)}`, {
      hint: known.length > 0 && known.length <= 12 ? `it has ${known.join(', ')}` : 'check the name and data.venue',
    })
  }
  return new UserError(`${pair} has no klines in the archive ${where}`, {
    hint: 'check the name, data.venue, bars.base, and data.from and data.to; the pair may not have been listed yet',
  })
}
