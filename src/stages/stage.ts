/**
 * The contract of a stage: it plans units of work from what earlier stages left on disk, and carries one out. Planning is light and
 * happens on every command; carrying out happens in a worker process. Stages meet only here and on disk.
 */
import type { Config } from '../config/settings.js'
import { canonicalJson, type Json, sha256 } from '../core/canonical.js'
import type { Span } from '../core/time.js'
import type { FileEntry, Manifest, RunRecord, Simulated } from '../datasets/manifest.js'
import type { Workspace } from '../datasets/workspace.js'
import type { Checkpoint } from '../models/model.js'

/** In the order in which data flows. */
export const STAGE_NAMES = ['download', 'clean', 'features', 'labels', 'train', 'select', 'backtest', 'report'] as const
export type StageName = (typeof STAGE_NAMES)[number]

export type Environment = Readonly<Record<string, string | undefined>>

/** A file that a unit reads, known by content. */
export type InputFile = FileEntry & { readonly unit: string; readonly simulated: Simulated | null }

/** What a worker gets: plain values only. */
export type Task = {
  readonly stage: StageName
  readonly step: string
  readonly pair: string | null
  readonly unit: string
  /** What a person follows on a terminal: units of one group share a bar. */
  readonly group?: string
  readonly inputs: readonly InputFile[]
  /** The part of the configuration that this unit reads, and whatever else decides its outcome. */
  readonly settings: { readonly [name: string]: Json }
  /** What the worker alone may know, such as addresses with a password: it is in no fingerprint, manifest or record. */
  readonly access?: { readonly [name: string]: string }
  /** Path of the manifest, relative to the root; `{fingerprint}` stands for the unit's own. */
  readonly manifest: string
  readonly libraries: readonly Library[]
  /** Estimate of the worker's peak. */
  readonly memoryBytes: number
  /** To be done in a process that has done nothing else: what another unit left in memory may not bear on it. */
  readonly fresh?: boolean
}
export type Library = 'duckdb' | 'xgboost' | 'lightgbm' | 'tfjs' | 'echarts'

export type PlannedTask = Task & {
  /** Says why a fresh unit must be done again for a reason that no hash can see, or null. */
  readonly recheck?: (manifest: Manifest, record: RunRecord | null) => string | null
}

/** A unit that is on disk and belongs to the present configuration. */
export type Done = {
  readonly step: string
  readonly unit: string
  readonly pair: string | null
  readonly settings: Task['settings']
  readonly manifest: Manifest
  readonly manifestPath: string
}

/** A unit of an isolated step that failed: what comes after goes on without it, and says so. */
export type Failed = Pick<Done, 'step' | 'unit' | 'pair' | 'settings'> & { readonly reason: string }

export type PlanContext = {
  readonly config: Config
  readonly workspace: Workspace
  readonly environment: Environment
  readonly span: Span
  /** null in a step of scope `all`. */
  readonly pair: string | null
  /** Of the step, from 0; see `Rounds`. */
  readonly round: number
  readonly clock: () => number
  /** Finished units of an earlier stage or step or of this step's earlier rounds, of this pair (of all pairs in a step of scope `all`). */
  readonly done: (stage: StageName, step: string) => readonly Done[]
  /** Units of an isolated step that failed, in the order planned. */
  readonly failed: (stage: StageName, step: string) => readonly Failed[]
  /**
   * The same of the other pairs, sorted by name, for what is made of several; null of a pair that failed by then, which
   * fails nobody else. Whoever asks waits for a pair that is merely not done yet.
   */
  readonly others: (
    stage: StageName,
    step: string,
  ) => readonly { readonly pair: string; readonly done: readonly Done[] | null }[]
  /** Ask again whether what is on disk is still what the source has. */
  readonly revise: boolean
  /** Something the user should know that fails nothing. */
  readonly warn: (text: string) => void
}

export type TaskResult = {
  /** What later stages and people want to know without opening the files. */
  readonly facts: { readonly [name: string]: Json }
  readonly summary: string
  readonly warnings?: readonly string[]
  /** Only the stage that touches the archive knows it; the others inherit it from their inputs. */
  readonly simulated?: Simulated | null
  /** For the run record: what may differ between equal runs. */
  readonly notes?: { readonly [name: string]: Json }
}

export interface TaskIo {
  readonly workspace: Workspace
  readonly environment: Environment
  readonly signal: AbortSignal
  /** For what is recorded beside results, never in them. UTC ms. */
  readonly startedAt: number
  readonly gitCommit: string | null
  readonly clock: () => number
  /** The folder of this unit's manifest, relative to the root. */
  readonly folder: string
  /** A folder of this process for intermediate files; emptied afterwards. */
  readonly scratch: string
  /** Inputs of that name as absolute paths, in the order planned. */
  paths(name: string): string[]
  /** `make` writes the file under a temporary path; it gets its name when the whole unit is done. */
  write(name: string, path: string, make: (temporary: string) => Promise<void> | void): Promise<void>
  /**
   * @param bytes that have arrived over the network or from a mirror so far, where that says more
   * @param note  how it stands, in a few words, such as a loss
   */
  progress(done: number, total: number, more?: { readonly bytes?: number; readonly note?: string }): void
  /** Of this very unit: inputs, settings and code. It outlives a process that was killed and is gone when the unit is done. */
  readonly checkpoint: Checkpoint
}

