/**
 * Every setting once: its type, default, unit and meaning. The loader, `sluice config`, the messages and the reference page are
 * derived from this table. Values only; nothing here knows where a value came from.
 */
import { z } from 'zod'
import { withoutAccess } from '../core/access.js'
import { parseTime, TIMEFRAME_NAMES, type Timeframe } from '../core/time.js'
import { BARRIER_KINDS, VOLATILITY_METHODS } from '../labels/distances.js'
import { LABEL_TYPE_NAMES, type LabelTypeName } from '../labels/registry.js'
import { pairNameProblem } from '../market/pair-name.js'
import { RAW_KIND_NAMES, type RawKind, rawKind } from '../market/raw-kinds.js'
import { BACKTEST_SETTINGS } from './backtest-settings.js'
import { durationMs, memoryBytes } from './durations.js'
import { fraction, type Setting, setting } from './setting.js'

const timeframe = z.enum(TIMEFRAME_NAMES as [Timeframe, ...Timeframe[]])
/** Those of their own choice: the statistics from REST come with the metrics that they complete. */
const ARCHIVE_KINDS = RAW_KIND_NAMES.filter((kind) => {
  const { monthly, daily } = rawKind(kind)
  return monthly || daily || kind === 'depth'
}) as [RawKind, ...RawKind[]]
const names = z.array(z.string().min(1))
const pairName = z.string().superRefine((text, context) => {
  const problem = pairNameProblem(text)
  if (problem !== null) context.addIssue({ code: 'custom', message: problem })
})
const pairNames = z.array(z.string()).superRefine((list, context) => {
  for (const text of list) {
    const problem = pairNameProblem(text)
    if (problem !== null) context.addIssue({ code: 'custom', message: `names "${text}", which ${problem}` })
  }
})
const share = z.number().min(0.05).max(0.5)
const date = z.preprocess(
  (value) => (value instanceof Date ? value.toISOString().slice(0, 16) : value),
  z.string().refine(isDate, 'is not a date such as 2024-01-31'),
)
const duration = z.string().refine((text) => durationMs(text) !== null, 'is not a duration such as 30m, 4h or 1d')
const window = duration.refine((text) => durationMs(text) !== 0, 'is no time at all')
const memory = z
  .string()
  .refine((text) => memoryBytes(text) !== null, 'is not an amount of memory such as 2GB or 512MB')
const directions = z.record(z.string(), z.literal([1, -1]))
const parameters = z.record(z.string(), z.record(z.string(), z.number()))

