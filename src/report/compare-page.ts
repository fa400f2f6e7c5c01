/**
 * `reports/compare.html`: runs of one pair side by side, and pairs side by side. Made from the `report.json` of each.
 */
import type { Chart, ChartColor, Figures, Json } from './chart.js'
import { BASE, compact, drawdownAxis, legend, line, tooltip, twoPanels, valueAxis } from './chart-parts.js'
import { count, daysText } from './format.js'
import { details, type Html, html, table } from './html.js'
import { type GateRow, PART_TITLES, PARTS, type PartName } from './input.js'
import { document, scripts } from './page.js'
import type { StoredReport } from './schema/report.js'
import { badge, metricCell, monthCell } from './sections/section.js'
import { gateTitle, titleOf } from './titles.js'

type ComparedPart = StoredReport[PartName]

export type ComparedEntry = {
  /** Address relative to the page. */
  readonly href: string
  /** Tells runs of one pair apart: the start of the page's fingerprint. */
  readonly run: string
  readonly report: StoredReport
}

export type Group = { readonly title: string; readonly hrefs: readonly string[]; readonly leftOut: number }

const COLORS: readonly ChartColor[] = ['blue', 'orange', 'teal', 'grey', 'ink', 'muted']
/** As many lines as can be told apart. */
export const COMPARED = COLORS.length

/**
 * What is compared with what: the runs of each pair that has several, and the newest run of each pair. Newest by the end of the
 * span, then by address, so that the order of `entries` does not matter.
 *
 * @returns  no group where fewer than two reports are there; at most `COMPARED` reports in each
 */
export function groupsOf(
  entries: readonly { readonly href: string; readonly pair: string; readonly venue: string; readonly to: number }[],
): Group[] {
  const sorted = [...entries].sort((a, b) => b.to - a.to || (a.href < b.href ? -1 : a.href > b.href ? 1 : 0))
  const byPair = new Map<string, string[]>()
  for (const { pair, venue, href } of sorted)
    byPair.set(`${pair} on ${venue}`, [...(byPair.get(`${pair} on ${venue}`) ?? []), href])
  const names = [...byPair.keys()].sort()
  const group = (title: string, hrefs: readonly string[]) => ({
    title,
    hrefs: hrefs.slice(0, COMPARED),
    leftOut: Math.max(0, hrefs.length - COMPARED),
  })
  return [
    ...names.flatMap((name) => {
      const hrefs = byPair.get(name) ?? []
      return hrefs.length > 1 ? [group(`Runs of ${name}`, hrefs)] : []
    }),
    ...(names.length > 1
      ? [
          group(
            'Pairs',
            names.map((name) => byPair.get(name)?.[0] ?? ''),
          ),
        ]
      : []),
  ]
}

export type Compared = {
  readonly groups: readonly Group[]
  /** All that the groups name and that could be read. */
  readonly entries: readonly ComparedEntry[]
  /** The others, and why. */
  readonly unread: readonly { readonly href: string; readonly reason: string }[]
}

/** @param runtime  text of ECharts' browser build */
export function renderCompare({ groups, entries, unread }: Compared, figures: Figures, runtime: string): string {
  const found = new Map(entries.map((entry) => [entry.href, entry]))
  const sections = groups.flatMap(({ title, hrefs, leftOut }, i) => {
    const own = hrefs.flatMap((href) => found.get(href) ?? [])
    return own.length < 2 ? [] : [groupSection(`g${i}`, title, distinct(own), { leftOut, all: own.length }, figures)]
  })
  return document(
    'Sluice: reports compared',
    html`<header><h1>Reports compared</h1><p class="sub">After costs, with 95 % block-bootstrap intervals; two runs whose intervals overlap widely may differ by luck alone, and the best of many runs looks better than it is. <a href="index.html">All reports</a></p></header>
<main>${sections.length === 0 ? html`<p class="meaning">There are no two reports to compare.</p>` : sections}${unread.length === 0 ? null : unreadSection(unread)}</main>
<footer><p>Made by Sluice. Nothing on this page is advice.</p></footer>`,
    scripts(figures, runtime),
  )
}

