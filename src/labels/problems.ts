/**
 * What is wrong with the settings of labels taken together, and which of them decide a label.
 */
import type { BarrierKind } from './distances.js'
import type { LabelType } from './label-type.js'
import { LABEL_TYPES, type LabelTypeName } from './registry.js'

export type LabelConfig = {
  readonly 'labels.type': LabelTypeName
  readonly 'labels.barrier': BarrierKind
  readonly 'labels.profit': number
  readonly 'labels.stop': number
  readonly 'labels.primary': string | null
  readonly 'labels.costAware': boolean
}

/** The settings on which it depends which others count. */
export type LabelChoice = Pick<LabelConfig, 'labels.type' | 'labels.barrier' | 'labels.costAware'>

/** In the user's words; none when all is well. */
export function labelProblems(config: LabelConfig): string[] {
  const { 'labels.profit': profit, 'labels.stop': stop, 'labels.primary': primary } = config
  const type: LabelType = LABEL_TYPES[config['labels.type']]
  const problems: string[] = []
  if (profit < stop * type.minimumRatio) {
    problems.push(
      `labels.profit ${profit} is below labels.stop ${stop}: with ${type.name} labels a long and a short could both win`,
    )
  }
  if (type.side === 'primary' && primary === null) {
    problems.push(
      `labels.type ${type.name} has no primary side: name a feature column whose sign is one, such as labels.primary: macd_histogram_pct_12_26_9`,
    )
  }
  if (type.side === null && config['labels.costAware']) {
    problems.push(`labels.costAware says nothing of ${type.name} labels: they name no trade`)
  }
  return problems
}

/** The settings, `labels.` and shared, on which a label of this configuration depends. */
export function decidingSettings(config: LabelChoice) {
  const type: LabelType = LABEL_TYPES[config['labels.type']]
  const barrier = config['labels.barrier']
  return [
    ...(['labels.type', 'labels.horizon', 'labels.barrier', 'labels.profit', 'labels.stop'] as const),
    ...(barrier === 'atr' ? (['labels.atrMultiple'] as const) : []),
    ...(barrier === 'volatility'
      ? (['labels.volatilityMethod', 'labels.volatilityBars', 'labels.volatilityMultiple'] as const)
      : []),
    ...(type.window === 'bars' ? (['labels.directionBars', 'labels.directionThreshold'] as const) : []),
    ...(type.side === 'primary' ? (['labels.primary'] as const) : []),
    ...(config['labels.costAware']
      ? (['labels.costAware', 'backtest.makerBps', 'backtest.takerBps', 'backtest.slippageBps'] as const)
      : []),
    'backtest.latencyBars' as const,
  ]
}
