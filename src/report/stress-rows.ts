/**
 * The stress tests as rows of `stress.csv`: one number a row, named by what was done and what was measured.
 */
import { isUnavailable, type PartReport } from './input.js'

type Row = readonly [kind: string, name: string, measure: string, value: number | null, note: string]

export const STRESS_COLUMNS = ['kind', 'case', 'measure', 'value', 'note'] as const

export function stressRows({ stress }: Pick<PartReport, 'stress'>): Row[] {
  const { surface, shocks, windows, regimes, tradeOrder, days, signal } = stress
  const outcome = (
    kind: string,
    name: string,
    row: (typeof shocks)[number] | (typeof surface.cells)[number],
  ): Row[] => [
    [kind, name, 'total_return', row.totalReturn, row.reason ?? ''],
    [kind, name, 'sharpe', row.sharpe, row.reason ?? ''],
    [kind, name, 'max_drawdown', row.maxDrawdown, row.reason ?? ''],
    [kind, name, 'trades', row.trades, row.reason ?? ''],
  ]
  const { breakEven } = surface
  return [
    ...surface.cells.flatMap((cell) => outcome('costs', `costs x ${cell.multiple} latency ${cell.latencyBars}`, cell)),
    ...(breakEven.multiple === null
      ? ([['costs', 'break-even', 'multiple', null, breakEven.reason]] as const)
      : ([
          ['costs', 'break-even', 'multiple', breakEven.multiple, ''],
          ['costs', 'break-even', 'round_trip_bps', breakEven.roundTripBps, ''],
        ] as const)),
    ...shocks.flatMap((shock) => outcome('shock', shock.name, shock)),
    ...windows.flatMap((row): Row[] =>
      row.return === null
        ? [['worst', row.name, 'return', null, row.reason]]
        : [
            ['worst', row.name, 'return', row.return, `from ${new Date(row.from).toISOString()}`],
            ['worst', row.name, 'buy_and_hold', row.buyAndHold, ''],
          ],
    ),
    ...regimes.flatMap((row): Row[] => [
      ['regime', row.name, 'days', row.days, ''],
      ['regime', row.name, 'trades', row.trades, ''],
      ['regime', row.name, 'total_return', row.days === 0 ? null : row.totalReturn, row.reason ?? ''],
      ['regime', row.name, 'mean_daily_return', row.meanDailyReturn, row.reason ?? ''],
      ['regime', row.name, 'mean_daily_return_low', row.interval?.[0] ?? null, row.reason ?? ''],
      ['regime', row.name, 'mean_daily_return_high', row.interval?.[1] ?? null, row.reason ?? ''],
    ]),
    ...(isUnavailable(tradeOrder)
      ? ([['luck', 'trade order', 'drawdown', null, tradeOrder.unavailable]] as const)
      : [
          ...spreadRows('trade order', 'drawdown', tradeOrder.drawdown),
          ['luck', 'trade order', 'drawdown_actual', tradeOrder.actual, ''] as const,
          ['luck', 'trade order', 'share_worse', tradeOrder.worse, ''] as const,
        ]),
    ...(isUnavailable(days)
      ? ([['luck', 'days', 'drawdown', null, days.unavailable]] as const)
      : [
          ...spreadRows('days', 'drawdown', days.drawdown),
          ...spreadRows('days', 'total_return', days.totalReturn),
          ['luck', 'days', 'share_losing', days.losing, ''] as const,
        ]),
    ...(isUnavailable(signal)
      ? ([['luck', 'entries', 'p', null, signal.unavailable]] as const)
      : Object.entries(signal.p).map(([name, p]): Row => ['luck', 'entries', `p_${name}`, p, ''])),
  ]
}

function spreadRows(name: string, measure: string, spread: object): Row[] {
  return Object.entries(spread).map(([quantile, value]): Row => ['luck', name, `${measure}_${quantile}`, value, ''])
}
