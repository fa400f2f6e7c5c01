/** `sluice backtest --replay`: the test part once more, one bar at a time through features, model, signal and engine. */
import { backtestSettings } from '../backtest/settings.js'
import { TRADE_COLUMNS } from '../backtest/types.js'
import { durationMs } from '../config/durations.js'
import type { Json } from '../core/canonical.js'
import { EXIT, UserError } from '../core/errors.js'
import type { Timeframe } from '../core/time.js'
import { loadBundle } from '../datasets/bundle.js'
import type { Manifest } from '../datasets/manifest.js'
import { readParquet } from '../datasets/parquet.js'
import { readPredictions, tradedRows } from '../datasets/prediction-table.js'
import { closedAt } from '../features/cut.js'
import { possibleColumns } from '../features/selection.js'
import { LABEL_TYPES } from '../labels/registry.js'
import type { RunResult, UnitReport } from '../runner/run.js'
import { readSource } from '../stages/features/source.js'
import { labelInputs } from '../stages/labels/label-inputs.js'
import { readMarket } from '../stages/traded-market.js'
import { allowsShort } from '../stages/train/fold-settings.js'
import { type Flags, isSet } from './flags.js'
import { checkFresh, filesNamed, lookUpTo } from './look.js'
import { loadPredictor } from './predictor.js'
import { printError } from './print-error.js'
import { type ReplayResult, replay } from './replay.js'
import { openSession, type Session } from './session.js'
import { createTerminal, type Terminal } from './terminal.js'

/** @throws UserError when the backtest of a pair is not there or not fresh */
export async function replayBacktests(flags: Flags): Promise<number> {
  const session = openSession(flags)
  const { config } = session
  const found = await lookUpTo('backtest', session)
  const terminal = await createTerminal({ quiet: isSet(flags, 'quiet') })
  const results: ({ readonly pair: string } & ReplayResult)[] = []
  try {
    for (const pair of config['data.pairs'])
      results.push({ pair, ...(await replayPair(pair, found, session, terminal)) })
  } finally {
    terminal.close()
  }
  process.stdout.write(isSet(flags, 'json') ? `${JSON.stringify(results, null, 2)}\n` : results.map(lines).join('\n'))
  const failed = results.filter(({ difference }) => difference !== null)
  if (failed.length === 0) return EXIT.done
  const [{ pair, difference }] = failed
  printError(
    `the replay of ${pair} makes other trades: trade ${difference?.trade}, decided ${iso(difference?.decisionTime)}, has ${difference?.column} ${difference?.second}, in the backtest ${difference?.first}`,
    'what differs above says where it begins: a feature that knows more in the batch is a leak; sluice verify features looks for it',
  )
  return EXIT.gate
}

async function replayPair(pair: string, { units }: RunResult, session: Session, terminal: Terminal) {
  const { config, clock } = session
  const own = units.filter((unit) => unit.pair === pair)
  checkFresh(own, `the replay of ${pair} needs its backtest`, 'make it first: sluice run --to backtest')
  const of = (stage: UnitReport['stage'], step: string) =>
    own.flatMap((unit) => (unit.stage === stage && unit.step === step && unit.manifest !== null ? [unit.manifest] : []))
  const [parts] = of('backtest', 'parts')
  if (parts === undefined) {
    throw new UserError(`${pair} has no backtest`, { hint: 'make it first: sluice run --to backtest' })
  }
  const settings = settingsOf(parts)
  const cleaned = cleanFiles(units, pair, session)
  const market = await readMarket(settings, pair, cleaned)

  const groups = of('features', 'columns')
  const columns = await columnsOf(of('features', 'table'), session)
  const timeframes = [config['bars.decision'], ...config['bars.context']] as Timeframe[]
  const source = await readSource({ paths: cleaned }, othersOf(groups), timeframes, null)
  const { predictor, manifest } = await predictorOf(String(settings.bundle), pair, own, session)
  const all = await readPredictions(filesNamed('predictions', [manifest], session))
  const predictions = tradedRows(all, 'test')
  const type = LABEL_TYPES[config['labels.type']]
  const { rows, numbers } = await readParquet(filesNamed('trades_test', [parts], session), TRADE_COLUMNS)
  try {
    return await replay(
      {
        ...{ market, columns, predictor, decision: timeframes[0], context: timeframes.slice(1) },
        series: source.series,
        primary: type.side === 'primary' ? config['labels.primary'] : null,
        allowShort: allowsShort(config['data.venue'], { sides: type.side, classes: type.classes }),
        barriers(openTime) {
          const step = source.decision.openTime[1] - source.decision.openTime[0]
          const known = closedAt(source.decision, openTime + step)
          const bars = { base: market.base, decision: known }
          const { profit, stop } = labelInputs(config as unknown as Record<string, Json>, bars, null)
          return { profit: profit[known.rows - 1], stop: stop[known.rows - 1] }
        },
        settings: backtestSettings(settings),
        horizonMs: durationMs(String(settings['labels.horizon'])) ?? 0,
        batch: {
          predictions,
          features: await featureRows(of('features', 'months'), columns, predictions.open_time, session),
          trades: { rows, ...numbers } as unknown as Parameters<typeof replay>[0]['batch']['trades'],
        },
        onBar: (done, total) => terminal.onProgress(`replay ${pair}`, done, total),
      },
      clock,
    )
  } finally {
    predictor.close()
  }
}

