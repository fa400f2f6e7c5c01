/**
 * What the columns that the model is given are like. Nothing here knows of labels: a column that drifts is no bad column, but
 * one whose past says less about its present.
 */
import { count, minute, percent } from '../format.js'
import { details, type Html, html, table } from '../html.js'
import type { ReportInput } from '../input.js'
import { correlations, drift, stability } from './feature-tables.js'
import { some } from './names.js'
import { heat, type Section, type SectionContext } from './section.js'
import { distributions } from './small-multiples.js'

type Study = ReportInput['featureStudy']
type Cell = { readonly columns: Study['columns']; readonly share: number }

/** A family of which so much is not known has the strongest colour. */
const FULL_COLOR = 0.25

export function features({ input }: SectionContext): Section {
  const { featureStudy: study, features: set } = input
  return {
    id: 'features',
    title: 'The features themselves',
    short: 'Features',
    meaning: `What the ${count(study.columns.length)} columns are like, whatever the model makes of them: how much of them is known, how they are spread, whether they stay what they were, and which of them say the same.`,
    body: html`${coverage(study)}${distributions(study)}${drift(study)}${stability(study)}${correlations(study)}${absent(set.absent)}`,
  }
}

function coverage({ columns, rows }: Study): Html {
  const timeframes = [...new Set(columns.map(({ timeframe }) => timeframe))]
  const families = [...new Set(columns.map(({ family }) => family))]
  const cellOf = (family: string, timeframe: string): Cell => {
    const own = columns.filter((column) => column.family === family && column.timeframe === timeframe)
    return { columns: own, share: own.reduce((sum, { known }) => sum + known, 0) / (own.length * rows) }
  }
  const all = families.map((family) => ({ family, cells: timeframes.map((timeframe) => cellOf(family, timeframe)) }))
  return html`<h3>How much is known</h3>${table(
    'Known rows by family and timeframe',
    [
      { title: 'Family', cell: (row: (typeof all)[number]) => row.family },
      ...timeframes.map((title, i) => ({
        title,
        numeric: true,
        cell: (row: (typeof all)[number]) => shareCell(row.cells[i]),
      })),
    ],
    all,
  )}<p class="small">Of ${count(rows)} decision bars, mean over the columns. What is not known is mostly warm-up, which a longer timeframe has more of, and holes; the model is trained on what is there.</p>${details(
    `Table: first known rows, ${count(all.reduce((sum, { cells }) => sum + cells.filter((cell) => cell.columns.length > 0).length, 0))} groups`,
    firstKnown(
      all.flatMap(({ family, cells }) => cells.map((cell, i) => ({ family, timeframe: timeframes[i], ...cell }))),
    ),
  )}`
}

function shareCell({ columns, share }: Cell): Html {
  if (columns.length === 0) return html``
  return heat(
    percent(share),
    (share - 1) / FULL_COLOR,
    columns.length === 1 ? '1 column' : `${count(columns.length)} columns`,
  )
}

function firstKnown(groups: readonly (Cell & { readonly family: string; readonly timeframe: string })[]): Html {
  const latest = ({ columns }: Cell) =>
    columns.reduce((a, b) =>
      (b.firstKnown ?? Number.POSITIVE_INFINITY) > (a.firstKnown ?? Number.POSITIVE_INFINITY) ? b : a,
    )
  return table(
    'The column of each group that is known last',
    [
      { title: 'Family', cell: (row) => row.family },
      { title: 'Timeframe', cell: (row) => row.timeframe },
      { title: 'Columns', numeric: true, cell: (row) => count(row.columns.length) },
      { title: 'Known', numeric: true, cell: (row) => percent(row.share) },
      { title: 'Last to be known', cell: (row) => html`<code>${latest(row).name}</code>` },
      {
        title: 'Known from (UTC)',
        cell: (row) => {
          const { firstKnown: first } = latest(row)
          return first === null ? 'N/A (never known)' : minute(first)
        },
      },
    ],
    groups.filter(({ columns }) => columns.length > 0),
  )
}

/** One line for all that is missing for the same reason. */
function absent(rows: ReportInput['features']['absent']): Html {
  if (rows.length === 0) return html`<p class="none">Every feature that was asked for is there.</p>`
  const reasons = new Map<string, string[]>()
  for (const { name, reason } of rows) reasons.set(reason, [...(reasons.get(reason) ?? []), name])
  return html`<h3>What is absent</h3>${table(
    'Features that this instrument cannot give',
    [
      { title: 'Why', wide: true, cell: ([reason]: [string, string[]]) => reason },
      { title: 'Features', numeric: true, cell: ([, names]) => count(names.length) },
      { title: 'Which', wide: true, cell: ([, names]) => html`<code>${some(names, 12)}</code>` },
    ],
    [...reasons],
  )}`
}
