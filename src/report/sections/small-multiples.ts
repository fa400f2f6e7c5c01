/**
 * How the most important features are spread in the train part and in the test part, one small picture each.
 */
import { count, significant } from '../format.js'
import { details, type Html, html, table, trusted } from '../html.js'
import type { ReportInput } from '../input.js'

type Study = ReportInput['featureStudy']
type Drawn = Study['drawn'][number]

const WIDTH = 960
const ACROSS = 4
const GAP = 24
const CELL = { width: (WIDTH - GAP * (ACROSS - 1)) / ACROSS, height: 122 }
const PLOT = { top: 22, height: 72 }
/** Characters of a name that fit above a picture. */
const NAME = 30

export function distributions({ drawn, sampled }: Study): Html | null {
  if (drawn.length === 0) return null
  const height = Math.ceil(drawn.length / ACROSS) * (CELL.height + 10)
  const names = drawn.map(({ name }) => name).join(', ')
  return html`<h3>How they are spread</h3><figure class="chart" role="img" aria-label="Histograms of ${names}: filled for the train part, a line for the test part"><div class="static"><svg viewBox="0 0 ${WIDTH} ${height}" font-size="12">${drawn.map(
    picture,
  )}</svg></div></figure>
<p class="small">The ${count(drawn.length)} features with the most gain, ${count(sampled.train)} sampled rows of the train part (blue, filled) and ${count(sampled.test)} of the test part (orange line); equal areas. What lies outside 99 % of the rows is counted at the edge.</p>${details(
    'Table: quantiles',
    table(
      'Quantiles of the sampled rows',
      [
        { title: 'Feature', cell: (row: Drawn & Part) => html`<code>${row.name}</code>` },
        { title: 'Part', cell: (row) => row.part },
        ...['5 %', '25 %', 'Median', '75 %', '95 %'].map((title, i) => ({
          title,
          numeric: true,
          cell: (row: Drawn & Part) => (row.values.length === 0 ? 'N/A (no row)' : significant(row.values[i])),
        })),
      ],
      drawn.flatMap((one) => [
        { ...one, part: 'Train', values: one.quantiles.train },
        { ...one, part: 'Test', values: one.quantiles.test },
      ]),
    ),
  )}`
}

type Part = { readonly part: string; readonly values: readonly number[] }

function picture({ name, low, high, train, test }: Drawn, i: number): Html {
  const x = (i % ACROSS) * (CELL.width + GAP)
  const y = Math.floor(i / ACROSS) * (CELL.height + 10)
  const most = Math.max(...train, ...test)
  const base = PLOT.top + PLOT.height
  const width = CELL.width / train.length
  const top = (share: number) => base - (most > 0 ? (share / most) * PLOT.height : 0)
  const bars = train.map((share, bin) => `M${short(bin * width)} ${base}V${short(top(share))}h${short(width)}V${base}z`)
  const steps = test.map((share, bin) => `${bin === 0 ? 'M0 ' : 'V'}${short(top(share))}h${short(width)}`)
  return html`<g transform="translate(${short(x)} ${y})"><text x="0" y="13"${INK}>${name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name}</text>${trusted(
    `<path d="${bars.join('')}" style="fill:var(--blue);opacity:.4"/><path d="${steps.join('')}" style="fill:none;stroke:var(--orange);stroke-width:1.6"/><path d="M0 ${base}h${CELL.width}" style="fill:none;stroke:var(--grey)"/>`,
  )}<text x="0" y="${base + 15}"${MUTED}>${significant(low)}</text><text x="${CELL.width}" y="${base + 15}" text-anchor="end"${MUTED}>${significant(high)}</text></g>`
}

const INK = trusted(' style="fill:var(--ink)"')
const MUTED = trusted(' style="fill:var(--muted)"')

function short(x: number): string {
  return String(Math.round(x * 10) / 10)
}