function unreadSection(unread: Compared['unread']): Html {
  return html`<section id="unread"><h2>Left out</h2>
<p class="meaning">${count(unread.length)} ${unread.length === 1 ? 'report' : 'reports'} of another version of the program; a run with the same settings writes them anew.</p>
${table(
  'Left out',
  [
    {
      title: 'Report',
      wide: true,
      cell: ({ href }: Compared['unread'][number]) => html`<a href="${href}">${href}</a>`,
    },
    { title: 'Reason', wide: true, cell: ({ reason }) => reason },
  ],
  unread,
)}</section>\n`
}

/** A report made again, by another version of the program, says nothing new: one of those with equal settings and results stays. */
function distinct(entries: readonly ComparedEntry[]): ComparedEntry[] {
  const said = ({ report }: ComparedEntry) => {
    const { pair, venue, span, approval, config, test, outOfFold } = report
    return JSON.stringify([pair, venue, span, approval.model, config, test.metrics, outOfFold.metrics])
  }
  return entries.filter((entry, i) => entries.findIndex((other) => said(other) === said(entry)) === i)
}

function groupSection(
  id: string,
  title: string,
  entries: readonly ComparedEntry[],
  { leftOut, all }: { readonly leftOut: number; readonly all: number },
  figures: Figures,
): Html {
  const names = namesOf(entries)
  const equal = all - entries.length
  const same =
    equal === 0 ? '' : ` ${equal} more ${equal === 1 ? 'has' : 'have'} the same settings and results as one of them.`
  const more = leftOut === 0 ? '' : ` ${leftOut} older ${leftOut === 1 ? 'one is' : 'ones are'} not shown.`
  return html`<section id="${id}"><h2>${title}</h2>
<p class="meaning">${count(entries.length)} ${entries.length === 1 ? 'report' : 'reports'}; each chart has equity above, as a multiple of what the account began with, and drawdown below.${same}${more}</p>
${overview(entries, names)}${settingsTable(entries, names)}${PARTS.map((part) => partBody(id, part, entries, names, figures))}${details(
  'Table: gates',
  gateTable(entries, names),
)}</section>\n`
}

/** The pair where it tells them apart, the model, and the run where both are the same for several. */
function namesOf(entries: readonly ComparedEntry[]): string[] {
  const pairs = new Set(entries.map(({ report }) => `${report.pair} ${report.venue}`))
  const short = entries.map(({ report }) =>
    pairs.size > 1 ? `${report.pair} ${report.approval.model}` : report.approval.model,
  )
  return short.map((name, i) => (short.filter((one) => one === name).length > 1 ? `${name} ${entries[i].run}` : name))
}

function overview(entries: readonly ComparedEntry[], names: readonly string[]): Html {
  return table(
    'What is compared',
    [
      {
        title: 'Report',
        wide: true,
        cell: (i: number) =>
          html`<a href="${entries[i].href}">${names[i]}</a>${entries[i].report.simulated === null ? null : html` ${badge('simulated', 'simulated')}`}`,
      },
      { title: 'Run', cell: (i) => html`<code>${entries[i].run}</code>` },
      { title: 'Span', cell: (i) => nowrap(daysText(entries[i].report.span)) },
      { title: 'Test part', cell: (i) => nowrap(daysText(entries[i].report.test.span)) },
      {
        title: 'State',
        cell: (i) =>
          entries[i].report.approval.state === 'approved' ? badge('good', 'approved') : badge('bad', 'not approved'),
      },
    ],
    [...entries.keys()],
  )
}

