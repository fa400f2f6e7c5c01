/**
 * The candidates beside each other.
 */
import { inUnit } from '../format.js'
import { html, table } from '../html.js'
import { type Candidate, type MetricRow, PART_TITLES, PARTS, type PartName } from '../input.js'
import { titleOf } from '../titles.js'
import { badge, metricCell, type Section, type SectionContext } from './section.js'

export function models({ input }: SectionContext): Section {
  const { candidates: all } = input
  const candidates = all.filter(({ leftOut }) => leftOut !== true)
  const keys = (part: PartName) => {
    const named = new Map<string, MetricRow>()
    for (const candidate of candidates) {
      for (const row of candidate[part]) if (!named.has(row.key)) named.set(row.key, row)
    }
    return [...named.values()]
  }
  return {
    id: 'models',
    title: 'Models compared',
    short: 'Models',
    meaning:
      'All candidates that are compared met the same rows and the same gates; the composite score (0 worst, 1 best, 0.5 = just at the limits of all gates) ranks them and approves none.',
    body: html`${table(
      'Candidates',
      [
        {
          title: 'Model',
          cell: (row: Candidate) => html`${row.name}${row.shown ? html` ${badge('plain', 'shown here')}` : null}`,
        },
        {
          title: 'State',
          cell: (row) =>
            row.approved ? badge('good', 'approved') : badge('bad', row.leftOut === true ? 'left out' : 'not approved'),
        },
        { title: 'Score', numeric: true, cell: (row) => inUnit(row.score, 'score') },
        { title: 'Note', wide: true, cell: (row) => row.note ?? '' },
      ],
      all,
    )}${PARTS.map((part) =>
      table(
        `${PART_TITLES[part]}, candidates compared`,
        [
          { title: 'Metric', cell: (row: MetricRow) => titleOf(row) },
          ...candidates.map((candidate) => ({
            title: candidate.name,
            numeric: true,
            cell: (row: MetricRow) => metricCell(candidate[part].find(({ key }) => key === row.key)),
          })),
        ],
        keys(part),
      ),
    )}`,
  }
}
