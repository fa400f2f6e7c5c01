/**
 * Labels as tables: in all, month by month, and beside the features.
 */
import type { ChartColor } from '../chart.js'
import { count, day, fixed, percent, signed } from '../format.js'
import { type Column, type Html, html, table } from '../html.js'
import type { LabelReport } from '../input.js'
import { heat } from './section.js'

type Balance = LabelReport['balance']
type Counts = Balance['total']
export type Share = { readonly title: string; readonly color: ChartColor; readonly rows: (counts: Counts) => number }
type Row = {
  readonly month: string
  readonly counts: Counts
  readonly values: Balance['values']
  readonly psi: number | null
  readonly noise: number | null
}

const LISTED = 20
/** From here on a stability index is large, and its colour the strongest. */
const LARGE_DRIFT = 0.25

/** Rows whose outcome is known. */
export function known({ labelled, neither }: Counts): number {
  return labelled + neither
}

const SIDES = {
  '1': { title: 'long', color: 'blue' },
  '0': { title: 'neutral', color: 'grey' },
  '-1': { title: 'short', color: 'orange' },
} as const
const TITLES: Readonly<
  Record<string, Readonly<Record<string, { readonly title: string; readonly color: ChartColor }>>>
> = {
  ternary: {
    '1': { title: 'long wins', color: 'blue' },
    '0': { title: 'neither', color: 'grey' },
    '-1': { title: 'short wins', color: 'orange' },
  },
  direction: SIDES,
  binary: { '1': { title: 'profit first', color: 'blue' }, '0': { title: 'stop first', color: 'orange' } },
  meta: { '1': { title: 'primary wins', color: 'blue' }, '0': { title: 'primary does not win', color: 'orange' } },
}

/** The classes, the largest value first, and the rows that have none where there are such. */
export function sharesOf({ type, classes, total }: Balance): Share[] {
  const shares = classes
    .map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value)
    .map(({ value, index }) => ({
      ...(TITLES[type]?.[String(value)] ?? { title: `class ${value}`, color: 'teal' as const }),
      rows: (counts: Counts) => counts.classes[index],
    }))
  const title = type === 'meta' ? 'no side' : 'no barrier hit'
  return total.neither > 0 ? [...shares, { title, color: 'grey', rows: (counts) => counts.neither }] : shares
}

export function byMonth({ balance }: LabelReport): Html {
  const rows: Row[] = [
    ...balance.months,
    { month: 'All', counts: balance.total, values: balance.values, psi: null, noise: null },
  ]
  const spread = balance.task === 'regression' ? valueColumns() : classColumns(balance)
  return html`${table(
    'Labels by month',
    [
      { title: 'Month', cell: ({ month }: Row) => month },
      ...spread,
      { title: 'Not known', numeric: true, cell: ({ counts }) => count(counts.unknown) },
      ...outcomeColumns(balance),
      { title: 'Stability index', numeric: true, cell: stabilityCell },
    ],
    rows,
  )}<p class="small">Population stability index of the month against all months: Σ (q − p) · ln(q ÷ p) over ${
    balance.task === 'regression' ? 'tenths of the values' : 'the classes'
  }; below 0.1 small, from ${LARGE_DRIFT} on large. In small print what it is about without any change, (bins − 1) ÷ rows that do not overlap: neighbouring labels share their outcome, so there are far fewer of those than rows.</p>`
}

function classColumns(balance: Balance): Column<Row>[] {
  return sharesOf(balance).map(({ title, rows }) => ({
    title,
    numeric: true,
    cell: ({ counts }) => shareText(rows(counts), known(counts)),
  }))
}

function valueColumns(): Column<Row>[] {
  const value = (title: string, of: (values: NonNullable<Row['values']>) => number | null): Column<Row> => ({
    title,
    numeric: true,
    cell: ({ values }) => {
      const found = values === null ? null : of(values)
      return found === null ? 'N/A' : percent(found)
    },
  })
  return [
    { title: 'Labelled', numeric: true, cell: ({ counts }) => count(counts.labelled) },
    value('Mean', ({ mean }) => mean),
    value('Deviation', ({ deviation }) => deviation),
    value('5 %', ({ quantiles }) => quantiles[1]),
    value('Median', ({ quantiles }) => quantiles[3]),
    value('95 %', ({ quantiles }) => quantiles[5]),
  ]
}

/** What trades would have made of the same rows, where that is not the label itself. */
function outcomeColumns({ type }: Balance): Column<Row>[] {
  if (type === 'ternary' || type === 'binary') return []
  const side = (title: string, index: number): Column<Row> => ({
    title,
    numeric: true,
    cell: ({ counts }) => shareText(counts.outcomes[index], known(counts)),
  })
  return [side('Trade: long wins', 2), side('Trade: short wins', 0)]
}

function stabilityCell({ psi, noise }: Row): Html | string {
  if (psi === null || noise === null) return ''
  return heat(fixed(psi, 3), -psi / LARGE_DRIFT, fixed(noise, 3))
}

function shareText(rows: number, whole: number): string {
  return whole === 0 ? '0' : `${count(rows)} (${percent(rows / whole, 1)})`
}

/** How much there is to learn from: rows, and how few of them are independent. */
export function spreadTable({ balance }: LabelReport): Html {
  const { total, independent } = balance
  return html`<p>${count(total.labelled)} of ${count(known(total) + total.unknown)} rows have a label${
    total.unknown > 0 ? `, of ${count(total.unknown)} the outcome is not known` : ''
  }. Their times overlap: together they say as much as about ${count(independent)} labels that do not.</p>`
}

/** The features that go with the label most, one at a time. */
export function relationTable({ relations }: LabelReport): Html {
  const { features, band, rows, sampled, from, to, independent } = relations
  if (band === null || from === null || to === null) {
    return html`<h3>Features and the label</h3><p class="none">No labelled row before the test part.</p>`
  }
  const beyond = features.filter(({ correlation }) => Math.abs(correlation ?? 0) > band).length
  const shown = features.slice(0, LISTED)
  return html`<h3>Features and the label</h3><p>${count(beyond)} of ${count(features.length)} features have a rank correlation with the label beyond ±${fixed(band, 3)}, where 5 % of those lie that say nothing, about ${count(Math.round(features.length / 20))} here. One at a time and without regard to each other: no feature is chosen by it.</p>${table(
    `The ${count(shown.length)} features that go with the label most`,
    [
      { title: 'Feature', cell: (row) => html`<code>${row.feature}</code>` },
      {
        title: 'Rank correlation',
        numeric: true,
        cell: ({ correlation }) =>
          correlation === null ? 'N/A' : heat(signed(correlation, 3), correlation / (3 * band)),
      },
      {
        title: 'Mutual information',
        numeric: true,
        cell: ({ information }) => (information === null ? 'N/A' : fixed(information, 4)),
      },
      { title: 'Known', numeric: true, cell: (row) => (sampled === 0 ? '0' : percent(row.known / sampled, 1)) },
    ],
    shown,
  )}<p class="small">${count(sampled)} of ${count(rows)} rows from ${day(from)} on whose outcome was known by ${day(to)}, before the test part; they say as much as about ${count(independent)} that do not overlap. Spearman's correlation with the label as it stands; mutual information in nats, of tenths of the feature, less what as many independent rows give by chance.</p>`
}
