/** The chosen model of every pair on one account: shared equity, leverage and limits, one clock. */
import type { IntervalSettings } from '../../backtest/bootstrap.js'
import type { Together } from '../../backtest/together.js'
import type { TradedMarket, TradedRows } from '../../backtest/trade-predictions.js'
import type { AccountResult } from '../../backtest/types.js'
import type { Json } from '../../core/canonical.js'
import type { Span } from '../../core/time.js'
import type { Predictions } from '../../datasets/prediction-table.js'
import { TRADED_PARTS, type TradedPart } from '../../datasets/traded-parts.js'
import {
  BACKTEST_SETTINGS,
  type Done,
  dataSnapshot,
  type InputFile,
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Task,
  type TaskIo,
  type TaskResult,
  TRADING_SETTINGS,
} from '../stage.js'
import { marketContent, marketInputs, readMarket } from '../traded-market.js'
import { writeEquity, writeTrades } from './tables.js'

const LEVEL = 0.95
const REPLICATES = 500

type Pair = { readonly pair: string; readonly model: string; readonly bundle: string; readonly snapshot: string }

/** Nothing where fewer than two pairs have a model to trade. */
export function planAccount(context: PlanContext): PlannedTask[] {
  const { config, done } = context
  const pairs: Pair[] = []
  const inputs: InputFile[] = []
  for (const selection of done('select', 'judge')) {
    const { pair } = selection
    if (pair === null || !config['data.pairs'].includes(pair)) continue
    const own = { ...context, done: ofPair(context, pair) }
    const { model, bundle } = selection.manifest.facts
    const chosen = own.done('train', 'bundle').filter(({ manifest }) => manifest.fingerprint === bundle)
    pairs.push({ pair, model: String(model), bundle: String(bundle), snapshot: dataSnapshot(own) })
    const files = [...inputsFrom(chosen, ['predictions']), ...marketInputs(own)]
    inputs.push(...files.map((file) => ({ ...file, name: `${pair}/${file.name}` })))
  }
  if (pairs.length < 2) return []
  return [
    {
      stage: 'backtest',
      step: 'account',
      pair: null,
      unit: `${pairs.length} pairs on one account`,
      inputs,
      settings: {
        pairs: pairs as unknown as Json,
        ...pick(config, [
          'seed',
          'data.venue',
          'bars.base',
          'bars.decision',
          'labels.horizon',
          'gates.minTrades',
          ...BACKTEST_SETTINGS,
        ]),
      },
      manifest: `artifacts/backtests/${config['data.venue']}/account/{fingerprint}/manifest.json`,
      libraries: ['duckdb'],
      memoryBytes: 200e6 + pairs.length * 400e6,
    },
  ]
}

function ofPair({ done }: PlanContext, pair: string): PlanContext['done'] {
  return (stage, step): readonly Done[] => done(stage, step).filter((unit) => unit.pair === pair)
}

export async function tradeAccount(task: Task, io: TaskIo): Promise<TaskResult> {
  const { readPredictions, spanOf, tradedRows } = await import('../../datasets/prediction-table.js')
  const { settings } = task
  const pairs = settings.pairs as unknown as Pair[]
  const markets: TradedMarket[] = []
  const predictions: Predictions[] = []
  for (const { pair } of pairs) {
    markets.push(await readMarket(settings, pair, (name) => io.paths(`${pair}/${name}`)))
    predictions.push(await readPredictions(io.paths(`${pair}/predictions`)))
  }
  const summaries: Record<string, Json> = {}
  const spans: Record<string, readonly Span[]> = {}
  const texts: string[] = []
  for (const [i, part] of TRADED_PARTS.entries()) {
    const rows = predictions.map((all) => tradedRows(all, part))
    const { summary, text } = await tradePart(part, rows, markets, task, io)
    summaries[part] = summary
    spans[part] = rows.map(spanOf)
    texts.push(text)
    io.progress(i + 1, TRADED_PARTS.length)
  }
  await count(task, io, summaries, spans)
  return { facts: { pairs: pairs.map(({ pair }) => pair), parts: summaries }, summary: texts.join(', ') }
}

