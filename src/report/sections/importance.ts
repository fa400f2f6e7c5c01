/**
 * Which features the shown model leans on.
 */
import type { Chart } from '../chart.js'
import { BASE, categoryAxis, compact, grid, tooltip, valueAxis } from '../chart-parts.js'
import { count, fixed, percent } from '../format.js'
import { details, type Html, html, table } from '../html.js'
import { type ImportanceRow, isUnavailable, type ReportInput } from '../input.js'
import { titleOf } from '../titles.js'
import type { Section, SectionContext } from './section.js'

const DRAWN = 20
const LISTED = 60

export function importance({ input, figures }: SectionContext): Section {
  const rows = byGain(input.importance)
  const used = rows.filter(({ gain }) => gain > 0)
  const byFamily = input.features.families.map(({ family, count: size }) => {
    const own = rows.filter((row) => row.family === family)
    return {
      family,
      size,
      used: own.filter(({ gain }) => gain > 0).length,
      share: own.reduce((a, { share }) => a + share, 0),
    }
  })
  const choice = input.featureChoice
  const leaning = isUnavailable(choice) ? {} : choice.importance.frequency
  const families = byFamily.sort((a, b) => b.share - a.share || (a.family < b.family ? -1 : 1))
  return {
    id: 'importance',
    title: 'What the model looks at',
    short: 'Importance',
    meaning: `Share of the model’s total gain by feature: a model that leans on one feature falls with it. Of ${count(input.features.count)} features it uses ${count(used.length)}; gain does not say in which direction. Loss without it: by how much the loss on validation rises when the feature’s values are exchanged among the rows.`,
    body: html`${
      used.length === 0
        ? html`<p class="none">The model uses no feature: its output does not depend on the market.</p>`
        : figures.figure(chart(used.slice(0, DRAWN)))
    }${agreement(input)}${details(
      `Table: features${rows.length > LISTED ? `, the first ${LISTED} of ${count(rows.length)}` : ''}`,
      table(
        'Features by gain',
        [
          { title: 'Feature', cell: (row: ImportanceRow) => html`<code>${row.feature}</code>` },
          { title: 'Family', cell: (row) => row.family },
          { title: 'Gain', numeric: true, cell: (row) => fixed(row.gain, 4) },
          { title: 'Share', numeric: true, cell: (row) => percent(row.share) },
          { title: 'Loss without it', numeric: true, cell: (row) => fixed(row.permutation, 5) },
          { title: 'In folds', numeric: true, cell: (row) => percent(leaning[row.feature] ?? 0, 0) },
        ],
        rows.slice(0, LISTED),
      ),
    )}${table(
      'Families',
      [
        { title: 'Family', cell: (row) => row.family },
        { title: 'Features', numeric: true, cell: (row) => count(row.size) },
        { title: 'Used', numeric: true, cell: (row) => count(row.used) },
        { title: 'Share of gain', numeric: true, cell: (row) => percent(row.share) },
      ],
      families,
    )}`,
  }
}

/** Whether the folds chose the same features, and lean on the same ones. */
function agreement({ featureChoice: choice }: ReportInput): Html {
  if (isUnavailable(choice)) return html`<p class="none">Stability over the folds: N/A (${choice.unavailable}).</p>`
  const { features, chosen, steps, stability, importance: leaning } = choice
  const index = ({ index: value, reason }: { index: number | null; reason: string | null }) =>
    value === null ? `N/A (${reason})` : fixed(value, 2)
  const range =
    stability.fewest === stability.most
      ? count(stability.most)
      : `${count(stability.fewest)} to ${count(stability.most)}`
  const how = steps.map(({ method, after }) => `${titleOf({ key: method }).toLowerCase()} leaves ${count(after)}`)
  return html`<p class="small">The ${leaning.top} most important features of each fold agree by ${index(leaning)} over ${count(leaning.folds)} folds (1 = always the same, 0 = by chance); “in folds” below says how often a feature is among them.</p>
<p class="small">${
    steps.length === 0
      ? `No feature was selected (train.selection): the model sees all ${count(features)}.`
      : `Of ${count(features)} features ${how.join(', ')} for the final model, which sees ${count(chosen)}; the folds chose ${range}, with an agreement of ${index(stability)}.`
  }</p>`
}

export function byGain(rows: readonly ImportanceRow[]): ImportanceRow[] {
  return [...rows].sort((a, b) => b.gain - a.gain || (a.feature < b.feature ? -1 : 1))
}

function chart(rows: readonly ImportanceRow[]): Chart {
  return {
    id: 'chart-importance',
    label: `Share of gain of the ${rows.length} most important features`,
    height: 60 + rows.length * 22,
    option: {
      ...BASE,
      tooltip: tooltip('axis', {
        valueFormatter: 'format:percent',
        axisPointer: { type: 'shadow', shadowStyle: { color: 'color:line', opacity: 0.3 } },
      }),
      grid: grid({ top: 6 }),
      xAxis: valueAxis('shortPercent', { scale: false }),
      yAxis: categoryAxis(
        rows.map(({ feature }) => feature),
        {
          inverse: true,
          axisLabel: { color: 'color:ink', fontSize: 12, width: 190, overflow: 'truncate' },
        },
      ),
      series: [
        {
          type: 'bar',
          name: 'Share of gain',
          data: rows.map(({ share }) => compact(share)),
          barMaxWidth: 14,
          color: 'color:blue',
          itemStyle: { color: 'color:blue', borderRadius: [0, 2, 2, 0] },
          emphasis: { disabled: true },
        },
      ],
    },
  }
}
