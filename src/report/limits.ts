/**
 * The sentences of "method and limits": the fixed ones, and those that this very result calls for.
 */
import type { PredictionMetricName } from '../validation/score-predictions.js'
import { entrySentence, slippageText } from './assumptions.js'
import type { Derived } from './derived.js'
import { count, daysText, fixed, inUnit, percent } from './format.js'
import { luckText, shortMark } from './headline.js'
import { isUnavailable, type ReportInput } from './input.js'
import { trainedOn } from './split.js'

export function method(input: ReportInput): string[] {
  const { bars, features, labels, outOfFold, test, folds, split } = input
  return [
    `Prices: ${input.pair} on ${input.venue}, ${daysText(input.span)}, ${bars.base} bars; decisions every ${bars.decision}${bars.context.length > 0 ? `, with ${bars.context.join(', ')} bars joined once they have closed` : ''}. All times are UTC.`,
    `${count(features.count)} features, each computed only from what was available when the decision was made.`,
    `Labels look forward ${fixed(labels.horizonHours, 1)} hours; training rows whose outcome would overlap a scored row were removed on both sides.`,
    `The test part (${daysText(test.span)}) was scored once, by the model trained on the time before it; the out-of-fold part (${daysText(outOfFold.span)}) by ${count(folds.length)} models, each ${trainedOn(split)}.`,
    `${entrySentence(input)} When stop and profit lie inside one bar, the stop is taken to have come first.`,
    'Threshold, calibration and early stopping were chosen on validation rows, which are in neither part.',
    `Intervals are ${percent(input.intervalLevel, 0)} block-bootstrap intervals where nothing else is said. Yearly figures count 365 days.`,
  ]
}

export function limits(input: ReportInput, derived: Derived): string[] {
  return [...ofTheResult(input, derived), ...always(input)]
}

/** Does the model tell up from down? Longs and shorts by themselves are lifted by restless hours. */
const RANKING: PredictionMetricName = 'auc_direction'

function ofTheResult(input: ReportInput, derived: Derived): string[] {
  const { test, minTrades, simulated, market, split } = input
  const found: string[] = []
  const say = (when: boolean, sentence: string) => {
    if (when) found.push(sentence)
  }
  say(
    simulated !== null,
    'The market is simulated. It has no news, no other traders who react, and an edge only where one was planted; no number here applies to a real market.',
  )
  say(
    input.labels.shuffled,
    'The labels were moved to other rows, so there was nothing to learn: this is a placebo, and what looks good in it is luck.',
  )
  say(
    split.foresight,
    'The models that scored the out-of-fold part were trained on rows before and after it: nobody could have traded that result. It shows how stable the method is; only the test part shows what a model of its time did.',
  )
  for (const { name, note, leftOut } of input.candidates) {
    say(
      leftOut === true,
      `${name} was asked for and not judged (${note}); it might have been better than what is shown.`,
    )
  }
  const short = shortMark(test, minTrades)
  say(short !== null, `The test part has ${short}. ${luckText(test.span)}`)
  const sharpe = test.metrics.find(({ key }) => key === 'sharpe')
  if (sharpe?.interval !== undefined) {
    const [low, high] = sharpe.interval
    say(
      low <= 0 && high >= 0,
      `The interval of the Sharpe ratio (${fixed(low, 2)} … ${fixed(high, 2)}) contains zero: a strategy without any skill could have made this result.`,
    )
  }
  const auc = test.predictions.find(({ key }) => key === RANKING)
  if (auc?.interval !== undefined) {
    const [low, high] = auc.interval
    say(
      low <= 0.5 && high >= 0.5,
      `The interval of the AUC (${inUnit(low, 'score')} … ${inUnit(high, 'score')}) contains 0.5: the model may not rank better than chance.`,
    )
  }
  if (!isUnavailable(test.random) && test.random.metrics.total_return.strategy !== null) {
    const { percentile } = test.random.metrics.total_return
    say(
      percentile < 0.95,
      `${percent(1 - percentile, 0)} of the runs with random entries did at least as well: the moments of entry are not shown to matter.`,
    )
  }
  const share = derived.test.costs.find(({ key }) => key === 'cost_share')
  if (share !== undefined && share.value !== null) {
    say(
      share.value > 0.5,
      `Costs took ${percent(share.value, 0)} of the gross result: a slightly worse fill turns it around.`,
    )
  }
  say(
    market !== 'spot' && (test.withoutFunding || input.outOfFold.withoutFunding),
    'Funding is not in the totals, because its series is absent; positions held over funding times would have paid or received more.',
  )
  const below = input.folds.filter(({ auc }) => auc !== null && auc <= 0.5).length
  say(below > 0, `In ${count(below)} of ${count(input.folds.length)} folds the model ranked no better than chance.`)
  const top = Math.max(0, ...input.importance.map(({ share: one }) => one))
  say(top > 0.4, `One feature carries ${percent(top, 0)} of the model’s gain: if it fails, the model fails.`)
  return found
}

function always({ pair, costs }: ReportInput): string[] {
  return [
    `The test part is one stretch of history of one market (${pair}). It says nothing about other times, and it stops being unseen the moment someone changes settings after reading this page.`,
    'Choosing between several models and settings by such pages makes the best of them look better than it is.',
    `Fills are assumed: a market order loses ${slippageText(costs)}; there is ${costs.depthShare === null ? 'no order book, ' : ''}no queue, no outage.`,
    'An interval covers the luck of the sample. It does not cover a market that changes, nor an error in the assumptions above.',
  ]
}
