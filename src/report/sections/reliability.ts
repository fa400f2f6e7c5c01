/**
 * Does a stated confidence come true that often?
 */
import type { Chart, ChartOption } from '../chart.js'
import { BASE, compact, grid, legend, tooltip, valueAxis } from '../chart-parts.js'
import { count, fixed, percent } from '../format.js'
import { details, type Html, html, table } from '../html.js'
import { isUnavailable, PART_TITLES, PARTS, type PartName, type ReportInput } from '../input.js'
import type { Section, SectionContext } from './section.js'

type Bin = {
  readonly confidence: number
  readonly hitRate: number
  readonly low: number
  readonly high: number
  readonly count: number
}

export function reliability({ input, figures }: SectionContext): Section {
  const all = PARTS.flatMap((part) => binsOf(input, part).map((bin) => ({ part, ...bin })))
  const errors = PARTS.map((part) => {
    const found = input[part].reliability
    const text =
      isUnavailable(found) || Number.isNaN(found.error)
        ? `N/A (${isUnavailable(found) ? found.unavailable : 'no rows'})`
        : fixed(found.error, 4)
    return html`<p class="small">Calibration error, ${PART_TITLES[part].toLowerCase()}: ${text}.</p>`
  })
  return {
    id: 'reliability',
    title: 'Reliability of the confidence',
    short: 'Reliability',
    meaning:
      'Points on the diagonal mean that a confidence of 60 % comes true six times in ten; points below it mean that the model claims too much. The bars are 95 % intervals.',
    body: html`${
      all.length === 0
        ? html`<p class="none">There is nothing to draw.</p>`
        : html`${figures.figure(diagram(input))}${details(
            'Table: reliability bins',
            table(
              'Reliability bins',
              [
                { title: 'Part', cell: (row) => PART_TITLES[row.part] },
                { title: 'Mean confidence', numeric: true, cell: (row) => percent(row.confidence) },
                { title: 'Came true', numeric: true, cell: (row) => percent(row.hitRate) },
                { title: '95 % interval', numeric: true, cell: (row) => `${percent(row.low)} … ${percent(row.high)}` },
                { title: 'Rows', numeric: true, cell: (row) => count(row.count) },
              ],
              all,
            ),
          )}`
    }${errors}${PARTS.map((part) => confusion(input, part))}`,
  }
}

/** Outcome against signal, in rows. */
function confusion(input: ReportInput, part: PartName): Html {
  const found = input[part].confusion
  const caption = `Signals and what came of them, ${PART_TITLES[part].toLowerCase()}`
  if (isUnavailable(found)) return html`<p class="small">${caption}: N/A (${found.unavailable}).</p>`
  return table(
    caption,
    [
      { title: 'Outcome', cell: (row) => row.outcome },
      ...['Short signals', 'No signal', 'Long signals'].map((title, i) => ({
        title,
        numeric: true,
        cell: (row: { readonly counts: readonly number[] }) => count(row.counts[i]),
      })),
    ],
    ['A short won', 'Neither', 'A long won'].map((outcome, i) => ({ outcome, counts: found[i] })),
  )
}

function binsOf(input: ReportInput, part: PartName): readonly Bin[] {
  const found = input[part].reliability
  return isUnavailable(found) ? [] : found.bins
}

function diagram(input: ReportInput): Chart {
  const bins = PARTS.flatMap((part) => binsOf(input, part))
  const edges = bins.flatMap((bin) => [bin.confidence, bin.low, bin.high]).filter((edge) => Number.isFinite(edge))
  const low = Math.max(0, Math.floor(Math.min(...edges) * 20) / 20)
  const high = Math.min(1, Math.ceil(Math.max(...edges) * 20) / 20)
  return {
    id: 'chart-reliability',
    label: 'Reliability diagram: mean confidence against the share that came true, for both parts',
    height: 380,
    option: {
      ...BASE,
      legend: { ...legend(), data: PARTS.map((part) => PART_TITLES[part]) },
      tooltip: tooltip('item', { formatter: 'format:bin' }),
      grid: grid({ bottom: 26 }),
      xAxis: valueAxis('shortPercent', {
        min: low,
        max: high,
        name: 'confidence',
        nameLocation: 'middle',
        nameGap: 28,
      }),
      yAxis: valueAxis('shortPercent', { min: low, max: high }),
      series: [
        {
          type: 'line',
          name: 'diagonal',
          data: [
            [low, low],
            [high, high],
          ],
          showSymbol: false,
          silent: true,
          lineStyle: { color: 'color:grey', type: 'dashed', width: 1.2 },
        },
        ...PARTS.flatMap((part, i) => binSeries(PART_TITLES[part], i === 0 ? 'blue' : 'orange', binsOf(input, part))),
      ],
    },
  }
}

function binSeries(name: string, color: 'blue' | 'orange', bins: readonly Bin[]): ChartOption[] {
  const x = (bin: Bin) => compact(bin.confidence)
  return [
    {
      type: 'line',
      name: `${name} interval`,
      data: bins.flatMap((bin) => [
        [x(bin), compact(bin.low)],
        [x(bin), compact(bin.high)],
        [x(bin), null],
      ]),
      showSymbol: false,
      silent: true,
      lineStyle: { color: `color:${color}`, width: 2, opacity: 0.4 },
    },
    {
      type: 'scatter',
      name,
      data: bins.map((bin) => [x(bin), compact(bin.hitRate), bin.count, compact(bin.low), compact(bin.high)]),
      symbol: color === 'blue' ? 'circle' : 'diamond',
      symbolSize: color === 'blue' ? 9 : 11,
      color: `color:${color}`,
      itemStyle: { color: `color:${color}` },
    },
  ]
}
