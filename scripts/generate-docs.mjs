/**
 * Writes docs/reference/ from the program's own tables, so that what is written about a setting, a feature or a column is what
 * the program does. `--check` writes nothing and fails when a page is not current; test/docs.test.ts does the same from src/.
 *
 *     node scripts/generate-docs.mjs [--check]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { DATASETS } from './dataset-meanings.mjs'
import { rawMeaning, unusedMeanings } from './raw-meanings.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
export const FOLDER = 'docs/reference'
const NOTE = '<!-- Written by scripts/generate-docs.mjs from the program itself; do not edit. -->'

/**
 * @param {(module: string) => Promise<any>} load  a module of ours by its path without ending, such as `config/settings`
 * @returns {Promise<Record<string, string>>}      text of each page by file name
 */
export async function referencePages(load) {
  const pages = {
    'commands.md': await commandsPage(load),
    'settings.md': await settingsPage(load),
    'features.md': await featuresPage(load),
    'labels.md': await labelsPage(load),
    'models.md': await modelsPage(load),
    'metrics.md': await metricsPage(load),
    'gates.md': await gatesPage(load),
    'datasets.md': await datasetsPage(load),
  }
  const { reportJsonSchema } = await load('report/schema/report')
  return {
    ...Object.fromEntries(Object.entries(pages).map(([name, text]) => [name, `${NOTE}\n\n${text.trim()}\n`])),
    'report.schema.json': `${JSON.stringify(reportJsonSchema(), null, 2)}\n`,
  }
}

async function commandsPage(load) {
  const { COMMANDS } = await load('cli/commands')
  const { OPTIONS } = await load('cli/flags')
  const { EXIT } = await load('core/errors')
  const meanings = {
    done: 'everything asked for is there, or was already',
    failed: 'at least one unit failed; the others went on, and what was finished is kept',
    usage: 'the command line or the configuration is wrong; nothing was done',
    gate: 'the work is done, but a gate or check did not pass: no model passed all gates, or a file is damaged',
  }
  const rows = COMMANDS.flatMap((command) => {
    const own = [line(command.name, command)]
    return [
      ...(command.run ? own : []),
      ...(command.subcommands ?? []).map((sub) => line(`${command.name} ${sub.name}`, sub)),
    ]
  })
  const examples = COMMANDS.flatMap(({ examples: some = [] }) => some)
  return `
# Commands

${table(['Command', 'What it does', 'Options'], rows)}

\`sluice --help\` and \`sluice <command> --help\` print the same. Data goes to stdout, messages and progress to stderr.

## Options

${table(
  ['Option', 'Meaning'],
  Object.values(OPTIONS).map(({ flags, meaning }) => [code(flags), meaning]),
)}

## Exit codes

${table(
  ['Code', 'Meaning'],
  Object.entries(EXIT).map(([name, value]) => [value, meanings[name] ?? missing(`exit code ${name}`)]),
)}

A run that was stopped by SIGINT ends with 130, by SIGTERM with 143.

## Examples

\`\`\`sh
${examples.join('\n')}
\`\`\`
`
  function line(name, { summary, arguments: given, options }) {
    return [
      code(`${name}${given === undefined ? '' : ` ${given}`}`),
      summary,
      options.map((option) => code(OPTIONS[option].flags.split(' ')[0])).join(' '),
    ]
  }
}

async function settingsPage(load) {
  const { SETTINGS } = await load('config/settings')
  const { NOT_SETTINGS } = await load('config/load')
  const { z } = await import('zod')
  const rows = Object.entries(SETTINGS).map(([name, { type, default: value, meaning, unit }]) => [
    code(name),
    code(JSON.stringify(value)),
    allowed(z.toJSONSchema(type, { unrepresentable: 'any', io: 'input' })),
    unit ?? '',
    meaning,
  ])
  return `
# Settings

Defaults, then YAML files (\`--config\`, else \`sluice.yaml\` when it is there), then a pipeline's own values, then the environment
(\`SLUICE_LABELS__HORIZON=2h\`), then \`--set labels.horizon=2h\`, then options such as \`--pair\`: the later wins. An unknown name is an
error with a suggestion, and all problems are listed at once. \`sluice config\` shows what holds and where it comes from.

${table(['Setting', 'Default', 'Allowed', 'Unit', 'Meaning'], rows)}

Lists may be written with commas: \`--set bars.context=1h,4h\`. Parameters of models are named in [models](models.md):
\`--set models.xgboost.maxDepth=3\`.

${NOT_SETTINGS.map(code).join(', ')} are no settings: they say where this checkout or a native library is. Of other variables
that begin with \`SLUICE_\` those with \`__\` must be settings; one without counts where there is a setting of its name, and one that only
looks like one is told as a warning.
`
}

