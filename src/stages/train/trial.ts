/**
 * One trial: parameters through the inner folds, one after another, until they are through or hopeless. It stands in the ledger before any
 * manifest says that it is done: killed in between it is counted, and done again it adds nothing.
 */
import type { Json } from '../../core/canonical.js'
import type { Came } from '../../datasets/ledger-entries.js'
import type { TrainingTable } from '../../datasets/training-table.js'
import type { Trial } from '../../tuning/trial.js'
import type { Unfitted } from '../../validation/fit-split.js'
import type { RawScores } from '../../validation/split-scores.js'
import { type Split, type SplitPlan, scoredSpan } from '../../validation/splits.js'
import type { Task, TaskIo, TaskResult } from '../stage.js'
import { fitSettings, readWeightedTable, type WeightedTable } from './fit-settings.js'
import { embargoOf, splitPlanOf } from './split-plan.js'

/** What `trial.json` has of an inner fold. */
type FoldRecord = {
  readonly loss: number
  readonly bestRound: number
  readonly rows: { readonly train: number; readonly validation: number; readonly score: number }
}

/** Of one that says nothing, why: that is up to its rows, so it is the same for every trial. */
type FoldOutcome = FoldRecord | Pick<Unfitted, 'why'>

export async function runTrial(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { messageOf, UserError } = await import('../../core/errors.js')
  const { prettyJson } = await import('../../core/canonical.js')
  const { meanLoss } = await import('../../tuning/trial.js')
  const { foldsProblem } = await import('../../validation/fold-models.js')
  const { lossText } = await import('./tuned.js')
  const table = await readWeightedTable(io)
  const plan = splitPlanOf(task.settings, table)
  const scored = scoredSpan(plan)
  const splits = await splitsOf(task.settings, table, plan)
  const ended: FoldOutcome[] = []
  let state: Trial['state'] = 'complete'
  let reason: string | undefined
  try {
    if (await goThrough(splits, ended, task, io, table)) state = 'pruned'
    const silent = reasonsOf(ended)
    const problem = silent.length === ended.length ? silent[0] : foldsProblem(splits.length, silent)
    if (problem !== null) throw new UserError(problem)
  } catch (thrown) {
    // Parameters that cannot be fitted are a result; what is wrong with the machine or with us is not.
    reason = messageOf(thrown)
    if (!(thrown instanceof UserError)) {
      await note(task, io, { outcome: { state: 'failed', reason }, scored }).catch(() => undefined)
      throw thrown
    }
    state = 'failed'
  }
  const { model, trial, tried, parameters, space, limits } = task.settings
  const [folds, silent] = [recordsOf(ended), reasonsOf(ended)]
  const result = { state, losses: lossesOf(folds), ...(reason === undefined ? {} : { reason }) }
  const facts = { model, trial, tried, scored, ...result }
  await io.write('trial', `${io.folder}/trial.json`, (temporary) =>
    writeFileSync(
      temporary,
      prettyJson({ ...facts, parameters, space, limits, folds, ...(silent.length > 0 ? { silent } : {}) } as Json),
    ),
  )
  await note(task, io, { outcome: { ...result, trial: io.folder.slice(io.folder.lastIndexOf('/') + 1) }, scored })
  const loss = lossText(meanLoss(result))
  const summaries = {
    complete: `loss ${loss}`,
    pruned: `loss ${loss}, pruned after ${ended.length} of ${splits.length} folds`,
    failed: `failed: ${reason}`,
  }
  return { facts, summary: summaries[state] }
}

/**
 * Inner fold after inner fold, until they are through or the trial is hopeless. What ended, and the fit at work, is
 * kept: a trial that was ended in between goes on from there.
 *
 * @param ended  is filled
 * @returns      whether the trial is hopeless
 */
async function goThrough(
  splits: readonly Split[],
  ended: FoldOutcome[],
  task: Task,
  io: TaskIo,
  table: WeightedTable,
): Promise<boolean> {
  const { isPruned } = await import('../../tuning/pruning.js')
  const { foldCheckpoint, readTrialState, writeTrialState } = await import('../../tuning/trial-checkpoint.js')
  const limits = task.settings.limits as readonly number[]
  const kept = readTrialState<FoldOutcome>(io.checkpoint.read())
  ended.push(...kept.folds)
  for (let { fit } = kept; ; fit = null) {
    const last = ended.at(-1)
    io.progress(ended.length, splits.length)
    if (ended.length === splits.length) return false
    if (last !== undefined && 'loss' in last && isPruned(lossesOf(recordsOf(ended)), limits)) return true
    const checkpoint = foldCheckpoint(io.checkpoint, { folds: [...ended], fit })
    ended.push(await fitOne(task, { ...io, checkpoint }, table, splits[ended.length]))
    io.checkpoint.write(writeTrialState({ folds: ended, fit: null }))
  }
}

function recordsOf(ended: readonly FoldOutcome[]): FoldRecord[] {
  return ended.filter((one) => 'loss' in one)
}

function reasonsOf(ended: readonly FoldOutcome[]): string[] {
  return ended.flatMap((one) => ('why' in one ? one.why : []))
}

function lossesOf(folds: readonly FoldRecord[]): number[] {
  return folds.map(({ loss }) => loss)
}

/** @throws UserError when there are too few rows: that is no trial's fault, and no other would go better */
async function splitsOf(settings: Task['settings'], table: TrainingTable, plan: SplitPlan): Promise<Split[]> {
  const { innerSplits } = await import('../../tuning/inner-splits.js')
  return innerSplits(table, {
    plan,
    outerFolds: Number(settings['train.folds']),
    folds: Number(settings['tuning.folds']),
    embargoMs: embargoOf(settings),
  })
}

async function fitOne(task: Task, io: TaskIo, table: WeightedTable, split: Split): Promise<FoldOutcome> {
  const { modelKind } = await import('../../models/registry.js')
  const { fitSplit } = await import('../../validation/fit-split.js')
  // How far a trial is, its folds say; the rounds of one fit are not told.
  const { onRound: _, ...settings } = await fitSettings(task.settings, io, table)
  const outcome = await fitSplit(await modelKind(String(task.settings.model)), table, split, settings)
  if (outcome.model === null) return { why: outcome.why }
  const { model, scores } = outcome
  const { bestRound } = model
  model.close()
  const loss = lossOf(scores)
  if (loss === null) return { why: `${split.name}: none of its ${scores.rows} scored rows has a label` }
  const rows = (part: 'train' | 'validation' | 'score') => split[part].rows.length
  return { loss, bestRound, rows: { train: rows('train'), validation: rows('validation'), score: rows('score') } }
}

/** Lower is better: log loss of the classes before calibration, or the root of the mean squared error of a value. */
function lossOf({ logLoss, regression }: RawScores): number | null {
  const mse = regression?.mse ?? null
  return mse === null ? logLoss : Math.sqrt(mse)
}

/**
 * All that decides the outcome, and it; a trial with the same parameters on the same data under the same limits is the same one. It counts where what
 * it decides is scored, not where its inner folds lie.
 */
async function note(task: Task, io: TaskIo, came: Came): Promise<void> {
  const { recordInLedger } = await import('../../datasets/ledger.js')
  const { trialEntry } = await import('../../datasets/ledger-entries.js')
  const { PLACES, placeFor } = await import('../../datasets/workspace.js')
  const entry = trialEntry(task.pair ?? '', task, came)
  await recordInLedger(placeFor(io.workspace, PLACES.registry), [entry], io.clock())
}
