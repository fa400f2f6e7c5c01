/**
 * Which files a configuration asks for: one unit per series and month, and when one that is on disk must be asked for again.
 */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config/settings.js'
import { withoutAccess } from '../../core/access.js'
import {
  DAY,
  daysOf,
  intersect,
  isoDay,
  type Month,
  monthSpan,
  monthsOf,
  type Span,
  type Timeframe,
} from '../../core/time.js'
import { type Manifest, type RunRecord, readRunRecord } from '../../datasets/manifest.js'
import { absolute } from '../../datasets/workspace.js'
import { METRICS_REST_KINDS, type RawKind, rawKind } from '../../market/raw-kinds.js'
import { addressesOf, isRemote } from '../../sources/addresses.js'
import { readHead } from '../../sources/bounded-text.js'
import { type ArchiveSeries, archiveKey, fileNameOf, publishes } from '../../sources/keys.js'
import { SETTLED_MS } from '../../sources/settling.js'
import type { PlanContext, PlannedTask } from '../stage.js'
import { accessSettings, addressSettings, dayOf, quarrelsOf, sourcesOf } from './exchange.js'
import type { InstrumentFacts } from './instrument.js'

/** A month's files are completed and replaced late; after this time what is there is taken for all that will come. */
const FINAL_MS = 60 * DAY

type SeriesOf = { readonly kind: RawKind; readonly timeframe: Timeframe | null }

/** What the configuration asks for, as far as the venue has it. */
function seriesOf(config: Config, restUrl: string | null): SeriesOf[] {
  const venue = config['data.venue']
  const base = config['bars.base']
  const chosen = config['download.kinds'].filter((kind) => publishes(venue, kind))
  const kinds: RawKind[] = [...new Set<RawKind>(['klines', ...chosen])]
  const timeframes = [...new Set([base, ...config['download.timeframes']])]
  return kinds.flatMap((kind): SeriesOf[] => {
    if (rawKind(kind).byTimeframe) return timeframes.map((timeframe) => ({ kind, timeframe }))
    const ones = kind === 'metrics' && restUrl !== null ? [kind, ...METRICS_REST_KINDS] : [kind]
    return ones.map((one) => ({ kind: one, timeframe: null }))
  })
}

/** `data/raw/<venue>/<PAIR>/klines/1m` */
function rawFolder(venue: string, pair: string, { kind, timeframe }: SeriesOf): string {
  const { folder } = rawKind(kind)
  return `data/raw/${venue}/${pair}/${timeframe === null ? folder : `${folder}/${timeframe}`}`
}

export async function planFiles(context: PlanContext): Promise<PlannedTask[]> {
  const { config, span, pair } = context
  if (pair === null) return []
  const known = knownOf(context, pair)
  const planned = seriesOf(config, known.restUrl).flatMap((series) =>
    series.kind === 'depth'
      ? depthTasks(context, known)
      : monthsOf(span)
          .filter((month) => canBeHad(context, known, series, month))
          .map((month) => monthTask(context, known, series, month)),
  )
  return context.revise ? (await import('./revise.js')).withReplaced(planned, context) : planned
}

/** What the exchange has said of the pair. */
type Known = {
  readonly pair: string
  /** By the exchange's clock, and by ours. */
  readonly now: number
  readonly clock: number
  /** Null where asking is off, or was found to be in vain. */
  readonly restUrl: string | null
  /** Days before and after which REST has nothing; null where it is not known. */
  readonly onboard: string | null
  readonly delivery: string | null
}

function knownOf({ config, workspace, clock, done }: PlanContext, pair: string): Known {
  const { restUrl } = addressesOf(config)
  const unit = done('download', 'instrument').at(0)
  const facts = unit?.manifest.facts as InstrumentFacts | undefined
  const notes = unit === undefined ? undefined : readRunRecord(workspace, unit.manifestPath)?.notes
  const isInVain = facts?.listed === false || facts?.restricted === true
  const day = (time: number | null | undefined) => (time == null ? null : isoDay(time))
  return {
    pair,
    now: clock() + Number(notes?.skewMs ?? 0),
    clock: clock(),
    restUrl: isInVain || restUrl === null ? null : withoutAccess(restUrl),
    onboard: day(facts?.onboardDate),
    delivery: day(facts?.deliveryDate),
  }
}

/** What only REST has is asked for while it reaches back that far; what was fetched then stays in the plan. */
function canBeHad({ config, workspace }: PlanContext, { pair, now }: Known, series: SeriesOf, month: Month): boolean {
  const { monthly, daily, restReach } = rawKind(series.kind)
  if (monthly || daily || restReach === null || restReach === 'all') return true
  if (monthSpan(month).to > now - restReach && monthSpan(month).from < now) return true
  return existsSync(absolute(workspace, `${rawFolder(config['data.venue'], pair, series)}/${month}.manifest.json`))
}

