/**
 * What trading took away.
 */
import { assumptions } from '../assumptions.js'
import type { Chart } from '../chart.js'
import { BASE, categoryAxis, compact, grid, legend, tooltip, valueAxis } from '../chart-parts.js'
import type { Derived } from '../derived.js'
import { fixed, percent } from '../format.js'
import { html, table } from '../html.js'
import { PART_TITLES, PARTS } from '../input.js'
import { sideBySide } from './metrics.js'
import { badge, type Section, type SectionContext } from './section.js'

const DRAWN = ['gross_pnl', 'fees', 'slippage', 'funding', 'net_pnl']

export function costs({ input, derived, figures }: SectionContext): Section {
  const { threshold } = input
  const partsWithout = PARTS.filter((part) => input[part].withoutFunding && input.market !== 'spot')
  const without =
    partsWithout.length === 0
      ? null
      : html`<p>${badge('bad', 'without funding')} Funding is not in the totals: the series is absent, so the true result is not known.</p>`
  const mark =
    PARTS.some((part) => input[part].withoutMarkPrice) && input.market !== 'spot'
      ? html`<p>${badge('plain', 'without mark price')} The last price stands in for the mark price.</p>`
      : null
  const traded = PARTS.some((part) => input[part].trades.rows > 0)
  return {
    id: 'costs',
    title: 'Costs',
    short: 'Costs',
    meaning: `What fees, slippage and funding took from the gross result; a strategy whose costs eat most of it dies of a slightly worse fill. Every amount is in ${input.quoteAsset}, paid is positive, received negative.`,
    body: html`${without}${mark}${traded ? figures.figure(chart(derived)) : null}${sideBySide('Costs', (part) => derived[part].costs)}
${table(
  'Assumed costs and execution',
  [
    { title: 'What', cell: (row) => row[0] },
    { title: 'Value', wide: true, cell: (row) => row[1] },
  ],
  assumptions(input),
)}
${table(
  'Threshold of entry, chosen on validation',
  [
    { title: 'What', cell: (row) => row[0] },
    { title: 'Value', numeric: true, cell: (row) => row[1] },
  ],
  [
    ['Break-even precision after costs', percent(threshold.breakEven)],
    ['Margin', percent(threshold.margin)],
    ['Threshold', percent(threshold.threshold)],
    ['Signals on validation', fixed(threshold.signals, 0)],
    ['Of them not overlapping', fixed(threshold.independentSignals, 0)],
    ['Precision on validation', shown(threshold.precision)],
    ['Its lower 90 % bound', shown(threshold.precisionLow)],
  ],
)}<p class="small">Why this threshold: ${threshold.reason}.</p>`,
  }
}

function shown(value: number): string {
  return Number.isFinite(value) ? percent(value) : 'N/A (no signal)'
}

function chart(derived: Derived): Chart {
  const rowsOf = (part: (typeof PARTS)[number]) =>
    DRAWN.flatMap((key) => derived[part].costs.filter((row) => row.key === key))
  const names = rowsOf('test').map(({ title }) => (title ?? '').replace(', without funding', ''))
  return {
    id: 'chart-costs',
    label: 'Gross result, fees, slippage, funding and net result of both parts',
    height: 270,
    option: {
      ...BASE,
      legend: legend(),
      tooltip: tooltip('axis', {
        valueFormatter: 'format:money',
        axisPointer: { type: 'shadow', shadowStyle: { color: 'color:line', opacity: 0.3 } },
      }),
      grid: grid(),
      xAxis: categoryAxis(names),
      yAxis: valueAxis('shortNumber', { scale: false }),
      series: PARTS.map((part, i) => ({
        type: 'bar',
        name: PART_TITLES[part],
        data: rowsOf(part).map(({ key, value }) => drawnValue(key, value)),
        barMaxWidth: 34,
        color: i === 0 ? 'color:blue' : 'color:orange',
        itemStyle: { color: i === 0 ? 'color:blue' : 'color:orange', opacity: 0.9 },
        emphasis: { disabled: true },
      })),
    },
  }
}

/** In the picture, what is paid points down. */
function drawnValue(key: string, value: number | null): number | null {
  if (value === null) return null
  return compact(key === 'gross_pnl' || key === 'net_pnl' ? value : -value)
}
