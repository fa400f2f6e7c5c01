/**
 * What is known about the data that everything rests on.
 */
import { count, daysText, minute, percent } from '../format.js'
import { details, type Html, html, table } from '../html.js'
import type { Disagreement, Finding, QualitySeries } from '../input.js'
import type { Section, SectionContext } from './section.js'
import { timeline } from './timeline.js'

const LISTED_GAPS = 200

export function quality({ input: { quality: report } }: SectionContext): Section {
  return {
    id: 'quality',
    title: 'Data quality',
    short: 'Data',
    meaning:
      'Holes are never filled: a row whose history or outcome crosses one is not used, and no trade is entered in one. What is flagged is kept as published.',
    body: html`${timeline(report.series)}${seriesTable(report.series)}${
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
    }${gapsTable(report.series)}${findingsTable(report.findings)}${disagreements(report.disagreements)}`,
  }
}

function seriesTable(series: readonly QualitySeries[]): Html {
  // Bars that were made of others have no rows of their own in which these could be found.
  const whole = (value: number | null) => (value === null ? '–' : count(value))
  return table(
    'Series',
    [
      { title: 'Series', cell: (row: QualitySeries) => html`<code>${row.name}</code>` },
      { title: 'Days', cell: (row) => html`<span class="nowrap">${daysText(row.span)}</span>` },
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
      {
        title: 'Gaps',
        numeric: true,
        cell: (row) => count(row.gaps.filter(({ cause }) => cause !== 'zero-volume').length),
      },
      { title: 'Duplicates', numeric: true, cell: (row) => whole(row.duplicates) },
      { title: 'Out of order', numeric: true, cell: (row) => whole(row.outOfOrder) },
      { title: 'Impossible', numeric: true, cell: (row) => whole(row.impossible) },
      { title: 'Zero volume', numeric: true, cell: (row) => whole(row.zeroVolume) },
    ],
    series,
  )
}

function gapsTable(series: readonly QualitySeries[]): Html {
  const gaps = series.flatMap(({ name, gaps: some }) => some.map((gap) => ({ series: name, ...gap })))
  if (gaps.length === 0) return html`<p class="none">There are no gaps.</p>`
  return details(
    `Table: gaps and runs without volume, ${gaps.length > LISTED_GAPS ? `the first ${LISTED_GAPS} of ` : ''}${count(gaps.length)}`,
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
}

/** What was looked for and not found is one sentence, what was found a table. */
function findingsTable(findings: readonly Finding[]): Html | null {
  if (findings.length === 0) return null
  const found = findings.filter((row) => row.count > 0)
  if (found.length === 0) return html`<p class="none">Looked for and not found: anything that needs a flag.</p>`
  return details(
    `Table: what was found, ${count(found.length)}; what is flagged is kept`,
    table(
      'Findings',
      [
        { title: 'Series', cell: (row) => html`<code>${row.series}</code>` },
        { title: 'What', wide: true, cell: (row) => row.what },
        { title: 'How many', numeric: true, cell: (row) => count(row.count) },
        { title: 'Largest, longest or first (UTC)', wide: true, cell: extremeOf },
      ],
      found,
    ),
  )
}

function extremeOf({ largest, longest, first }: Finding): string {
  if (largest !== null) return `${percent(Math.expm1(largest.logReturn))} at ${minute(largest.time)}`
  if (longest !== null && longest !== undefined) return `${count(longest.bars)} bars from ${minute(longest.from)}`
  return first === null || first === undefined ? '' : `first at ${minute(first)}`
}

function disagreements(rows: readonly Disagreement[]): Html | null {
  if (rows.length === 0) return null
  const listed = rows.flatMap(({ series, between, first }) => first.map((one) => ({ series, between, ...one })))
  const value = (x: number | null) => (x === null ? 'not known' : String(Number(x.toPrecision(12))))
  return html`${table(
    'Where two sources have the same row',
    [
      { title: 'Series', cell: (row: Disagreement) => html`<code>${row.series}</code>` },
      { title: 'Sources', wide: true, cell: (row) => row.between },
      { title: 'Compared', numeric: true, cell: (row) => count(row.compared) },
      { title: 'Differ', numeric: true, cell: (row) => count(row.differing) },
      {
        title: 'Largest difference',
        numeric: true,
        cell: (row) => (row.largest < 1e-4 ? (row.largest === 0 ? 'none' : 'below 0.01 %') : percent(row.largest)),
      },
      {
        title: 'Taken from REST',
        numeric: true,
        cell: (row) => (row.taken === null ? '–' : count(row.taken)),
      },
    ],
    rows,
  )}${
    listed.length === 0
      ? null
      : details(
          `Table: first differences, ${count(listed.length)}; what the first of the two says is kept`,
          table(
            'Differences',
            [
              { title: 'Series', cell: (row) => html`<code>${row.series}</code>` },
              { title: 'Row (UTC)', cell: (row) => minute(row.time) },
              { title: 'Column', cell: (row) => html`<code>${row.column}</code>` },
              { title: 'Sources', wide: true, cell: (row) => row.between },
              { title: 'First', numeric: true, cell: (row) => value(row.kept) },
              { title: 'Second', numeric: true, cell: (row) => value(row.other) },
            ],
            listed,
          ),
        )
  }`
}
