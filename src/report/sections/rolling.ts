/** Metrics over time: whether the result is the work of one lucky month, or fades. */
import { ROLLING_DAYS } from '../../backtest/rolling.js'
import type { Chart, ChartOption } from '../chart.js'
import { BASE, legend, line, points, tooltip, twoPanels, valueAxis } from '../chart-parts.js'
import type { DerivedPart } from '../derived.js'
import { day, fixed, percent } from '../format.js'
import { details, html, table } from '../html.js'
import { PART_TITLES, PARTS, type PartName } from '../input.js'
import type { Section, SectionContext } from './section.js'

export function rolling({ derived, figures }: SectionContext): Section {
  return {
    id: 'rolling',
    title: 'Over time',
    short: 'Rolling',
    meaning: `Sharpe ratio, win rate, volatility and beta of the ${ROLLING_DAYS} days before each day; an edge that is there stays above zero most of the time, one that fades is seen to. Single windows are too short to judge by.`,
    body: html`${PARTS.map((part) => {
      const { rolling: own } = derived[part]
      const known = [...own.day.keys()].filter((row) => !Number.isNaN(own.volatility[row]))
      if (known.length === 0)
        return html`<h3>${PART_TITLES[part]}</h3><p class="none">The part has fewer than ${ROLLING_DAYS} days.</p>`
      return html`<h3>${PART_TITLES[part]}</h3>${figures.figure(chartOf(part, derived[part], known))}${details(
        'Table: week by week',
        table(
          `${PART_TITLES[part]}: metrics of ${ROLLING_DAYS} days`,
          [
            { title: 'Up to', cell: (row: number) => day(own.day[row]) },
            { title: 'Sharpe ratio', numeric: true, cell: (row) => text(own.sharpe[row], (x) => fixed(x, 2)) },
            { title: 'Win rate', numeric: true, cell: (row) => text(own.winRate[row], (x) => percent(x, 1)) },
            { title: 'Volatility', numeric: true, cell: (row) => text(own.volatility[row], (x) => percent(x, 1)) },
            { title: 'Beta', numeric: true, cell: (row) => text(own.beta[row], (x) => fixed(x, 2)) },
          ],
          known.filter((_, i) => (known.length - 1 - i) % 7 === 0),
        ),
      )}`
    })}`,
  }
}

const text = (value: number, show: (value: number) => string) => (Number.isNaN(value) ? 'N/A' : show(value))

function chartOf(part: PartName, { rolling: own }: DerivedPart, known: readonly number[]): Chart {
  const series: ChartOption[] = [
    line('Sharpe ratio', 'blue', points(known, own.day, own.sharpe), { xAxisIndex: 0, yAxisIndex: 0 }),
    line('Beta', 'grey', points(known, own.day, own.beta), { xAxisIndex: 0, yAxisIndex: 0 }),
    line('Win rate', 'teal', points(known, own.day, own.winRate), { xAxisIndex: 1, yAxisIndex: 1 }),
    line('Volatility', 'orange', points(known, own.day, own.volatility), { xAxisIndex: 1, yAxisIndex: 1 }),
  ]
  return {
    id: `chart-rolling-${part}`,
    label: `Metrics of ${ROLLING_DAYS} days over time, ${PART_TITLES[part]}`,
    height: 380,
    option: {
      ...BASE,
      legend: legend(),
      tooltip: tooltip('axis', { valueFormatter: 'format:score' }),
      ...twoPanels(170, 30, 120),
      yAxis: [valueAxis('shortNumber', { gridIndex: 0 }), valueAxis('shortPercent', { gridIndex: 1 })],
      series,
    },
  }
}
