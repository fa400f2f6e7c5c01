/**
 * What a column of a feature table means, as stored beside the table and in a model's bundle, and the hash by which a
 * model knows that it is fed the columns it was trained on.
 */
import { canonicalJson, sha256 } from '../core/canonical.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import type { Family } from './feature.js'
import type { Column } from './selection.js'

export type FeatureDefinition = {
  readonly name: string // of the column
  readonly feature: string // of the registry's entry
  readonly family: Family
  readonly meaning: string
  readonly timeframe: Timeframe
  readonly lookback: number // bars of `timeframe` before the first value
  readonly warmupMs: number // the same in ms
  readonly memory: 'window' | 'recursive'
  readonly settle: number // bars beyond the look-back until the past is forgotten
  readonly inputs: readonly string[]
  readonly reference: string
}

export function definitionOf({ name, feature, timeframe }: Column): FeatureDefinition {
  const stepMs = timeframeMs(timeframe)
  const lookback = feature.lookback(stepMs)
  return {
    name,
    feature: feature.name,
    family: feature.family,
    meaning: feature.meaning,
    timeframe,
    lookback,
    warmupMs: lookback * stepMs,
    memory: feature.memory,
    settle: feature.settle(stepMs),
    inputs: feature.inputs,
    reference: feature.reference,
  }
}

/** SHA-256, in hex, of the columns in their order: name, timeframe, look-back, memory, inputs and meaning of each. */
export function featureSetHash(definitions: readonly FeatureDefinition[]): string {
  const hashed = definitions.map(({ name, timeframe, lookback, memory, inputs, meaning }) => [
    name,
    timeframe,
    lookback,
    memory,
    inputs,
    meaning,
  ])
  return sha256(canonicalJson(hashed))
}
