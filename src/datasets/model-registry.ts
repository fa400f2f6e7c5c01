/**
 * Every model that was ever selected from, its version and state, and who decided what and why. A model is its bundle: the key is
 * the bundle's fingerprint. No clock here: every action brings its time.
 */

import { canonicalJson } from '../core/canonical.js'
import { assert, EXIT, UserError } from '../core/errors.js'
import { mayBeApproved, nextVersion } from '../validation/selection.js'
import {
  type Act,
  eventsOf,
  insertJudgement,
  insertModel,
  type Judgement,
  judgement,
  judgementsOf,
  type ModelEntry,
  type ModelEvent,
  type ModelFilter,
  type ModelRow,
  type ModelState,
  modelById,
  record,
  selectModels,
  setContentHash,
  setState,
  updateJudgement,
} from './model-rows.js'
import { explained, openRegistryFile } from './registry-file.js'
import type { Database } from './sqlite.js'

export type Registered = {
  readonly version: string
  readonly state: ModelState
  /** The model was not known before. */
  readonly added: boolean
  /** It was known, with other metrics, gates or score, and now has these. */
  readonly judgedAgain: boolean
}

export type Decision = {
  readonly model: ModelRow // as it is now
  /** false: nothing was written, because `reason`. */
  readonly changed: boolean
  /** The model whose place it took. */
  readonly retired: ModelRow | null
  readonly reason: string
}

/** All throw a UserError when the file is damaged, full, or locked by another process for too long. */
export interface Registry {
  /**
   * Enters a model as a candidate with the next version of its venue and pair. Idempotent: a known id keeps version, state, time
   * and commit; what it was judged by is replaced if it differs (limits of gates are no part of a bundle), with an event.
   */
  register(entry: ModelEntry & Act): Registered
  /** By venue and pair, newest first. */
  list(filter?: ModelFilter): ModelRow[]
  /**
   * By id, the first digits of an id, or version; null when there is none.
   *
   * @throws UserError when several match
   */
  get(idOrVersion: string, filter?: Omit<ModelFilter, 'state'>): ModelRow | null
  /**
   * Puts a model into production; the one that was there is retired in the same transaction. An automatic approval needs passed
   * gates, and leaves a rejected model as it is: only a person takes back a rejection.
   */
  approve(decision: Act & { readonly id: string }): Decision
  /** Also takes an approved model out of production; nothing takes its place. */
  reject(decision: Act & { readonly id: string }): Decision
  /**
   * The model that was in production before the one that is; one that was rejected meanwhile is passed over.
   *
   * @throws UserError when no model is in production, or none was before it
   */
  predecessor(venue: string, pair: string): ModelRow
  /** Takes the model in production out as rejected, and puts its predecessor back. Throws as `predecessor`. */
  rollback(where: Act & { readonly venue: string; readonly pair: string }): Decision
  production(venue: string, pair: string): ModelRow | null
  /** Which model this one is to be measured by: the one in production, or, where that is itself, the one before it; null when there is none. */
  rival(venue: string, pair: string, id: string): ModelRow | null
  /** The audit, oldest first: of one model, or of all. */
  events(id?: string): ModelEvent[]
  /** How the model was judged over time, oldest first; the last is what its row says. */
  judgements(id: string): Judgement[]
  close(): void
}

/**
 * @param create  false: the file must be there already
 * @throws UserError as `openRegistryFile`
 */
export async function openRegistry(
  path: string,
  { create = true }: { readonly create?: boolean } = {},
): Promise<Registry> {
  const database = await openRegistryFile(path, create)
  const reading = <T>(action: () => T): T => explained(path, action)
  // `immediate` takes the writer's lock before the first read: what a decision is based on cannot change under it.
  const writing = <T>(action: () => T): T => explained(path, () => database.immediate(action))
  return {
    register: (entry) => writing(() => register(database, entry)),
    list: (filter = {}) => reading(() => selectModels(database, filter)),
    get: (idOrVersion, filter = {}) => reading(() => find(database, idOrVersion, filter)),
    approve: (decision) => writing(() => approve(database, decision)),
    reject: (decision) => writing(() => reject(database, decision)),
    predecessor: (venue, pair) => reading(() => inProductionBefore(database, venue, pair).before),
    rollback: (where) => writing(() => rollback(database, where)),
    production: (venue, pair) =>
      reading(() => selectModels(database, { venue, pair, state: 'approved' }).at(0) ?? null),
    rival: (venue, pair, id) =>
      reading(() => {
        const champion = selectModels(database, { venue, pair, state: 'approved' }).at(0) ?? null
        return champion?.id === id ? lastRetired(database, venue, pair) : champion
      }),
    events: (id) => reading(() => eventsOf(database, id ?? null)),
    judgements: (id) => reading(() => judgementsOf(database, id)),
    close: () => void database.close(),
  }
}

