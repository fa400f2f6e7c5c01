/**
 * Equity and drawdown of the two parts, each beside buy and hold, the range of random entries, and the champion before.
 */
import type { Chart, ChartOption } from '../chart.js'
import { BASE, drawdownAxis, legend, line, points, tooltip, twoPanels, valueAxis } from '../chart-parts.js'
import type { Curve, DerivedPart } from '../derived.js'
import { count, daysText, fixed, inUnit, listed, metricText, minute, notAvailable, percent } from '../format.js'
import { details, type Html, html, table } from '../html.js'
import { isUnavailable, PART_TITLES, PARTS, type PartName, type PartReport, type ReportInput } from '../input.js'
import { foresightNote } from '../split.js'
import { titleOf } from '../titles.js'
import { CHAMPION, championTable } from './champion.js'
import type { Section, SectionContext } from './section.js'

export function equity({ input, derived, figures }: SectionContext): Section {
  return {
    id: 'equity',
    title: 'Equity and drawdown',
    short: 'Equity',
    meaning: `How the account would have grown bar by bar, after costs${baselineWords(input)}.${foresightNote(input.split)}`,
    body: html`${PARTS.map(
      (part) => html`<h3>${PART_TITLES[part]}, ${daysText(input[part].span)}</h3>
${
  derived[part].drawn.length === 0
    ? html`<p class="none">There are no bars in this part.</p>`
    : html`${figures.figure(equityChart(part, input, derived[part]))}${details('Table: equity by month end', monthEnds(input, derived[part]))}`
}
${baselines(input[part], input.quoteAsset)}${championTable(input[part])}`,
    )}`,
  }
}

/** What a strategy has to be better than, of what there is to compare with. */
function baselineWords({ test, market }: ReportInput): string {
  const held = market === 'spot' ? 'holding the coin' : 'one long position from beginning to end'
  const there = [
    ...(isUnavailable(test.buyAndHold) ? [] : [held]),
    ...(isUnavailable(test.random) ? [] : ['entering at random']),
    ...(isUnavailable(test.champion) ? [] : ['the model before it']),
  ]
  return there.length === 0 ? '' : `; a strategy that has found something stays above ${listed(there)}`
}

function equityChart(name: PartName, input: ReportInput, { whole, drawn }: DerivedPart): Chart {
  const part = input[name]
  const top = { xAxisIndex: 0, yAxisIndex: 0 }
  const at = (values: Float64Array) => points(drawn, whole.time, values)
  const series: ChartOption[] = []
  if (whole.randomLow !== null && whole.randomHigh !== null) {
    series.push(...randomBand(drawn, whole, whole.randomLow, whole.randomHigh))
  } else series.push(...randomEnd(part, whole))
  if (whole.buyAndHold !== null) {
    series.push(
      line('Buy and hold', 'orange', at(whole.buyAndHold), {
        ...top,
        lineStyle: { color: 'color:orange', width: 1.1 },
      }),
    )
  }
  if (!isUnavailable(part.champion)) {
    const { time, equity } = part.champion
    series.push(
      line(CHAMPION, 'teal', points([...time.keys()], time, equity), {
        ...top,
        lineStyle: { color: 'color:teal', width: 1.1 },
      }),
    )
  }
  series.push(line('Strategy', 'blue', at(whole.equity), { ...top, lineStyle: { color: 'color:blue', width: 2 } }))
  series.push(
    line(
      'Drawdown',
      'blue',
      points(
        drawn,
        whole.time,
        whole.drawdown.map((loss) => -loss),
      ),
      {
        xAxisIndex: 1,
        yAxisIndex: 1,
        lineStyle: { color: 'color:blue', width: 1 },
        areaStyle: { color: 'color:blue', opacity: 0.25 },
        tooltip: { valueFormatter: 'format:percent' },
      },
    ),
  )
  const legendNames = ['Strategy', 'Buy and hold', CHAMPION, 'Random, 5–95 %']
  return {
    id: `chart-equity-${name}`,
    label: `Equity of the strategy over time in the ${PART_TITLES[name].toLowerCase()}, with buy and hold, and the drawdown below it`,
    height: 430,
    option: {
      ...BASE,
      legend: { ...legend(), data: legendNames.filter((title) => series.some((one) => one.name === title)) },
      tooltip: tooltip('axis', { valueFormatter: 'format:money' }),
      ...twoPanels(250, 26, 90),
      yAxis: [
        valueAxis('shortNumber', { gridIndex: 0 }),
        drawdownAxis(whole.drawdown.reduce((a, b) => Math.max(a, b), 0)),
      ],
      series,
    },
  }
}

