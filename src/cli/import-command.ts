/**
 * `sluice import`: the user's own history becomes an archive folder, from which the download stage reads as from any other.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { EXIT, UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { TIMEFRAME_NAMES, type Timeframe } from '../core/time.js'
import { spillTo } from '../datasets/duckdb.js'
import { hashOfFile } from '../datasets/files.js'
import type { Problem } from '../datasets/import-source.js'
import { dropImport } from '../datasets/import-table.js'
import { DECIMAL_MARKS } from '../market/recognise/marks.js'
import { pairFromSymbol } from '../market/recognise/names.js'
import { IMPORT_KIND_NAMES } from '../market/recognise/roles.js'
import { LABELS, TIME_UNITS } from '../market/recognise/times.js'
import type { ImportedSource } from '../sources/import-marker.js'
import { readImportMarker, writeImport } from '../sources/import-writer.js'
import { VENUES } from '../sources/keys.js'
import { type Flags, isSet, listOf, type OptionName, textOf } from './flags.js'
import { type ImportWishes, type RecognisedFile, recogniseFile } from './import-file.js'
import { nextCommand } from './import-next.js'
import { barsFromTrades, type MadeFromTrades, periodsOf } from './import-periods.js'
import { createTerminal } from './terminal.js'

type ImportFile = RecognisedFile & { readonly path: string; readonly source: ImportedSource }

export async function importFiles(flags: Flags, paths: readonly string[]): Promise<number> {
  const folder = textOf(flags, 'out') ?? 'imported'
  const wishes = wishesOf(flags)
  // Asked before hours of reading: a folder that may not be written to is known at once.
  await readImportMarker(folder)
  const quiet = isSet(flags, 'quiet')
  const terminal = await createTerminal({ quiet })
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-import-'))
  spillTo(scratch)
  try {
    const files = await readAll([...new Set(paths)], { ...wishes, scratch }, (done) =>
      terminal.onProgress?.('import', done, paths.length),
    )
    const made = await barsFromTrades(files, wishes.timeframe ?? '1m')
    if (!quiet) for (const text of [...describe(files), ...made.map(wordsOfMade)]) terminal.line(text)
    const months = [...(await periodsOf(files)), ...made.flatMap((one) => one.months)]
    const outcomes = await writeImport(folder, months, {
      sources: files.map(({ source }) => source),
      force: isSet(flags, 'force'),
      onFile: (done, total) => terminal.onProgress?.('import', done, total),
    })
    const next = nextCommand(
      folder,
      [...files.filter(({ isKept }) => isKept), ...made.filter(({ bars }) => bars > 0)],
      months,
    )
    if (isSet(flags, 'json')) {
      process.stdout.write(
        `${JSON.stringify({ folder, sources: files.map(({ source, notes }) => ({ ...source, notes })), files: outcomes, next }, null, 2)}\n`,
      )
    } else if (!quiet) {
      const counted = (['written', 'replaced', 'kept'] as const).map(
        (state) => `${outcomes.filter((one) => one.state === state).length} ${state}`,
      )
      terminal.line(`${folder}: ${counted.join(', ')}\n\n${next === null ? '' : `use it with: ${next}`}`)
    }
    return EXIT.done
  } finally {
    terminal.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** @throws UserError that lists everything that is wrong on the command line */
function wishesOf(flags: Flags): Omit<ImportWishes, 'scratch'> {
  const problems: string[] = []
  const oneOf = <T extends string>(name: OptionName, option: string, known: readonly T[]): T | null => {
    const text = textOf(flags, name)
    const found = known.find((one) => one === text)
    if (text !== null && found === undefined) {
      problems.push(`--${option} ${text} is none of ${known.join(', ')}${suggestion(text, known)}`)
    }
    return found ?? null
  }
  const pairs = listOf(flags, 'pair')
  const pair = pairs.length === 1 ? pairFromSymbol(pairs[0]) : null
  if (pairs.length > 1)
    problems.push(`--pair ${pairs.join(',')}: the files of a call are of one pair, or say theirs by their names`)
  else if (pairs.length === 1 && pair === null)
    problems.push(`--pair ${pairs[0]} is not the name of a pair such as BTCUSDT or BTC/USDT`)
  const columns = listOf(flags, 'columns').map((text) => {
    const cut = text.indexOf('=')
    if (cut < 1) problems.push(`--columns ${text} is not of the form time=Date`)
    return [text.slice(0, cut).trim(), text.slice(cut + 1).trim()] as const
  })
  const wishes = {
    pair,
    venue: oneOf('venue', 'venue', VENUES),
    kind: oneOf('kind', 'kind', IMPORT_KIND_NAMES),
    timeframe: oneOf('timeframe', 'timeframe', TIMEFRAME_NAMES),
    timeZone: textOf(flags, 'timeZone'),
    timeUnit: oneOf('timeUnit', 'time-unit', TIME_UNITS),
    label: oneOf('label', 'label', LABELS),
    decimal: oneOf('decimal', 'decimal', DECIMAL_MARKS),
    columns,
    now: Date.now(),
  }
  if (problems.length > 0) throw refusal(problems, ['sluice import --help shows the options'], EXIT.usage)
  return wishes
}