/** A JSON schema in words; empty where it says nothing beyond the type's own message. */
function allowed(schema) {
  if (schema.anyOf) return schema.anyOf.map(allowed).filter(Boolean).join(', or ')
  if (schema.const !== undefined) return code(schema.const)
  if (schema.enum) return schema.enum.map((value) => code(value)).join(' ')
  if (schema.type === 'array') return `list${schema.items?.enum ? ` of ${allowed(schema.items)}` : ''}`
  if (schema.type === 'null') return 'none'
  if (Array.isArray(schema.type)) return 'a day such as `2024-01-31`, or none'
  if (schema.type === 'object') {
    const { additionalProperties: of } = schema
    return of.type === 'object' ? 'table of numbers by model' : `table by feature: ${allowed(of)}`
  }
  if (schema.type !== 'number' && schema.type !== 'integer') return schema.format === 'uri' ? 'address' : ''
  const kind = schema.type === 'integer' ? 'whole number' : 'number'
  const above = schema.exclusiveMinimum === undefined ? schema.minimum : schema.exclusiveMinimum
  const low = above === undefined ? '' : ` ${schema.exclusiveMinimum === undefined ? '≥' : '>'} ${above}`
  const high =
    schema.maximum === undefined || schema.maximum === Number.MAX_SAFE_INTEGER
      ? ''
      : `${low === '' ? '' : ' and'} ≤ ${schema.maximum}`
  return `${kind}${low}${high}`
}

async function featuresPage(load) {
  const { featureRows } = await load('features/registry')
  const { FAMILIES } = await load('features/feature')
  const { CORE, CORE_CONTEXT } = await load('features/presets')
  const rows = featureRows('5m')
  const families = FAMILIES.map((family) => {
    const own = rows.filter((row) => row.family === family)
    return `## ${family}\n\n${table(
      ['Feature', 'Meaning', 'Look-back', 'Memory', 'On', 'In', 'Inputs', 'Reference'],
      own.map((row) => [
        code(row.name),
        row.meaning,
        row.lookback,
        row.memory === 'window' ? row.memory : `${row.memory}, ${row.settle ?? 'never'}`,
        row.timeframes,
        row.preset,
        row.inputs,
        row.reference,
      ]),
    )}`
  })
  return `
# Features

${rows.length} features. A column is a feature on one timeframe: \`rsi_14\` on the decision timeframe, \`rsi_14_1h\` on a context
timeframe, where it holds the value of the last bar that had closed. Row *t* holds only what was known at the close of bar *t*.

- **Look-back**: 5-minute bars before the first value on data without holes. Features whose window is in hours or days have another
  number on another timeframe; \`sluice features list\` computes it for the configured one.
- **Memory**: \`window\` depends on the last look-back + 1 bars alone; \`recursive\` on all bars since the last hole, and the number
  says how many bars beyond the look-back it takes until what came before moves it by less than 1e-9 of its largest value.
- **On**: \`every\` timeframe, or the \`decision\` timeframe only.
- **In**: the presets that hold it. \`core\` (default) has ${CORE.length} features on the decision timeframe and ${CORE_CONTEXT.length} on each context timeframe.

\`features.include\` and \`features.exclude\` take names of columns, families, globs (\`rsi_*\`, \`*_1h\`) and presets.
A feature whose inputs the instrument does not have (funding on spot) is absent, and that is said. To add one: [add a feature](../add-a-feature.md).

${families.join('\n\n')}
`
}

