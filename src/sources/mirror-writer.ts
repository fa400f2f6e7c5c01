/**
 * Writes a simulated market as an archive: zips, checksums and layout as the exchange has them, so that the download stage cannot tell
 * the difference; `SIMULATED.json` at the root tells the people. Files appear one by one, each whole; the marker comes last, and until
 * then its parameters stand in a draft, so that a broken-off run is taken up and never mixed with another.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../core/errors.js'
import { isoDay, monthStart, monthsOf, parseTime, type Span } from '../core/time.js'
import { GENERATOR_VERSION, simulateMonths } from '../simulate/market.js'
import { createPublisher } from '../simulate/publication.js'
import { hashOfZip, isThere, type KnownHashes, NOTHING_KNOWN, replaceFile, writeZip } from './archive-files.js'
import {
  DEFAULT_MIRROR_KINDS,
  filesOfMonth,
  keysOfMonth,
  MIRROR_KIND_NAMES,
  type MirrorEntry,
  type MirrorKindName,
} from './mirror-kinds.js'
import { isPartName } from './save.js'
import { isSameMarket, MARKER_NAME, parseMarker, printMarker, type SimulationMarker } from './simulation-marker.js'
import { createTaskQueue } from './task-queue.js'

const DRAFT_NAME = `${MARKER_NAME}.draft`

export type MirrorOptions = {
  readonly seed: number
  readonly edge: number
  readonly pairs: readonly string[]
  readonly span: Span // whole months
  readonly kinds?: readonly MirrorKindName[] // DEFAULT_MIRROR_KINDS when it is not said
  /** Replaces a market of other parameters in the same folder. A folder with real data is never touched. */
  readonly force?: boolean
  readonly onFile?: (file: MirrorFile) => void
  readonly signal?: AbortSignal
  readonly known?: KnownHashes // NOTHING_KNOWN when it is not said
}

export type MirrorFile = {
  readonly key: string
  readonly state: 'written' | 'kept'
  readonly done: number
  readonly total: number
}

export type Mirror = {
  readonly folder: string
  readonly marker: SimulationMarker
  readonly written: number
  readonly kept: number
}

/**
 * Brings `folder` to hold these kinds of the market of these options. Files that are already right are kept, and so are other kinds of
 * the same market.
 *
 * @throws UserError when the span is not of whole months, or the folder holds another market or a real archive
 */
export async function writeMirror(folder: string, options: MirrorOptions): Promise<Mirror> {
  const { seed, edge, pairs, span, kinds = DEFAULT_MIRROR_KINDS, force = false, known = NOTHING_KNOWN } = options
  checkOptions(options)
  const market = { seed, edge, generator: GENERATOR_VERSION, from: isoDay(span.from), to: isoDay(span.to), pairs }
  const keys = keysOf(market, kinds)
  const whole = await readWhole(folder, { ...market, kinds })
  if (whole !== null && (await rightOf(folder, keys, known)).size === keys.length) {
    for (const [i, key] of keys.entries()) options.onFile?.({ key, state: 'kept', done: i + 1, total: keys.length })
    return { folder, marker: whole, written: 0, kept: keys.length }
  }
  const finished = await prepare(folder, { ...market, kinds }, force)
  const right = await rightOf(folder, keys, known)
  await writeFiles(folder, { ...options, kinds, keys, right, known })
  const marker = {
    ...market,
    kinds: MIRROR_KIND_NAMES.filter((kind) => finished.includes(kind) || kinds.includes(kind)),
  }
  await replaceFile(join(folder, MARKER_NAME), printMarker(marker))
  await rm(join(folder, DRAFT_NAME), { force: true })
  return { folder, marker, written: keys.length - right.size, kept: right.size }
}

/** The marker, when the market is this one, its kinds are there, and no run was broken off since: nothing is to be written then. */
async function readWhole(folder: string, wanted: SimulationMarker): Promise<SimulationMarker | null> {
  if (await isThere(join(folder, DRAFT_NAME))) return null
  const marker = await readFinished(folder)
  const isWhole =
    marker !== null && isSameMarket(marker, wanted) && wanted.kinds.every((kind) => marker.kinds.includes(kind))
  return isWhole ? marker : null
}

async function rightOf(folder: string, keys: readonly string[], known: KnownHashes): Promise<ReadonlySet<string>> {
  const right = new Set<string>()
  for (const key of keys) if ((await hashOfZip(folder, key, known)) !== null) right.add(key)
  return right
}

type Wanted = Pick<MirrorOptions, 'seed' | 'edge' | 'pairs' | 'span'> & { readonly kinds: readonly MirrorKindName[] }
type Writing = Wanted &
  Pick<MirrorOptions, 'onFile' | 'signal'> & {
    readonly keys: readonly string[]
    readonly right: ReadonlySet<string>
    readonly known: KnownHashes
  }

