/** Numbers of TA-Lib, pandas and scikit-learn, kept compressed in test/reference; what made them stands in its README. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'

/** @param file  as the README names it, `talib-indicators.csv` say */
export function referenceText(file: string): string {
  return brotliDecompressSync(readFileSync(join(import.meta.dirname, '../reference', `${file}.br`))).toString('utf8')
}

export type Table = (name: string) => Float64Array

/** A CSV file as columns; an empty cell is NaN. */
export function referenceTable(file: string): Table {
  const lines = referenceText(file).trim().split('\n')
  const names = lines[0].split(',')
  const cells = lines.slice(1).map((line) => line.split(',').map((cell) => (cell === '' ? Number.NaN : Number(cell))))
  return (name) => {
    const at = names.indexOf(name)
    if (at < 0) throw new Error(`${file} has no column ${name}`)
    return Float64Array.from(cells, (row) => row[at])
  }
}
