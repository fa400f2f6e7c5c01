/**
 * Every feature, family by family. Help, docs, config checks and the contract tests are derived from this list; to add
 * a feature is one entry in its family's file, to add a family one file and one line here.
 */
import type { Timeframe } from '../core/time.js'
import { timeframeMs } from '../core/time.js'
import { alphaFeatures } from './families/alpha.js'
import { crossAlphaFeatures } from './families/alpha-cross.js'
import { candlestickFeatures } from './families/candlestick.js'
import { crossAssetFeatures } from './families/cross-asset.js'
import { factorFeatures } from './families/factor.js'
import { fundingFeatures } from './families/funding.js'
import { interactionFeatures } from './families/interactions.js'
import { lagFeatures } from './families/lag.js'
import { liquidationFeatures } from './families/liquidations.js'
import { longShortFeatures } from './families/long-short.js'
import { macroFeatures } from './families/macro.js'
import { momentumFeatures } from './families/momentum.js'
import { movingAverageFeatures } from './families/moving-average.js'
import { openInterestFeatures } from './families/open-interest.js'
import { orderBookFeatures } from './families/order-book.js'
import { orderFlowFeatures } from './families/order-flow.js'
import { premiumFeatures } from './families/premium.js'
import { priceFeatures } from './families/price.js'
import { regimeFeatures } from './families/regime.js'
import { sessionFeatures } from './families/session.js'
import { spectralFeatures } from './families/spectral.js'
import { statisticsFeatures } from './families/statistics.js'
import { structureFeatures } from './families/structure.js'
import { timeFeatures } from './families/time.js'
import { tradesFeatures } from './families/trades.js'
import { trendFeatures } from './families/trend.js'
import { trendLineFeatures } from './families/trend-lines.js'
import { trueVwapFeatures } from './families/true-vwap.js'
import { volatilityFeatures } from './families/volatility.js'
import { volatilityModelFeatures } from './families/volatility-model.js'
import { volumeFeatures } from './families/volume.js'
import { volumeProfileFeatures } from './families/volume-profile.js'
import { vwapFeatures } from './families/vwap.js'
import type { Feature } from './feature.js'
import { inPreset, PRESETS } from './presets.js'

export const FEATURES: readonly Feature[] = [
  ...priceFeatures,
  ...vwapFeatures,
  ...movingAverageFeatures,
  ...momentumFeatures,
  ...trendFeatures,
  ...trendLineFeatures,
  ...volatilityFeatures,
  ...volatilityModelFeatures,
  ...regimeFeatures,
  ...volumeFeatures,
  ...volumeProfileFeatures,
  ...structureFeatures,
  ...candlestickFeatures,
  ...orderFlowFeatures,
  ...statisticsFeatures,
  ...lagFeatures,
  ...spectralFeatures,
  ...alphaFeatures,
  ...crossAlphaFeatures,
  ...factorFeatures,
  ...timeFeatures,
  ...sessionFeatures,
  ...fundingFeatures,
  ...openInterestFeatures,
  ...longShortFeatures,
  ...liquidationFeatures,
  ...premiumFeatures,
  ...interactionFeatures,
  ...trueVwapFeatures,
  ...tradesFeatures,
  ...orderBookFeatures,
  ...crossAssetFeatures,
  ...macroFeatures,
]

/** A feature as a row of a table, for `sluice features list` and the generated reference. */
export type FeatureRow = {
  readonly name: string
  readonly family: string
  readonly meaning: string
  readonly timeframes: string // every | decision
  readonly lookback: number // bars of `timeframe`
  readonly memory: string // window | recursive
  readonly settle: number // bars beyond the look-back until the past is forgotten
  readonly inputs: string
  readonly preset: string // core | core, context too | all
  readonly reference: string
}

/** The registry as rows, in its own order; look-backs in bars of `timeframe`. */
export function featureRows(timeframe: Timeframe): FeatureRow[] {
  const step = timeframeMs(timeframe)
  return FEATURES.map((feature) => ({
    name: feature.name,
    family: feature.family,
    meaning: feature.meaning,
    timeframes: feature.timeframes,
    lookback: feature.lookback(step),
    memory: feature.memory,
    settle: feature.settle(step),
    inputs: feature.inputs.join(', '),
    preset: PRESETS.flatMap((preset) => [
      ...(inPreset(preset, feature.name, false) ? [preset] : []),
      ...(preset !== 'all' && inPreset(preset, feature.name, true) ? [`${preset} on context`] : []),
    ]).join(', '),
    reference: feature.reference,
  }))
}