/** Reads every file before any is refused, so that all problems of a call are told at once. */
async function readAll(
  paths: readonly string[],
  wishes: ImportWishes,
  onFile: (done: number) => void,
): Promise<ImportFile[]> {
  const files: ImportFile[] = []
  const problems: (Problem & { readonly path: string })[] = []
  for (const [i, path] of paths.entries()) {
    const outcome = await recogniseFile(path, `import_${i}`, wishes)
    if ('problems' in outcome) {
      problems.push(...outcome.problems.map((problem) => ({ path, ...problem })))
      await dropImport(`import_${i}`)
    } else {
      for (const file of outcome.files) files.push({ ...file, path, source: await sourceOf(path, file) })
    }
    onFile(i + 1)
  }
  const lines = problems.map(({ path, problem }) => `${path}: ${problem}`)
  const hints = problems.flatMap(({ hint }) => (hint === undefined ? [] : [hint]))
  for (const [pair, timeframes] of timeframesByPair(files)) {
    if (timeframes.size < 2) continue
    lines.push(`mixed timeframes of ${pair}: ${[...timeframes].map(([name, path]) => `${name} in ${path}`).join(', ')}`)
    hints.push('import one timeframe a call; the finest is enough, for Sluice resamples upwards by itself')
  }
  if (lines.length > 0) throw refusal(lines, hints, EXIT.failed)
  return files
}

function timeframesByPair(files: readonly ImportFile[]): Map<string, Map<Timeframe, string>> {
  const found = new Map<string, Map<Timeframe, string>>()
  for (const { venue, pair, timeframe, path } of files) {
    if (timeframe === null) continue
    const name = `${venue} ${pair}`
    const timeframes = found.get(name) ?? new Map<Timeframe, string>()
    found.set(name, timeframes.has(timeframe) ? timeframes : timeframes.set(timeframe, path))
  }
  return found
}

async function sourceOf(path: string, file: RecognisedFile): Promise<ImportedSource> {
  const { venue, pair, kind, timeframe, rows, columns, unused, timeUnit, timeZone, label, labelBecause } = file
  const recognised = { venue, pair, kind, timeframe, columns, unused, timeUnit, timeZone, label, labelBecause }
  return { name: basename(path), sha256: await hashOfFile(path), bytes: statSync(path).size, rows, ...recognised }
}

/** What each file was taken for, with everything that was taken for granted; files that were understood alike are told of together. */
function describe(files: readonly ImportFile[]): string[] {
  const alike = new Map<string, ImportFile[]>()
  for (const file of files) {
    const words = recognitionOf(file)
    alike.set(words, [...(alike.get(words) ?? []), file])
  }
  return [...alike].map(([words, all]) => {
    const rows = all.reduce((sum, { source }) => sum + source.rows, 0)
    const more = all.length > 1 ? ` and ${all.length - 1} more` : ''
    return `${all[0].path}${more}: ${rows.toLocaleString('en')} rows, ${words}`
  })
}

function recognitionOf({ source, notes }: ImportFile): string {
  const { pair, kind, timeframe, venue, columns, unused, timeUnit, timeZone, label } = source
  const times = `times ${timeUnit}${/without/.test(timeUnit) ? ` in ${timeZone}` : ''}${label === 'end' ? ', the end of each bar' : ''}`
  const named = Object.entries(columns).map(([role, name]) => (role === name ? role : `${role}=${name}`))
  const rest = unused.length > 0 ? [`not used: ${unused.join(', ')}`] : []
  return [
    `${venue} ${pair} ${kind === 'fundingRate' ? 'funding' : kind}${timeframe === null ? '' : ` ${timeframe}`}, ${times}`,
    `  columns  ${named.join(', ')}`,
    ...[...rest, ...notes].map((note) => `  note     ${note}`),
  ].join('\n')
}

function wordsOfMade({ venue, pair, timeframe, bars }: MadeFromTrades): string {
  return `${bars.toLocaleString('en')} bars of ${timeframe} made from the trades of ${venue} ${pair}`
}

function refusal(
  lines: readonly string[],
  hints: readonly string[],
  exitCode: typeof EXIT.failed | typeof EXIT.usage,
): UserError {
  const message = lines.length === 1 ? lines[0] : `the import has ${lines.length} problems\n  ${lines.join('\n  ')}`
  const hint = [...new Set(hints)].join('\n      ')
  return new UserError(message, { ...(hint === '' ? {} : { hint }), exitCode })
}
