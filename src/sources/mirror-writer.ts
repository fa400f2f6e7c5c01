/**
 * Writes a simulated market as an archive: zips, checksums and layout as the exchange has them, so that the download stage cannot tell
 * the difference; `SIMULATED.json` at the root tells the people. Files appear one by one, each whole; the marker comes last, and until
 * then its parameters stand in a draft, so that a broken-off run is taken up and never mixed with another.
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../core/errors.js'
import { isoDay, type Month, monthStart, monthsOf, parseTime, type Span } from '../core/time.js'
import { instrumentOf } from '../simulate/instruments.js'
import { GENERATOR_VERSION, type PairHistory, simulateMonths } from '../simulate/market.js'
import { hashOfZip, isThere, replaceFile, writeZip } from './archive-files.js'
import { archiveKey } from './keys.js'
import { fundingCsv, klinesCsv } from './mirror-csv.js'
import { MARKER_NAME, parseMarker, printMarker, type SimulationMarker, sameMarker } from './simulation-marker.js'

const DRAFT_NAME = `${MARKER_NAME}.draft`

export type MirrorOptions = {
  readonly seed: number
  readonly edge: number
  readonly pairs: readonly string[]
  readonly span: Span // whole months
  /** Replaces a market of other parameters in the same folder. A folder with real data is never touched. */
  readonly force?: boolean
  readonly onFile?: (file: MirrorFile) => void
  readonly signal?: AbortSignal
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
 * Brings `folder` to hold the market of these options, and nothing else. Files that are already right are kept.
 *
 * @throws UserError when the span is not of whole months, or the folder holds another market or a real archive
 */
export async function writeMirror(folder: string, options: MirrorOptions): Promise<Mirror> {
  const { seed, edge, pairs, span, force = false, onFile = () => {}, signal } = options
  checkOptions(options)
  const marker = { seed, edge, generator: GENERATOR_VERSION, from: isoDay(span.from), to: isoDay(span.to), pairs }
  await prepare(folder, marker, force)
  const keys = keysOf(marker)
  const right = new Set<string>()
  for (const key of keys) if ((await hashOfZip(folder, key)) !== null) right.add(key)
  let done = 0
  const report = (key: string, state: MirrorFile['state']) => onFile({ key, state, done: ++done, total: keys.length })
  if (right.size === keys.length) {
    for (const key of keys) report(key, 'kept')
  } else {
    for (const { month, pairs: histories } of simulateMonths({ seed, edge, pairs }, span)) {
      for (const history of histories) {
        for (const [key, csv] of filesOf(history, month)) {
          signal?.throwIfAborted()
          if (!right.has(key)) await writeZip(folder, key, csv())
          report(key, right.has(key) ? 'kept' : 'written')
        }
      }
    }
  }
  await replaceFile(join(folder, MARKER_NAME), printMarker(marker))
  await rm(join(folder, DRAFT_NAME), { force: true })
  return { folder, marker, written: keys.length - right.size, kept: right.size }
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

/** Makes sure that what is in the folder belongs to this market, and writes down whose files these are going to be. */
async function prepare(folder: string, marker: SimulationMarker, force: boolean): Promise<void> {
  const found = await existing(folder)
  if (found === null && (await isThere(join(folder, 'data')))) {
    throw new UserError(`${folder} holds an archive that is not simulated`, {
      hint: 'give another folder: real data is never overwritten',
    })
  }
  if (found !== null && !sameMarker(found, marker)) {
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
    for (const key of keysOf(found)) {
      await rm(join(folder, `${key}.CHECKSUM`), { force: true })
      await rm(join(folder, key), { force: true })
    }
  }
  await mkdir(folder, { recursive: true })
  await replaceFile(join(folder, DRAFT_NAME), printMarker(marker))
}

/** The market whose files lie in the folder: the finished one, or the one that was broken off. */
async function existing(folder: string): Promise<SimulationMarker | null> {
  for (const name of [DRAFT_NAME, MARKER_NAME]) {
    const path = join(folder, name)
    if (await isThere(path)) return parseMarker(await readFile(path, 'utf8'), path)
  }
  return null
}

function keysOf({ from, to, pairs }: SimulationMarker): string[] {
  const months = monthsOf({ from: parseTime(from), to: parseTime(to) })
  return months.flatMap((month) => pairs.flatMap((pair) => [klinesKey(pair, month), fundingKey(pair, month)]))
}

function filesOf({ pair, bars, funding }: PairHistory, month: Month): [string, () => Buffer][] {
  const { priceDecimals, lotDecimals } = instrumentOf(pair)
  return [
    [klinesKey(pair, month), () => klinesCsv(bars, { price: priceDecimals, quantity: lotDecimals })],
    [fundingKey(pair, month), () => fundingCsv(funding)],
  ]
}

function klinesKey(pair: string, month: Month): string {
  return archiveKey({ venue: 'binance-um', kind: 'klines', pair, timeframe: '1m' }, month)
}

function fundingKey(pair: string, month: Month): string {
  return archiveKey({ venue: 'binance-um', kind: 'fundingRate', pair }, month)
}

function summary({ seed, edge, generator, from, to, pairs }: SimulationMarker): string {
  return `seed ${seed}, edge ${edge}, ${from} to ${to}, ${pairs.join(' ')}, generator ${generator}`
}
