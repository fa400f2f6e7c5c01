/**
 * Every metric of both parts side by side, with intervals.
 */
import { daysText, percent } from '../format.js'
import { type Html, html, table } from '../html.js'
import { type MetricRow, PART_TITLES, PARTS } from '../input.js'
import { foresightNote } from '../split.js'
import { meaningOf, titleOf } from '../titles.js'
import { metricCell, type Section, type SectionContext } from './section.js'

export function metrics({ input }: SectionContext): Section {
  return {
    id: 'metrics',
    title: 'Metrics',
    short: 'Metrics',
    meaning: `Test part: ${daysText(input.test.span)}; out-of-fold: ${daysText(input.outOfFold.span)}. Under a value stands the ${percent(input.intervalLevel, 0)} interval in which it would fall if history were dealt again in blocks; a wide one means that the value is uncertain. Yearly figures count 365 days.${foresightNote(input.split)}`,
    body: html`${sideBySide('Metrics of the predictions', (part) => input[part].predictions)}${sideBySide('Metrics of the account', (part) => input[part].metrics)}`,
  }
}

/** One row a metric, in the order in which the parts name them. */
export function sideBySide(caption: string, rowsOf: (part: (typeof PARTS)[number]) => readonly MetricRow[]): Html {
  const named = new Map<string, MetricRow>()
  for (const part of PARTS) for (const row of rowsOf(part)) if (!named.has(row.key)) named.set(row.key, row)
  return table(
    caption,
    [
      {
        title: 'Metric',
        wide: true,
        cell: (row: MetricRow) => html`${titleOf(row)}${meaning(row)}`,
      },
      ...PARTS.map((part) => ({
        title: PART_TITLES[part],
        numeric: true,
        cell: (row: MetricRow) => metricCell(rowsOf(part).find(({ key }) => key === row.key)),
      })),
    ],
    [...named.values()],
  )
}

function meaning(row: MetricRow): Html | null {
  const text = meaningOf(row)
  return text === '' ? null : html` <span class="note">${text}</span>`
}
