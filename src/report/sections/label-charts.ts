/**
 * Labels month by month, drawn: shares of the classes, or quantiles of the values.
 */
import type { Chart, ChartColor } from '../chart.js'
import { BASE, categoryAxis, compact, grid, legend, line, tooltip, valueAxis } from '../chart-parts.js'
import type { LabelReport } from '../input.js'
import { known, type Share } from './label-tables.js'

type Balance = LabelReport['balance']

/** A month without a known outcome, such as the last minute of the span, has no place on the axis. */
function drawnMonths({ months }: Balance) {
  return months.filter(({ counts }) => known(counts) > 0)
}

export function classChart(balance: Balance, kinds: readonly Share[]): Chart {
  const months = drawnMonths(balance)
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
        data: months.map(({ counts }) => compact(rows(counts) / known(counts))),
        barMaxWidth: 46,
        color: `color:${color}`,
        itemStyle: { color: `color:${color}`, opacity: 0.85 },
        emphasis: { disabled: true },
      })),
    },
  }
}

/** Positions among the quantiles that balance.json has: 1, 5, 25, 50, 75, 95, 99 %. */
const DRAWN: readonly { readonly at: number; readonly name: string; readonly color: ChartColor }[] = [
  { at: 5, name: '95 %', color: 'grey' },
  { at: 4, name: '75 %', color: 'teal' },
  { at: 3, name: 'median', color: 'blue' },
  { at: 2, name: '25 %', color: 'teal' },
  { at: 1, name: '5 %', color: 'grey' },
]

export function valueChart(balance: Balance): Chart {
  const months = drawnMonths(balance)
  return {
    id: 'chart-labels',
    label: 'Quantiles of the label values by month',
    height: 270,
    option: {
      ...BASE,
      legend: legend(),
      tooltip: tooltip('axis', { valueFormatter: 'format:percent' }),
      grid: grid(),
      xAxis: categoryAxis(months.map(({ month }) => month)),
      yAxis: valueAxis('shortPercent'),
      series: DRAWN.map(({ at, name, color }) =>
        line(
          name,
          color,
          months.map(({ values }) => (values === null ? null : compact(values.quantiles[at]))),
          { showSymbol: true },
        ),
      ),
    },
  }
}
