/**
 * Where it bought and sold: entries on the price, by side and outcome.
 */
import type { Chart, ChartOption } from '../chart.js'
import { BASE, compact, grid, legend, line, points, timeAxis, tooltip, valueAxis } from '../chart-parts.js'
import { type Derived, DRAWN_TRADES, exitReason } from '../derived.js'
import { count, fixed, minute, percent, price } from '../format.js'
import { details, type Html, html, table } from '../html.js'
import { PART_TITLES, PARTS, type PartName, type ReportInput } from '../input.js'
import { badge, type Section, type SectionContext } from './section.js'

const LISTED_TRADES = 200
const TRIANGLE_DOWN = 'path://M0 0L10 0L5 10Z'

type TradeRow = { readonly part: PartName; readonly row: number }

export function trades({ input, derived, figures }: SectionContext): Section {
  const all = PARTS.flatMap((part) => Array.from(input[part].trades.net_pnl.keys(), (row) => ({ part, row })))
  const drawn = PARTS.reduce((total, part) => total + derived[part].drawnTrades.length, 0)
  const note =
    drawn < all.length
      ? ` Of ${count(all.length)} trades the ${count(DRAWN_TRADES)} with the largest gains and losses for the account in each part are drawn; trades.csv has all of them.`
      : ''
  return {
    id: 'trades',
    title: 'Trades on the price',
    short: 'Trades',
    meaning: `Each triangle is an entry, up for a long and down for a short; full ones ended with a gain, hollow ones with a loss.${note}`,
    body: html`${
      derived.pricePoints.length === 0
        ? html`<p class="none">There is no price to draw.</p>`
        : figures.figure(tradesChart(input, derived))
    }${exits(input)}${details(
      `Table: ${all.length > LISTED_TRADES ? `the last ${LISTED_TRADES} of ${count(all.length)}` : count(all.length)} trades`,
      tradeTable(input, latest(all, input)),
    )}`,
  }
}

function latest(all: readonly TradeRow[], input: ReportInput): TradeRow[] {
  const entered = ({ part, row }: TradeRow) => input[part].trades.entry_time[row]
  return [...all].sort((a, b) => entered(b) - entered(a)).slice(0, LISTED_TRADES)
}

function tradesChart(input: ReportInput, derived: Derived): Chart {
  const { time, close } = input.price
  const markers = [
    { name: 'Long, gain', side: 1, gain: true },
    { name: 'Long, loss', side: 1, gain: false },
    { name: 'Short, gain', side: -1, gain: true },
    { name: 'Short, loss', side: -1, gain: false },
  ]
    .map((kind) => ({ ...kind, data: tradePoints(input, derived, kind.side, kind.gain) }))
    .filter(({ data }) => data.length > 0)
  return {
    id: 'chart-trades',
    label: `Price of ${input.pair} over time with the entries of all trades, by side and outcome`,
    height: 400,
    option: {
      ...BASE,
      legend: {
        ...legend(),
        width: '62%', // the tools stand beside it, on a phone too
        itemStyle: { borderColor: 'inherit', borderWidth: 1.3 },
        data: ['Close', ...markers.map(({ name, side }) => ({ name, icon: side > 0 ? 'triangle' : TRIANGLE_DOWN }))],
      },
      tooltip: tooltip('item', { formatter: 'format:trade' }),
      grid: grid(),
      xAxis: timeAxis(),
      yAxis: valueAxis('shortNumber'),
      series: [
        line('Close', 'grey', points(derived.pricePoints, time, close), {
          lineStyle: { color: 'color:grey', width: 1 },
          silent: true,
          z: 1,
        }),
        ...markers.map(({ name, side, gain, data }) => marker(name, side, gain, data)),
      ],
    },
    live: {
      toolbox: {
        right: 4,
        top: -4,
        itemSize: 14,
        iconStyle: { borderColor: 'color:muted' },
        feature: {
          dataZoom: { yAxisIndex: 'none', title: { zoom: 'Zoom', back: 'Zoom back' } },
          restore: { title: 'Whole span' },
        },
      },
    },
  }
}

