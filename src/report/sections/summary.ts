/**
 * The summary: what was found, in tiles and one verdict, and the gates that decided.
 */
import { count, daysText, intervalText, inUnit, metricText } from '../format.js'
import { gateRemark } from '../gate-words.js'
import { luckText, shortMark, sizeText } from '../headline.js'
import { type Html, html, table } from '../html.js'
import type { GateRow, MetricRow, PartReport, ReportInput } from '../input.js'
import { foresightNote } from '../split.js'
import { gateTitle, gateUnit, meaningOf, titleOf } from '../titles.js'
import { verdict } from '../verdict.js'
import { badge, type Section, type SectionContext } from './section.js'

const TILES = ['total_return', 'sharpe', 'max_drawdown', 'precision', 'profit_factor', 'trades']

export function summary({ input }: SectionContext): Section {
  return {
    id: 'summary',
    title: 'Summary',
    short: 'Summary',
    meaning: `Large numbers are from the test part (${daysText(input.test.span)}), which was kept aside and read once; out-of-fold results are beside them for comparison and were never added in.${foresightNote(input.split)}`,
    body: html`<p class="verdict">${verdict(input)}</p>
${shortNote(input)}<div class="tiles">${TILES.map((key) => tile(key, input))}</div>
${gateTable(input.gates)}
<p class="small">A gate fails when its metric cannot be computed or rests on fewer than ${count(input.minTrades)} trades or signals.</p>`,
  }
}

function shortNote({ test, minTrades }: ReportInput): Html | null {
  const mark = shortMark(test, minTrades)
  return mark === null ? null : html`<p class="banner"><strong>${mark}.</strong> ${luckText(test.span)}</p>\n`
}

export function findMetric(part: PartReport, key: string): MetricRow | undefined {
  return [...part.metrics, ...part.predictions].find((row) => row.key === key)
}

/** The number that is quoted, and that says least of a short span. */
const QUOTED = 'sharpe'

function tile(key: string, { test, outOfFold, minTrades }: ReportInput): Html {
  const row = findMetric(test, key)
  const other = findMetric(outOfFold, key)
  if (row === undefined) return html``
  const known = row.value !== null
  const interval = intervalText(row)
  const isShort = key === QUOTED && shortMark(test, minTrades) !== null
  return html`<div class="tile"><div class="name" title="${meaningOf(row)}">${titleOf(row)}</div><div class="${known ? 'big' : 'big na'}">${
    known ? inUnit(row.value, row.unit) : 'N/A'
  }</div>${isShort ? html`<div class="under">of ${sizeText(test)}</div>` : null}<div class="under">${known ? interval : `(${row.reason ?? 'not computed'})`}</div><div class="under">out-of-fold ${
    other === undefined ? 'N/A (not computed)' : metricText(other)
  }</div></div>\n`
}

function remark(row: GateRow): string {
  return [gateRemark(row), row.required ? '' : 'shown only, decides nothing'].filter((text) => text !== '').join('; ')
}

function gateTable(gates: readonly GateRow[]): Html {
  return table(
    'Gates, judged on the test part',
    [
      { title: 'Gate', cell: (row) => html`<span title="${meaningOf({ key: row.gate })}">${gateTitle(row)}</span>` },
      {
        title: 'Result',
        cell: (row) =>
          row.passed
            ? badge('good', 'passed')
            : badge(row.required ? 'bad' : 'plain', row.required ? 'failed' : 'below'),
      },
      { title: 'Value', numeric: true, cell: (row) => inUnit(row.value, gateUnit(row)) },
      { title: 'Limit', numeric: true, cell: (row) => `${row.bound} ${inUnit(row.limit, gateUnit(row))}` },
      { title: 'Rests on', numeric: true, cell: (row) => count(row.count) },
      ...(gates.some((row) => remark(row) !== '')
        ? [{ title: 'Remark', wide: true, cell: (row: GateRow) => remark(row) }]
        : []),
    ],
    gates,
  )
}