function settingsOf({ made }: Manifest): { readonly [name: string]: Json } {
  return made.settings as { readonly [name: string]: Json }
}

/** Bars, funding and series as cleaning left them, under the names that stages know them by; of another pair with its name before. */
function cleanFiles(units: readonly UnitReport[], pair: string, session: Session) {
  return (name: string) => {
    const [, other, own] = /^(\S+) (bars_\S+)$/.exec(name) ?? [null, pair, name]
    const manifests = units.flatMap((unit) =>
      unit.stage === 'clean' && unit.pair === other && unit.manifest !== null ? [unit.manifest] : [],
    )
    return filesNamed(own, manifests, session)
  }
}

/** In the order of the table. */
async function columnsOf(tables: readonly Manifest[], session: Session) {
  const { config } = session
  const { readJson } = await import('../datasets/files.js')
  const [file] = filesNamed('feature_set', tables, session)
  const set = readJson(file) as { features: { name: string }[] }
  const possible = possibleColumns(config['bars.decision'], config['bars.context'] as Timeframe[])
  return set.features.flatMap(({ name }) => possible.filter((column) => column.name === name))
}

/** Other pairs are named in the settings of the groups that need them. */
function othersOf(groups: readonly Manifest[]): { readonly [name: string]: Json } {
  return Object.assign({}, ...groups.map(settingsOf))
}

async function predictorOf(id: string, pair: string, own: readonly UnitReport[], session: Session) {
  const { workspace, environment, config } = session
  const unit = own.find(
    ({ stage, step, manifest }) => stage === 'train' && step === 'bundle' && manifest?.fingerprint === id,
  )
  if (unit?.manifestPath == null) {
    throw new UserError(`bundle ${id.slice(0, 8)} of ${pair} is not there`, { hint: 'sluice run --to backtest' })
  }
  const bundlePath = unit.manifestPath.replace(/\/manifest\.json$/, '')
  const { manifest, files } = await loadBundle(workspace, { id, bundlePath, contentHash: null })
  const options = { environment, threads: 1, backend: config['neural.backend'] }
  const predictor = await loadPredictor({ manifest, files }, session.workspace, options)
  return { predictor, manifest }
}

/** Rows of the feature table by the time at which their bar opened. */
async function featureRows(
  months: readonly Manifest[],
  columns: readonly { readonly name: string }[],
  openTimes: Float64Array,
  session: Session,
): Promise<(openTime: number) => Float32Array | null> {
  const paths = filesNamed('features', months, session)
  const { numbers: keys } = await readParquet(paths, ['open_time'])
  const wanted = new Map(Array.from(openTimes, (time, i) => [time, i]))
  const rowsOf = Int32Array.from(keys.open_time, (time) => wanted.get(time) ?? -1)
  const table = new Float32Array(openTimes.length * columns.length).fill(Number.NaN)
  for (const [c, { name }] of columns.entries()) {
    const { numbers } = await readParquet(paths, [name])
    rowsOf.forEach((row, i) => {
      if (row >= 0) table[row * columns.length + c] = numbers[name][i]
    })
  }
  return (openTime) => {
    const row = wanted.get(openTime)
    return row === undefined ? null : table.subarray(row * columns.length, (row + 1) * columns.length)
  }
}

const iso = (time: number | undefined) => (time === undefined ? '' : `${new Date(time).toISOString().slice(0, 16)}Z`)

function lines({
  pair,
  bars,
  warmupBars,
  rows,
  signals,
  trades,
  features,
  probabilities,
  decisions,
  difference,
  seconds,
}: { readonly pair: string } & ReplayResult): string {
  const number = (value: number) => value.toLocaleString('en')
  const differing =
    features.differing === 0
      ? 'all the same to the last bit'
      : `${number(features.differing)} differ, at most by ${features.largest.toExponential(1)} of the value (${features.where})`
  return [
    `${pair.padEnd(12)} ${difference === null ? `identical: ${number(trades)} trades` : 'NOT identical'}`,
    `             ${number(bars)} bars one at a time, ${number(warmupBars)} of them to warm up; ${number(rows)} rows, ${number(signals)} signals`,
    `             features: ${number(features.compared)} values compared, ${differing}`,
    `             probabilities: ${number(probabilities.differing)} rows differ, at most by ${probabilities.largest.toExponential(1)}; decisions: ${number(decisions.length)} differ${decisions.length === 0 ? '' : `, first ${iso(decisions[0].time)}: batch ${decisions[0].batch ?? 'no row'}, replay ${decisions[0].replay ?? 'no row'}`}`,
    `             ${seconds.toFixed(1)} s, ${((1e6 * seconds) / Math.max(1, bars)).toFixed(0)} µs a bar\n`,
  ].join('\n')
}