async function labelsPage(load) {
  const { LABEL_TYPES } = await load('labels/registry')
  const sides = { class: 'the class', sign: 'sign of the value', primary: '`labels.primary`' }
  const windows = { race: 'the race', horizon: '`labels.horizon`', bars: '`labels.directionBars`' }
  const rows = Object.values(LABEL_TYPES).map(
    ({ name, meaning, task, classes, side, window, minimumRatio, reference }) => [
      code(name),
      meaning,
      task === 'regression' ? 'a value' : classes.join(', '),
      sides[side] ?? 'none: not traded',
      windows[window],
      minimumRatio === 0 ? 'any' : `≥ ${minimumRatio}`,
      reference,
    ],
  )
  return `
# Labels

${table(['Type', 'Meaning', 'Classes', 'Side of a signal', 'Looks to the end of', 'Profit ÷ stop', 'Reference'], rows)}

What all types share:

- t0 is the close of the decision bar. A trade enters at the open of the first base bar at or after t0 plus \`backtest.latencyBars\` base
  bars; that open is the entry price from which both barriers are measured. The backtest enters by the same code.
- **Outcome.** Whatever is learned, each row has the race of the barriers over \`labels.horizon\`: 1 a long would have won (+profit before
  -stop), -1 a short, 0 neither. \`binary\` races longs only and has no -1. Precision, calibration and thresholds speak of the outcome.
- t1 is when label and outcome were both known: the close of the base bar that settled the race by a touch, or t0 + \`labels.horizon\`, and
  not before the end of what the label itself looks at.
- Where both barriers lie inside one base bar, the stop came first.
- An interval that meets a hole or the end of the data is not known: null, never 0.
- A row may be known and yet have no label: \`binary\` where neither barrier is touched, \`meta\` where the primary names no side.

**Barriers** (\`labels.barrier\`). \`fixed\`: the distances are \`labels.profit\` and \`labels.stop\`. \`atr\`: the stop is \`labels.atrMultiple\` × ATR 14
of the decision bars over the close. \`volatility\`: the stop is \`labels.volatilityMultiple\` × the deviation of the decision bars' log returns, known
at the close of the row's bar, × √(horizon ÷ bar); \`labels.volatilityMethod\` says whether it is exponentially weighted (span
\`labels.volatilityBars\`; López de Prado 2018, Advances in Financial Machine Learning, ch. 3.1) or over a plain window of so many. In the last two
profit keeps the ratio of the two settings.

**Costs** (\`labels.costAware\`). The profit barrier is moved out so far that a trade which reaches it is left with the profit asked for after the
fee and slippage of the market order in and the fee of the resting order out (\`backtest.*Bps\`; the larger of the two sides, which is the long's).
The stop stays. The backtest rests its profit order there as well. \`direction\` adds the costs of two market orders to its threshold;
\`regression\` takes them off its value, towards zero. Funding is no part of it.

**Examples.**

| Wanted | Settings |
| --- | --- |
| Up or down by 1 % after 48 bars | \`labels: {type: direction, directionBars: 48, directionThreshold: 0.01}\` (default) |
| By 0.5 % after 5 bars | \`labels: {type: direction, directionBars: 5, directionThreshold: 0.005}\` |
| The next hour, up or down, on 5-minute bars | \`labels: {type: direction, directionBars: 12, directionThreshold: 0}\` |
| Which MACD signals to follow | \`labels: {type: meta, primary: macd_histogram_pct_12_26_9}\` |
| Barriers that breathe with the market | \`labels: {barrier: volatility, volatilityMultiple: 0.5}\` |

To add one: [add a label](../add-a-label.md). The columns on disk: [datasets](datasets.md).
`
}

