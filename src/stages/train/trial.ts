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

export async function runTrial(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { messageOf, UserError } = await import('../../core/errors.js')
  const { prettyJson } = await import('../../core/canonical.js')
  const { meanLoss } = await import('../../tuning/trial.js')
  const { isPruned } = await import('../../tuning/pruning.js')
  const { foldsProblem } = await import('../../validation/fold-models.js')
  const { lossText } = await import('./tuned.js')
  const table = await readWeightedTable(io)
  const plan = splitPlanOf(task.settings, table)
  const scored = scoredSpan(plan)
  const splits = await splitsOf(task.settings, table, plan)
  const limits = task.settings.limits as readonly number[]
  const folds: FoldRecord[] = []
  const silent: string[] = []
  let state: Trial['state'] = 'complete'
  let reason: string | undefined
  try {
    for (const [k, split] of splits.entries()) {
      const fold = await fitOne(task, io, table, split)
      // Which folds say nothing is up to their rows: the same for every trial.
      if ('why' in fold) silent.push(fold.why)
      else folds.push(fold)
      io.progress(k + 1, splits.length)
      if ('loss' in fold && k + 1 < splits.length && isPruned(lossesOf(folds), limits)) {
        state = 'pruned'
        break
      }
    }
    const problem = folds.length === 0 ? silent[0] : foldsProblem(splits.length, silent)
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
  const { model, trial, tried, parameters, space } = task.settings
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
    pruned: `loss ${loss}, pruned after ${folds.length} of ${splits.length} folds`,
    failed: `failed: ${reason}`,
  }
  return { facts, summary: summaries[state] }
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

async function fitOne(
  task: Task,
  io: TaskIo,
  table: WeightedTable,
  split: Split,
): Promise<FoldRecord | Pick<Unfitted, 'why'>> {
  const { UserError } = await import('../../core/errors.js')
  const { modelKind } = await import('../../models/registry.js')
  const { fitSplit } = await import('../../validation/fit-split.js')
  const { onRound: _, checkpoint: __, ...settings } = await fitSettings(task.settings, io, table)
  const outcome = await fitSplit(await modelKind(String(task.settings.model)), table, split, settings)
  if (outcome.model === null) return { why: outcome.why }
  const { model, scores } = outcome
  const { bestRound } = model
  model.close()
  const loss = lossOf(scores)
  if (loss === null) {
    throw new UserError(`${split.name}: none of its ${scores.rows} scored rows has a label`, {
      hint: 'take fewer tuning.folds or a longer span',
    })
  }
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
