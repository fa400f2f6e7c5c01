/**
 * Takes stages in order: plan, do what is not fresh, go on with what is there. A unit that fails stops its own pair and nothing else; in
 * a step whose units are isolated, not even that.
 */
import type { Config } from '../config/settings.js'
import { assert, UserError } from '../core/errors.js'
import type { Span } from '../core/time.js'
import { loadFileHashes } from '../datasets/file-hashes.js'
import type { Manifest } from '../datasets/manifest.js'
import type { Workspace } from '../datasets/workspace.js'
import { loadStage } from '../stages/registry.js'
import {
  type Done,
  type Environment,
  type Failed,
  type PlanContext,
  STAGE_NAMES,
  type StageName,
  type Step,
} from '../stages/stage.js'
import { earlierMakings } from './earlier.js'
import { loadFailures } from './failures.js'
import { followGroups, type GroupProgress } from './groups.js'
import { jobsFor, memoryLimit } from './memory.js'
import { type Freshness, type PlannedUnit, planUnit, type UnitState } from './plan.js'
import { createPool, type OnProgress, type Pool } from './pool.js'
import { familyMemory } from './process-info.js'
import { resolveSpan } from './span.js'
import { blankReport, failedOne, freshReport } from './unit-report.js'

export type UnitReport = {
  readonly stage: StageName
  readonly step: string
  readonly unit: string
  readonly pair: string | null
  /** As found: the state before anything was done; `waiting` when an earlier stage is in the way. */
  readonly state: UnitState | 'waiting'
  readonly outcome: 'fresh' | 'done' | 'failed' | 'waiting' | 'planned'
  readonly reason: string
  readonly hint: string | null
  readonly trace: string | null
  readonly summary: string
  readonly warnings: readonly string[]
  readonly seconds: number
  readonly manifestPath: string | null
  readonly manifest: Manifest | null
}

export type RunEvents = {
  readonly onUnit?: (report: UnitReport) => void
  readonly onWarning?: (stage: StageName, text: string) => void
  readonly onProgress?: (name: string, finished: number, total: number) => void
  /** Where a person stands after a round of a step that has several. */
  readonly onRound?: (stage: StageName, text: string) => void
  /** Of units that a person follows together, such as the months of one series. */
  readonly onGroup?: (stage: StageName, progress: GroupProgress) => void
}

export type RunOptions = {
  readonly workspace: Workspace
  readonly config: Config
  readonly environment: Environment
  readonly clock: () => number
  /** Stages that may do work; the ones before the last of them are only looked at. */
  readonly stages: readonly StageName[]
  readonly force: boolean
  /** Ask the source again whether what is on disk is still what it has. */
  readonly revise: boolean
  /** `look` changes nothing: what `sluice status` shows. */
  readonly mode: 'do' | 'look'
  /** Asked for when there is work to record. */
  readonly gitCommit: () => string | null
  readonly signal: AbortSignal
  readonly events: RunEvents
}

export type RunResult = {
  readonly span: Span
  readonly units: readonly UnitReport[]
  readonly seconds: number
  readonly peakBytes: number
}

const SAMPLE_MS = 250

/** Where and why a pair cannot go on: its work failed, or is not ours to do in this run. */
type Stop = { readonly stage: StageName; readonly why: string; readonly failed: boolean }

/** Takes note of a unit that failed for itself alone; null in steps where a failure stops the pair. */
type Isolate = ((one: Failed) => void) | null

export async function runStages(options: RunOptions): Promise<RunResult> {
  const begun = performance.now()
  const pool = createPool()
  let peakBytes = 0
  const sample = () => {
    peakBytes = Math.max(peakBytes, familyMemory(process.pid))
  }
  const sampler = options.mode === 'do' ? setInterval(sample, SAMPLE_MS) : undefined
  const stop = () => void pool.close()
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    const run = await createRun(options, pool)
    const last = Math.max(...options.stages.map((stage) => STAGE_NAMES.indexOf(stage)))
    for (const name of STAGE_NAMES.slice(0, last + 1)) {
      const stage = await loadStage(name)
      for (const step of stage.steps) await run.step(name, step)
    }
    if (options.mode === 'do') run.save()
    sample()
    return { span: run.span, units: run.units, seconds: (performance.now() - begun) / 1000, peakBytes }
  } finally {
    clearInterval(sampler)
    options.signal.removeEventListener('abort', stop)
    await pool.close()
  }
}

