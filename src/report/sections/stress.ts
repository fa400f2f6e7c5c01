/**
 * What could have been worse: costs and delays as a map, harsher markets, the worst stretches, kinds of markets, and luck.
 */
import type { DayPaths, SignalTest, Spread, TradeOrder } from '../../backtest/stress/chance.js'
import type { Regime } from '../../backtest/stress/regimes.js'
import type { Shock } from '../../backtest/stress/shocks.js'
import type { CostSurface } from '../../backtest/stress/surface.js'
import type { WorstWindow } from '../../backtest/stress/windows.js'
import { count, daysText, fixed, notAvailable, percent } from '../format.js'
import { type Html, html, table } from '../html.js'
import { isUnavailable, PART_TITLES, PARTS, type PartReport, type Unavailable } from '../input.js'
import { heat, type Section, type SectionContext } from './section.js'

export function stress({ input }: SectionContext): Section {
  return {
    id: 'stress',
    title: 'Stress',
    short: 'Stress',
    meaning:
      'What higher costs, slower entries, harsher markets and worse luck would have made of the same decisions; a result that turns into a loss a little beyond what was assumed will not come true.',
    body: html`${PARTS.map(
      (part) =>
        html`<h3>${PART_TITLES[part]}, ${daysText(input[part].span)}</h3>${partBody(input[part], input.bars.base)}`,
    )}`,
  }
}

function partBody({ stress: found, trades, span }: PartReport, base: string): Html {
  if (trades.rows === 0) return html`<p>No trade was made: there is nothing to put under stress.</p>`
  const { surface } = found
  return html`<p>${sentences(surface, base)}</p>${surfaceTable(surface, base)}${shockTable(found.shocks)}${windowTable(found.windows, span)}${regimeTable(found.regimes)}${chanceTable(found)}`
}

/** What the map says: up to which costs, and up to which delay. */
export function sentences(surface: Pick<CostSurface, 'breakEven' | 'cells' | 'latencyBars'>, base: string): string {
  return `${costSentence(surface)} ${latencySentence(surface, base)}`.trimEnd()
}

function latencySentence({ cells, latencyBars }: Pick<CostSurface, 'cells' | 'latencyBars'>, base: string): string {
  const assumed = cells.filter(({ multiple }) => multiple === 1)
  const own = assumed.find((cell) => cell.latencyBars === latencyBars)
  if (own === undefined || own.totalReturn === null || own.totalReturn <= 0) return ''
  const later = assumed.filter((cell) => cell.latencyBars > latencyBars)
  const lost = later.find(({ totalReturn }) => totalReturn !== null && totalReturn <= 0)
  if (lost !== undefined)
    return `At the assumed costs, an entry after ${fixed(lost.latencyBars, 0)} × ${base} turns it into a loss.`
  const last = later.filter(({ totalReturn }) => totalReturn !== null).at(-1)
  return last === undefined
    ? ''
    : `At the assumed costs, it still gains with an entry after ${fixed(last.latencyBars, 0)} × ${base}.`
}

function costSentence({ breakEven }: Pick<CostSurface, 'breakEven'>): string {
  if (breakEven.multiple === null) return `No break-even of costs: ${breakEven.reason}.`
  const { multiple, roundTripBps } = breakEven
  return multiple < 1
    ? `At the assumed costs it loses: it would break even at ${fixed(multiple, 2)} times as much, ${fixed(roundTripBps, 1)} bp for a round trip by market orders.`
    : `Nothing is left of the gain at ${fixed(multiple, 2)} times the assumed fees and slippage, ${fixed(roundTripBps, 1)} bp for a round trip by market orders.`
}

function surfaceTable(surface: CostSurface, base: string): Html {
  const { multiples, latencies, latencyBars, cells } = surface
  const largest = Math.max(...cells.map(({ totalReturn }) => Math.abs(totalReturn ?? 0)))
  return html`${table(
    'Total return by fees and slippage (columns, times those assumed) and latency (rows)',
    [
      { title: 'Latency', cell: (latency: number) => `${fixed(latency, 0)} × ${base}` },
      ...multiples.map((multiple) => ({
        title: `× ${fixed(multiple, 1)}`,
        numeric: true,
        cell: (latency: number) => {
          const cell = cells.find((one) => one.multiple === multiple && one.latencyBars === latency)
          if (cell === undefined || cell.totalReturn === null) {
            return html`<span class="na">${notAvailable(cell?.reason)}</span>`
          }
          const assumed = multiple === 1 && latency === latencyBars
          return heat(
            percent(cell.totalReturn),
            largest > 0 ? cell.totalReturn / largest : 0,
            assumed ? 'assumed' : null,
          )
        },
      })),
    ],
    latencies,
  )}<p class="small">Blue: a gain; orange: a loss; the stronger, the larger. Each cell is a whole backtest of the same decisions; funding is as it was.</p>`
}

function shockTable(rows: readonly Shock[]): Html {
  return table(
    'Shocks',
    [
      {
        title: 'What',
        wide: true,
        cell: ({ name, meaning }: Shock) => html`${SHOCK_TITLES[name]} <span class="note">${meaning}</span>`,
      },
      { title: 'Total return', numeric: true, cell: (row) => valueOr(row.totalReturn, percent, row.reason) },
      { title: 'Largest drawdown', numeric: true, cell: (row) => valueOr(row.maxDrawdown, percent, row.reason) },
      {
        title: 'Sharpe ratio',
        numeric: true,
        cell: (row) => valueOr(row.sharpe, (value) => fixed(value, 2), row.reason ?? 'daily returns do not vary'),
      },
      { title: 'Trades', numeric: true, cell: (row) => count(row.trades) },
    ],
    rows,
  )
}

