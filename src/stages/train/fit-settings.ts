/** What a fit, of a fold or of a trial, goes through its split with. */
import type { TrainingTable } from '../../datasets/training-table.js'
import type { RoundReport } from '../../models/model.js'
import type { SplitSettings } from '../../validation/fit-split.js'
import type { Task, TaskIo } from '../stage.js'
import { constraintsOf } from './constraints.js'
import { foldSettings } from './fold-settings.js'
import { inputsOf } from './neural-settings.js'

export type WeightedTable = TrainingTable & { readonly weight: Float64Array }

/** Features and labels of a unit's inputs, each row with its uniqueness. */
export async function readWeightedTable(io: TaskIo): Promise<WeightedTable> {
  const { readTrainingTable } = await import('../../datasets/training-table.js')
  const { averageUniqueness } = await import('../../labels/uniqueness.js')
  const table = await readTrainingTable(io.paths('features'), io.paths('labels'))
  return { ...table, weight: averageUniqueness(table.t0, table.t1, table.stepMs) }
}

export async function fitSettings(
  settings: Task['settings'],
  io: TaskIo,
  { featureNames }: Pick<TrainingTable, 'featureNames'>,
): Promise<SplitSettings> {
  return {
    ...(await foldSettings(settings)),
    parameters: settings.parameters as Record<string, number>,
    seed: Number(settings.seed),
    threads: Number(settings['train.threads']),
    featureNames,
    inputs: await inputsOf(settings, featureNames),
    constraints: constraintsOf(settings),
    environment: io.environment,
    ...(settings.backend === undefined ? {} : { backend: String(settings.backend) }),
    onRound: (report) => io.progress(report.round, report.rounds, { note: roundNote(report) }),
    checkpoint: io.checkpoint,
  }
}

/** `round 12 of 60, loss 0.6012, validation 0.6123` */
function roundNote({ round, rounds, trainLoss, validationLoss }: RoundReport): string {
  const validation = Number.isNaN(validationLoss) ? '' : `, validation ${validationLoss.toPrecision(4)}`
  return `round ${round} of ${rounds}, loss ${trainLoss.toPrecision(4)}${validation}`
}
