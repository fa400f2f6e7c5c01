/**
 * `reports/index.html`: every report there is, one row each.
 */
import type { Span } from '../core/time.js'
import { count, daysText, fixed } from './format.js'
import { type Html, html, table } from './html.js'
import type { MetricRow } from './input.js'
import { document } from './page.js'
import { badge, metricCell } from './sections/section.js'
import { gateTitle, titleOf } from './titles.js'

export type IndexEntry = {
  /** Address relative to the index page: `binance-um/BTCUSDT/1f3a…/index.html`. */
  readonly href: string
  readonly pair: string
  readonly venue: string
  readonly span: Span
  readonly simulated: boolean
  readonly approved: boolean
  readonly model: string
  /** Required gates only; null for a report of before they were listed. */
  readonly gates: { readonly passed: number; readonly failed: readonly string[] } | null
  /** Of the test part, where it is too short for its numbers; null where it is not, or in a report of before that was said. */
  readonly short: string | null
  /** A few metrics of the test part; columns are the keys of all entries. */
  readonly metrics: readonly MetricRow[]
}

/** Several pairs on one account. */
export type AccountEntry = {
  readonly venue: string
  readonly span: Span
  readonly simulated: boolean
  readonly metrics: readonly MetricRow[]
  readonly pairs: readonly {
    readonly pair: string
    readonly model: string
    readonly trades: number
    readonly netPnl: number
  }[]
}

/** Sorted by pair, venue, end of the span (newest first), then address: the order of `entries` does not matter. */
export function renderIndex(entries: readonly IndexEntry[], accounts: readonly AccountEntry[] = []): string {
  const sorted = [...entries].sort(
    (a, b) => compare(a.pair, b.pair) || compare(a.venue, b.venue) || b.span.to - a.span.to || compare(a.href, b.href),
  )
  const keys = [...new Set(sorted.flatMap(({ metrics }) => metrics.map(({ key }) => key)))]
  const reports = table(
    'Reports',
    [
      {
        title: 'Pair',
        wide: true,
        cell: (row: IndexEntry) =>
          html`<a href="${relative(row.href)}">${row.pair}</a>${row.simulated ? html` ${badge('simulated', 'simulated')}` : null} <span class="note">${row.venue}</span> <span class="note">${daysText(row.span)}</span>${row.short === null ? null : html` <span class="note">test part: ${row.short}</span>`}`,
      },
      { title: 'Model', cell: (row) => row.model },
      {
        title: 'State and gates',
        wide: true,
        cell: ({ approved, gates }) =>
          html`${approved ? badge('good', 'approved') : badge('bad', 'not approved')} ${gates === null ? null : gatesText(gates)}`,
      },
      ...keys.map((key) => ({
        title: titleOf({ key }),
        numeric: true,
        cell: (row: IndexEntry) => {
          const metric = row.metrics.find((one) => one.key === key)
          return metric === undefined ? '' : metricCell(metric)
        },
      })),
    ],
    sorted,
  )
  return document(
    'Sluice: all reports',
    html`<header><h1>Reports</h1><p class="sub">Metrics are those of each report’s test part, after costs, with 95 % block-bootstrap intervals; two reports whose intervals overlap widely may differ by luck alone.${sorted.length > 1 ? html` <a href="compare.html">Compare them</a>` : null}</p></header>
<main><section>${reports}</section>${accounts.map(accountSection)}</main>
<footer></footer>`,
    html``,
    'list',
  )
}

const ACCOUNT_METRICS = [
  'total_return',
  'sharpe',
  'max_drawdown',
  'trades',
  'win_rate',
  'profit_factor',
  'fees',
  'funding',
]

function accountSection({ venue, span, simulated, metrics, pairs }: AccountEntry): Html {
  const shown = ACCOUNT_METRICS.flatMap((key) => metrics.filter((metric) => metric.key === key))
  return html`<section><h2>${count(pairs.length)} pairs on one account ${simulated ? badge('simulated', 'simulated') : null}</h2>
<p class="sub">The test parts of all chosen models on ${venue}, ${daysText(span)}, with one equity, one leverage and one clock: what one account would have had, which is not the sum of its pairs.</p>${table(
    'One account',
    [
      { title: 'Metric', cell: (row: MetricRow) => titleOf(row) },
      { title: 'Value', numeric: true, cell: (row) => metricCell(row) },
    ],
    shown,
  )}${table(
    'What each pair brought',
    [
      { title: 'Pair', cell: (row: AccountEntry['pairs'][number]) => row.pair },
      { title: 'Model', cell: (row) => row.model },
      { title: 'Trades', numeric: true, cell: (row) => count(row.trades) },
      { title: 'Net result', numeric: true, cell: (row) => fixed(row.netPnl, 2) },
    ],
    pairs,
  )}</section>`
}

function gatesText({ passed, failed }: NonNullable<IndexEntry['gates']>): Html {
  const all = passed + failed.length
  const names = failed.map((gate) => gateTitle({ gate })).join(', ')
  return html`<span class="note">${count(passed)} of ${count(all)} passed${failed.length === 0 ? '' : `; failed: ${names}`}</span>`
}

/** Only addresses below the index page: nothing with a scheme, a host or a way out. */
function relative(href: string): string {
  return href
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map(encodeURIComponent)
    .join('/')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
