/**
 * Drift, stability and likeness of the features, as tables whose cells are coloured.
 */
import { count, fixed, signed } from '../format.js'
import { details, type Html, html, table } from '../html.js'
import type { ReportInput } from '../input.js'
import { some } from './names.js'
import { heat } from './section.js'

type Study = ReportInput['featureStudy']

const LISTED_DRIFT = 10
const LISTED_CLUSTERS = 40
/** Months beside each other that a page still has room for. */
const MONTHS = 15
const [SOME_DRIFT, LARGE_DRIFT] = [0.1, 0.25]
/** A month whose mean lies so many deviations off has the strongest colour. */
const FULL_SHIFT = 2

export function drift({ columns, sampled }: Study): Html {
  const known = columns.flatMap((column) => (column.psi === null ? [] : [{ ...column, psi: column.psi }]))
  const most = [...known].sort((a, b) => b.psi - a.psi || (a.name < b.name ? -1 : 1)).slice(0, LISTED_DRIFT)
  const large = known.filter(({ psi }) => psi >= LARGE_DRIFT).length
  const moderate = known.filter(({ psi }) => psi >= SOME_DRIFT).length - large
  const unknown = columns.length - known.length
  return html`<h3>Drift from the train part to the test part</h3><p>${count(large)} of ${count(columns.length)} columns have a large drift (index from ${LARGE_DRIFT} on), ${count(moderate)} a moderate one (from ${SOME_DRIFT} on)${
    unknown > 0 ? `; of ${count(unknown)} one of the parts knows no row` : ''
  }.</p>${table(
    `The ${count(most.length)} columns that drift most`,
    [
      { title: 'Feature', cell: (row) => html`<code>${row.name}</code>` },
      { title: 'Family', cell: (row) => row.family },
      { title: 'Stability index', numeric: true, cell: (row) => heat(fixed(row.psi, 3), -row.psi) },
      { title: 'Kolmogorov–Smirnov', numeric: true, cell: (row) => (row.ks === null ? 'N/A' : fixed(row.ks, 3)) },
      { title: 'Rows of train', numeric: true, cell: (row) => count(row.sampled.train) },
      { title: 'Rows of test', numeric: true, cell: (row) => count(row.sampled.test) },
    ],
    most,
  )}<p class="small">Of at most ${count(sampled.train)} and ${count(sampled.test)} rows, one by chance of each equal stretch. Population stability index over the tenths of the train part: Σ (q − p) · ln(q ÷ p); Kolmogorov–Smirnov: the largest distance between the two distribution functions. Neighbouring rows are alike, so neither has an honest p-value. A level such as a price, and what changes slowly, drifts in every market.</p>`
}

export function stability({ drawn, columns }: Study): Html | null {
  const months = drawn.at(0)?.months.map(({ month }) => month) ?? []
  if (months.length === 0) return null
  const shown = months.slice(-MONTHS)
  const first = months.length - shown.length
  const furthest = columns
    .flatMap(({ name, furthest: found }) => (found === null ? [] : [{ name, ...found }]))
    .sort((a, b) => Math.abs(b.shift) - Math.abs(a.shift) || (a.name < b.name ? -1 : 1))
    .slice(0, LISTED_DRIFT)
  return html`<h3>Month by month</h3>${table(
    `Mean of the month, in standard deviations of the train part from its mean${first > 0 ? `; the last ${count(shown.length)} of ${count(months.length)} months` : ''}`,
    [
      { title: 'Feature', cell: (row: Study['drawn'][number]) => html`<code>${row.name}</code>` },
      ...shown.map((title, i) => ({
        title,
        numeric: true,
        cell: (row: Study['drawn'][number]) => shiftCell(row.months[first + i]),
      })),
    ],
    drawn,
  )}<p class="small">Below each: the month’s standard deviation ÷ that of the train part. N/A: fewer than 30 known rows, or a column that does not move.</p>${details(
    `Table: months furthest away, of all columns the first ${count(furthest.length)}`,
    table(
      'The month of a column that lies furthest from its train part',
      [
        { title: 'Feature', cell: (row) => html`<code>${row.name}</code>` },
        { title: 'Month', cell: (row) => row.month },
        { title: 'Deviations away', numeric: true, cell: (row) => signed(row.shift, 2) },
      ],
      furthest,
    ),
  )}`
}

function shiftCell({ shift, spread }: Study['drawn'][number]['months'][number]): Html {
  if (shift === null || spread === null) return html`<span class="na">N/A</span>`
  return heat(signed(shift, 2), shift / FULL_SHIFT, `×${fixed(spread, 2)}`)
}

export function correlations({ columns, clusters, correlations: map, sampled }: Study): Html | null {
  if (map.names.length === 0) return null
  const grouped = clusters.reduce((sum, { members }) => sum + members.length, 0)
  const rows = map.names.map((name, i) => ({ name, number: i + 1, values: map.values[i] }))
  return html`<h3>Which say the same</h3><p>${count(clusters.length)} groups of columns are tied by a rank correlation of 0.9 and beyond, in either direction; ${count(grouped)} of ${count(columns.length)} columns are in one, which leaves ${count(columns.length - grouped + clusters.length)} that differ.</p>${table(
    `Rank correlation of the ${count(rows.length)} with the most gain, one of each group`,
    [
      { title: 'Feature', cell: (row: (typeof rows)[number]) => html`${row.number}\u00a0<code>${row.name}</code>` },
      ...rows.map(({ number }, i) => ({
        title: String(number),
        numeric: true,
        cell: (row: (typeof rows)[number]) => correlationCell(row.values[i], row.number === number),
      })),
    ],
    rows,
  )}<p class="small">Of ${count(sampled.correlation)} sampled rows of the train part that both know.</p>${
    clusters.length === 0
      ? null
      : details(
          `Table: groups${clusters.length > LISTED_CLUSTERS ? `, the largest ${LISTED_CLUSTERS} of ${count(clusters.length)}` : ''}`,
          table(
            'Groups',
            [
              { title: 'The one with the most gain', cell: (row) => html`<code>${row.representative}</code>` },
              { title: 'Columns', numeric: true, cell: (row) => count(row.members.length) },
              { title: 'Which', wide: true, cell: (row) => html`<code>${some(row.members, 12)}</code>` },
            ],
            clusters.slice(0, LISTED_CLUSTERS),
          ),
        )
  }`
}

function correlationCell(value: number | null, isItself: boolean): Html {
  if (isItself) return heat('1', 0)
  if (value === null) return html`<span class="na">N/A</span>`
  return heat(fixed(value, 2), value)
}
