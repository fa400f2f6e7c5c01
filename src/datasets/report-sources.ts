/**
 * Reads what a report is made of, as it lies on disk.
 */
import { readFileSync } from 'node:fs'
import type { Stress } from '../backtest/stress/stress.js'
import type { Json } from '../core/canonical.js'
import type { Span } from '../core/time.js'
import type { CertificateRecord } from '../features/certificate-record.js'
import type { FeatureStudy } from '../features/study/study.js'
import type { LabelBalance } from '../labels/balance.js'
import type { LabelRelations } from '../labels/relations.js'
import type { QualityReport } from '../market/quality.js'
import type { PartSummary } from '../report/part-summary.js'
import type { PathRow } from '../report/split.js'
import type { Task, TaskIo } from '../stages/stage.js'
import type { ThresholdChoice } from '../validation/decision.js'
import type { GateResult, Metric } from '../validation/gates.js'
import type { DayRecord } from '../validation/paired.js'
import type { SplitScores } from '../validation/split-scores.js'
import type { FoldStability } from '../validation/stability.js'
import type { TrialCount } from './ledger-entries.js'
import type { Simulated } from './manifest.js'
import { CHAMPION_DAYS, candidateDays, type ModelDays, outOfSampleDays } from './model-days.js'
import { readParquet } from './parquet.js'

/** JSON has null where memory has NaN. */
export type StoredThreshold = { readonly [K in keyof ThresholdChoice]: ThresholdChoice[K] | null }

type StoredPart = {
  readonly from: number
  readonly to: number
  readonly rows: number
  readonly purged: number
  readonly unlabelled: number
  /** Where the part is in pieces. */
  readonly ranges?: readonly Span[]
  /** Of train and validation: what no scored row may meet. */
  readonly learnt?: readonly Span[]
}
export type StoredParts = { readonly train: StoredPart; readonly validation: StoredPart; readonly score: StoredPart }

export type StoredFold = {
  readonly fold: number
  readonly scores: SplitScores
  readonly threshold: StoredThreshold
  readonly bestRound: number
  readonly parts: StoredParts
  /** Where the fold has no model: why. It gives no signal then. */
  readonly noModel?: string
}

export type BundleMetrics = {
  readonly test: SplitScores
  readonly folds: readonly StoredFold[]
  readonly final: { readonly bestRound: number; readonly parts: StoredParts }
  readonly selection: FoldStability
  readonly ensemble?: StoredEnsemble
}

/** Of an ensemble, the weights of its members: of each fold, and how far they move between those that learnt them. */
export type StoredEnsemble = {
  readonly members: readonly {
    readonly model: string
    readonly id: string
    readonly mean: number | null
    readonly deviation: number | null
  }[]
  readonly folds: readonly { readonly fold: number; readonly learntRows: number; readonly weights: readonly number[] }[]
}

export type StoredCandidate = {
  readonly id: string
  readonly model: string
  readonly unit: string
  readonly gates: readonly GateResult[]
  readonly score: number
  readonly metrics: { readonly [name: string]: Metric }
}

/** `trial.json`. */
export type StoredTrial = {
  readonly model: string
  readonly trial: number
  readonly state: 'complete' | 'pruned' | 'failed'
  readonly tried: { readonly [name: string]: number }
  readonly losses: readonly number[]
  readonly reason?: string
  readonly space: readonly {
    readonly name: string
    readonly low: number
    readonly high: number
    readonly log: boolean
  }[]
}

export type PartTables = {
  readonly summary: PartSummary
  readonly trades: { readonly rows: number; readonly numbers: Readonly<Record<string, Float64Array>> }
  readonly equity: { readonly rows: number; readonly numbers: Readonly<Record<string, Float64Array>> }
  readonly stress: Stress
}

export type ReportSources = {
  readonly pair: string
  readonly simulated: Simulated | null
  readonly settings: { readonly [name: string]: Json }
  readonly test: PartTables
  readonly outOfFold: PartTables
  readonly champion: {
    readonly model: string
    readonly version: string
    /** Of the model shown; null where select kept none. */
    readonly own: ModelDays | null
    /** On which the champion was out of sample; null where its record is gone. */
    readonly days: readonly DayRecord[] | null
  } | null
  /** Empty where folds score each row once. */
  readonly paths: readonly PathRow[]
  readonly selection: {
    readonly best: string
    readonly passed: boolean
    readonly reason: string
    readonly trials: TrialCount
    readonly candidates: readonly StoredCandidate[]
    /** Candidates that were asked for and could not be judged. */
    readonly leftOut: readonly { readonly model: string; readonly why: string }[]
  }
  readonly bundles: ReadonlyMap<string, BundleMetrics> // by unit
  readonly threshold: StoredThreshold
  readonly importance: ReturnType<typeof readImportance>
  readonly trials: readonly StoredTrial[] // in the order proposed, model by model
  readonly features: {
    readonly hash: string
    readonly features: readonly { readonly name: string; readonly family: string }[]
  }
  readonly certificate: CertificateRecord
  readonly study: FeatureStudy
  readonly balance: LabelBalance
  readonly relations: LabelRelations
  readonly quality: QualityReport & { readonly unverified: readonly string[] }
}

export async function readReportSources(task: Task, io: TaskIo): Promise<ReportSources> {
  const json = (name: string) => JSON.parse(readFileSync(io.paths(name)[0], 'utf8'))
  const part = async (name: string): Promise<PartTables> => ({
    summary: json(`part_${name}`),
    trades: await readParquet(io.paths(`trades_${name}`), null),
    equity: await readParquet(io.paths(`equity_${name}`), null),
    stress: json('stress')[name],
  })
  const metrics = task.inputs.filter(({ name }) => name === 'metrics')
  const paths = io.paths('metrics')
  return {
    pair: task.pair ?? '',
    simulated: task.inputs.find(({ simulated }) => simulated !== null)?.simulated ?? null,
    settings: task.settings,
    test: await part('test'),
    outOfFold: await part('out_of_fold'),
    champion: readChampion(task, io),
    paths: io.paths('paths').flatMap((path) => JSON.parse(readFileSync(path, 'utf8')) as PathRow[]),
    selection: json('selection'),
    bundles: new Map(metrics.map(({ unit }, i) => [unit, JSON.parse(readFileSync(paths[i], 'utf8'))])),
    threshold: json('calibration').threshold,
    importance: readImportance(io.paths('importance')[0]),
    trials: io.paths('trial').map((path) => JSON.parse(readFileSync(path, 'utf8'))),
    features: json('feature_set'),
    certificate: json('certificate'),
    study: json('study'),
    balance: json('balance'),
    relations: json('relations'),
    quality: json('quality'),
  }
}

function readChampion({ settings }: Task, io: TaskIo): ReportSources['champion'] {
  const champion = settings.champion as { readonly id: string; readonly model: string; readonly version: string } | null
  if (champion === null) return null
  const { id, model, version } = champion
  const { best } = JSON.parse(readFileSync(io.paths('selection')[0], 'utf8')) as ReportSources['selection']
  const theirs = io.paths(CHAMPION_DAYS).map((path) => candidateDays(path, id))[0] ?? null
  return {
    ...{ model, version },
    own: candidateDays(io.paths('days')[0], best),
    days: theirs === null ? null : outOfSampleDays(theirs),
  }
}

/** `permutation` is NaN where it was not measured, as before 0.2. */
export function readImportance(path: string): { feature: string; gain: number; permutation: number }[] {
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.map((line) => {
    const [feature, gain, permutation = ''] = line.split(',')
    return { feature, gain: Number(gain), permutation: permutation === '' ? Number.NaN : Number(permutation) }
  })
}
