/**
 * From settings to the folds of a pair: what the plan counts, a fit works on and `sluice train --dry-run` shows.
 */
import { durationMs } from '../../config/durations.js'
import type { Config } from '../../config/settings.js'
import type { Json } from '../../core/canonical.js'
import type { Span } from '../../core/time.js'
import { scheme } from '../../validation/schemes.js'
import { type Intervals, type Split, type SplitPlan, scoredSpan } from '../../validation/splits.js'

type Settings = { readonly [name: string]: Json }

/** What decides the folds; settings of another scheme are left out, so that they make no fit stale. */
export function splitSettings(config: Config): Record<string, Json> {
  const own =
    { rolling: ['train.window'], combinatorial: ['train.scoredGroups'] }[config['train.split'] as string] ?? []
  const names = [
    'labels.horizon',
    'train.split',
    'train.folds',
    'train.embargo',
    'train.testShare',
    'train.validationShare',
    ...own,
  ] as (keyof Config)[]
  return Object.fromEntries(names.map((name) => [name, config[name] as Json]))
}

/** The folds of a model as they are numbered, from 1; then 0, the final split. */
export function foldNumbers(config: Config): number[] {
  const count = scheme(config['train.split']).count({
    folds: config['train.folds'],
    scoredGroups: config['train.scoredGroups'],
  })
  return [...Array.from({ length: count }, (_, i) => i + 1), 0]
}

/** @throws UserError when there are too few rows */
export function splitPlanOf(settings: Settings, intervals: Intervals): SplitPlan {
  return scheme(String(settings['train.split'])).plan(intervals, {
    folds: Number(settings['train.folds']),
    embargoMs: embargoOf(settings),
    testFraction: Number(settings['train.testShare']),
    validationFraction: Number(settings['train.validationShare']),
    windowMs: durationMs(String(settings['train.window'])) ?? 0,
    scoredGroups: Number(settings['train.scoredGroups']),
  })
}

export function embargoOf(settings: Settings): number {
  const embargo = String(settings['train.embargo'])
  return durationMs(embargo === 'horizon' ? String(settings['labels.horizon']) : embargo) ?? 0
}

export type FoldOfPlan = {
  readonly split: Split
  /** The path of each range of `split.score`; 0 for the test part. */
  readonly paths: readonly number[]
  /** How long the part is that the threshold will be judged on. */
  readonly scoredMs: number
  /** What the split scores as a whole, out of fold and in the test part, and the test part alone. */
  readonly scored: Span
  readonly testPart: Span
}

/** @throws UserError when there are too few rows */
export function foldOfPlan(settings: Settings, intervals: Intervals): FoldOfPlan {
  const plan = splitPlanOf(settings, intervals)
  const fold = Number(settings.fold)
  const horizonMs = durationMs(String(settings['labels.horizon'])) ?? 0
  // Out of fold, one path is one account over all that is scored.
  const judged = fold === 0 ? plan.final.score.ranges : onPath(plan, 1)
  // From the decision times alone: when the last outcome was known is something that only the scored part can say.
  const scoredMs = judged.reduce(
    (sum, { start, end }) => sum + intervals.t0[end - 1] - intervals.t0[start] + horizonMs,
    0,
  )
  const about = { scoredMs, scored: scoredSpan(plan), testPart: plan.final.score.span }
  if (fold === 0) return { split: plan.final, paths: plan.final.score.ranges.map(() => 0), ...about }
  return { split: plan.folds[fold - 1], paths: plan.paths[fold - 1], ...about }
}

function onPath({ folds, paths }: SplitPlan, path: number) {
  return folds.flatMap(({ score }, k) => score.ranges.filter((_, i) => paths[k][i] === path))
}