/** Writes the files that are not right yet, in the order of the keys, which is the order in which the market comes about. */
async function writeFiles(folder: string, writing: Writing): Promise<void> {
  const { keys, right, known, onFile = () => {}, signal } = writing
  let done = 0
  const report = (key: string, state: MirrorFile['state']) => onFile({ key, state, done: ++done, total: keys.length })
  if (right.size === keys.length) {
    for (const key of keys) report(key, 'kept')
    return
  }
  const queue = createTaskQueue(AT_ONCE, (key: string) => report(key, right.has(key) ? 'kept' : 'written'))
  try {
    for (const [key, make] of filesOf(writing)) {
      signal?.throwIfAborted()
      await queue.add(async () => {
        const content = right.has(key) ? null : make()
        if (content !== null) {
          const csv = Buffer.isBuffer(content) ? content : untilAborted(content, signal)
          known.learn(join(folder, key), await writeZip(folder, key, csv))
        }
        return key
      })
    }
    await queue.end()
    signal?.throwIfAborted()
  } finally {
    await queue.settled()
  }
}

/** Files under way at once: while some are packed and synced, the next is made. */
const AT_ONCE = 4

function* filesOf({ seed, edge, pairs, span, kinds }: Wanted): Generator<MirrorEntry> {
  const publishers = pairs.map((pair) => createPublisher(seed, pair, span.from))
  for (const { month, pairs: histories } of simulateMonths({ seed, edge, pairs }, span)) {
    for (const [p, history] of histories.entries()) {
      const publication = publishers[p].next(history)
      for (const kind of kinds) yield* filesOfMonth(kind, publication, month)
    }
  }
}

function checkOptions({ edge, pairs, span }: MirrorOptions): void {
  const whole = [span.from, span.to].every(
    (time) => isoDay(time).endsWith('-01') && monthStart(isoDay(time).slice(0, 7)) === time,
  )
  if (!whole || span.to <= span.from) {
    throw new UserError(`a simulated market spans whole months, not ${isoDay(span.from)} to ${isoDay(span.to)}`, {
      hint: 'give the first day of a month for both, such as 2024-01-01 and 2024-08-01',
      exitCode: 2,
    })
  }
  if (!(edge >= 0 && Number.isFinite(edge))) {
    throw new UserError(`the edge must be 0 or more, not ${edge}`, {
      hint: '0 is pure noise, 1 a strong edge',
      exitCode: 2,
    })
  }
  if (pairs.length === 0 || new Set(pairs).size !== pairs.length) {
    throw new UserError(`cannot simulate the pairs [${pairs.join(', ')}]`, {
      hint: 'name each pair once, at least one',
      exitCode: 2,
    })
  }
}

/**
 * Makes sure that what is in the folder belongs to this market, and writes down whose files these are going to be.
 *
 * @returns the kinds that are there whole
 */
async function prepare(folder: string, marker: SimulationMarker, force: boolean): Promise<readonly string[]> {
  const found = await existing(folder)
  if (found === null && (await isThere(join(folder, 'data')))) {
    throw new UserError(`${folder} holds an archive that is not simulated`, {
      hint: 'give another folder: real data is never overwritten',
    })
  }
  let finished = (await readFinished(folder))?.kinds ?? []
  if (found !== null && !isSameMarket(found, marker)) {
    if (!force) {
      throw new UserError(
        `${folder} holds another simulated market\n  there   ${summary(found)}\n  wanted  ${summary(marker)}`,
        {
          hint: 'give another folder, or replace it with --force',
        },
      )
    }
    // The draft goes first: a run that is killed in the middle of this must not be taken for either market.
    await replaceFile(join(folder, DRAFT_NAME), printMarker(found))
    await rm(join(folder, MARKER_NAME), { force: true })
    // A run that was broken off may have left files of any kind.
    for (const key of keysOf(found, MIRROR_KIND_NAMES)) {
      await rm(join(folder, `${key}.CHECKSUM`), { force: true })
      await rm(join(folder, key), { force: true })
    }
    finished = []
  }
  await mkdir(folder, { recursive: true })
  if (found !== null) await sweep(folder)
  await replaceFile(join(folder, DRAFT_NAME), printMarker(marker))
  return finished
}

/** Removes what a run that was killed had not finished. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder, { recursive: true }))
    if (isPartName(name)) await rm(join(folder, name), { force: true })
}

/** The market whose files lie in the folder: the finished one, or the one that was broken off. */
async function existing(folder: string): Promise<SimulationMarker | null> {
  return (await readIfThere(join(folder, DRAFT_NAME))) ?? readFinished(folder)
}

function readFinished(folder: string): Promise<SimulationMarker | null> {
  return readIfThere(join(folder, MARKER_NAME))
}

async function readIfThere(path: string): Promise<SimulationMarker | null> {
  return (await isThere(path)) ? parseMarker(await readFile(path, 'utf8'), path) : null
}

function keysOf({ from, to, pairs }: Omit<SimulationMarker, 'kinds'>, kinds: readonly MirrorKindName[]): string[] {
  const months = monthsOf({ from: parseTime(from), to: parseTime(to) })
  return months.flatMap((month) => pairs.flatMap((pair) => kinds.flatMap((kind) => keysOfMonth(kind, pair, month))))
}

/** A day of trades takes many seconds: whoever stops does not wait for its end. */
function* untilAborted(pieces: Iterable<Buffer>, signal: AbortSignal | undefined): Generator<Buffer> {
  for (const piece of pieces) {
    signal?.throwIfAborted()
    yield piece
  }
}

function summary({ seed, edge, generator, from, to, pairs }: SimulationMarker): string {
  return `seed ${seed}, edge ${edge}, ${from} to ${to}, ${pairs.join(' ')}, generator ${generator}`
}
