/**
 * The loss against each parameter that was searched, one small picture each.
 */
import { significant } from '../format.js'
import { type Html, html, trusted } from '../html.js'
import type { TrialRow, TuningReport } from '../tuning-input.js'

const WIDTH = 960
const ACROSS = 4
const GAP = 24
const CELL = { width: (WIDTH - GAP * (ACROSS - 1)) / ACROSS, height: 132 }
const PLOT = { top: 22, height: 82 }
const INK = trusted(' style="fill:var(--ink)"')
const MUTED = trusted(' style="fill:var(--muted)"')

export function parameterPictures({ model, trials, space, best }: TuningReport): Html | null {
  const shown = trials.flatMap((row) => (row.loss === null ? [] : [{ ...row, loss: row.loss }]))
  if (shown.length < 2 || space.length === 0) return null
  const height = Math.ceil(space.length / ACROSS) * (CELL.height + 10)
  return html`<figure class="chart" role="img" aria-label="Loss of ${model} against ${space.map(({ name }) => name).join(', ')}"><div class="static"><svg viewBox="0 0 ${WIDTH} ${height}" font-size="12">${space.map(
    (dimension, i) => picture(dimension, i, shown, best),
  )}</svg></div></figure>
<p class="small">Loss (lower is better, the same scale in all pictures) against each parameter: blue complete, grey pruned, the orange ring is what was taken. Each picture shows one parameter while the others change too.</p>`
}

type Shown = TrialRow & { readonly loss: number }

function picture(
  { name, low, high, log }: TuningReport['space'][number],
  i: number,
  trials: readonly Shown[],
  best: number | null,
): Html {
  const losses = trials.map(({ loss }) => loss)
  const [least, most] = [Math.min(...losses), Math.max(...losses)]
  const scale = (x: number) => (log ? Math.log(x) : x)
  // The defaults may lie outside of the search.
  const share = (x: number) => {
    const at = (scale(x) - scale(low)) / (scale(high) - scale(low))
    return Math.min(Math.max(at, 0), 1)
  }
  const x = (row: Shown) => short(5 + share(row.parameters[name]) * (CELL.width - 10))
  const y = (row: Shown) =>
    short(PLOT.top + 5 + (1 - (most > least ? (row.loss - least) / (most - least) : 0.5)) * (PLOT.height - 10))
  const dots = trials.map(
    (row) =>
      `<circle cx="${x(row)}" cy="${y(row)}" r="3" style="fill:var(--${row.state === 'complete' ? 'blue' : 'grey'})"/>`,
  )
  const rings = trials
    .filter(({ trial }) => trial === best)
    .map((row) => `<circle cx="${x(row)}" cy="${y(row)}" r="5" style="fill:none;stroke:var(--orange);stroke-width:2"/>`)
  const base = PLOT.top + PLOT.height
  const left = short((i % ACROSS) * (CELL.width + GAP))
  const top = Math.floor(i / ACROSS) * (CELL.height + 10)
  return html`<g transform="translate(${left} ${top})"><text x="0" y="13"${INK}>${name}${log ? ' (log)' : ''}</text>${trusted(
    `${dots.join('')}${rings.join('')}<path d="M0 ${base}h${CELL.width}" style="fill:none;stroke:var(--grey)"/>`,
  )}<text x="0" y="${base + 15}"${MUTED}>${significant(low)}</text><text x="${CELL.width}" y="${base + 15}" text-anchor="end"${MUTED}>${significant(high)}</text></g>`
}

function short(x: number): string {
  return String(Math.round(x * 10) / 10)
}