/**
 * Of a step whose later units depend on what its earlier ones gave: it is planned again each time all units of a round are done. A
 * round sees whole rounds only, in the order planned, so nothing depends on which worker was faster.
 */
export type Rounds = {
  /** How many; with 0 the step does nothing. */
  count(config: Config): number
  /** Where a person stands after a round, from all units so far; a line each. */
  told(config: Config, done: readonly Done[]): readonly string[]
}

export interface Step {
  readonly name: string
  /** Without it, the step is planned once. */
  readonly rounds?: Rounds
  /** `pair`: planned once for each pair; `all`: once, when all pairs are through. */
  readonly scope: 'pair' | 'all'
  /**
   * A unit that fails, fails alone: the others of its pair and the later steps go on, and are told (`PlanContext.failed`). Its worker is
   * ended when it takes more memory than `run.workerMemory` allows.
   */
  readonly isolated?: boolean
  plan(context: PlanContext): Promise<readonly PlannedTask[]> | readonly PlannedTask[]
  run(task: Task, io: TaskIo): Promise<TaskResult>
}

export interface Stage {
  readonly name: StageName
  readonly purpose: string
  readonly steps: readonly Step[]
}

/** Files of finished units as inputs of a new one; `names` null takes all. */
export function inputsFrom(units: readonly Done[], names: readonly string[] | null): InputFile[] {
  return units.flatMap(({ unit, manifest }) =>
    manifest.files
      .filter((file) => names === null || names.includes(file.name))
      .map((file) => ({ ...file, unit, simulated: manifest.simulated })),
  )
}

/**
 * The data that trials are counted on: a hash over the clean base bars of the pair in the span. Other features, labels or parameters on them
 * are other trials on the same data; another month makes other data.
 */
export function dataSnapshot({ config, done }: Pick<PlanContext, 'config' | 'done'>): string {
  return sha256(
    canonicalJson(inputsFrom(done('clean', 'bars'), [`bars_${config['bars.base']}`]).map((file) => file.sha256)),
  )
}

/** The named settings of a configuration, as a unit's own. */
export function pick(config: Config, names: readonly (keyof Config)[]): Record<string, Json> {
  return Object.fromEntries(names.map((name) => [name, config[name] as Json]))
}

/** What a backtest reads of the configuration. */
export const BACKTEST_SETTINGS = [
  'backtest.equity',
  'backtest.makerBps',
  'backtest.takerBps',
  'backtest.feeTiers',
  'backtest.slippage',
  'backtest.slippageBps',
  'backtest.spreadBps',
  'backtest.volatilityShare',
  'backtest.impact',
  'backtest.maxSlippageBps',
  'backtest.latencyBars',
  'backtest.order',
  'backtest.limitBps',
  'backtest.orderBars',
  'backtest.volumeShare',
  'backtest.depthShare',
  'backtest.tickSize',
  'backtest.stepSize',
  'backtest.minNotional',
  'backtest.takeProfits',
  'backtest.trailing',
  'backtest.trailingAfter',
  'backtest.reversal',
  'backtest.sizing',
  'backtest.riskFraction',
  'backtest.kellyFraction',
  'backtest.targetVolatility',
  'backtest.leverage',
  'backtest.margin',
  'backtest.marginTiers',
  'backtest.pairs',
  'backtest.liquidationFeeBps',
  'backtest.maxPositions',
  'backtest.maxDrawdown',
  'backtest.missingFunding',
  'backtest.missingMarkPrice',
] as const satisfies readonly (keyof Config)[]

/** What decides a backtest of given predictions on given data: the content of its entry in the ledger. */
export const TRADING_SETTINGS = [
  'bars.base',
  'bars.decision',
  'labels.horizon',
  ...BACKTEST_SETTINGS,
] as const satisfies readonly (keyof Config)[]

/** How a fold is prepared and weighted. */
export const FOLD_SETTINGS = [
  'train.selection',
  'train.scaling',
  'train.classWeights',
  'train.sampleWeights',
] as const satisfies readonly (keyof Config)[]

/** How what a model says becomes a decision: no fit depends on it. */
export const DECISION_SETTINGS = [
  'train.calibration',
  'decision.threshold',
  'gates.precision',
  'gates.minTrades',
  'backtest.makerBps',
  'backtest.takerBps',
  'backtest.slippageBps',
] as const satisfies readonly (keyof Config)[]

/** What is said of single features on their way to a model. */
export const CONSTRAINT_SETTINGS = ['train.monotone', 'train.categorical'] as const satisfies readonly (keyof Config)[]

export const GATE_SETTINGS = [
  'gates.precision',
  'gates.sharpe',
  'gates.maxDrawdown',
  'gates.calibrationError',
  'gates.deflatedSharpe',
  'gates.pbo',
  'gates.stability',
  'gates.minTrades',
] as const satisfies readonly (keyof Config)[]

/** What decides a label, but for the latency, which the backtest shares. */
export const LABEL_SETTINGS = [
  'labels.type',
  'labels.horizon',
  'labels.barrier',
  'labels.profit',
  'labels.stop',
  'labels.atrMultiple',
  'labels.volatilityMethod',
  'labels.volatilityBars',
  'labels.volatilityMultiple',
  'labels.costAware',
  'labels.directionBars',
  'labels.directionThreshold',
  'labels.primary',
] as const satisfies readonly (keyof Config)[]
