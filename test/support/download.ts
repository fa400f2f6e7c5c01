/**
 * The download stage against the local exchange: how it is called, and whether what it left on disk is the truth.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readParquet } from '../../src/datasets/parquet.js'
import { archiveColumns, type RawKind, rawKind, restColumns } from '../../src/market/raw-kinds.js'
import type { Exchange } from './exchange/exchange.js'
import { type Outcome, sluice, startSluice } from './sluice.js'

export function exchangeArguments(exchange: Exchange): string[] {
  return [
    ...['--set', 'download.rest=always', '--set', `exchange.archiveUrl=${exchange.url}`],
    ...['--set', `exchange.futuresUrl=${exchange.futuresUrl}`],
    ...['--set', `exchange.spotUrl=${exchange.spotUrl}`],
    ...['--set', `exchange.listingUrl=${exchange.listingUrl}`],
  ]
}

export function sluiceAt(root: string, exchange: Exchange, args: readonly string[]): Promise<Outcome> {
  return sluice([...args, '--root', root, ...exchangeArguments(exchange)], { cwd: root })
}

export function startSluiceAt(root: string, exchange: Exchange, args: readonly string[]) {
  return startSluice([...args, '--root', root, ...exchangeArguments(exchange)], { cwd: root })
}

type Venue = 'binance-um' | 'binance-spot'
export type RawQuery = { readonly venue?: Venue; readonly timeframe?: string }
export type Rows = readonly (readonly number[])[]

/** Rows of all months on disk, as numbers in the order of the columns; text columns are left out. */
export async function rawRows(
  root: string,
  pair: string,
  kind: RawKind,
  { venue = 'binance-um', timeframe }: RawQuery = {},
): Promise<{ readonly archive: Rows; readonly rest: Rows }> {
  const folder = join(root, 'data/raw', venue, pair, rawKind(kind).folder, timeframe ?? '')
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.parquet')) : []
  const archive: number[][] = []
  const rest: number[][] = []
  for (const name of names.sort()) {
    const isRest = name.endsWith('.rest.parquet')
    const columns = isRest ? restColumns(kind, venue).columns : archiveColumns(kind, venue)
    const wanted = Object.keys(columns).filter((column) => columns[column] !== 'text')
    const { rows, numbers } = await readParquet([join(folder, name)], wanted)
    const list = wanted.map((column) => numbers[column])
    for (let i = 0; i < rows; i++) (isRest ? rest : archive).push(list.map((column) => column[i]))
  }
  return { archive, rest }
}

/** The archive's rows, and between them those of REST whose key the archive does not have; sorted by the key. */
export function merged({ archive, rest }: { readonly archive: Rows; readonly rest: Rows }, key = 0): number[][] {
  const known = new Set(archive.map((row) => row[key]))
  return [...archive, ...rest.filter((row) => !known.has(row[key]))]
    .map((row) => [...row])
    .sort((a, b) => a[key] - b[key])
}

/** The truth's text as the numbers that it stands for; columns of text are left out. */
export function asNumbers(
  rows: readonly (readonly string[])[],
  kind: RawKind,
  venue: Venue = 'binance-um',
): number[][] {
  const { monthly, daily } = rawKind(kind)
  const columns = Object.values(monthly || daily ? archiveColumns(kind, venue) : restColumns(kind, venue).columns)
  return rows.map((row) => row.flatMap((cell, i) => (columns[i] === 'text' ? [] : [numberOf(cell)])))
}

function numberOf(cell: string): number {
  if (cell === '') return Number.NaN
  if (/^(true|false)$/i.test(cell)) return Number(cell.toLowerCase() === 'true')
  return /^\d{4}-\d{2}-\d{2} /.test(cell) ? Date.parse(`${cell.replace(' ', 'T')}Z`) : Number(cell)
}
