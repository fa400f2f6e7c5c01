/**
 * From what earlier stages stored to the input of a report: renamed and put in order, nothing computed anew.
 */

import type { RandomEntries } from '../backtest/random-entries.js'
import type { Trades } from '../backtest/types.js'
import { durationMs } from '../config/durations.js'
import { canonicalJson, type Json } from '../core/canonical.js'
import type { BundleMetrics, ReportSources, StoredCandidate, StoredThreshold } from '../datasets/report-sources.js'
import type { Absence } from '../features/matrix.js'
import { candidateRow, leftOutRow } from './candidates.js'
import { championBaseline } from './champion.js'
import { failedWords } from './gate-words.js'
import type {
  CostAssumptions,
  FoldRow,
  LineageRow,
  PartName,
  PartReport,
  ReportInput,
  ThresholdReport,
} from './input.js'
import { qualityInput } from './quality-input.js'
import { splitReport } from './split.js'
import { tuningInput } from './tuning-input.js'

export function reportInput(sources: ReportSources): ReportInput {
  const { pair, simulated, settings, selection, bundles, features, importance } = sources
  const configuration = settings.configuration as { readonly [name: string]: Json }
  const setting = (name: string) => configuration[name]
  const venue = String(setting('data.venue'))
  const best = selection.candidates.find(({ id }) => id === selection.best) ?? selection.candidates[0]
  const registered = settings.registered as { state: string; version: string } | null
  const total = importance.reduce((sum, { gain }) => sum + gain, 0)
  const families = new Map(features.features.map(({ name, family }) => [name, family]))
  return {
    pair,
    venue,
    market: venue === 'binance-spot' ? 'spot' : 'perpetual',
    quoteAsset: quoteOf(pair),
    span: { from: Date.parse(String(settings.from)), to: Date.parse(String(settings.to)) },
    bars: {
      base: String(setting('bars.base')),
      decision: String(setting('bars.decision')),
      context: setting('bars.context') as string[],
    },
    simulated,
    approval:
      registered?.state === 'approved'
        ? { state: 'approved', model: best.model, version: registered.version }
        : {
            state: 'not approved',
            model: best.model,
            version: registered?.version ?? null,
            reason: whyNot(registered, sources, best),
          },
    gates: best.gates,
    minTrades: Number(setting('gates.minTrades')),
    candidates: [
      ...selection.candidates.map((candidate) =>
        candidateRow(candidate, best, registered?.state === 'approved', bundles.get(candidate.unit)),
      ),
      ...selection.leftOut.map(leftOutRow),
    ],
    trials: trialsReport(selection),
    features: {
      ...{ count: features.features.length, hash: features.hash, families: countFamilies(features.features) },
      absent: settings.absentFeatures as unknown as readonly Absence[],
    },
    certificate: certificateReport(sources),
    featureStudy: sources.study,
    tuning: tuningInput(sources.trials),
    test: partReport('test', sources),
    outOfFold: partReport('outOfFold', sources),
    intervalLevel: 0.95,
    price: priceOf(sources),
    folds: (bundles.get(best.unit)?.folds ?? []).map(foldRow),
    split: splitReport(String(setting('train.split')), sources.paths),
    importance: [...importance]
      .sort((a, b) => b.gain - a.gain || (a.feature < b.feature ? -1 : 1))
      .map(({ feature, gain, permutation }) => ({
        feature,
        gain,
        permutation,
        family: families.get(feature) ?? '',
        share: total > 0 ? gain / total : 0,
      })),
    featureChoice: bundles.get(best.unit)?.selection ?? { unavailable: 'the bundle of the model is not there' },
    labels: {
      type: String(setting('labels.type')),
      horizonHours: (durationMs(String(setting('labels.horizon'))) ?? 0) / 3_600_000,
      barrier: String(setting('labels.barrier')),
      profit: Number(setting('labels.profit')),
      stop: Number(setting('labels.stop')),
      costAware: String(setting('labels.costAware')) === 'true',
      shuffled: setting('labels.shuffle') !== null,
      terms: labelTerms(sources.balance.type).map((name) => ({ name, value: String(setting(name)) })),
      balance: sources.balance,
      relations: sources.relations,
    },
    quality: qualityInput(sources, venue),
    costs: costAssumptions(setting),
    threshold: thresholdReport(sources.threshold),
    config: Object.entries(configuration).map(([key, value]) => ({ key, value: settingText(value) })),
    lineage: settings.lineage as unknown as LineageRow[],
  }
}