async function modelsPage(load) {
  const { modelKind, modelNames } = await load('models/registry')
  const { calibrationMethods } = await load('validation/calibration')
  const { SELECTION_METHODS } = await load('validation/columns/registry')
  const { SCALINGS } = await load('validation/scaling')
  const { ENSEMBLES } = await load('validation/ensembles/registry')
  const { LEAST_INDEPENDENT } = await load('validation/ensembles/blend')
  const sections = []
  for (const name of modelNames) {
    const { title, meaning, reference, parameters, tasks, constraints } = await modelKind(name)
    const rows = Object.entries(parameters).map(
      ([parameter, { default: value, range, integer, search, meaning: text }]) => [
        code(`models.${name}.${parameter}`),
        value,
        `${range[0]} to ${range[1]}${integer ? ', whole' : ''}`,
        search === undefined ? '' : `${search.low} to ${search.high}${search.log ? ', by ratio' : ''}`,
        text,
      ],
    )
    sections.push(
      `## ${title} (\`${name}\`)\n\n${meaning} ${reference}.\n\nFor ${tasks.join(' and ')}${
        constraints.length === 0 ? '' : `; knows ${constraints.map((one) => code(`train.${one}`)).join(' and ')}`
      }.\n\n${table(['Parameter', 'Default', 'Range', 'Tuned in', 'Meaning'], rows)}`,
    )
  }
  return `
# Models

\`train.models\` (or \`--models\`) names the candidates; one that this machine cannot run, or that cannot learn the label,
is left out with a warning. To add one: [add a model](../add-a-model.md).

${sections.join('\n\n')}

## Ensembles

Named among \`train.models\` beside two models or more, which all become its members: \`--models xgboost,lightgbm,lstm,stack\`. Its bundle has no model of its
own and refers to those of its members by the hash of all their bytes. When it scores a fold, it knows of its members what they predicted out of earlier
folds, where the outcome was known \`train.embargo\` before the fold begins, from models that had learnt from nothing later either: from these rows come its
weights, its calibration and its threshold. The first fold has none before it and takes equal weights. Where every fold's model is trained on later rows than it
scores (\`train.split\` purged-kfold, combinatorial), there is nothing to learn from, and ensembles are left out, with the reason. Where fewer than ${LEAST_INDEPENDENT} rows do not overlap, the weights are equal. A member that says nothing of a row, such as a network without a whole window, leaves its
weight to the others. \`metrics.json\` has the weights of every fold and how far they move.

${table(
  ['Name', 'What it is', 'After'],
  Object.entries(ENSEMBLES).map(([name, { title, meaning, reference }]) => [
    code(name),
    `${title}. ${meaning}`,
    reference,
  ]),
)}

## Calibration

Each side's probability is calibrated on validation rows, by \`train.calibration\`: \`platt\` unless told otherwise;
[why](../decisions/platt-calibration.md). With \`auto\` the validation part is cut into 5 blocks of time, each predicted by calibrators fitted on the rows
of the others whose intervals do not meet it; the smallest log loss is taken if it beats Platt's by more than one standard error.

${table(
  ['Method', 'Meaning'],
  Object.values(calibrationMethods).map(({ name, meaning }) => [code(name), meaning]),
)}

## Selection of features

\`train.selection\` lists methods in the order in which they are applied inside each fold, on its training rows alone; each may be followed by its
numbers, such as \`[variance, correlation:0.95, recursive:40:0.1]\`. The first three look at 8,192 rows, one by chance of each of as many equal parts
of the training rows. The models that \`importance\` and \`recursive\` fit may be stopped early by the fold's validation part. What was chosen, and what was
dropped and why, stands in \`selection.json\` of each fit and of the bundle; how far the folds agree, in \`metrics.json\` and in the report.

${table(
  ['Method', 'Numbers', 'Meaning', 'After'],
  Object.values(SELECTION_METHODS).map(({ name, parameters, meaning, reference }) => [
    code(name),
    Object.entries(parameters)
      .map(([parameter, { default: value, meaning: text }]) => `${parameter} ${value}: ${text}`)
      .join(' '),
    meaning,
    reference,
  ]),
)}

## Scaling

\`train.scaling\` is fitted on the training rows of a split and stored as \`scaling.json\`. With \`auto\` nothing is done before the model: logistic regression
standardises by itself, and trees need none. What is not known stays unknown: trees take it as it is, logistic regression puts its training median there.

${table(
  ['Scaling', 'Meaning', 'After'],
  Object.entries(SCALINGS).map(([name, { meaning, reference }]) => [code(name), meaning, reference]),
)}
`
}

async function metricsPage(load) {
  const { METRICS } = await load('backtest/metrics')
  const { DAYS_PER_YEAR } = await load('backtest/periods')
  const { PREDICTION_MEANINGS } = await load('report/part-summary')
  return `
# Metrics

What cannot be computed is shown as \`N/A\` with the reason, never as 0. Intervals are 95 % by block bootstrap with the run's seed; where there is none, the report says why.

## Predictions

On the rows of a part whose outcome is known and clear of its borders.

${table(
  ['Metric', 'Meaning'],
  Object.entries(PREDICTION_MEANINGS).map(([name, meaning]) => [code(name), meaning]),
)}

## Backtest

After costs. A year has ${DAYS_PER_YEAR} days.

${table(
  ['Metric', 'Unit', 'Interval from', 'Meaning'],
  METRICS.map(({ name, unit, resample, meaning }) => [
    code(name),
    unit,
    typeof resample === 'string' ? `${resample} drawn again` : `none: ${resample.never}`,
    meaning,
  ]),
)}
`
}