async function tradePart(
  part: TradedPart,
  rows: readonly TradedRows[],
  markets: readonly TradedMarket[],
  task: Task,
  io: TaskIo,
) {
  const { backtestSettings } = await import('../../backtest/settings.js')
  const { tradeTogether } = await import('../../backtest/trade-predictions.js')
  const { together } = await import('../../backtest/together.js')
  const { durationMs } = await import('../../config/durations.js')
  const { settings } = task
  const result = tradeTogether(
    rows.map((predictions, i) => ({ predictions, market: markets[i] })),
    backtestSettings(settings),
    durationMs(String(settings['labels.horizon'])) ?? 0,
  )
  const one = together(result)
  const pairs = settings.pairs as unknown as Pair[]
  const pairOf = Array.from(one.instrument, (i) => pairs[i].pair)
  await writeTrades(io, part, one.trades, pairOf)
  await writeEquity(io, part, result.openTime, { equity: one.equity })
  const summary = await summaryOf(one, result, task)
  const total = one.finalEquity / one.initialEquity - 1
  return {
    summary: summary as unknown as Json,
    text: `${part.replaceAll('_', '-')} ${one.trades.rows} trades ${total >= 0 ? '+' : ''}${(100 * total).toFixed(2)} %`,
  }
}

async function summaryOf(one: Together, { instruments, openTime }: AccountResult, { settings }: Task) {
  const { metricContext } = await import('../../backtest/metrics.js')
  const { timeframeMs } = await import('../../core/time.js')
  const { markFunding, moneyRows } = await import('../../report/part-summary.js')
  const intervals: IntervalSettings = { seed: Number(settings.seed), replicates: REPLICATES, level: LEVEL }
  const step = timeframeMs(settings['bars.base'] as Parameters<typeof timeframeMs>[0])
  const context = metricContext(one, openTime, step)
  const rows = moneyRows(context, Number(settings['gates.minTrades']), intervals)
  return {
    from: new Date(openTime[0]).toISOString(),
    to: new Date(openTime[openTime.length - 1] + step).toISOString(),
    metrics: JSON.parse(JSON.stringify(rows.map((row) => markFunding(row, one.withoutFunding)))),
    pairs: (settings.pairs as unknown as Pair[]).map(({ pair, model }, i) => {
      const { trades, skipped } = instruments[i]
      return { pair, model, trades: trades.rows, netPnl: trades.net_pnl.reduce((sum, pnl) => sum + pnl, 0), skipped }
    }),
    withoutFunding: one.withoutFunding,
    withoutMarkPrice: one.withoutMarkPrice,
  }
}

/** In the ledger of each pair, but no look at its test part: nothing is chosen by it. */
async function count(
  task: Task,
  io: TaskIo,
  outcomes: Readonly<Record<string, Json>>,
  spans: Readonly<Record<string, readonly Span[]>>,
): Promise<void> {
  const { recordInLedger } = await import('../../datasets/ledger.js')
  const { backtestEntry } = await import('../../datasets/ledger-entries.js')
  const { placeFor, PLACES } = await import('../../datasets/workspace.js')
  const { settings, inputs } = task
  const pairs = settings.pairs as unknown as Pair[]
  const entries = pairs.flatMap(({ pair, model, snapshot }, i) => {
    const own = inputs
      .filter(({ name }) => name.startsWith(`${pair}/`))
      .map((file) => ({ ...file, name: file.name.slice(pair.length + 1) }))
    return TRADED_PARTS.map((part) =>
      backtestEntry(
        {
          ...{ venue: String(settings['data.venue']), pair, snapshot, model },
          part: `account_${part}` as const,
          predictions: String(own.find(({ name }) => name === 'predictions')?.sha256),
          ...marketContent(own),
          settings: {
            ...Object.fromEntries(TRADING_SETTINGS.map((name) => [name, settings[name]])),
            together: pairs.map((one) => one.bundle),
          },
        },
        { outcome: outcomes[part], scored: spans[part][i] },
      ),
    )
  })
  await recordInLedger(placeFor(io.workspace, PLACES.registry), entries, io.clock())
}
