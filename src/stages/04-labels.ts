/**
 * What would have become of a trade entered at each decision row, from the base bars. The only stage that looks forward.
 */
import { durationMs } from '../config/durations.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import {
  inputsFrom,
  LABEL_SETTINGS,
  type PlanContext,
  type PlannedTask,
  pick,
  type Stage,
  type Task,
  type TaskIo,
  type TaskResult,
} from './stage.js'

export const labels: Stage = {
  name: 'labels',
  purpose: 'Find which barrier each trade would have hit first, and when that was known',
  steps: [{ name: 'table', scope: 'pair', plan: planLabels, run: labelRows }],
}

function planLabels({ config, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  const bars = [...new Set([`bars_${config['bars.base']}`, `bars_${config['bars.decision']}`])]
  const rows = done('clean', 'bars').reduce((sum, { manifest }) => sum + Number(manifest.facts.rows), 0)
  const decisionRows = (rows * timeframeMs(config['bars.base'])) / timeframeMs(config['bars.decision'])
  return [
    {
      stage: 'labels',
      step: 'table',
      pair,
      unit: pair,
      inputs: inputsFrom(done('clean', 'bars'), bars),
      settings: pick(config, ['bars.base', 'bars.decision', ...LABEL_SETTINGS, 'backtest.latencyBars']),
      manifest: `data/labels/${config['data.venue']}/${pair}/manifest.json`,
      libraries: ['duckdb'],
      // Bars and labels in float64, and the table once more in DuckDB.
      memoryBytes: 250e6 + rows * 8 * 24 + decisionRows * 8 * 36,
    },
  ]
}

async function labelRows(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { readBars } = await import('../datasets/bars-table.js')
  const { LABELS_SCHEMA, labelsFrame } = await import('../datasets/label-table.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const { label } = await import('../labels/label.js')
  const { labelBalance } = await import('../labels/balance.js')
  const { barrierDistances } = await import('../labels/distances.js')
  const { averageTrueRange } = await import('../math/true-range.js')
  const settings = task.settings
  const base = await readBars(io.paths(`bars_${settings['bars.base']}`), settings['bars.base'] as Timeframe)
  const decision = await readBars(io.paths(`bars_${settings['bars.decision']}`), settings['bars.decision'] as Timeframe)
  const step = decision.rows > 1 ? decision.openTime[1] - decision.openTime[0] : 0
  const barrier = settings['labels.barrier'] as 'fixed' | 'atr'
  const distances = barrierDistances(
    {
      barrier,
      profit: Number(settings['labels.profit']),
      stop: Number(settings['labels.stop']),
      atrMultiple: Number(settings['labels.atrMultiple']),
    },
    decision.rows,
    barrier === 'atr' ? { atr: averageTrueRange(decision, ATR_BARS), close: decision.close } : null,
  )
  const found = label({
    base,
    availableTime: decision.openTime.map((time) => time + step),
    type: settings['labels.type'] as 'ternary' | 'binary',
    horizonMs: durationMs(String(settings['labels.horizon'])) ?? 0,
    ...distances,
    latencyBars: Number(settings['backtest.latencyBars']),
  })
  await io.write('labels', `${io.folder}/labels.parquet`, (temporary) =>
    writeParquet(temporary, LABELS_SCHEMA, labelsFrame(decision.openTime, found, distances)),
  )
  const balance = labelBalance(found)
  await io.write('balance', `${io.folder}/balance.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(JSON.parse(JSON.stringify(balance)))),
  )
  let known = 0
  const counts = new Map<number, number>()
  for (const value of found.label) {
    if (Number.isNaN(value)) continue
    known++
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const shares = [...counts]
    .sort(([a], [b]) => b - a)
    .map(([value, count]) => `${value}: ${((100 * count) / known).toFixed(1)} %`)
  return {
    facts: { rows: found.rows, known },
    summary: `${known.toLocaleString('en')} of ${found.rows.toLocaleString('en')} rows labelled, ${shares.join(', ')}`,
  }
}

/** Wilder's usual period. */
const ATR_BARS = 14