function costAssumptions(setting: (name: string) => Json): CostAssumptions {
  const number = (name: string) => Number(setting(`backtest.${name}`))
  const text = <T extends string>(name: string) => String(setting(`backtest.${name}`)) as T
  const list = (name: string) => setting(`backtest.${name}`) as readonly Json[]
  const optional = (name: string) => (setting(`backtest.${name}`) === null ? null : number(name))
  return {
    makerBps: number('makerBps'),
    takerBps: number('takerBps'),
    feeTiers: list('feeTiers').length,
    slippage: text('slippage'),
    slippageBps: number('slippageBps'),
    spreadBps: number('spreadBps'),
    volatilityShare: number('volatilityShare'),
    impact: number('impact'),
    latencyBars: number('latencyBars'),
    order: text('order'),
    limitBps: number('limitBps'),
    orderBars: number('orderBars'),
    volumeShare: optional('volumeShare'),
    depthShare: optional('depthShare'),
    takeProfits: list('takeProfits') as CostAssumptions['takeProfits'],
    trailing: number('trailing'),
    trailingAfter: number('trailingAfter'),
    reversal: setting('backtest.reversal') === true,
    sizing: text('sizing'),
    riskFraction: number('riskFraction'),
    kellyFraction: number('kellyFraction'),
    targetVolatility: number('targetVolatility'),
    leverage: number('leverage'),
    margin: text('margin'),
    missingFunding: text('missingFunding'),
  }
}

function trialsReport({ trials, candidates }: ReportSources['selection']): ReportInput['trials'] {
  const { fits, trials: tuned, backtests, configurations, tried } = trials
  return { fits, trials: tuned, backtests, configurations, tried, candidates: candidates.length }
}

/** A bundle keeps its columns: the certificate is of the table at hand, which may be another by now. */
function certificateReport({ certificate, features }: ReportSources): ReportInput['certificate'] {
  const { featureSet, verdict, rows, from, to, cuts, features: judged, late, complaints } = certificate
  if (featureSet !== features.hash) return { unavailable: `the certificate is of feature set ${featureSet}` }
  return {
    verdict,
    hash: featureSet,
    features: judged.length,
    rows,
    span: { from: Date.parse(from), to: Date.parse(to) },
    cuts: cuts.map(({ time, place }) => ({ time: Date.parse(time), place })),
    warmups: {
      measured: judged.filter(({ measured }) => measured !== null).length,
      late: late.length,
    },
    complaints,
  }
}

function labelTerms(type: string): string[] {
  if (type === 'direction') return ['labels.directionBars', 'labels.directionThreshold']
  return type === 'meta' ? ['labels.primary'] : []
}

function quoteOf(pair: string): string {
  return (
    ['USDT', 'USDC', 'FDUSD', 'BUSD', 'TUSD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY'].find((quote) =>
      pair.endsWith(quote),
    ) ?? 'quote'
  )
}

function whyNot(
  registered: { readonly state: string } | null,
  { selection }: ReportSources,
  best: StoredCandidate,
): string {
  if (!selection.passed) return failedWords(best.gates)
  return registered?.state === 'rejected'
    ? 'it passed the gates and was rejected by a person'
    : 'it passed the gates, but the model in production stays'
}

