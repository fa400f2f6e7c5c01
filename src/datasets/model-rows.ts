/**
 * A registered model and its audit as values, and the SQL that reads and writes them. Which change is allowed is decided in
 * `model-registry.ts`.
 */

import { canonicalJson, type Json } from '../core/canonical.js'
import { assert } from '../core/errors.js'
import type { GateResult } from '../validation/gates.js'
import type { ModelMetrics } from '../validation/selection.js'
import type { Database } from './sqlite.js'

/** `approved` = in production, at most one per venue and pair; `retired` = was, until another was approved. */
export const MODEL_STATES = ['candidate', 'approved', 'rejected', 'retired'] as const
export type ModelState = (typeof MODEL_STATES)[number]

export type ModelEntry = {
  readonly id: string // fingerprint of the bundle, 64 hex digits
  readonly venue: string
  readonly pair: string
  readonly model: string // kind, as in models/registry
  readonly bundlePath: string // relative to the root
  readonly contentHash: string | null // of the bundle's files; null where an earlier version registered it
  readonly gitCommit: string | null
  readonly dataSnapshotHash: string
  readonly schemaHash: string
  readonly featureSetHash: string
  readonly labelHash: string
  readonly parameters: Json
  readonly metrics: ModelMetrics
  readonly gates: readonly GateResult[]
  readonly score: number
}

export type ModelRow = ModelEntry & {
  readonly version: string
  readonly state: ModelState
  readonly createdAt: number // UTC ms
}

/** Who did it, when (UTC ms), why, and whether the pipeline did it by itself. */
export type Act = {
  readonly who: string
  readonly why: string
  readonly time: number
  readonly automatic: boolean
}

export type ModelEvent = Act & {
  readonly modelId: string
  readonly action: 'register' | 'approve' | 'reject' | 'retire'
}

export type ModelFilter = { readonly venue?: string; readonly pair?: string; readonly state?: ModelState }

/** As a candidate. */
export function insertModel(database: Database, entry: ModelEntry & Act, version: string): void {
  database
    .prepare(
      `INSERT INTO models (id, venue, pair, model, version, state, bundle_path, content_hash, created_at, git_commit, data_snapshot_hash,
         schema_hash, feature_set_hash, label_hash, parameters, metrics, gates, score)
       VALUES (@id, @venue, @pair, @model, @version, 'candidate', @bundlePath, @contentHash, @time, @gitCommit, @dataSnapshotHash,
         @schemaHash, @featureSetHash, @labelHash, @parameters, @metrics, @gates, @score)`,
    )
    .run({
      ...{ id: entry.id, venue: entry.venue, pair: entry.pair, model: entry.model, version, time: entry.time },
      ...{ bundlePath: entry.bundlePath, contentHash: entry.contentHash, gitCommit: entry.gitCommit },
      ...{ dataSnapshotHash: entry.dataSnapshotHash, schemaHash: entry.schemaHash },
      ...{ featureSetHash: entry.featureSetHash, labelHash: entry.labelHash },
      ...{ parameters: canonicalJson(entry.parameters), ...judgement(entry) },
    })
}

export function updateJudgement(database: Database, entry: ModelEntry): void {
  database
    .prepare('UPDATE models SET metrics = @metrics, gates = @gates, score = @score WHERE id = @id')
    .run({ ...judgement(entry), id: entry.id })
}

/** What a model was judged by at some time: its performance over time. */
export type Judgement = Pick<ModelEntry, 'metrics' | 'gates' | 'score'> & { readonly time: number }

export function insertJudgement(database: Database, entry: ModelEntry & Act): void {
  database
    .prepare(
      `INSERT INTO judgements (time, model_id, metrics, gates, score)
       VALUES (@time, @id, @metrics, @gates, @score)`,
    )
    .run({ ...judgement(entry), id: entry.id, time: entry.time })
}

/** Oldest first. */
export function judgementsOf(database: Database, id: string): Judgement[] {
  type Stored = { readonly time: number; readonly metrics: string; readonly gates: string; readonly score: number }
  return database
    .prepare<Stored>('SELECT time, metrics, gates, score FROM judgements WHERE model_id = ? ORDER BY seq')
    .all(id)
    .map(({ time, metrics, gates, score }) => ({
      ...{ time, score },
      metrics: JSON.parse(metrics) as ModelMetrics,
      gates: JSON.parse(gates) as GateResult[],
    }))
}

/** Of a model that a version without it registered. */
export function setContentHash(database: Database, id: string, contentHash: string): void {
  database.prepare('UPDATE models SET content_hash = @contentHash WHERE id = @id').run({ id, contentHash })
}

/** What a model was judged by, as it is stored. */
export function judgement({ metrics, gates, score }: Pick<ModelEntry, 'metrics' | 'gates' | 'score'>) {
  assert(Number.isFinite(score), `the score ${score} is not a finite number`)
  return { metrics: canonicalJson(metrics), gates: canonicalJson(gates), score }
}

export function setState(database: Database, id: string, state: ModelState): void {
  database.prepare('UPDATE models SET state = @state WHERE id = @id').run({ id, state })
}

/** Adds to the audit. */
export function record(
  database: Database,
  modelId: string,
  action: ModelEvent['action'],
  { time, who, why, automatic }: Act,
): void {
  database
    .prepare(
      `INSERT INTO events (time, model_id, action, who, why, automatic)
       VALUES (@time, @modelId, @action, @who, @why, @automatic)`,
    )
    .run({ time, modelId, action, who, why, automatic: automatic ? 1 : 0 })
}

/** By venue and pair, newest first. */
export function selectModels(
  database: Database,
  { venue = null, pair = null, state = null }: Unset<ModelFilter>,
): ModelRow[] {
  const where = `WHERE (@venue IS NULL OR venue = @venue) AND (@pair IS NULL OR pair = @pair)
    AND (@state IS NULL OR state = @state) ORDER BY venue, pair, seq DESC`
  return rows(database, where, { venue, pair, state })
}

export function modelById(database: Database, id: string): ModelRow | null {
  return rows(database, 'WHERE id = @id', { id }).at(0) ?? null
}

/** Oldest first; of all models when `id` is null. */
export function eventsOf(database: Database, id: string | null): ModelEvent[] {
  type Stored = Omit<ModelEvent, 'automatic'> & { readonly automatic: number }
  return database
    .prepare<Stored>(
      `SELECT time, model_id AS modelId, action, who, why, automatic FROM events
       WHERE @id IS NULL OR model_id = @id ORDER BY seq`,
    )
    .all({ id })
    .map((event) => ({ ...event, automatic: event.automatic === 1 }))
}

type Unset<T> = { readonly [K in keyof T]?: T[K] | null }

function rows(database: Database, where: string, values: { readonly [name: string]: string | null }): ModelRow[] {
  type Stored = Omit<ModelRow, 'parameters' | 'metrics' | 'gates'> & {
    readonly parameters: string
    readonly metrics: string
    readonly gates: string
  }
  return database
    .prepare<Stored>(
      `SELECT id, venue, pair, model, version, state, bundle_path AS bundlePath, content_hash AS contentHash, created_at AS createdAt, git_commit AS gitCommit,
         data_snapshot_hash AS dataSnapshotHash, schema_hash AS schemaHash, feature_set_hash AS featureSetHash,
         label_hash AS labelHash, parameters, metrics, gates, score FROM models ${where}`,
    )
    .all(values)
    .map((row) => ({
      ...row,
      parameters: JSON.parse(row.parameters) as Json,
      metrics: JSON.parse(row.metrics) as ModelMetrics,
      gates: JSON.parse(row.gates) as GateResult[],
    }))
}
