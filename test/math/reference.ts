/** TA-Lib's and pandas' numbers on the same 2,000 real bars, from the reference folder beside the checkout. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../../shared/reference')
export const hasReference = existsSync(join(folder, 'talib/indicators.csv'))
if (!hasReference) console.log(`SKIPPED: comparisons with TA-Lib and pandas, ${folder} is absent`)

export type Table = (name: string) => Float64Array

/** A CSV file as columns; an empty cell is NaN. Only to be called where `hasReference` holds. */
export function referenceTable(file: string): Table {
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n')
  const names = lines[0].split(',')
  const cells = lines.slice(1).map((line) => line.split(',').map((cell) => (cell === '' ? Number.NaN : Number(cell))))
  return (name) => {
    const at = names.indexOf(name)
    if (at < 0) throw new Error(`${file} has no column ${name}`)
    return Float64Array.from(cells, (row) => row[at])
  }
}

export type Difference = { readonly worst: number; readonly compared: number; readonly silenceDiffers: number }

/**
 * Largest difference relative to max(|expected|, scale), over the rows where the reference has a value, and the number
 * of rows on which only one of the two is silent.
 */
export function compare(actual: Float64Array, expected: Float64Array, scale = 0): Difference {
  let worst = 0
  let compared = 0
  let silenceDiffers = 0
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(actual[i]) !== Number.isNaN(expected[i])) silenceDiffers++
    if (Number.isNaN(expected[i])) continue
    compared++
    const size = Math.max(Math.abs(expected[i]), scale)
    const difference = Math.abs(actual[i] - expected[i])
    if (!(difference === 0)) worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference / size)
  }
  return { worst, compared, silenceDiffers }
}