/** An unseen line at the lower edge with a filled one of the difference stacked on it. */
function randomBand(drawn: readonly number[], { time }: Curve, low: Float64Array, high: Float64Array): ChartOption[] {
  const quiet = {
    lineStyle: { opacity: 0 },
    stack: 'random',
    stackStrategy: 'all',
    tooltip: { show: false },
    silent: true,
  }
  return [
    line('random low', 'grey', points(drawn, time, low), quiet),
    line(
      'Random, 5–95 %',
      'grey',
      points(
        drawn,
        time,
        high.map((value, i) => value - low[i]),
      ),
      {
        ...quiet,
        areaStyle: { color: 'color:grey', opacity: 0.28 },
      },
    ),
  ]
}

/** Only where the runs ended is known: a bar at the last moment. */
function randomEnd({ random, initialEquity }: PartReport, { time }: Curve): ChartOption[] {
  if (isUnavailable(random) || random.metrics.total_return.strategy === null) return []
  const { p05, p95 } = random.metrics.total_return
  const end = time[time.length - 1]
  const ends = [p05, p95].map((value) => [end, initialEquity * (1 + value)])
  return [
    line('Random, 5–95 %', 'grey', ends, {
      lineStyle: { color: 'color:grey', width: 9, opacity: 0.6 },
      tooltip: { show: false },
    }),
  ]
}

function monthEnds({ quoteAsset }: ReportInput, { whole, months }: DerivedPart): Html {
  const money = (values: Float64Array | null, row: number) =>
    values === null || Number.isNaN(values[row]) ? notAvailable('none') : fixed(values[row], 2)
  return table(
    `Equity in ${quoteAsset} at the end of each month`,
    [
      { title: 'Time (UTC)', cell: (row) => minute(whole.time[row]) },
      { title: 'Strategy', numeric: true, cell: (row) => money(whole.equity, row) },
      { title: 'Drawdown', numeric: true, cell: (row) => percent(whole.drawdown[row]) },
      { title: 'Buy and hold', numeric: true, cell: (row) => money(whole.buyAndHold, row) },
    ],
    months.map(({ lastRow }) => lastRow),
  )
}

function baselines({ metrics, buyAndHold, random }: PartReport, quoteAsset: string): Html {
  const missing = [
    isUnavailable(buyAndHold) ? html`<p class="none">Buy and hold: N/A (${buyAndHold.unavailable}).</p>` : null,
    isUnavailable(random) ? html`<p class="none">Random entries: N/A (${random.unavailable}).</p>` : null,
  ]
  const keys = ['total_return', 'sharpe', 'max_drawdown', 'win_rate', 'profit_factor'] as const
  const rows = metrics.filter(({ key }) => keys.some((name) => name === key))
  const held = (key: string) =>
    isUnavailable(buyAndHold) ? undefined : buyAndHold.metrics.find((row) => row.key === key)
  const drawn = (key: string) => {
    const name = keys.find((one) => one === key)
    return isUnavailable(random) || name === undefined ? null : random.metrics[name]
  }
  const runs = isUnavailable(random)
    ? ''
    : ` Random entries: ${count(random.runs)} runs with the same sides and exits, ${fixed(random.tradesPerRun, 1)} trades each.`
  return html`${table(
    'Beside the baselines',
    [
      { title: 'Metric', cell: (row) => titleOf(row) },
      { title: 'Strategy', numeric: true, cell: (row) => inUnit(row.value, row.unit) },
      {
        title: 'Buy and hold',
        numeric: true,
        cell: (row) => metricText(held(row.key) ?? { value: null, unit: row.unit }),
      },
      {
        title: 'Random, median',
        numeric: true,
        cell: ({ key, unit }) => inUnit(randomOf(drawn(key), 'median'), unit),
      },
      {
        title: 'Random, 5–95 %',
        numeric: true,
        cell: ({ key, unit }) => {
          const [low, high] = [randomOf(drawn(key), 'p05'), randomOf(drawn(key), 'p95')]
          return low === null ? 'N/A' : `${inUnit(low, unit)} … ${inUnit(high, unit)}`
        },
      },
      {
        title: 'Better than',
        numeric: true,
        cell: ({ key }) => {
          const compared = drawn(key)
          if (compared === null) return 'N/A'
          return compared.strategy === null
            ? notAvailable(compared.reason)
            : `${percent(compared.percentile, 0)} of runs`
        },
      },
    ],
    rows,
  )}${missing}<p class="small">Money is in ${quoteAsset}.${runs}</p>`
}

type Compared = Exclude<PartReport['random'], { unavailable: string }>['metrics']['total_return']

function randomOf(compared: Compared | null, quantile: 'p05' | 'median' | 'p95'): number | null {
  return compared === null || compared.strategy === null ? null : compared[quantile]
}