export const SETTINGS = {
  seed: setting(z.number().int().min(0), 42, 'Where all chance begins'),

  'exchange.archiveUrl': setting(
    z.string().min(1),
    'https://data.binance.vision',
    "The exchange's public archive: an http(s) address, or a folder in the archive's own layout",
  ),
  'exchange.futuresUrl': setting(z.url(), 'https://fapi.binance.com', 'REST address of the futures exchange'),
  'exchange.spotUrl': setting(z.url(), 'https://data-api.binance.vision', 'REST address of the spot exchange'),
  'exchange.streamUrl': setting(z.url(), 'wss://fstream.binance.com', 'WebSocket address of the futures exchange'),

  'exchange.listingUrl': setting(
    z.union([z.literal('auto'), z.url()]),
    'auto',
    'Where the archive can be listed, to tell an unknown pair at once; auto = known for the official archive',
  ),

  'download.kinds': setting<RawKind[]>(
    z.array(z.enum(ARCHIVE_KINDS)).min(1),
    ['klines', 'fundingRate', 'markPriceKlines', 'indexPriceKlines', 'premiumIndexKlines', 'metrics'],
    'What is fetched, as far as the venue has it',
  ),
  'download.timeframes': setting(
    z.array(timeframe),
    [],
    'Published bars beside bars.base, only to compare them with the resampled ones',
  ),
  'download.rest': setting(
    z.enum(['auto', 'always', 'never']),
    'auto',
    'Ask the exchange for what the archive does not have; auto = with the official archive, not with another one',
  ),

  'data.venue': setting(z.enum(['binance-um', 'binance-spot']), 'binance-um', 'USD-margined futures, or spot'),
  'data.pairs': setting(pairNames.min(1), ['BTCUSDT'], 'Pairs, named as the exchange does'),
  'data.from': setting(date.nullable(), null, 'First day (UTC), inclusive', 'date'),
  'data.to': setting(
    z.union([z.literal('now'), date]).nullable(),
    null,
    'Day after the last (UTC), exclusive; now = up to the end of yesterday',
    'date',
  ),
  'data.months': setting(z.number().int().min(1), 7, 'Full months before now, when no dates are given', 'months'),

  'bars.base': setting(timeframe, '1m', 'Finest bars: used inside barriers and by the backtest'),
  'bars.decision': setting(timeframe, '5m', 'Rows of the feature table'),
  'bars.context': setting(z.array(timeframe), ['1h', '4h', '1d'], 'Higher timeframes, joined only when closed'),

  'features.include': setting(names, ['core'], 'Features by name, family, glob, or the presets core, sequence and all'),
  'features.exclude': setting(names, [], 'Taken out of what include gives'),
  'features.market': setting(
    pairName.nullable(),
    'BTCUSDT',
    'The pair among data.pairs against which cross-asset features of the others are taken; null = none',
  ),

  'features.spy': setting(
    pairName.nullable(),
    null,
    'The pair among data.pairs that stands for the S&P 500, with trading hours of its own; null = none',
  ),
  'features.dxy': setting(
    pairName.nullable(),
    null,
    'The pair among data.pairs that stands for the US dollar index, likewise; null = none',
  ),

  'certificate.cuts': setting(
    z.number().int().min(1),
    8,
    'Moments by chance at which every feature is computed again from what was known then',
  ),
  'certificate.rows': setting(
    z.union([z.number().int().min(1), z.literal('all')]),
    20_000,
    'Newest decision rows that are looked at, with the longest look-back before them, or `all`',
    'rows',
  ),

  'labels.type': setting(
    z.enum(LABEL_TYPE_NAMES as [LabelTypeName, ...LabelTypeName[]]),
    'ternary',
    'What is predicted',
  ),
  'labels.horizon': setting(duration, '4h', 'Time after which a trade is closed', 'duration'),
  'labels.barrier': setting(
    z.enum(BARRIER_KINDS),
    'fixed',
    'Barriers as fractions of the price, or scaled by ATR 14 or by the volatility of the returns before',
  ),
  'labels.profit': setting(z.number().positive().max(1), 0.02, 'Distance of the profit barrier', 'fraction of price'),
  'labels.stop': setting(z.number().positive().max(1), 0.01, 'Distance of the stop barrier', 'fraction of price'),
  'labels.atrMultiple': setting(z.number().positive(), 1.5, 'Stop distance with labels.barrier atr', '× ATR'),
  'labels.volatilityMethod': setting(
    z.enum(VOLATILITY_METHODS),
    'ewma',
    'With labels.barrier volatility: exponentially weighted or plain deviation of the log returns',
  ),
  'labels.volatilityBars': setting(
    z.number().int().min(2),
    100,
    'With labels.barrier volatility: span or window of that deviation',
    'decision bars',
  ),
  'labels.volatilityMultiple': setting(
    z.number().positive(),
    1,
    'Stop distance with labels.barrier volatility',
    '× deviation over the horizon',
  ),
  'labels.costAware': setting(
    z.boolean(),
    false,
    'A win must clear fees and slippage: the profit barrier is moved out by them; direction and regression see them too',
  ),
  'labels.directionBars': setting(z.number().int().min(1), 48, 'How far labels.type direction looks', 'decision bars'),
  'labels.directionThreshold': setting(
    z.number().min(0).max(1),
    0.01,
    'Smallest move that labels.type direction calls one; 0 = up or down',
    'fraction of price',
  ),
  'labels.primary': setting(
    z.string().min(1).nullable(),
    null,
    'Feature column whose sign is the side that labels.type meta judges, such as macd_histogram_pct_12_26_9',
  ),

  'labels.shuffle': setting(
    z.number().int().min(0).nullable(),
    null,
    'Moves labels to other rows by this seed, so that nothing is left to learn: a placebo; null = not',
  ),

  'train.models': setting(names.min(1), ['logistic', 'xgboost'], 'Candidates'),
  'train.split': setting(
    z.enum(['walk-forward', 'rolling', 'purged-kfold', 'combinatorial']),
    'walk-forward',
    'How folds lie before the test part: trained on all the past, on train.window of it, or on both sides of what they score',
  ),
  'train.folds': setting(
    z.number().int().min(2).max(20),
    5,
    'Folds before the test part; with purged-kfold and combinatorial the groups of rows that they are made of',
  ),
  'train.scoredGroups': setting(
    z.number().int().min(2).max(10),
    2,
    'Groups that a combinatorial fold scores: there is a fold for every choice of so many out of train.folds',
  ),
  'train.window': setting(
    window,
    '90d',
    'Training span of a rolling fold, and of the final split with rolling',
    'duration',
  ),
  'train.testShare': setting(share, 0.15, 'Newest rows, read once: the test part', 'fraction of rows'),
  'train.validationShare': setting(
    share,
    0.15,
    'Rows before the test part that validate the final split',
    'fraction of rows',
  ),
  'train.embargo': setting(
    z.union([z.literal('horizon'), duration]),
    'horizon',
    'Time kept free between the parts of a fold',
    'duration',
  ),
  'train.threads': setting(z.number().int().min(1), 1, 'Threads inside one fit; folds already use the cores'),
  'train.monotone': setting(
    directions,
    {},
    'Features with which the target may only rise (1) or only fall (-1), for labels of two classes or a value',
  ),
  'train.categorical': setting(names, [], 'Features whose values are codes without an order'),
  'train.selection': setting(
    names,
    [],
    'How features are chosen inside each fold, in this order, such as [variance, correlation:0.9, importance:50]; [] = all of them',
  ),
  'train.scaling': setting(
    z.enum(['auto', 'standard', 'minmax', 'robust', 'log']),
    'auto',
    'Scaling of features before the model, fitted on training rows; auto = each model does what it needs by itself',
  ),
  'train.classWeights': setting(
    z.enum(['none', 'balanced']),
    'none',
    'Weight of a row by its class; balanced = rare classes count as much as common ones, which calibration turns back',
  ),
  'train.sampleWeights': setting(
    z.enum(['none', 'uniqueness']),
    'none',
    'Weight of a row by how few other labels live at the same time; tilts the base rate towards barriers that are hit soon',
  ),
  'train.calibration': setting(
    z.enum(['platt', 'isotonic', 'beta', 'auto']),
    'auto',
    'Curve from the model to a probability; auto = the best by log loss on rows held out of validation, platt unless clearly beaten',
  ),

  'tuning.trials': setting(
    z.number().int().min(0).max(1000),
    0,
    'Parameters tried per model before it is fitted; 0 = the defaults, and what models fixes',
  ),
  'tuning.batch': setting(
    z.number().int().min(1).max(64),
    4,
    'Trials proposed at a time, from what came of the batches before',
  ),
  'tuning.folds': setting(z.number().int().min(1).max(10), 3, 'Inner folds of a trial, before all that is scored'),
  'tuning.startup': setting(z.number().int().min(1), 8, 'Trials by chance before the sampler has something to go by'),

  'neural.backend': setting(
    z.enum(['auto', 'tfjs-node-gpu', 'tfjs-node', 'webgpu', 'wasm', 'cpu']),
    'auto',
    'What TensorFlow.js trains neural networks with; auto = the first of them that is installed and, of webgpu, has a graphics card (`sluice doctor` says which and why); wasm = WebAssembly, cpu = plain JavaScript, many times slower. Whatever trains, wasm predicts, unless this is cpu',
  ),
  'neural.inputs': setting(
    names,
    ['sequence'],
    'What nets read of the table, as in features.include; sequence = the bars and their order flow, all = every feature',
  ),

  models: setting(parameters, {}, 'Parameters by model, such as models.xgboost.maxDepth'),

  'decision.threshold': setting(
    z.union([z.literal('auto'), fraction]),
    'auto',
    'Confidence from which the backtest enters; auto = break-even plus a margin chosen on validation',
  ),

  'gates.precision': setting(fraction, 0.6, 'Smallest precision at the threshold on the test part'),
  'gates.sharpe': setting(z.number(), 1.2, 'Smallest Sharpe ratio on the test part, a year of 365 days'),
  'gates.maxDrawdown': setting(fraction, 0.2, 'Largest drawdown on the test part', 'fraction'),
  'gates.calibrationError': setting(fraction, 0.05, 'Largest expected calibration error on the test part'),
  'gates.deflatedSharpe': setting(
    fraction,
    0.95,
    'Smallest probability that the Sharpe ratio beats the best of as many trials without skill',
  ),
  'gates.pbo': setting(fraction, 0.5, 'Largest probability of backtest overfitting among the candidates'),
  'gates.stability': setting(z.number().max(1), 0.4, 'Least agreement of the folds on their leading features'),
  'gates.minTrades': setting(z.number().int().min(1), 30, 'Fewer observations than this fail a gate'),

  ...BACKTEST_SETTINGS,

  'run.jobs': setting(z.number().int().min(1).nullable(), null, 'Workers; all cores when not given'),
  'run.memory': setting(memory, '2GB', 'Lowers the number of workers, never the result', 'bytes'),
  'run.workerMemory': setting(
    z.union([z.literal('auto'), memory]),
    'auto',
    'From when on a fit, or the account of all pairs, is ended; auto = its share of run.memory, or twice its estimate where that is more',
    'bytes',
  ),
} as const

export type SettingName = keyof typeof SETTINGS
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]

type ValueOf<N extends SettingName> = (typeof SETTINGS)[N] extends Setting<infer T> ? T : never

/** The resolved configuration, flat and frozen: `config['labels.profit']`. */
export type Config = { readonly [N in SettingName]: ValueOf<N> }

/** The configuration as it may be printed and recorded: no address with its user and password. */
export function shownConfig(config: Config): Config {
  const shown = Object.entries(config).map(([name, value]) => [
    name,
    typeof value === 'string' ? withoutAccess(value) : value,
  ])
  return Object.fromEntries(shown) as Config
}

function isDate(text: string): boolean {
  try {
    parseTime(text)
    return true
  } catch {
    return false
  }
}
