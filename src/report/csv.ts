/**
 * The tables of a report as CSV files (RFC 4180, LF): numbers in full precision, empty where not known, times in UTC.
 */
import { DAY, HOUR } from '../core/time.js'
import { type Derived, exitReason } from './derived.js'
import {
  isUnavailable,
  type MetricRow,
  PARTS,
  type PartName,
  type ReportInput,
  type ReportTradeColumn,
} from './input.js'
import { lastRowOfEach } from './sample.js'
import { byGain } from './sections/importance.js'
import { STRESS_COLUMNS, stressRows } from './stress-rows.js'

type Cell = string | number | null | undefined

/** Spans up to this long have an equity row for each hour, longer ones for each day. */
const HOURLY_UP_TO = 400 * DAY

export function csvFiles(input: ReportInput, derived: Derived): Map<string, string> {
  return new Map([
    ['trades.csv', trades(input)],
    ['equity.csv', equity(input, derived)],
    ['monthly.csv', monthly(derived)],
    ['rolling.csv', rolling(derived)],
    ['folds.csv', folds(input)],
    ['importance.csv', importance(input)],
    ['features.csv', features(input)],
    ['label-features.csv', labelFeatures(input)],
    ['metrics.csv', metrics(input, derived)],
    ['stress.csv', stress(input)],
    ...(input.tuning.length > 0 ? [['tuning.csv', tuning(input)] as const] : []),
  ])
}

function rolling(derived: Derived): string {
  const rows = PARTS.flatMap((part) => {
    const { day, sharpe, winRate, volatility, beta } = derived[part].rolling
    return Array.from(day, (time, i): Cell[] => [
      partName(part),
      iso(time),
      sharpe[i],
      winRate[i],
      volatility[i],
      beta[i],
    ])
  })
  return csv(['part', 'day', 'sharpe_30d', 'win_rate_30d', 'volatility_30d', 'beta_30d'], rows)
}

const TRADE_NUMBERS = [
  'quantity',
  'entry_price',
  'exit_price',
  'gross_pnl',
  'fees',
  'slippage_cost',
  'funding',
  'liquidation_fee',
  'net_pnl',
  'return_on_equity',
] as const satisfies readonly ReportTradeColumn[]

function trades(input: ReportInput): string {
  const header = ['part', 'entry_time', 'exit_time', 'side', 'exit_reason', ...TRADE_NUMBERS]
  const rows = PARTS.flatMap((part) => {
    const table = input[part].trades
    return Array.from({ length: table.rows }, (_, i): Cell[] => [
      partName(part),
      iso(table.entry_time[i]),
      iso(table.exit_time[i]),
      table.side[i] > 0 ? 'long' : 'short',
      exitReason(table.exit_reason[i]),
      ...TRADE_NUMBERS.map((column) => table[column][i]),
    ])
  })
  return csv(header, rows)
}

function equity(input: ReportInput, derived: Derived): string {
  const header = ['part', 'time', 'equity', 'drawdown', 'buy_and_hold']
  const rows = PARTS.flatMap((part) => {
    const { openTime, span } = input[part]
    const { whole } = derived[part]
    const period = span.to - span.from <= HOURLY_UP_TO ? HOUR : DAY
    return lastRowOfEach(openTime, period).map((row): Cell[] => [
      partName(part),
      iso(whole.time[row]),
      whole.equity[row],
      whole.drawdown[row],
      whole.buyAndHold?.[row],
    ])
  })
  return csv(header, rows)
}

function monthly(derived: Derived): string {
  const rows = PARTS.flatMap((part) =>
    derived[part].months.map((row): Cell[] => [partName(part), row.month, row.strategy, row.buyAndHold, row.trades]),
  )
  return csv(['part', 'month', 'strategy', 'buy_and_hold', 'trades'], rows)
}

function labelFeatures({ labels: { relations } }: ReportInput): string {
  const rows = relations.features.map(({ feature, known, correlation, information }): Cell[] => [
    feature,
    correlation,
    information,
    known,
  ])
  return csv(['feature', 'rank_correlation', 'mutual_information', 'known_rows'], rows)
}

