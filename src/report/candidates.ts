/** A candidate as the report puts it beside the others. */
import type { BundleMetrics, ReportSources, StoredCandidate, StoredEnsemble } from '../datasets/report-sources.js'
import { count, percent } from './format.js'
import type { Candidate, MetricRow, Unit } from './input.js'

const CANDIDATE_UNITS: Readonly<Record<string, Unit>> = {
  beatsTrees: 'fraction',
  precision: 'fraction',
  maxDrawdown: 'fraction',
  total_return: 'fraction',
  win_rate: 'fraction',
  calibrationError: 'score',
  deflatedSharpe: 'score',
  minimum_track_record: 'days',
  pbo: 'fraction',
  loss_probability: 'fraction',
  stability: 'score',
  auc_direction: 'score',
  auc_long: 'score',
  auc_short: 'score',
}

export function candidateRow(
  candidate: StoredCandidate,
  best: StoredCandidate,
  approved: boolean,
  bundle: BundleMetrics | undefined,
): Candidate {
  const shown = candidate.id === best.id
  const rows = Object.entries(candidate.metrics).map(([key, { value, reason, interval }]) => ({
    key,
    unit: CANDIDATE_UNITS[key] ?? 'ratio',
    value,
    ...(reason === undefined ? {} : { reason }),
    ...(interval === undefined ? {} : { interval }),
  }))
  // Of what select measures, one is of the folds.
  const isOfFolds = ({ key }: { readonly key: string }) => key === 'beatsTrees'
  return {
    name: candidate.model,
    approved: shown && approved,
    shown,
    score: candidate.score,
    gates: candidate.gates,
    test: rows.filter((row) => !isOfFolds(row)),
    outOfFold: [...(bundle === undefined ? [] : outOfFoldRows(bundle)), ...rows.filter(isOfFolds)],
    ...(bundle?.ensemble === undefined ? {} : { note: weightsNote(bundle.ensemble) }),
  }
}

/** `xgboost 62 % (folds 58 % ± 6 %), lstm 38 % …`: of the final split, and of the folds that had others before them. */
function weightsNote({ members, folds }: StoredEnsemble): string {
  const final = folds.find(({ fold }) => fold === 0)
  const share = (value: number) => percent(value, 0)
  const texts = members.map(({ model, mean, deviation }, m) => {
    const before = mean === null ? '' : ` (folds ${share(mean)}${deviation === null ? '' : ` ± ${share(deviation)}`})`
    return `${model} ${share(final?.weights[m] ?? Number.NaN)}${before}`
  })
  return `weights: ${texts.join(', ')}`
}

/** Nothing is known of it, and nothing is made up. */
export function leftOutRow({ model, why }: ReportSources['selection']['leftOut'][number]): Candidate {
  const nothing = { approved: false, shown: false, score: null, gates: [], test: [], outOfFold: [] }
  return { name: model, ...nothing, leftOut: true, note: why }
}

/** Of all signals of the folds together, as the out-of-fold part has it: a fold of few signals counts as much as it has. */
function precisionOf(folds: BundleMetrics['folds']): MetricRow {
  const row = { key: 'precision', unit: 'fraction' as const }
  const known = folds.flatMap(({ scores: { precision, signals } }) =>
    precision === null ? [] : [{ won: precision * signals, signals }],
  )
  const signals = known.reduce((sum, one) => sum + one.signals, 0)
  if (signals === 0) return { ...row, value: null, reason: 'no fold has a signal' }
  return { ...row, value: known.reduce((sum, { won }) => sum + won, 0) / signals, note: `of ${count(signals)} signals` }
}

function outOfFoldRows({ folds }: BundleMetrics): MetricRow[] {
  const meanOf = (key: string, unit: Unit, values: readonly (number | null)[]): MetricRow => {
    const known = values.filter((value) => value !== null)
    if (known.length === 0) return { key, unit, value: null, reason: 'no fold has a value' }
    return {
      key,
      unit,
      value: known.reduce((sum, value) => sum + value, 0) / known.length,
      note: `mean of ${known.length} folds`,
    }
  }
  return [
    meanOf(
      'auc_long',
      'score',
      folds.map(({ scores }) => scores.aucLong),
    ),
    meanOf(
      'auc_short',
      'score',
      folds.map(({ scores }) => scores.aucShort),
    ),
    meanOf(
      'log_loss',
      'score',
      folds.map(({ scores }) => scores.logLoss),
    ),
    precisionOf(folds),
  ]
}