async function createRun(options: RunOptions, pool: Pool) {
  const { workspace, config, environment, clock, events, signal } = options
  const span = await resolveSpan(config, { workspace, environment, clock })
  const hashes = loadFileHashes(workspace, clock)
  const failures = loadFailures(workspace)
  const earlier = earlierMakings(workspace)
  const done = new Map<string, Done[]>()
  /** Of steps whose units are isolated: what the pair has to do without. */
  const failed = new Map<string, Failed[]>()
  const units: UnitReport[] = []
  /** Pairs that cannot go on. */
  const stopped = new Map<string, Stop>()

  const report = (unit: UnitReport) => {
    units.push(unit)
    events.onUnit?.(unit)
  }

  const stop = (pair: string | null, how: Stop) => {
    for (const name of pair === null ? config['data.pairs'] : [pair]) if (!stopped.has(name)) stopped.set(name, how)
  }

  async function step(stage: StageName, step: Step): Promise<void> {
    const list: Done[] = []
    const lost: Failed[] = []
    done.set(`${stage}/${step.name}`, list)
    failed.set(`${stage}/${step.name}`, lost)
    const rounds = step.rounds?.count(config) ?? 1
    for (let round = 0; round < rounds; round++) {
      const taken = await takeRound(stage, step, round)
      list.push(...taken.made)
      lost.push(...taken.lost)
      if (taken.worked) for (const text of step.rounds?.told(config, list) ?? []) events.onRound?.(stage, text)
    }
  }

  /** Plans and does what is due, then puts it in order. */
  async function takeRound(stage: StageName, step: Step, round: number) {
    const may = options.mode === 'do' && options.stages.includes(stage)
    const first = units.length
    const planned = await planStep(stage, step, round, may)
    const order = new Map(planned.map((unit, i) => [unit.task.unit, i]))
    const due = planned.filter((unit) => unit.done === null)
    const made = planned.flatMap((unit) => unit.done ?? [])
    const lost: Failed[] = []
    for (const unit of planned) if (unit.done !== null) report(freshReport(unit))
    const isolate = step.isolated === true ? (one: Failed) => lost.push(one) : null
    if (may) made.push(...(await doStep(stage, due, isolate)))
    else for (const unit of due) leave(unit, isolate)
    // In the order planned, not in the order finished: nothing downstream may depend on which worker was faster.
    const place = (unit: { readonly unit: string }) => order.get(unit.unit) ?? -1
    made.sort((a, b) => place(a) - place(b))
    lost.sort((a, b) => place(a) - place(b))
    units.push(...units.splice(first).sort((a, b) => place(a) - place(b)))
    return { made, lost, worked: may && due.length > 0 }
  }

  /** The units of a step, pair by pair; a pair whose plan cannot be made stops here. */
  async function planStep(stage: StageName, step: Step, round: number, may: boolean): Promise<PlannedUnit[]> {
    const about: Freshness = { workspace, hashes, failures, environment, force: options.force && may, earlier }
    const warn = (text: string) => events.onWarning?.(stage, text)
    const planned: PlannedUnit[] = []
    for (const pair of step.scope === 'pair' ? config['data.pairs'] : [null]) {
      signal.throwIfAborted()
      const name = pair ?? 'all pairs'
      const wait = pair === null ? allStopped() : stopped.get(pair)?.why
      if (wait !== undefined) {
        // Of a step in rounds the first one has said it.
        if (round === 0)
          report(blankReport(stage, step.name, name, pair, { state: 'waiting', outcome: 'waiting', reason: wait }))
        continue
      }
      const { others, waitsFor } = othersOf(pair)
      try {
        const context = {
          config,
          workspace,
          environment,
          span,
          pair,
          round,
          clock,
          done: doneOf(pair),
          failed: failedOf(pair),
          others,
          revise: options.revise && may,
          warn,
        }
        const tasks = await step.plan(context)
        const why = waitsFor()
        if (why !== null) {
          stop(pair, { stage, why, failed: false })
          report(blankReport(stage, step.name, name, pair, { state: 'waiting', outcome: 'waiting', reason: why }))
          continue
        }
        for (const task of tasks) planned.push(await planUnit(task, about))
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        stop(pair, { stage, why: `${stage} failed`, failed: true })
        const hint = error.hint ?? null
        report(
          blankReport(stage, step.name, name, pair, {
            state: 'failed',
            outcome: 'failed',
            reason: error.message,
            hint,
          }),
        )
      }
    }
    return planned
  }

  async function doStep(stage: StageName, due: readonly PlannedUnit[], isolate: Isolate): Promise<Done[]> {
    let finished = 0
    const groups = followGroups(due, (progress) => events.onGroup?.(stage, progress))
    const tell = (fraction: number) => events.onProgress?.(stage, finished + fraction, due.length)
    tell(0)
    const made = await Promise.all(
      due.map(async (unit) => {
        const outcome = await carryOut(unit, due, isolate, (how) => {
          groups.progress(unit, how)
          tell(how.fraction)
        })
        finished++
        groups.end(unit)
        tell(0)
        return outcome
      }),
    )
    return made.filter((one) => one !== null)
  }

  /** Not ours to do: whoever needs it has to wait; what failed by itself alone is done without. */
  function leave({ task, fingerprint, state, reason }: PlannedUnit, isolate: Isolate): void {
    const { stage, step, unit, pair } = task
    if (state === 'failed' && isolate !== null) {
      isolate(failedOne(task, failures.lasting(stage, unit, fingerprint) ?? reason))
      report(blankReport(stage, step, unit, pair, { state, outcome: 'failed', reason }))
      return
    }
    stop(pair, { stage, why: `${stage} is ${state}`, failed: state === 'failed' })
    report(blankReport(stage, step, unit, pair, { state, outcome: 'planned', reason }))
  }

  async function carryOut(unit: PlannedUnit, due: readonly PlannedUnit[], isolate: Isolate, onProgress: OnProgress) {
    const { task, fingerprint, made, simulated, manifestPath } = unit
    const order = {
      root: workspace.root,
      task,
      fingerprint,
      made,
      simulated,
      startedAt: clock(),
      gitCommit: options.gitCommit(),
    }
    const jobs = jobsFor(
      due.map((one) => one.task),
      config,
    )
    const limit = isolate === null ? null : memoryLimit(task, jobs, config)
    const outcome = await pool.run(order, { jobs, limit }, onProgress)
    signal.throwIfAborted()
    const { stage, step, pair, unit: name } = task
    if (outcome.type === 'failed') {
      failures.add(stage, name, fingerprint, outcome.message, outcome.lasting)
      if (isolate === null) stop(pair, { stage, why: `${stage} failed`, failed: true })
      else isolate(failedOne(task, outcome.lasting ?? outcome.message))
      const { message: reason, hint, trace } = outcome
      report({ ...blankReport(stage, step, name, pair, { state: unit.state, outcome: 'failed', reason, hint }), trace })
      return null
    }
    failures.remove(stage, name)
    for (const file of outcome.manifest.files) hashes.learn(file.path, file.sha256)
    const { manifest, seconds } = outcome
    const { summary, warnings } = manifest
    const { state, reason } = unit
    report({
      ...blankReport(stage, step, name, pair, { state, outcome: 'done', reason }),
      summary,
      warnings,
      seconds,
      manifestPath,
      manifest,
    })
    return { step, unit: name, pair, settings: task.settings, manifest, manifestPath } satisfies Done
  }

  const allStopped = () =>
    config['data.pairs'].every((pair) => stopped.has(pair)) ? stopped.get(config['data.pairs'][0])?.why : undefined

  const doneOf = (pair: string | null) => (stage: StageName, step: string) => {
    const isOver = [...done.keys()].some((key) => key.startsWith(`${stage}/`))
    assert(isOver, `${stage} has not been planned yet`)
    const list = done.get(`${stage}/${step}`) ?? []
    return pair === null ? list : list.filter((unit) => unit.pair === pair)
  }

  const failedOf = (pair: string | null) => (stage: StageName, step: string) => {
    const list = failed.get(`${stage}/${step}`) ?? []
    return pair === null ? list : list.filter((unit) => unit.pair === pair)
  }

  /**
   * The other pairs as `PlanContext.others` shows them, and what this one waits for when it has asked for them. Whether a
   * pair counts depends on the stage asked for alone: one that fails later has failed for itself only.
   */
  const othersOf = (own: string | null) => {
    let waits: string | null = null
    const others: PlanContext['others'] = (stage, step) =>
      config['data.pairs']
        .filter((pair) => pair !== own)
        .sort()
        .map((pair) => {
          const stop = stopped.get(pair)
          if (stop === undefined || STAGE_NAMES.indexOf(stop.stage) > STAGE_NAMES.indexOf(stage)) {
            return { pair, done: doneOf(pair)(stage, step) }
          }
          if (!stop.failed) waits ??= `${pair}: ${stop.why}`
          return { pair, done: null }
        })
    return { others, waitsFor: () => waits }
  }

  return { span, units, step, save: () => hashes.save() }
}
