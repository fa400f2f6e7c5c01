/** From the settings of a unit to how its fold is prepared, weighted and calibrated. */
import type { SplitSettings } from '../../validation/fit-split.js'
import type { Task } from '../stage.js'

type FoldSettings = Pick<
  SplitSettings,
  'task' | 'classes' | 'sides' | 'selection' | 'scaling' | 'classWeights' | 'sampleWeights' | 'calibration'
>

export async function foldSettings(settings: Task['settings']): Promise<FoldSettings> {
  const { LABEL_TYPES } = await import('../../labels/registry.js')
  const { parseSelection } = await import('../../validation/columns/registry.js')
  const { task, classes, side } = LABEL_TYPES[settings['labels.type'] as keyof typeof LABEL_TYPES]
  return {
    task,
    classes,
    sides: side,
    selection: parseSelection(settings['train.selection'] as string[]),
    scaling: settings['train.scaling'] as FoldSettings['scaling'],
    classWeights: settings['train.classWeights'] as FoldSettings['classWeights'],
    sampleWeights: settings['train.sampleWeights'] as FoldSettings['sampleWeights'],
    calibration: settings['train.calibration'] as FoldSettings['calibration'],
  }
}

/** Spot has no shorts, and a label without a class for them names none. */
export function allowsShort(
  venue: Task['settings'][string],
  { sides, classes }: Pick<FoldSettings, 'sides' | 'classes'>,
): boolean {
  return venue !== 'binance-spot' && (sides !== 'class' || classes.includes(-1))
}
