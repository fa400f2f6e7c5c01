/**
 * From the settings of a unit to how its fold is prepared and weighted, and to how what its model says becomes a
 * decision.
 */
import { LABEL_TYPES } from '../../labels/registry.js'
import type { CalibrateSettings } from '../../validation/calibrate-split.js'
import type { SplitSettings } from '../../validation/fit-split.js'
import type { Task } from '../stage.js'

type FoldSettings = Pick<
  SplitSettings,
  'task' | 'classes' | 'sides' | 'selection' | 'scaling' | 'classWeights' | 'sampleWeights'
>

export async function foldSettings(settings: Task['settings']): Promise<FoldSettings> {
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
  }
}

/** @param settings  of a unit that has `DECISION_SETTINGS`, `labels.type` and `data.venue` */
export async function decisionSettings(settings: Task['settings']): Promise<CalibrateSettings> {
  const { roundTripCost } = await import('../../portfolio/costs.js')
  const { classes, side } = LABEL_TYPES[settings['labels.type'] as keyof typeof LABEL_TYPES]
  return {
    calibration: settings['train.calibration'] as CalibrateSettings['calibration'],
    threshold: settings['decision.threshold'] as CalibrateSettings['threshold'],
    allowShort: allowsShort(settings['data.venue'], { sides: side, classes }),
    minTrades: Number(settings['gates.minTrades']),
    targetPrecision: Number(settings['gates.precision']),
    costs: roundTripCost({
      makerBps: Number(settings['backtest.makerBps']),
      takerBps: Number(settings['backtest.takerBps']),
      slippageBps: Number(settings['backtest.slippageBps']),
    }),
  }
}

/** Spot has no shorts, and a label without a class for them names none. */
export function allowsShort(
  venue: Task['settings'][string],
  { sides, classes }: Pick<FoldSettings, 'sides' | 'classes'>,
): boolean {
  return venue !== 'binance-spot' && (sides !== 'class' || classes.includes(-1))
}