function monthTask(context: PlanContext, known: Known, series: SeriesOf, month: Month): PlannedTask {
  const { config, span } = context
  const part = intersect(span, monthSpan(month))
  const { restReach } = rawKind(series.kind)
  // Where REST has it at all: its address and the days between which it can have anything are part of what the unit is made from.
  const rest = restReach === null ? null : known.restUrl
  const bounds = rest === null ? {} : { onboard: known.onboard, delivery: known.delivery }
  return {
    ...taskOf(context, known, series, month),
    settings: {
      ...unitSettings(context, known, series, rest),
      ...bounds,
      month,
      from: isoDay(part.from),
      to: isoDay(part.to),
    },
    recheck: (manifest, record) =>
      replaced(config, manifest) ??
      (manifest.facts.complete === true ? null : nowThere({ config, known, series, part, manifest, record })),
  }
}

/** One snapshot for each day on which somebody asks. */
function depthTasks(context: PlanContext, known: Known): PlannedTask[] {
  if (known.restUrl === null) return []
  const series: SeriesOf = { kind: 'depth', timeframe: null }
  const day = isoDay(known.now)
  const settings = { ...unitSettings(context, known, series, known.restUrl), month: day, from: day, to: day }
  return [{ ...taskOf(context, known, series, day), settings }]
}

function unitSettings({ config, workspace }: PlanContext, { pair }: Known, series: SeriesOf, rest: string | null) {
  return { ...addressSettings(config, workspace), rest, venue: config['data.venue'], pair, ...series }
}

function taskOf({ config }: PlanContext, { pair }: Known, series: SeriesOf, period: string) {
  const group = `${pair} ${series.kind}${series.timeframe === null ? '' : ` ${series.timeframe}`}`
  return {
    stage: 'download' as const,
    step: 'files',
    pair,
    unit: `${group} ${period}`,
    group,
    inputs: [],
    manifest: `${rawFolder(config['data.venue'], pair, series)}/${period}.manifest.json`,
    access: accessSettings(config),
    libraries: ['duckdb' as const],
    memoryBytes: 250e6,
  }
}

/** A folder is somebody's own, and an import may have put another month in its place; its checksum tells without opening the zip. */
function replaced(config: Config, manifest: Manifest): string | null {
  const address = folderOf(config)
  if (address === null) return null
  for (const { key, sha256, verified } of sourcesOf(manifest)) {
    const sidecar = join(address, `${key}.CHECKSUM`)
    const stated = verified ? readHead(sidecar, sha256.length) : null
    if (stated !== null && !stated.toLowerCase().startsWith(sha256)) {
      return `the archive has another ${fileNameOf(key)}`
    }
  }
  return null
}

/** Null for an archive behind HTTP. */
function folderOf(config: Config): string | null {
  const address = config['exchange.archiveUrl']
  return isRemote(address) ? null : address.replace(/^file:\/\//, '')
}

type Incomplete = {
  readonly config: Config
  readonly known: Known
  readonly series: SeriesOf
  readonly part: Span
  readonly manifest: Manifest
  readonly record: RunRecord | null
}

/** What was absent may have been published since: a folder is looked at every time, a server once a day until the month is settled. */
function nowThere(incomplete: Incomplete): string | null {
  const { config, known, part, manifest, record } = incomplete
  const address = folderOf(config)
  if (address !== null && manifest.facts.restAsked === undefined) return addedTo(address, incomplete)
  const asked = dayOf(record)
  const offset = known.now - known.clock // of the exchange's clock
  const ended = part.to + SETTLED_MS
  if (record !== null && Date.parse(record.startedAt) + offset < ended && known.now >= ended) {
    return 'its newest rows had not settled when it was asked for'
  }
  const wasSettled = asked !== '' && Date.parse(asked) + offset > part.to + FINAL_MS
  return asked === isoDay(known.clock) || wasSettled ? null : `was not complete when last asked for on ${asked}`
}

/** What a folder has of the files that were absent, or were left out for their checksums and have been touched since. */
function addedTo(folder: string, { config, known, series, part, manifest, record }: Incomplete): string | null {
  const venue = config['data.venue']
  const { kind, timeframe } = series
  const archived: ArchiveSeries = { venue, pair: known.pair, kind, ...(timeframe === null ? {} : { timeframe }) }
  const had = new Set(sourcesOf(manifest).map(({ key }) => key))
  const { monthly, daily } = rawKind(kind)
  const month = monthly ? archiveKey(archived, isoDay(part.from).slice(0, 7)) : null
  // Beside a monthly file only the days count that it lacks.
  const absent = new Set((manifest.facts.absentDays ?? []) as readonly string[])
  const days = month !== null && had.has(month) ? daysOf(part).filter((day) => absent.has(day)) : daysOf(part)
  const keys = [...(month === null ? [] : [month]), ...(daily ? days.map((day) => archiveKey(archived, day)) : [])]
  const leftOut = new Set(quarrelsOf(manifest).map(({ key }) => key))
  const since = Date.parse(record?.startedAt ?? '')
  const isTouched = (path: string) => [path, `${path}.CHECKSUM`].some((file) => !(modified(file) < since))
  const isNew = (key: string) => existsSync(join(folder, key)) && (!leftOut.has(key) || isTouched(join(folder, key)))
  const added = keys.find((key) => !had.has(key) && isNew(key))
  return added === undefined ? null : `the archive now has ${fileNameOf(added)}`
}

/** UTC ms; 0 for a file that is not there. */
function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