function partReport(name: PartName, sources: ReportSources): PartReport {
  const { summary, trades, equity, stress } = sources[name]
  const { buyAndHold, random, reliability } = summary
  return {
    span: summary.span,
    initialEquity: summary.initialEquity,
    openTime: equity.numbers.open_time,
    stepMs: summary.stepMs,
    equity: equity.numbers.equity,
    metrics: summary.metrics,
    predictions: summary.predictions,
    confusion: summary.confusion,
    trades: { ...trades.numbers, rows: trades.rows } as unknown as Trades,
    buyAndHold:
      'unavailable' in buyAndHold ? buyAndHold : { equity: equity.numbers.buy_and_hold, metrics: buyAndHold.metrics },
    random: 'unavailable' in random ? random : (random as unknown as RandomEntries),
    champion: championOf(name, sources),
    reliability,
    stress,
    feesByKind: summary.feesByKind,
    withoutFunding: summary.withoutFunding,
    withoutMarkPrice: summary.withoutMarkPrice,
  }
}

function championOf(name: PartName, { champion, settings, ...sources }: ReportSources): PartReport['champion'] {
  if (champion === null) return { unavailable: 'no other model of this pair is or was in production' }
  const { model, version, own, days } = champion
  if (own === null || days === null) return { unavailable: `the daily record of ${model} ${version} is gone` }
  return championBaseline(
    own[name],
    { model, version, days },
    {
      initialEquity: sources[name].summary.initialEquity,
      seed: Number((settings.configuration as { readonly seed: number }).seed),
    },
  )
}

/** The out-of-fold part and the test part, one after the other; where they overlap the test part starts. */
function priceOf({ test, outOfFold }: ReportSources): ReportInput['price'] {
  const begin = test.equity.numbers.open_time[0] ?? Number.POSITIVE_INFINITY
  const kept = outOfFold.equity.numbers.open_time.filter((time) => time < begin).length
  const join = (name: 'open_time' | 'close') => {
    const joined = new Float64Array(kept + test.equity.rows)
    joined.set(outOfFold.equity.numbers[name].subarray(0, kept))
    joined.set(test.equity.numbers[name], kept)
    return joined
  }
  return { time: join('open_time'), close: join('close') }
}

function foldRow({ fold, scores, threshold, bestRound, parts, noModel }: BundleMetrics['folds'][number]): FoldRow {
  const span = ({ from, to }: { readonly from: number; readonly to: number }) => ({ from, to })
  return {
    fold,
    train: span(parts.train),
    validation: span(parts.validation),
    outOfFold: span(parts.score),
    ...(parts.train.ranges === undefined ? {} : { trainRanges: parts.train.ranges.map(span) }),
    ...(parts.score.ranges === undefined ? {} : { outOfFoldRanges: parts.score.ranges.map(span) }),
    trainRows: parts.train.rows,
    validationRows: parts.validation.rows,
    outOfFoldRows: parts.score.rows,
    auc: scores.aucLong,
    logLoss: scores.logLoss,
    precision: scores.precision,
    signals: scores.signals,
    bestRound,
    threshold: threshold.threshold,
    ...(scores.precision === null ? { reason: noModel ?? 'no signal reached the threshold' } : {}),
  }
}

function countFamilies(features: readonly { readonly family: string }[]): { family: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { family } of features) counts.set(family, (counts.get(family) ?? 0) + 1)
  return [...counts]
    .map(([family, count]) => ({ family, count }))
    .sort((a, b) => b.count - a.count || (a.family < b.family ? -1 : 1))
}

function thresholdReport({
  threshold,
  breakEven,
  margin,
  signals,
  independentSignals,
  precision,
  precisionLow,
  reason,
}: StoredThreshold): ThresholdReport {
  return {
    threshold: threshold ?? Number.NaN,
    breakEven: breakEven ?? Number.NaN,
    margin: margin ?? Number.NaN,
    signals: signals ?? 0,
    independentSignals: independentSignals ?? 0,
    precision: precision ?? Number.NaN,
    precisionLow: precisionLow ?? Number.NaN,
    reason: reason ?? '',
  }
}

function settingText(value: Json): string {
  if (Array.isArray(value)) return value.join(', ')
  return value !== null && typeof value === 'object' ? canonicalJson(value) : String(value)
}
