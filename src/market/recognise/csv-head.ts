/**
 * How somebody's CSV is written, from its first lines: separator, header, where the rows begin.
 */

export type CsvHead = {
  readonly delimiter: ',' | ';' | '\t'
  /** Lines before the first row. */
  readonly skip: number
  readonly hasHeader: boolean
  /** Of the header; `1`, `2`, `3` … without one. */
  readonly names: readonly string[]
}

/** @returns the problem as a text when these are not the first lines of a table */
export function readCsvHead(text: string): CsvHead | string {
  if (text.trim() === '') return 'it is empty'
  if (text.includes('\0')) return 'it is not a text file'
  if (/^\s*<(?:!|html|\?xml)/i.test(text)) return 'it is a web page, not CSV'
  // The last line may be cut off where the head ends.
  const all = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const lines = all.length > 2 ? all.slice(0, -1) : all
  const delimiter = delimiterOf(lines)
  if (delimiter === null) return 'its lines have no common separator (comma, semicolon or tab)'
  const cells = lines.map((line) => splitLine(line, delimiter))
  const width = widthOf(cells)
  const first = cells.findIndex((line) => line.length === width)
  if (/^price$/i.test(cells[first][0]) && /^ticker$/i.test(cells[first + 1]?.[0] ?? '')) {
    return twoLevels(cells, first, delimiter)
  }
  const row = cells[first]
  const hasHeader = row.filter(isValue).length * 2 < row.filter((cell) => cell !== '').length
  const skip = first + (hasHeader ? 1 : 0)
  if (skip >= cells.filter((line) => line.length === width).length + first) return 'it has a header line and no rows'
  return {
    delimiter,
    skip,
    hasHeader,
    names: hasHeader ? row : row.map((_, i) => String(i + 1)),
  }
}

/** yfinance prints two levels of names, `Price,Close,High…` over `Ticker,BTC-USD…`, and the name of the index below them. */
function twoLevels(cells: readonly string[][], first: number, delimiter: CsvHead['delimiter']): CsvHead {
  const isNamed = cells[first + 2]?.slice(1).every((cell) => cell === '') === true
  const names = [isNamed ? cells[first + 2][0] : '', ...cells[first].slice(1)]
  return { delimiter, skip: first + (isNamed ? 3 : 2), hasHeader: true, names }
}

function delimiterOf(lines: readonly string[]): CsvHead['delimiter'] | null {
  let best: CsvHead['delimiter'] | null = null
  let most = 0
  for (const delimiter of ['\t', ';', ','] as const) {
    const widths = lines.filter((line) => line.trim() !== '').map((line) => splitLine(line, delimiter).length)
    const common = modeOf(widths)
    const share = widths.filter((width) => width === common).length / widths.length
    if (common > 1 && share > 0.5 && common > most) {
      best = delimiter
      most = common
      // A semicolon or a tab in every line is no accident, even where decimal commas are more.
      if (delimiter !== ',') return best
    }
  }
  return best
}

function widthOf(cells: readonly string[][]): number {
  return modeOf(cells.filter((line) => line.length > 1).map((line) => line.length))
}

function modeOf(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0
}

/** Cells without their quotes; a line break inside quotes is not a habit of price tables. */
function splitLine(line: string, delimiter: string): string[] {
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted
    else if (character === delimiter && !isQuoted) {
      cells.push(cell.trim())
      cell = ''
    } else cell += character
  }
  return [...cells, cell.trim()]
}

/** A number or a time: what stands in rows and not in a header. */
function isValue(cell: string): boolean {
  return (
    cell !== '' &&
    (/^[-+]?[\d.,]+(?:e[-+]?\d+)?$/i.test(cell) || /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}/.test(cell) || /^nan$/i.test(cell))
  )
}