async function gatesPage(load) {
  const { gates } = await load('validation/gates')
  const { PROMOTION } = await load('validation/selection')
  const { SETTINGS } = await load('config/settings')
  const rows = Object.entries(gates).map(([name, { meaning, bound, limit, required, score, least }]) => [
    code(name),
    `${bound} ${SETTINGS[`gates.${name}`]?.default ?? limit}`,
    least ? `${least.count} ${least.of}` : '`gates.minTrades`',
    required ? 'yes' : 'shown only',
    score ? `${score.weight} (${score.worst} → 0, ${score.best} → 1)` : '',
    meaning,
  ])
  return `
# Gates

A model is approved without a person when it passes every required gate on the test part, and, where another is in production, is
better than that one.

${table(['Gate', 'Default limit', 'Rests on at least', 'Required', 'Weight in the score', 'Meaning'], rows)}

A metric that cannot be computed, or rests on less than that (\`gates.minTrades\` is ${SETTINGS['gates.minTrades'].default} by default), fails its gate. The limits are
the settings \`gates.*\`. How the last three are meant: [what was tried](../decisions/what-was-tried.md).

## Composite score

Ranks the candidates, 0 (worst) to 1 (best):

    score = Σ weight · clamp((value − worst) / (best − worst), 0, 1) · min(1, count / gates.minTrades)

over the gates that have a weight; *worst* earns 0 and *best* earns 1. The default limit of every gate earns half of its weight, so a
model that just passes them all has 0.5. What is not known earns 0. Candidates that passed stand before those that did not; ties
are broken by name, then by fingerprint.

## Better than the one in production

On the days on which both were out of sample, their folds included, at least 20 of them: at least ${PROMOTION.precisionGain * 100} percentage points more precision
and a profit factor of at least ${PROMOTION.profitFactor}, each resting on \`gates.minTrades\` trades, and a higher daily return that chance alone would make in at most
${PROMOTION.chance * 100} of 100 cases (paired stationary block bootstrap). What is not known is not better.
`
}

async function datasetsPage(load) {
  const schemas = {
    ...(await load('datasets/bars-table')),
    ...(await load('datasets/label-table')),
    ...(await load('datasets/prediction-table')),
    ...(await load('datasets/raw-predictions')),
    ...(await load('datasets/series-table')),
  }
  const quality = await qualitySection(load)
  const { TRADE_COLUMNS, EXIT_REASONS } = await load('backtest/types')
  const columnsOf = {
    bars: Object.keys(schemas.BARS_SCHEMA),
    funding: Object.keys(schemas.FUNDING_SCHEMA),
    funding_special: Object.keys(schemas.SPECIAL_FUNDING_SCHEMA),
    mark_price: Object.keys(schemas.PRICE_SCHEMA),
    index_price: Object.keys(schemas.PRICE_SCHEMA),
    premium_index: Object.keys(schemas.PRICE_SCHEMA),
    clean_metrics: Object.keys(schemas.METRICS_SCHEMA),
    trade_bars: Object.keys(schemas.TRADE_BARS_SCHEMA),
    book_depth_bars: Object.keys(schemas.BOOK_DEPTH_SCHEMA),
    book_ticker_bars: Object.keys(schemas.BOOK_TICKER_SCHEMA),
    liquidation_bars: Object.keys(schemas.LIQUIDATION_SCHEMA),
    labels: Object.keys(schemas.LABELS_SCHEMA),
    raw_predictions: [...Object.keys(schemas.RAW_PREDICTION_COLUMNS), 'predicted_1 …'],
    predictions: Object.keys(schemas.PREDICTION_COLUMNS),
    trades: TRADE_COLUMNS,
  }
  const sections = DATASETS.map(({ name, title, path, meaning, columns }) => {
    const known = columnsOf[name] ?? Object.keys(columns)
    const rows = known.map((column) => [code(column), ...(columns[column] ?? missing(`column ${column} of ${name}`))])
    for (const column of Object.keys(columns))
      if (!known.includes(column)) missing(`${name} has no column ${column}, but a meaning`)
    return `## ${title}\n\n${code(path)}\n\n${meaning}\n\n${table(['Column', 'Unit', 'Meaning'], rows)}`
  })
  return `
# Datasets

Parquet, Snappy, rows in the order of time. Times are \`TIMESTAMP\` in UTC milliseconds; not known is null. Paths are relative to the
root (\`--root\`). Each has a manifest beside it: [architecture](../architecture.md#manifests).

${rawSections(await load('market/raw-kinds')).join('\n\n')}

${sections.join('\n\n').replace('EXIT_REASONS', EXIT_REASONS.map((reason, i) => `${i} ${reason}`).join(', '))}

${quality}
`
}

