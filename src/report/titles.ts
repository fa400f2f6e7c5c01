/**
 * Names of metrics and gates as people say them, and their units where a row does not bring its own.
 */
import { METRICS } from '../backtest/metrics.js'
import { gates } from '../validation/gates.js'
import type { GateRow, MetricRow, Unit } from './input.js'

/** Only what is not simply the key with spaces. */
const TITLES: Readonly<Record<string, string>> = {
  sharpe: 'Sharpe ratio',
  sortino: 'Sortino ratio',
  calmar: 'Calmar ratio',
  max_drawdown: 'Largest drawdown',
  maxDrawdown: 'Largest drawdown',
  max_drawdown_days: 'Longest drawdown',
  var_95: 'Value at risk, 95 %',
  expected_shortfall_95: 'Expected shortfall, 95 %',
  holding_hours: 'Mean holding time',
  rolling_sharpe_low: 'Lowest 90-day Sharpe ratio',
  rolling_sharpe_median: 'Median 90-day Sharpe ratio',
  rolling_gain_share: '90-day windows with a gain',
  autocorrelation_size: 'Autocorrelation of size',
  stationarity_kpss: 'Stationarity (KPSS)',
  gross_pnl: 'Gross result',
  net_pnl: 'Net result',
  expectancy: 'Mean result per trade',
  expectancy_return: 'Mean return per trade',
  auc: 'AUC',
  auc_direction: 'AUC, direction',
  auc_long: 'AUC, longs',
  auc_short: 'AUC, shorts',
  average_precision_long: 'Average precision, longs',
  average_precision_short: 'Average precision, shorts',
  log_loss_long: 'Log loss, longs',
  log_loss_short: 'Log loss, shorts',
  brier_long: 'Brier score, longs',
  brier_short: 'Brier score, shorts',
  roc_auc: 'ROC AUC',
  pr_auc: 'PR AUC',
  f1: 'F1',
  mse: 'Mean squared error',
  mae: 'Mean absolute error',
  r2: 'R²',
  calibrationError: 'Calibration error',
  deflatedSharpe: 'Deflated Sharpe ratio',
  pbo: 'Overfitting (PBO)',
  stability: 'Feature stability',
  beatsTrees: 'Daily return beyond the best tree’s',
  minimum_track_record: 'Minimum track record',
  loss_probability: 'Loss of the chosen',
  signals: 'Signals',
  daily_difference: 'Difference of mean daily returns',
}

const GATE_UNITS: Readonly<Record<string, Unit>> = {
  precision: 'fraction',
  maxDrawdown: 'fraction',
  calibrationError: 'score',
  deflatedSharpe: 'score',
  pbo: 'fraction',
  stability: 'score',
  beatsTrees: 'fraction',
}

export function titleOf({ key, title }: Pick<MetricRow, 'key' | 'title'>): string {
  if (title !== undefined) return title
  if (Object.hasOwn(TITLES, key)) return TITLES[key]
  const words = key
    .replace(/_/g, ' ')
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function meaningOf({ key, meaning }: Pick<MetricRow, 'key' | 'meaning'>): string {
  if (meaning !== undefined) return meaning
  const gate = Object.entries(gates).find(([name]) => name === key)?.[1].meaning
  return METRICS.find(({ name }) => name === key)?.meaning ?? gate ?? ''
}

export function gateUnit({ gate, unit }: Pick<GateRow, 'gate' | 'unit'>): Unit {
  if (unit !== undefined) return unit
  return Object.hasOwn(GATE_UNITS, gate) ? GATE_UNITS[gate] : 'ratio'
}

export function gateTitle({ gate, title }: Pick<GateRow, 'gate' | 'title'>): string {
  return title ?? titleOf({ key: gate })
}
