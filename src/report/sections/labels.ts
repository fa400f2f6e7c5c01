/**
 * How the outcomes that the model learns from are spread over classes and months.
 */
import type { Chart, ChartColor } from '../chart.js'
import { BASE, categoryAxis, compact, grid, legend, tooltip, valueAxis } from '../chart-parts.js'
import { count, fixed, percent } from '../format.js'
import { details, html, table } from '../html.js'
import type { LabelReport } from '../input.js'
import type { Section, SectionContext } from './section.js'

type Counts = LabelReport['balance']['total']
type Share = { readonly title: string; readonly color: ChartColor; readonly rows: (counts: Counts) => number }

export function labels({ input: { labels: report }, figures }: SectionContext): Section {
  const { type, horizonHours, profit, stop, balance } = report
  const kinds = sharesOf(report)
  const known = (counts: Counts) => kinds.reduce((total, { rows }) => total + rows(counts), 0)
  const months = balance.months.map(({ month, counts }) => ({ month, counts }))
  const columns = [
    ...kinds.map(({ title, rows }) => ({
      title,
      numeric: true,
      cell: ({ counts }: { counts: Counts }) =>
        known(counts) === 0 ? '0' : `${count(rows(counts))} (${percent(rows(counts) / known(counts), 1)})`,
    })),
    { title: 'Not known', numeric: true, cell: ({ counts }: { counts: Counts }) => count(counts.unknown) },
  ]
  const byMonth = table(
    'Labels by month',
    [{ title: 'Month', cell: ({ month }: { month: string }) => month }, ...columns],
    [...months, { month: 'All', counts: balance.total }],
  )
  return {
    id: 'labels',
    title: 'Labels',
    short: 'Labels',
    meaning: `Triple barrier, ${type}: +${percent(profit)} before −${percent(stop)} within ${fixed(horizonHours, 1)} hours. The rarer a class, the harder it is to learn; shares that drift by month mean that the market changed.`,
    body:
      months.length === 0
        ? byMonth
        : html`${figures.figure(chart(months, kinds, known))}${details('Table: labels by month', byMonth)}`,
  }
}

function sharesOf({ type, balance }: LabelReport): Share[] {
  const titles: Readonly<Record<string, { title: string; color: ChartColor }>> =
    type === 'ternary'
      ? {
          '1': { title: 'long wins', color: 'blue' },
          '0': { title: 'neither', color: 'grey' },
          '-1': { title: 'short wins', color: 'orange' },
        }
      : { '1': { title: 'profit first', color: 'blue' }, '0': { title: 'stop first', color: 'orange' } }
  const order = balance.classes.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value)
  const classes = order.map(({ value, index }) => ({
    ...(titles[String(value)] ?? { title: `class ${value}`, color: 'teal' as const }),
    rows: (counts: Counts) => counts.classes[index],
  }))
  // Ternary labels have a class for "neither"; only the others need a column for rows that hit no barrier.
  return type === 'ternary'
    ? classes
    : [...classes, { title: 'no barrier hit', color: 'grey', rows: (counts) => counts.neither }]
}

function chart(
  months: readonly { month: string; counts: Counts }[],
  kinds: readonly Share[],
  known: (counts: Counts) => number,
): Chart {
  return {
    id: 'chart-labels',
    label: 'Share of each label class by month',
    height: 270,
    option: {
      ...BASE,
      legend: legend(),
      tooltip: tooltip('axis', {
        valueFormatter: 'format:percent',
        axisPointer: { type: 'shadow', shadowStyle: { color: 'color:line', opacity: 0.3 } },
      }),
      grid: grid(),
      xAxis: categoryAxis(months.map(({ month }) => month)),
      yAxis: valueAxis('shortPercent', { scale: false, max: 1 }),
      series: kinds.map(({ title, color, rows }) => ({
        type: 'bar',
        stack: 'all',
        name: title,
        data: months.map(({ counts }) => (known(counts) === 0 ? null : compact(rows(counts) / known(counts)))),
        barMaxWidth: 46,
        color: `color:${color}`,
        itemStyle: { color: `color:${color}`, opacity: 0.85 },
        emphasis: { disabled: true },
      })),
    },
  }
}