function folds({ folds: all }: ReportInput): string {
  const spans = ['train', 'validation', 'out_of_fold'].flatMap((name) => [`${name}_from`, `${name}_to`, `${name}_rows`])
  const scores = ['auc', 'auc_low', 'auc_high', 'log_loss', 'precision', 'signals', 'threshold', 'best_round', 'reason']
  const rows = all.map((row): Cell[] => [
    row.fold,
    iso(row.train.from),
    iso(row.train.to),
    row.trainRows,
    iso(row.validation.from),
    iso(row.validation.to),
    row.validationRows,
    iso(row.outOfFold.from),
    iso(row.outOfFold.to),
    row.outOfFoldRows,
    row.auc,
    row.aucInterval?.[0],
    row.aucInterval?.[1],
    row.logLoss,
    row.precision,
    row.signals,
    row.threshold,
    row.bestRound,
    row.reason,
  ])
  return csv(['fold', ...spans, ...scores], rows)
}

function importance(input: ReportInput): string {
  const rows = byGain(input.importance).map((row): Cell[] => [
    row.feature,
    row.family,
    row.gain,
    row.share,
    row.permutation,
  ])
  return csv(['feature', 'family', 'gain', 'share', 'permutation'], rows)
}

function features({ featureStudy: { rows: all, columns, clusters } }: ReportInput): string {
  const cluster = new Map(
    clusters.flatMap(({ representative, members }) => members.map((name) => [name, representative])),
  )
  const about = ['feature', 'family', 'timeframe', 'known_share', 'first_known']
  const drift = ['psi', 'ks', 'train_rows', 'test_rows', 'furthest_month', 'furthest_shift', 'cluster']
  const rows = columns.map(({ name, family, timeframe, known, firstKnown, psi, ks, sampled, furthest }): Cell[] => [
    ...[name, family, timeframe, all > 0 ? known / all : null, firstKnown === null ? null : iso(firstKnown)],
    ...[psi, ks, sampled.train, sampled.test, furthest?.month, furthest?.shift, cluster.get(name)],
  ])
  return csv([...about, ...drift], rows)
}

function tuning({ tuning: searches }: ReportInput): string {
  const rows = searches.flatMap(({ model, trials }) =>
    trials.flatMap(({ trial, state, loss, best, folds: tried, parameters, reason }) =>
      Object.entries(parameters).map(([name, value]): Cell[] => [
        ...[model, trial, state, tried, loss, best, name, value],
        reason,
      ]),
    ),
  )
  return csv(['model', 'trial', 'state', 'folds', 'loss', 'best', 'parameter', 'value', 'reason'], rows)
}

function stress(input: ReportInput): string {
  const rows = PARTS.flatMap((part) => stressRows(input[part]).map((row): Cell[] => [partName(part), ...row]))
  return csv(['part', ...STRESS_COLUMNS], rows)
}

function metrics(input: ReportInput, derived: Derived): string {
  const rows = PARTS.flatMap((part) => {
    const { predictions, metrics: account, champion } = input[part]
    const of = (kind: string, list: readonly MetricRow[]) =>
      list.map((row): Cell[] => [
        partName(part),
        kind,
        row.key,
        row.unit,
        row.value,
        row.interval?.[0],
        row.interval?.[1],
        row.value === null ? (row.reason ?? 'not computed') : (row.note ?? ''),
      ])
    const compared = isUnavailable(champion)
      ? []
      : [...of('beside_champion', [...champion.strategy, champion.difference]), ...of('champion', champion.metrics)]
    const money = [...of('account', account), ...of('costs', derived[part].costs)]
    return [...of('predictions', predictions), ...money, ...compared]
  })
  return csv(['part', 'kind', 'metric', 'unit', 'value', 'low', 'high', 'note'], rows)
}

function partName(part: PartName): string {
  return part === 'test' ? 'test' : 'out_of_fold'
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `${[header, ...rows].map((row) => row.map(cellText).join(',')).join('\n')}\n`
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : ''
  // A spreadsheet would run a text that starts like a formula.
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text
}