const SHOCK_TITLES: Readonly<Record<Shock['name'], string>> = {
  'as it was': 'As it was',
  gap: 'Gap',
  volatility: 'Volatility × 2',
  liquidity: 'Liquidity ÷ 2',
  costs: 'Costs × 2',
}

function windowTable(rows: readonly WorstWindow[], span: PartReport['span']): Html {
  return table(
    'Worst stretches',
    [
      { title: 'Length', cell: ({ name }: WorstWindow) => name },
      {
        title: 'When',
        wide: true,
        cell: (row) =>
          row.return === null ? '' : daysText({ from: Math.max(row.from, span.from), to: Math.min(row.to, span.to) }),
      },
      {
        title: 'Return',
        numeric: true,
        cell: (row) => (row.return === null ? notAvailable(row.reason) : percent(row.return)),
      },
      {
        title: 'Buy and hold',
        numeric: true,
        cell: (row) => (row.return === null ? '' : valueOr(row.buyAndHold, percent, 'none')),
      },
    ],
    rows,
  )
}

const REGIME_TITLES: Readonly<Record<Regime['name'], readonly [string, string]>> = {
  calm: ['Calm', 'the third of the days with the least volatility'],
  middling: ['Middling', 'the third between'],
  restless: ['Restless', 'the third with the most'],
  rising: ['Rising', 'the price at the start of the day is above that of 20 days before'],
  falling: ['Falling', 'it is not'],
}

function regimeTable(rows: readonly Regime[]): Html {
  return table(
    'By kind of market',
    [
      {
        title: 'Days',
        wide: true,
        cell: ({ name }: Regime) => html`${REGIME_TITLES[name][0]} <span class="note">${REGIME_TITLES[name][1]}</span>`,
      },
      { title: 'How many', numeric: true, cell: (row) => count(row.days) },
      { title: 'Trades', numeric: true, cell: (row) => count(row.trades) },
      {
        title: 'Return of these days',
        numeric: true,
        cell: (row) => (row.days === 0 ? notAvailable(row.reason) : percent(row.totalReturn)),
      },
      {
        title: 'Mean daily return',
        numeric: true,
        cell: (row) =>
          row.meanDailyReturn === null
            ? notAvailable(row.reason)
            : html`${percent(row.meanDailyReturn, 3)} ${
                row.interval === null
                  ? html`<span class="note">no interval: ${row.reason ?? ''}</span>`
                  : html`<span class="interval">${row.interval.map((value) => percent(value, 3)).join(' … ')}</span>`
              }`,
      },
    ],
    rows,
  )
}

type Chance = readonly [what: string, value: string, how: string]

function chanceTable({ tradeOrder, days, signal }: PartReport['stress']): Html {
  return table(
    'Luck',
    [
      { title: 'What', wide: true, cell: ([what, , how]: Chance) => html`${what} <span class="note">${how}</span>` },
      { title: 'Value', numeric: true, cell: ([, value]) => value },
    ],
    [...orderRows(tradeOrder), ...dayRows(days), ...signalRows(signal)],
  )
}

function orderRows(found: TradeOrder | Unavailable): Chance[] {
  const what = 'Drawdown with the trades in another order'
  if (isUnavailable(found)) return [[what, notAvailable(found.unavailable), '']]
  const how = `${count(found.runs)} orders of ${count(found.trades)} trades, drawdown from close to close: median, 95 % and 99 % of them are no larger; it was ${percent(found.actual)}, and ${percent(found.worse, 0)} of the orders are worse.`
  return [[what, upper(found.drawdown), how]]
}

function dayRows(found: DayPaths | Unavailable): Chance[] {
  const [drawdown, result] = ['Drawdown with the days dealt again', 'Total return with the days dealt again']
  if (isUnavailable(found)) return [drawdown, result].map((what) => [what, notAvailable(found.unavailable), ''])
  const dealt = `${count(found.runs)} paths of ${count(found.days)} days in blocks of ${count(found.block)} on average`
  return [
    [drawdown, upper(found.drawdown), `${dealt}, drawdown by bars: median, 95 % and 99 % of them are no larger.`],
    [
      result,
      [found.totalReturn.p05, found.totalReturn.median, found.totalReturn.p95]
        .map((value) => percent(value))
        .join(' / '),
      `The same paths: 5 %, median and 95 %; ${percent(found.losing, 0)} of them lose.`,
    ],
  ]
}

function signalRows(found: SignalTest | Unavailable): Chance[] {
  const titles = { total_return: 'Total return', sharpe: 'Sharpe ratio' } as const
  return (['total_return', 'sharpe'] as const).map((key): Chance => {
    const what = `p-value of the moments of entry, ${titles[key]}`
    if (isUnavailable(found)) return [what, notAvailable(found.unavailable), '']
    const p = found.p[key]
    const how = `Chance of as much or more where the same number of entries, with the same sides and exits, is drawn by lot (${count(found.runs)} times); a small one (below 0.05) is hard to explain by the exits alone.`
    return [what, p === null ? notAvailable('no value to compare') : fixed(p, 3), how]
  })
}

function upper({ median, p95, p99 }: Spread): string {
  return [median, p95, p99].map((value) => percent(value)).join(' / ')
}

function valueOr(value: number | null, text: (value: number) => string, reason: string | undefined): string {
  return value === null ? notAvailable(reason) : text(value)
}
