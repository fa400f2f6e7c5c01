/**
 * The commands as a table: what they are called, what they take, and where their code is, loaded only when one is called. Help is
 * derived from here.
 */
import { STAGE_NAMES } from '../stages/stage.js'
import type { Flags } from './flags.js'

export type Command = {
  readonly name: string
  readonly summary: string
  readonly arguments?: string
  /** Names of `OPTIONS`. */
  readonly options: readonly string[]
  readonly examples?: readonly string[]
  /** What help says besides. */
  readonly notes?: readonly string[]
  readonly subcommands?: readonly Command[]
  readonly run?: (flags: Flags, given: readonly string[]) => Promise<number>
}

const CONFIG = ['config', 'set', 'root']
const WORK = ['pair', ...CONFIG, 'jobs', 'force', 'json', 'quiet']

const STAGE_SUMMARIES: Readonly<Record<(typeof STAGE_NAMES)[number], string>> = {
  download: 'Fetch what the exchange publishes: archive first, REST for the rest, verified by checksum',
  clean: 'Put bars on a complete grid, resample them, list gaps and faults',
  features: 'Compute the chosen features for every decision bar',
  labels: 'Find which barrier each trade would have hit first, and when that was known',
  train: 'Fit every candidate on purged folds and on the final split',
  select: 'Judge the candidates by the gates, register them, approve the best that passes',
  backtest: 'Trade the predictions that were made out of sample, bar by bar',
  report: 'Write one self-contained HTML page per pair, with JSON and CSV beside it',
}

/** Options that one stage has beside those of all. */
const OWN_OPTIONS: Partial<Record<(typeof STAGE_NAMES)[number], readonly string[]>> = {
  download: ['revise'],
  train: ['models', 'dryRun'],
  backtest: ['replay'],
  report: ['pdf'],
}

const stages: readonly Command[] = STAGE_NAMES.map((name) => ({
  name,
  summary: STAGE_SUMMARIES[name],
  options: [...WORK.slice(0, 1), ...(OWN_OPTIONS[name] ?? []), ...WORK.slice(1)],
  examples: [
    `sluice ${name} --pair BTCUSDT`,
    ...(name === 'backtest' ? ['sluice backtest --replay --pair BTCUSDT'] : []),
    ...(name === 'report' ? ['sluice report --pdf --pair BTCUSDT'] : []),
    ...(name === 'train' ? ['sluice train --dry-run --set train.split=combinatorial --set train.folds=6'] : []),
  ],
  run: async (flags) => {
    if (name === 'train' && flags.dryRun === true) return (await import('./folds-command.js')).showFolds(flags)
    if (name === 'backtest' && flags.replay === true)
      return (await import('./replay-command.js')).replayBacktests(flags)
    if (name === 'report' && flags.pdf === true) return (await import('./pdf.js')).reportWithPdf(flags)
    return (await import('./run-command.js')).runStage(name, flags)
  },
  ...(name === 'features'
    ? {
        subcommands: [
          {
            name: 'list',
            summary: 'List features with meaning and warm-up: all, or those of names, families, globs and presets',
            arguments: '[which...]',
            options: [...CONFIG, 'json'],
            examples: ["sluice features list momentum 'sma_*'"],
            run: async (flags: Flags, which: readonly string[]) =>
              (await import('./features-command.js')).listFeatures(which, flags),
          },
          {
            name: 'show',
            summary: 'Show what one feature means, and its last week where there is a table',
            arguments: '<column>',
            options: ['pair', ...CONFIG, 'svg', 'json'],
            examples: ['sluice features show rsi_14_1h --pair BTCUSDT'],
            run: async (flags: Flags, [column]: readonly string[]) =>
              (await import('./show-feature.js')).showFeature(column, flags),
          },
        ],
      }
    : {}),
}))