function marker(name: string, side: number, gain: boolean, data: ChartOption['data']): ChartOption {
  const color = side > 0 ? 'color:blue' : 'color:orange'
  return {
    type: 'scatter',
    name,
    data: data ?? [],
    symbol: 'triangle',
    symbolRotate: side > 0 ? 0 : 180,
    symbolSize: 9,
    color,
    itemStyle: { color: gain ? color : 'color:paper', borderColor: color, borderWidth: 1.3, opacity: 0.95 },
    z: 3,
  }
}

function tradePoints(input: ReportInput, derived: Derived, side: number, gain: boolean): (number | string)[][] {
  return PARTS.flatMap((part) => {
    const table = input[part].trades
    return derived[part].drawnTrades
      .filter((row) => Math.sign(table.side[row]) === side && table.net_pnl[row] > 0 === gain)
      .map((row) => [
        table.entry_time[row],
        compact(table.entry_price[row]),
        compact(table.net_pnl[row]),
        table.exit_time[row],
        compact(table.exit_price[row]),
        exitReason(table.exit_reason[row]),
      ])
  })
}

/** How trades ended, per part. */
function exits(input: ReportInput): Html {
  const rows = PARTS.flatMap((part) => {
    const { exit_reason, net_pnl } = input[part].trades
    const reasons = [...new Set(exit_reason)].sort((a, b) => a - b)
    return reasons.map((reason) => {
      const results = net_pnl.filter((_, i) => exit_reason[i] === reason)
      return { part, reason: exitReason(reason), trades: results.length, net: results.reduce((a, b) => a + b, 0) }
    })
  })
  return table(
    'How trades ended',
    [
      { title: 'Part', cell: (row) => PART_TITLES[row.part] },
      { title: 'Exit', cell: (row) => row.reason },
      { title: 'Trades', numeric: true, cell: (row) => count(row.trades) },
      { title: `Net result, ${input.quoteAsset}`, numeric: true, cell: (row) => fixed(row.net, 2) },
    ],
    rows,
  )
}

function tradeTable(input: ReportInput, rows: readonly TradeRow[]): Html {
  const of = ({ part }: TradeRow) => input[part].trades
  return table(
    'Trades, newest first',
    [
      { title: 'Entry (UTC)', cell: (at) => minute(of(at).entry_time[at.row]) },
      { title: 'Exit (UTC)', cell: (at) => minute(of(at).exit_time[at.row]) },
      { title: 'Part', cell: ({ part }) => PART_TITLES[part] },
      { title: 'Side', cell: (at) => badge('plain', of(at).side[at.row] > 0 ? 'long' : 'short') },
      { title: 'In', numeric: true, cell: (at) => price(of(at).entry_price[at.row]) },
      { title: 'Out', numeric: true, cell: (at) => price(of(at).exit_price[at.row]) },
      { title: 'Exit', cell: (at) => exitReason(of(at).exit_reason[at.row]) },
      { title: 'Gross', numeric: true, cell: (at) => fixed(of(at).gross_pnl[at.row], 2) },
      { title: 'Fees', numeric: true, cell: (at) => fixed(of(at).fees[at.row], 2) },
      { title: 'Slippage', numeric: true, cell: (at) => fixed(of(at).slippage_cost[at.row], 2) },
      { title: 'Funding', numeric: true, cell: (at) => fixed(of(at).funding[at.row], 2) },
      { title: `Net, ${input.quoteAsset}`, numeric: true, cell: (at) => fixed(of(at).net_pnl[at.row], 2) },
      { title: 'Of equity', numeric: true, cell: (at) => percent(of(at).return_on_equity[at.row]) },
    ],
    rows,
  )
}