async function qualitySection(load) {
  const { GAP_CAUSES } = await load('market/gaps')
  const { OUTLIER_Z, OUTLIER_IQR, JUMP_Z, REFERENCE_Z } = await load('market/outliers')
  const { LISTED_RUN_BARS } = await load('market/runs')
  const { LISTED_RUNS } = await load('market/quality')
  const { METRICS_TOLERANCE } = await load('market/metrics')
  const { LISTED, ROUNDING } = await load('market/listed')
  const { IMPOSSIBLE_REASONS, MEAN_TOLERANCE } = await load('market/impossible')
  const implausible = await load('market/implausible')
  const { WICK_TIMES, WICK_TIMES_UNTRADED, WICK_SHARE, STEP_TIMES, PREMIUM_LIMIT, VOLUME_TIMES, VOLUME_BARS } =
    implausible
  const { RATE_LIMIT } = await load('market/funding')
  const { LOST_SHARE, REPLACED_SHARE } = await load('market/lost-rows')
  return `## Quality report

\`data/clean/<venue>/<PAIR>/quality.json\`: what cleaning did to the published rows, and what is left. What is an \`outlier\` is flagged and not changed; what is
\`impossible\` becomes a hole. Every finding is counted in full; the first ${LISTED} cases are listed.

- \`timeframes[].gaps\` is the manifest of gaps: every hole of the grid, and the first ${LISTED_RUNS} runs of at least ${LISTED_RUN_BARS} bars in which nothing was traded.
- \`rows.rest\`, \`series[].rest\`, \`funding.rest\`: what REST gave, what of it was taken, and where it says otherwise than the archive (by more than ${ROUNDING} of the larger value; of metrics ${METRICS_TOLERANCE}).
- \`published[]\`: the exchange's own higher bars against those resampled from the base, whole bars only, by the same tolerance.
- \`outliers\`: returns with a robust z-score above ${OUTLIER_Z}; \`outliers.iqr\`: more than ${OUTLIER_IQR} interquartile ranges outside of the quartiles; \`outliers.jumps\`: steps from a close to the next open above ${JUMP_Z} robust deviations of the returns; \`series[].reference\`: closes further than ${REFERENCE_Z} robust deviations from the usual distance to the mark or index price. Each is measured against its own month.
- \`rows.impossible\`: rows that cannot be true become holes, and so no label, fill or higher bar rests on them: ${IMPOSSIBLE_REASONS.join(', ')}. Each rule asks the row and rows before it only:
  - a volume does not fit the prices where quote volume ÷ volume lies outside of low to high by more than ${100 * MEAN_TOLERANCE} % and by more than their last decimals can hide;
  - a wick is beyond reason where its end is ${WICK_TIMES_UNTRADED} times the nearer of open and close, or that part of it, and the mean price shows that less than ${100 * WICK_SHARE} % of the volume can have been traded there; without volumes, from ${WICK_TIMES} times on;
  - a price is beyond reason where all four are ${STEP_TIMES} times the close of the bar just before, or that part of it; a second such bar in a row is taken. A premium is beyond ±${PREMIUM_LIMIT};
  - a volume is beyond reason where it is ${VOLUME_TIMES.toLocaleString('en')} times the largest before it in the month, of at least ${VOLUME_BARS} bars.
- \`funding.beyondReason\`: rates beyond ±${100 * RATE_LIMIT} % are left out, which leaves a hole in the series.
- \`series[].lost\`, \`funding.lost\`: rows of no use: outside of the file's month, off the grid, impossible, or replaced by another row of the same time. A unit of which more than ${100 * LOST_SHARE} % of the rows are lost (or ${100 * REPLACED_SHARE} % replaced) fails, with both numbers; bars likewise. Fewer are said in a warning.

Causes of a gap, the first that applies:

${table(
  ['Cause', 'Meaning'],
  Object.entries(GAP_CAUSES).map(([cause, meaning]) => [code(cause), meaning]),
)}`
}

