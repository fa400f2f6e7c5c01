/**
 * Clean bars → the feature table: row t holds what was known at the close of bar t, and nothing else.
 */
import type { Json } from '../core/canonical.js'
import { monthOf, type Timeframe } from '../core/time.js'
import {
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Stage,
  type Task,
  type TaskIo,
  type TaskResult,
} from './stage.js'

export const features: Stage = {
  name: 'features',
  purpose: 'Compute the chosen features for every decision bar',
  steps: [{ name: 'table', scope: 'pair', plan: planFeatures, run: computeFeatures }],
}

function planFeatures({ config, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  const timeframes = [...new Set([config['bars.decision'], ...config['bars.context']])]
  const bars = done('clean', 'bars')
  const rows = bars.reduce((sum, { manifest }) => sum + Number(manifest.facts.rows), 0)
  return [
    {
      stage: 'features',
      step: 'table',
      pair,
      unit: pair,
      inputs: [
        ...inputsFrom(
          bars,
          timeframes.map((timeframe) => `bars_${timeframe}`),
        ),
        ...inputsFrom(done('clean', 'quality'), ['funding']),
      ],
      settings: pick(config, ['bars.decision', 'bars.context', 'features.include', 'features.exclude']),
      manifest: `data/features/${config['data.venue']}/${pair}/${config['bars.decision']}/manifest.json`,
      libraries: ['duckdb'],
      memoryBytes: 300e6 + rows * 100,
    },
  ]
}

async function computeFeatures(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { readBars, readFunding } = await import('../datasets/bars-table.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const { featureColumns, planFeatures } = await import('../features/matrix.js')
  const { fundingSeries } = await import('../features/series/funding.js')
  const { featureSetHash } = await import('../features/definition.js')
  const settings = task.settings
  const bars = (timeframe: Timeframe) => readBars(io.paths(`bars_${timeframe}`), timeframe)
  const decision = await bars(settings['bars.decision'] as Timeframe)
  const context = []
  for (const timeframe of settings['bars.context'] as Timeframe[]) context.push(await bars(timeframe))
  const funding = await readFunding(io.paths('funding'))
  const request = {
    decision,
    context,
    series: { funding: funding && fundingSeries(funding) },
    selection: { include: settings['features.include'] as string[], exclude: settings['features.exclude'] as string[] },
  }
  const plan = planFeatures(request)
  const columns: Record<string, Float32Array> = {}
  const definitions = []
  for (const { definition, values } of featureColumns(request, plan)) {
    columns[definition.name] = silentInHoles(values, decision.baseBars)
    definitions.push(definition)
    io.progress(definitions.length, plan.columns.length + 5)
  }
  const names = definitions.map(({ name }) => name)
  const schema = {
    open_time: 'time' as const,
    available_time: 'time' as const,
    ...Object.fromEntries(names.map((name) => [name, 'float' as const])),
  }
  const step = decision.openTime[1] - decision.openTime[0]
  for (const { month, start, end } of monthRanges(decision.openTime)) {
    const openTime = decision.openTime.subarray(start, end)
    const numbers = {
      open_time: openTime,
      available_time: openTime.map((time) => time + step),
      ...Object.fromEntries(names.map((name) => [name, columns[name].subarray(start, end)])),
    }
    await io.write('features', `${io.folder}/${month}.parquet`, (temporary) =>
      writeParquet(temporary, schema, { rows: end - start, numbers }),
    )
  }
  const hash = featureSetHash(definitions)
  const set = { hash, features: definitions, absent: plan.absent }
  await io.write('feature_set', `${io.folder}/features.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(set as unknown as Json)),
  )
  return {
    facts: { rows: decision.rows, columns: names.length, hash, absent: plan.absent as unknown as Json },
    summary: `${decision.rows.toLocaleString('en')} rows × ${names.length} columns`,
    warnings: plan.absent.length > 0 ? [`${plan.absent.length} features absent: ${summarise(plan.absent)}`] : [],
  }
}

/** A bar that was not published decides nothing, whatever other timeframes or the clock may say at that moment. */
function silentInHoles(values: Float32Array, baseBars: Float64Array): Float32Array {
  for (let i = 0; i < values.length; i++) if (baseBars[i] === 0) values[i] = Number.NaN
  return values
}

function* monthRanges(time: Float64Array): Generator<{ month: string; start: number; end: number }> {
  for (let start = 0; start < time.length; ) {
    const month = monthOf(time[start])
    let end = start + 1
    while (end < time.length && monthOf(time[end]) === month) end++
    yield { month, start, end }
    start = end
  }
}

/** One line for all that is missing for the same reason. */
function summarise(absent: readonly { readonly name: string; readonly reason: string }[]): string {
  const reasons = new Map<string, number>()
  for (const { reason } of absent) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  return [...reasons].map(([reason, count]) => `${count} × ${reason}`).join('; ')
}
