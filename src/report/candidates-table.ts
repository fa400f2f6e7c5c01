/**
 * The candidates of a selection in a few lines of text for the end of `sluice select`: metrics with intervals, gates, and what was tried.
 */
import type { GateName, GateResult, Metric } from '../validation/gates.js'
import { aligned } from './aligned.js'
import { count, inUnit } from './format.js'
import type { Unit } from './input.js'
import { gateTitle } from './titles.js'
import type { TrialsReport } from './tried.js'

export type JudgedCandidate = {
  readonly model: string
  readonly score: number
  readonly gates: readonly GateResult[]
  readonly metrics: { readonly [name: string]: Metric }
}

const COLUMNS: readonly { readonly title: string; readonly metric: GateName; readonly unit: Unit }[] = [
  { title: 'precision', metric: 'precision', unit: 'fraction' },
  { title: 'Sharpe', metric: 'sharpe', unit: 'ratio' },
  { title: 'drawdown', metric: 'maxDrawdown', unit: 'fraction' },
  { title: 'ECE', metric: 'calibrationError', unit: 'score' },
  { title: 'DSR', metric: 'deflatedSharpe', unit: 'score' },
  { title: 'PBO', metric: 'pbo', unit: 'fraction' },
  { title: 'stability', metric: 'stability', unit: 'score' },
]

/** @param candidates  best first */
export function renderCandidates(
  pair: string,
  candidates: readonly JudgedCandidate[],
  trials: Omit<TrialsReport, 'candidates'>,
): string {
  const rows = candidates.map(({ model, score, gates, metrics }) => [
    model,
    score.toFixed(4),
    ...COLUMNS.map(({ metric, unit }) => valueText(metrics[metric], unit)),
    `${gates.filter(({ passed }) => passed).length} of ${gates.length}`,
  ])
  const table = aligned([['model', 'score', ...COLUMNS.map(({ title }) => title), 'gates'], ...rows])
  const failed = candidates.flatMap(({ model, gates }) =>
    gates
      .filter(({ passed }) => !passed)
      .map((gate) => `  ${model}: ${gateTitle(gate)} ${gate.required ? 'failed' : 'does not count'}: ${gate.reason}`),
  )
  const tried =
    `tried on these data: ${count(trials.fits)} fits, ${count(trials.trials)} trials, ${count(trials.backtests)} backtests ` +
    `of the test part; the Sharpe ratio is deflated by ${count(trials.tried)}`
  return `${[pair, ...table, ...failed, tried].join('\n')}\n`.replace(/\u00a0/g, ' ')
}

function valueText(metric: Metric | undefined, unit: Unit): string {
  if (metric === undefined || metric.value === null) return 'N/A'
  const { value, interval } = metric
  const ends = interval === undefined ? '' : ` [${inUnit(interval[0], unit)} … ${inUnit(interval[1], unit)}]`
  return `${inUnit(value, unit)}${ends}`
}