/** What the exchange publishes, as it lies in data/raw: one section a kind. */
function rawSections({ RAW_KINDS, archiveColumns, restColumns }) {
  const used = {}
  const sections = Object.entries(RAW_KINDS).map(([kind, spec]) => {
    const archived = spec.monthly || spec.daily
    const own = Object.keys({ ...archiveColumns(kind, 'binance-um'), ...archiveColumns(kind, 'binance-spot') })
    const rest = Object.keys(restColumns(kind, 'binance-um').columns)
    used[kind] = [...new Set([...own, ...rest])]
    const rows = (names) =>
      names.map((name) => [code(name), ...(rawMeaning(kind, name) ?? missing(`column ${name} of ${kind}`))])
    const folder = `data/raw/<venue>/<PAIR>/${spec.folder}${spec.byTimeframe ? '/<timeframe>' : ''}`
    const period = kind === 'depth' ? '<day>' : '<month>'
    const cut = [spec.monthly ? 'monthly' : '', spec.daily ? 'daily' : ''].filter(Boolean).join(' and ')
    const reach =
      spec.restReach === null
        ? 'not in REST'
        : spec.restReach === 'all'
          ? 'the rest from REST'
          : restWords(spec.restReach)
    const from = archived ? `${cut} files of the archive; ${reach}` : reach
    const more = [
      `## Raw ${kind}`,
      code(`${folder}/${period}.parquet`),
      `${spec.meaning}; ${spec.venues.length > 1 ? 'futures and spot' : 'futures'}; ${from}. As published, in the order of the file.`,
      table(['Column', 'Unit', 'Meaning'], rows(own)),
    ]
    const isOther = archived && spec.restReach !== null && rest.join() !== own.join()
    if (isOther)
      more.push(
        `From REST, in ${code(`${folder}/${period}.rest.parquet`)}:`,
        table(['Column', 'Unit', 'Meaning'], rows(rest)),
      )
    else if (archived && spec.restReach !== null)
      more.push(`From REST, with the same columns, in ${code(`${folder}/${period}.rest.parquet`)}.`)
    return more.join('\n\n')
  })
  for (const column of unusedMeanings(used)) missing(`no raw kind has a column ${column}, but it has a meaning`)
  return sections
}

function restWords(reach) {
  return reach === 0
    ? 'REST alone, at the moment of asking'
    : `REST for the last ${Math.round(reach / 3_600_000)} hours`
}

/** @param {readonly (readonly unknown[])[]} rows */
function table(header, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

function code(text) {
  return `\`${text}\``
}

function missing(what) {
  throw new Error(`nothing is said of ${what}: add it to scripts/generate-docs.mjs or scripts/dataset-meanings.mjs`)
}

async function main() {
  const pages = await referencePages((module) => import(pathToFileURL(join(ROOT, 'dist', `${module}.js`)).href))
  const stale = Object.entries(pages).filter(([name, text]) => {
    const path = join(ROOT, FOLDER, name)
    return !existsSync(path) || readFileSync(path, 'utf8') !== text
  })
  if (process.argv.includes('--check')) {
    for (const [name] of stale) process.stderr.write(`${FOLDER}/${name} is not current\n`)
    if (stale.length > 0) process.stderr.write('\nhint: node scripts/generate-docs.mjs\n')
    process.exitCode = stale.length > 0 ? 1 : 0
    return
  }
  mkdirSync(join(ROOT, FOLDER), { recursive: true })
  for (const [name, text] of stale) writeFileSync(join(ROOT, FOLDER, name), text)
  process.stdout.write(`${stale.length} of ${Object.keys(pages).length} pages written\n`)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