function partBody(
  id: string,
  part: PartName,
  entries: readonly ComparedEntry[],
  names: readonly string[],
  figures: Figures,
): Html {
  const parts = entries.map(({ report }) => report[part])
  const rows = parts.map(({ metrics, predictions }) => [...predictions, ...metrics])
  const keys = [...new Set(rows.flatMap((own) => own.map(({ key }) => key)))]
  const months = [...new Set(parts.flatMap((own) => own.months.map(({ month }) => month)))].sort()
  return html`<h3>${PART_TITLES[part]}</h3>${spanNote(parts)}${figures.figure(curves(`${id}-${part}`, part, parts, names))}${table(
    `${PART_TITLES[part]}: metrics`,
    [
      { title: 'Metric', cell: (key: string) => titleOf({ key }) },
      ...names.map((title, i) => ({
        title,
        numeric: true,
        cell: (key: string) => metricCell(rows[i].find((row) => row.key === key)),
      })),
    ],
    keys,
  )}${details(
    'Table: returns by month',
    table(
      `${PART_TITLES[part]}: returns by month`,
      [
        { title: 'Month', cell: (month: string) => month },
        ...names.map((title, i) => ({
          title,
          numeric: true,
          cell: (month: string) => monthCell(parts[i].months.find((row) => row.month === month)?.strategy),
        })),
      ],
      months,
    ),
  )}`
}

const nowrap = (text: string) => html`<span class="nowrap">${text}</span>`

function spanNote(parts: readonly ComparedPart[]): Html | null {
  const spans = new Set(parts.map(({ span }) => `${span.from} ${span.to}`))
  return spans.size === 1
    ? null
    : html`<p class="small">The parts are of different days: a difference may be one of the market.</p>`
}

function curves(id: string, part: PartName, parts: readonly ComparedPart[], names: readonly string[]): Chart {
  const draw = (axis: number, format: string, value: (own: ComparedPart, row: number) => number) =>
    parts.map((own, i) => {
      const data = own.curve.time.map((time, row): Json => [time, compact(value(own, row))])
      const place = { xAxisIndex: axis, yAxisIndex: axis }
      return line(names[i], COLORS[i], data, { ...place, tooltip: { valueFormatter: `format:${format}` } })
    })
  return {
    id: `chart-compare-${id}`,
    label: `Equity and drawdown of ${names.join(', ')}, ${PART_TITLES[part]}`,
    height: 400,
    option: {
      ...BASE,
      legend: legend(),
      tooltip: tooltip('axis'),
      ...twoPanels(200, 28, 110),
      yAxis: [
        valueAxis('shortNumber', { gridIndex: 0 }),
        drawdownAxis(parts.flatMap(({ curve }) => curve.drawdown).reduce((a, b) => Math.max(a, b), 0)),
      ],
      series: [
        ...draw(0, 'score', ({ curve, initialEquity }, row) => curve.equity[row] / initialEquity),
        ...draw(1, 'percent', ({ curve }, row) => -curve.drawdown[row]),
      ],
    },
  }
}

function gateTable(entries: readonly ComparedEntry[], names: readonly string[]): Html {
  const gates = [...new Map(entries.flatMap(({ report }) => report.gates.map((row) => [row.gate, row]))).values()]
  return table(
    'Gates, each on its own test part',
    [
      { title: 'Gate', cell: (gate: GateRow) => gateTitle(gate) },
      ...names.map((title, i) => ({
        title,
        cell: ({ gate }: GateRow) => {
          const row = entries[i].report.gates.find((one) => one.gate === gate)
          if (row === undefined) return 'not judged'
          const state = row.passed ? 'passed' : row.required ? 'failed' : 'does not count'
          return html`${state} <span class="note">${row.reason}</span>`
        },
      })),
    ],
    gates,
  )
}

/** Only what differs: that is where a difference comes from, if it is not luck. */
function settingsTable(entries: readonly ComparedEntry[], names: readonly string[]): Html {
  const settings = entries.map(({ report }) => new Map(report.config.map(({ key, value }) => [key, value])))
  const keys = [...new Set(settings.flatMap((own) => [...own.keys()]))].filter(
    (key) => new Set(settings.map((own) => own.get(key))).size > 1,
  )
  return table(
    'Settings that differ',
    [
      { title: 'Setting', cell: (key: string) => html`<code>${key}</code>` },
      ...names.map((title, i) => ({ title, cell: (key: string) => settings[i].get(key) ?? '–' })),
    ],
    keys,
  )
}
