/**
 * Completeness of every series over the span, one line each: a picture of the manifest of gaps.
 */
import { day } from '../format.js'
import { type Html, html, trusted } from '../html.js'
import type { QualitySeries } from '../input.js'

const WIDTH = 960
const LABEL = 190
const ROW = 18
/** Cells of a line: narrower gaps are drawn as wide as one, so that none is lost. */
const CELLS = 385

type State = 'present' | 'missing' | 'still' | 'outside'

/** Told by height as well as by colour. */
const LOOKS: Readonly<Record<State, { readonly color: string; readonly height: number }>> = {
  present: { color: 'var(--blue)', height: 8 },
  missing: { color: 'var(--orange)', height: 14 },
  still: { color: 'var(--grey)', height: 4 },
  outside: { color: 'var(--line)', height: 2 },
}

export function timeline(series: readonly QualitySeries[]): Html | null {
  if (series.length === 0) return null
  const from = Math.min(...series.map(({ span }) => span.from))
  const to = Math.max(...series.map(({ span }) => span.to))
  if (!(to > from)) return null
  const height = series.length * ROW + 22
  const words = series.map((one) => `${one.name}: ${sayOf(one)}`).join('; ')
  return html`<figure class="chart" role="img" aria-label="Completeness over time. ${words}"><div class="static"><svg viewBox="0 0 ${WIDTH} ${height}" font-size="12">${series.map(
    (one, row) => line(one, row, { from, to }),
  )}<text x="${LABEL}" y="${height - 4}"${INK}>${day(from)}</text><text x="${WIDTH}" y="${height - 4}" text-anchor="end"${INK}>${day(to)}</text></svg></div></figure>
<p class="small">Blue: all rows are there. High and orange: some or all are missing. Half as high and grey: rows are there, and nothing was traded. A line: before the first or after the last row.</p>`
}

const INK = trusted(' style="fill:var(--muted)"')

function sayOf({ expected, missing, present }: QualitySeries): string {
  return expected === null || missing === null ? `${present} rows` : `${missing} of ${expected} missing`
}

function line(one: QualitySeries, row: number, whole: { readonly from: number; readonly to: number }): Html {
  const y = row * ROW
  const states = cellsOf(one, whole)
  const parts: { readonly at: number; cells: number; readonly state: State }[] = []
  for (const [at, state] of states.entries()) {
    const last = parts.at(-1)
    if (last !== undefined && last.state === state) last.cells++
    else parts.push({ at, cells: 1, state })
  }
  const cell = (WIDTH - LABEL) / CELLS
  return html`<text x="0" y="${y + 12}"${INK}>${one.name}</text>${parts.map(
    ({ at, cells, state }) =>
      html`<rect x="${short(LABEL + at * cell)}" y="${y + 8 - LOOKS[state].height / 2}" width="${short(cells * cell)}" height="${LOOKS[state].height}"${trusted(` style="fill:${LOOKS[state].color}"`)}/>`,
  )}`
}

/** What a cell shows: the worst of what lies in it. */
export function cellsOf(
  { span, gaps }: Pick<QualitySeries, 'span' | 'gaps'>,
  { from, to }: { readonly from: number; readonly to: number },
  cells = CELLS,
): State[] {
  const width = (to - from) / cells
  const states = Array.from({ length: cells }, (_, i): State => {
    const middle = from + (i + 0.5) * width
    return middle >= span.from && middle < span.to ? 'present' : 'outside'
  })
  const paint = (wanted: State) => {
    for (const gap of gaps) {
      if (stateOf(gap.cause) !== wanted) continue
      const first = Math.max(0, Math.floor((gap.from - from) / width))
      const last = Math.min(cells - 1, Math.max(first, Math.ceil((gap.to - from) / width) - 1))
      for (let i = first; i <= last; i++) states[i] = wanted
    }
  }
  for (const state of ['outside', 'still', 'missing'] as const) paint(state)
  return states
}

function stateOf(cause: string): State {
  if (cause === 'zero-volume') return 'still'
  return /^(before|after) /.test(cause) ? 'outside' : 'missing'
}

function short(x: number): string {
  return String(Math.round(x * 100) / 100)
}
