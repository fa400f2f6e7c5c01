/**
 * What is known about the data that everything rests on.
 */
import { count, daysText, minute, percent } from '../format.js'
import { details, html, table } from '../html.js'
import type { QualitySeries } from '../input.js'
import type { Section, SectionContext } from './section.js'

const LISTED_GAPS = 200

export function quality({ input: { quality: report } }: SectionContext): Section {
  const gaps = report.series.flatMap((series) => series.gaps.map((gap) => ({ series: series.name, ...gap })))
  const whole = (value: number | null) => (value === null ? 'N/A (does not apply)' : count(value))
  return {
    id: 'quality',
    title: 'Data quality',
    short: 'Data',
    meaning:
      'Holes are never filled: a row whose history or outcome crosses one is not used, and no trade is entered in one.',
    body: html`${table(
      'Series',
      [
        { title: 'Series', cell: (row: QualitySeries) => html`<code>${row.name}</code>` },
        { title: 'Days', cell: (row) => daysText(row.span) },
        { title: 'Expected', numeric: true, cell: (row) => whole(row.expected) },
        { title: 'Present', numeric: true, cell: (row) => count(row.present) },
        { title: 'Missing', numeric: true, cell: (row) => whole(row.missing) },
        {
          title: 'Complete',
          numeric: true,
          cell: (row) =>
            row.expected === null || row.expected === 0 || row.missing === null
              ? 'N/A (no fixed grid)'
              : percent(1 - row.missing / row.expected),
        },
        { title: 'Gaps', numeric: true, cell: (row) => count(row.gaps.length) },
        { title: 'Duplicates', numeric: true, cell: (row) => whole(row.duplicates) },
        { title: 'Impossible', numeric: true, cell: (row) => whole(row.impossible) },
        { title: 'Zero volume', numeric: true, cell: (row) => whole(row.zeroVolume) },
      ],
      report.series,
    )}${
      report.absent.length === 0
        ? null
        : table(
            'What this instrument does not have',
            [
              { title: 'Series', cell: (row) => html`<code>${row.name}</code>` },
              { title: 'Why, and what follows', wide: true, cell: (row) => row.reason },
            ],
            report.absent,
          )
    }${
      gaps.length === 0
        ? html`<p class="none">There are no gaps.</p>`
        : details(
            `Table: ${gaps.length > LISTED_GAPS ? `the first ${LISTED_GAPS} of ${count(gaps.length)}` : count(gaps.length)} gaps`,
            table(
              'Gaps',
              [
                { title: 'Series', cell: (row) => html`<code>${row.series}</code>` },
                { title: 'From (UTC)', cell: (row) => minute(row.from) },
                { title: 'To (UTC)', cell: (row) => minute(row.to) },
                { title: 'Bars', numeric: true, cell: (row) => count(row.bars) },
                { title: 'Cause', wide: true, cell: (row) => row.cause },
              ],
              gaps.slice(0, LISTED_GAPS),
            ),
          )
    }`,
  }
}
