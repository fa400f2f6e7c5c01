/**
 * Recognised tables → the zips of an archive: their rows by month or day, and bars of trades that have no candles beside them.
 */
import { DAY, type Month, monthOf, monthSpan, type Span, type Timeframe } from '../core/time.js'
import { tradedBarsOf } from '../datasets/import-bars.js'
import { type PeriodOfRows, periodsOfImport, readImport } from '../datasets/import-table.js'
import { barsOfTrades, type MadeBars } from '../market/bars-of-trades.js'
import { importedCsv, importedKlinesCsv, importedMetricsCsv } from '../sources/import-csv.js'
import type { ImportMonth } from '../sources/import-writer.js'
import { archiveKey } from '../sources/keys.js'
import type { RecognisedFile } from './import-file.js'

type ImportFile = RecognisedFile & { readonly source: { readonly sha256: string } }

/** Files that share a period share its zip: their rows stand in it one after the other, in the order of the command line. */
export async function periodsOf(files: readonly ImportFile[]): Promise<ImportMonth[]> {
  const parts = new Map<string, { readonly file: ImportFile; readonly part: PeriodOfRows }[]>()
  for (const file of files) {
    if (!file.isKept) continue
    for (const part of await periodsOfImport(file.table, file.shift, file.cut)) {
      const { venue, pair, kind, timeframe } = file
      const key = archiveKey({ venue, pair, kind, ...(timeframe === null ? {} : { timeframe }) }, part.period)
      parts.set(key, [...(parts.get(key) ?? []), { file, part }])
    }
  }
  return [...parts].map(([key, all]) => ({
    key,
    rows: all.reduce((sum, { part }) => sum + part.rows, 0),
    span: {
      from: Math.min(...all.map(({ part }) => part.span.from)),
      to: Math.max(...all.map(({ part }) => part.span.to)),
    },
    sources: sourcesOf(all.map(({ file }) => file)),
    csv: () =>
      csvOf(
        all.map(({ file }) => file),
        spanOf(all[0].part.period),
      ),
  }))
}

function sourcesOf(files: readonly ImportFile[]): string[] {
  return [...new Set(files.map(({ source }) => source.sha256))]
}

function spanOf(period: string): Span {
  const from = Date.parse(period)
  return period.length === 7 ? monthSpan(period) : { from, to: from + DAY }
}

async function csvOf(files: readonly ImportFile[], span: Span): Promise<Buffer> {
  const parts = []
  for (const { table, shift, isReversed, numbers } of files) {
    parts.push(await readImport({ table, shift, isReversed, columns: numbers, span }))
  }
  const { kind, venue, pair, timeframe } = files[0]
  if (timeframe !== null) return importedKlinesCsv(parts, timeframe)
  return kind === 'metrics' ? importedMetricsCsv(parts, pair) : importedCsv(kind, venue, parts)
}

/** Bars of a pair, and the zips that hold them. */
export type MadeFromTrades = {
  readonly pair: string
  readonly venue: RecognisedFile['venue']
  readonly kind: 'klines'
  readonly timeframe: Timeframe
  readonly bars: number
  readonly months: readonly ImportMonth[]
}

/** Of each pair whose trades are given and whose candles are not. */
export async function barsFromTrades(files: readonly ImportFile[], timeframe: Timeframe): Promise<MadeFromTrades[]> {
  const made: MadeFromTrades[] = []
  const nameOf = ({ venue, pair }: ImportFile) => `${venue} ${pair}`
  const withCandles = new Set(files.filter(({ kind }) => kind === 'klines').map(nameOf))
  const trades = files.filter((file) => file.kind === 'trades' && !withCandles.has(nameOf(file)))
  for (const name of new Set(trades.map(nameOf))) {
    const own = trades.filter((file) => nameOf(file) === name)
    const { pair, venue } = own[0]
    const bars = barsOfTrades(await tradedBarsOf(own, timeframe), timeframe)
    made.push({
      pair,
      venue,
      kind: 'klines',
      timeframe,
      bars: bars.time.length,
      months: monthsOfBars(bars, own, timeframe),
    })
  }
  return made
}

function monthsOfBars(bars: MadeBars, files: readonly ImportFile[], timeframe: Timeframe): ImportMonth[] {
  const { venue, pair } = files[0]
  const months = new Map<Month, { from: number; to: number }>() // rows, end exclusive
  for (const [i, time] of bars.time.entries()) {
    const month = monthOf(time)
    months.set(month, { from: months.get(month)?.from ?? i, to: i + 1 })
  }
  return [...months].map(([month, { from, to }]) => ({
    key: archiveKey({ venue, pair, kind: 'klines', timeframe }, month),
    rows: to - from,
    span: { from: bars.time[from], to: bars.time[to - 1] },
    sources: sourcesOf(files),
    csv: async () => {
      const part = Object.entries(bars).map(([name, values]) => [name, values.subarray(from, to)])
      return importedKlinesCsv([Object.fromEntries(part)], timeframe)
    },
  }))
}