/** The part of an id that people read and type. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}

function register(database: Database, entry: ModelEntry & Act): Registered {
  const known = modelById(database, entry.id)
  if (known !== null) return registerAgain(database, known, entry)
  const latest = selectModels(database, { venue: entry.venue, pair: entry.pair }).at(0)
  const version = nextVersion(latest ?? null, entry)
  insertModel(database, entry, version)
  insertJudgement(database, entry)
  record(database, entry.id, 'register', entry)
  return { version, state: 'candidate', added: true, judgedAgain: false }
}

const UNCHANGEABLE = [
  'venue',
  'pair',
  'model',
  'bundlePath',
  'dataSnapshotHash',
  'schemaHash',
  'featureSetHash',
  'labelHash',
] as const satisfies readonly (keyof ModelEntry)[]

function registerAgain(database: Database, known: ModelRow, entry: ModelEntry & Act): Registered {
  for (const field of UNCHANGEABLE) {
    assert(known[field] === entry[field], `bundle ${entry.id} has ${field} ${known[field]}, and now ${entry[field]}`)
  }
  const parameters = [known.parameters, entry.parameters].map(canonicalJson)
  assert(parameters[0] === parameters[1], `bundle ${entry.id} has parameters ${parameters.join(', and now ')}`)
  if (known.contentHash === null && entry.contentHash !== null) setContentHash(database, entry.id, entry.contentHash)
  else assert(entry.contentHash === known.contentHash, `bundle ${entry.id} was made again with other bytes`)
  const judgedAgain = canonicalJson(judgement(entry)) !== canonicalJson(judgement(known))
  if (judgedAgain) {
    updateJudgement(database, entry)
    insertJudgement(database, entry)
    record(database, entry.id, 'register', entry)
  }
  return { version: known.version, state: known.state, added: false, judgedAgain }
}

function approve(database: Database, decision: Act & { readonly id: string }): Decision {
  const { id, automatic } = decision
  const model = existing(database, id)
  assert(!automatic || mayBeApproved(model.gates), `${id} did not pass its gates and cannot be approved automatically`)
  if (model.state === 'approved') return { model, changed: false, retired: null, reason: 'it is in production already' }
  if (automatic && model.state === 'rejected') {
    return { model, changed: false, retired: null, reason: 'it was rejected, and only a person takes that back' }
  }
  const { venue, pair } = model
  const champion = selectModels(database, { venue, pair, state: 'approved' }).at(0)
  if (champion !== undefined) {
    setState(database, champion.id, 'retired')
    record(database, champion.id, 'retire', { ...decision, why: `replaced by ${model.version} (${shortId(id)})` })
  }
  setState(database, id, 'approved')
  record(database, id, 'approve', decision)
  return {
    model: existing(database, id),
    changed: true,
    retired: champion === undefined ? null : existing(database, champion.id),
    reason: 'approved',
  }
}

function reject(database: Database, decision: Act & { readonly id: string }): Decision {
  const model = existing(database, decision.id)
  if (model.state === 'rejected') return { model, changed: false, retired: null, reason: 'it is rejected already' }
  setState(database, decision.id, 'rejected')
  record(database, decision.id, 'reject', decision)
  return { model: existing(database, decision.id), changed: true, retired: null, reason: 'rejected' }
}

function rollback(database: Database, where: Act & { readonly venue: string; readonly pair: string }): Decision {
  const { venue, pair, why, ...act } = where
  const { champion, before } = inProductionBefore(database, venue, pair)
  reject(database, { ...act, id: champion.id, why: `rolled back: ${why}` })
  const back = `back in the place of ${champion.version} (${shortId(champion.id)}): ${why}`
  const { model } = approve(database, { ...act, id: before.id, why: back })
  return { model, changed: true, retired: existing(database, champion.id), reason: 'rolled back' }
}

function inProductionBefore(database: Database, venue: string, pair: string) {
  const champion = selectModels(database, { venue, pair, state: 'approved' }).at(0)
  if (champion === undefined) {
    throw new UserError(`no model of ${pair} on ${venue} is in production`, { hint: 'sluice models approve <model>' })
  }
  const before = lastRetired(database, venue, pair)
  if (before === null) {
    throw new UserError(`no model of ${pair} on ${venue} was in production before ${champion.version}`, {
      hint: `sluice models reject ${champion.version} leaves ${pair} without a model`,
    })
  }
  return { champion, before }
}

/** One that was rejected or approved again since is not retired. */
function lastRetired(database: Database, venue: string, pair: string): ModelRow | null {
  const retired = new Map(selectModels(database, { venue, pair, state: 'retired' }).map((model) => [model.id, model]))
  const last = eventsOf(database, null).findLast(({ action, modelId }) => action === 'retire' && retired.has(modelId))
  return last === undefined ? null : existing(database, last.modelId)
}

function existing(database: Database, id: string): ModelRow {
  const row = modelById(database, id)
  assert(row !== null, `model ${id} is not registered`)
  return row
}

function find(database: Database, text: string, filter: Omit<ModelFilter, 'state'>): ModelRow | null {
  const wanted = text.trim().toLowerCase()
  const matches = selectModels(database, filter).filter(({ id, version }) =>
    /^[0-9a-f]+$/.test(wanted) ? id.startsWith(wanted) : version === wanted.replace(/^v/, ''),
  )
  if (matches.length < 2) return matches.at(0) ?? null
  const named = matches.map(
    ({ id, venue, pair, version }) => `${pair} ${version} on ${venue} (${id.slice(0, shownDigits(matches))})`,
  )
  throw new UserError(`${text} is the name of ${matches.length} models: ${named.join(', ')}`, {
    hint: 'name the pair with --pair, or type more digits of the id',
    exitCode: EXIT.usage,
  })
}

/** So many that the ids differ in what is shown. */
function shownDigits(matches: readonly ModelRow[]): number {
  for (let digits = 8; digits < 64; digits++) {
    if (new Set(matches.map(({ id }) => id.slice(0, digits))).size === matches.length) return digits
  }
  return 64
}