export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    summary: 'Run a pipeline: every stage that is not fresh, from the archive to the report',
    arguments: '[pipeline]',
    options: [...WORK.slice(0, 1), 'models', ...WORK.slice(1), 'revise', 'from', 'to'],
    examples: [
      'sluice run --pair BTCUSDT',
      'sluice run demo',
      'sluice run --pair FILUSDT --set exchange.archiveUrl=../mirror --set data.from=2023-08-01 --set data.to=2023-12-01',
    ],
    run: async (flags, [pipeline]) => (await import('./run-command.js')).runPipeline(pipeline, flags),
  },
  ...stages,
  {
    name: 'status',
    summary: 'Show what is fresh, stale, missing or failed, and why',
    options: ['pair', 'models', ...CONFIG, 'json'],
    arguments: '[pipeline]',
    run: async (flags, [pipeline]) => (await import('./run-command.js')).showStatus(pipeline, flags),
  },
  {
    name: 'pairs',
    summary: 'List the pairs that are traded most in the last 24 hours, or those of an archive folder',
    options: ['top', 'quote', ...CONFIG, 'json', 'quiet'],
    examples: ['sluice pairs --top 10', 'sluice pairs --top 10 --quiet'],
    run: async (flags) => (await import('./pairs-command.js')).listPairs(flags),
  },
  {
    name: 'models',
    summary: 'Look at the registry of models, compare them, approve or reject one, go back to the one before',
    options: [],
    subcommands: [
      {
        name: 'list',
        summary: 'List the registered models',
        options: ['pair', ...CONFIG, 'json'],
        run: async (flags) => (await import('./models-command.js')).list(flags),
      },
      {
        name: 'show',
        summary: 'Show one model, its metrics, gates and history, and whether its bundle is whole',
        arguments: '<model>',
        options: ['pair', ...CONFIG, 'json'],
        run: async (flags, [model]) => (await import('./models-command.js')).show(model, flags),
      },
      {
        name: 'compare',
        summary: 'Show two models side by side, and whether the first is better on the days both were out of sample',
        arguments: '<model> <other>',
        options: ['pair', ...CONFIG, 'json'],
        examples: ['sluice models compare 1.0.1 1.0.0 --pair BTCUSDT'],
        run: async (flags, [model, other]) => (await import('./models-command.js')).compare(model, other, flags),
      },
      {
        name: 'approve',
        summary: 'Put a model into production',
        arguments: '<model>',
        options: ['pair', ...CONFIG, 'who', 'why', 'json'],
        run: async (flags, [model]) => (await import('./models-command.js')).decide('approve', model, flags),
      },
      {
        name: 'reject',
        summary: 'Take a model out of the choice',
        arguments: '<model>',
        options: ['pair', ...CONFIG, 'who', 'why', 'json'],
        run: async (flags, [model]) => (await import('./models-command.js')).decide('reject', model, flags),
      },
      {
        name: 'rollback',
        summary: 'Reject the model in production of a pair and put the one before it back',
        arguments: '<pair>',
        options: [...CONFIG, 'who', 'why', 'json'],
        examples: ['sluice models rollback BTCUSDT --why "loses in the new regime"'],
        run: async (flags, [pair]) => (await import('./models-command.js')).rollback(pair, flags),
      },
    ],
  },
  {
    name: 'ledger',
    summary: 'Show how much was tried: fits, trials and backtests by model and data',
    options: ['pair', 'root', 'json'],
    run: async (flags) => (await import('./ledger-command.js')).showLedger(flags),
  },
  {
    name: 'simulate',
    summary: "Write a seeded market in the archive's own layout",
    options: ['out', 'seed', 'edge', 'pair', 'start', 'months', 'kinds', 'force', 'json', 'quiet'],
    examples: [
      'sluice simulate --out market --edge 0 --pair BTCUSDT --start 2024-01 --months 7',
      'sluice simulate --out market --pair BTCUSDT --months 1 --kinds all',
    ],
    run: async (flags) => (await import('./simulate-command.js')).simulate(flags),
  },
  {
    name: 'import',
    summary:
      "Turn your own candles, funding, trades, open interest and recordings into a folder in the archive's layout",
    arguments: '<file...>',
    options: [
      'pair',
      'out',
      'venue',
      'kind',
      'timeframe',
      'timeZone',
      'timeUnit',
      'decimal',
      'columns',
      'label',
      'force',
      'json',
      'quiet',
    ],
    examples: [
      'sluice import BTC_USDT_USDT-5m-futures.parquet BTC_USDT_USDT-8h-funding_rate.parquet',
      'sluice import BTC_USDT-trades.parquet BTCUSDT-openInterestHist-4h.csv btcusdt_20240808.gz',
      'sluice import btc.csv --pair BTCUSDT --time-zone Europe/Berlin --columns time=Datum,open=Open',
    ],
    notes: [
      'Files of one call that share a month are joined, in the order given. A month that is there from an earlier call is replaced when',
      'no rows are lost by it (or with --force). A folder with a real or simulated archive is never written to.',
    ],
    run: async (flags, paths) => (await import('./import-command.js')).importFiles(flags, paths),
  },
  {
    name: 'verify',
    summary: 'Check what lies on disk',
    options: [],
    subcommands: [
      {
        name: 'hashes',
        summary: 'List the hashes of all artefacts that two equal runs share, and find damaged ones',
        options: ['root', 'json'],
        run: async (flags) => (await import('./verify-command.js')).verifyHashes(flags),
      },
      {
        name: 'data',
        summary: 'Check content, schema, rows and ledger of everything in data/; exit code 3 on a finding',
        options: ['root', 'json', 'quiet'],
        run: async (flags) => (await import('./verify-command.js')).verifyDataFiles(flags),
      },
      {
        name: 'ledger',
        summary:
          'Compute the chain of the ledger of trials again, compare it with what selections, fits and trials know; exit code 3 on a finding',
        options: ['root', 'json', 'quiet'],
        run: async (flags) => (await import('./ledger-command.js')).verifyLedger(flags),
      },
      {
        name: 'models',
        summary: 'Read every registered bundle and compare it with its hashes; exit code 3 where a byte was changed',
        options: ['root', 'json', 'quiet'],
        run: async (flags) => (await import('./verify-models.js')).verifyModels(flags),
      },
      {
        name: 'features',
        summary: 'Compute every feature again from what was known at many moments: does any see the future?',
        options: ['pair', ...CONFIG, 'cuts', 'jobs', 'force', 'json', 'quiet'],
        examples: ['sluice verify features --pair BTCUSDT --cuts 64'],
        run: async (flags) => (await import('./verify-features.js')).verifyFeatures(flags),
      },
      {
        name: 'placebo',
        summary: 'Run the whole pipeline on noise and on planted edges: is noise refused, and an edge found?',
        options: ['runs', 'seed', 'edge', 'edges', 'models', ...CONFIG, 'jobs', 'json', 'quiet'],
        examples: [
          'sluice verify placebo --runs 12',
          'sluice verify placebo --runs 200 --models logistic,xgboost',
          'sluice verify placebo --edges 0,0.3,0.6,1 --runs 20',
        ],
        notes: [
          'Simulated markets of seven months, pipelines/placebo.yaml on top of your configuration. Runs that are done are kept in',
          'artifacts/placebo, so a series that was stopped goes on, and a longer one takes over what a shorter one found.',
        ],
        run: async (flags) => (await import('./verify-placebo.js')).verifyPlacebo(flags),
      },
    ],
  },
  {
    name: 'doctor',
    summary: 'Show what this machine has and what is missing',
    options: [...CONFIG, 'json'],
    run: async (flags) => (await import('./doctor-command.js')).doctor(flags),
  },
  {
    name: 'config',
    summary: 'Show the resolved configuration and where each value comes from',
    options: ['pair', 'models', ...CONFIG, 'all', 'json'],
    run: async (flags) => (await import('./config-command.js')).showConfig(flags),
  },
]
