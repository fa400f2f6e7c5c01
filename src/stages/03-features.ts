/**
 * Clean bars → the feature table: row t holds what was known at the close of bar t, and nothing else.
 *
 * Columns are computed in groups, whole, because averages remember everything; the table is then put together month by
 * month from the groups' files. Neither step holds more than a few columns or one month, whatever the span, and both use
 * all workers. A certificate says that the columns do not see the future.
 */
import type { Json } from '../core/canonical.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import type { FeatureGroup } from '../datasets/feature-groups.js'
import type { Absence } from '../features/matrix.js'
import { certifyFeatures, planCertificate } from './features/certificate.js'
import { inGroups, planOtherPairs, sayWhoFailed } from './features/other-pairs.js'
import { seriesFilesOf } from './features/plan-series.js'
import { columnsOf, folderOf, readSource, SELECTION } from './features/source.js'
import { rowsOf, timeOf } from './features/spans.js'
import { planStretches, type Stretch, valuesByStretch } from './features/stretches.js'
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
  purpose: 'Compute the chosen features for every decision bar, and certify that none sees the future',
  steps: [
    { name: 'columns', scope: 'pair', plan: planGroups, run: computeGroup },
    { name: 'months', scope: 'pair', plan: planMonths, run: assembleMonth },
    { name: 'table', scope: 'pair', plan: planSet, run: describeSet },
    { name: 'certificate', scope: 'pair', plan: planCertificate, run: certifyFeatures },
  ],
}

/** Columns of a unit: enough to make up for reading the bars, few enough to keep all cores busy. */
const GROUP = 32

async function planGroups(context: PlanContext): Promise<PlannedTask[]> {
  const { config, pair, done } = context
  if (pair === null) return []
  const selected = await columnsOf(pick(config, SELECTION))
  const bars = done('clean', 'bars')
  const decision = config['bars.decision']
  const rows = rowsOf(bars, decision)
  const seriesFiles = await seriesFilesOf(done('clean', 'series'))
  sayWhoFailed(context, pair, selected)
  return inGroups(selected, GROUP).map(({ first, columns: own }, group) => {
    const timeframes = [...new Set([decision, ...own.map(({ timeframe }) => timeframe)])]
    const others = planOtherPairs(context, pair, { columns: own, months: bars })
    const ranking =
      others.ranked === 0 ? null : planStretches(bars, { pairs: others.ranked, timeframe: decision, columns: own })
    const name = String(group + 1).padStart(2, '0')
    const series = seriesFiles(own)
    return {
      stage: 'features' as const,
      step: 'columns',
      pair,
      unit: `${pair} columns ${first + 1}–${first + own.length}`,
      inputs: [
        ...inputsFrom(
          bars,
          timeframes.map((timeframe) => `bars_${timeframe}`),
        ),
        ...inputsFrom(done('clean', 'quality'), ['funding']),
        ...series.inputs,
        ...others.inputs,
      ],
      settings: {
        ...{ 'bars.decision': decision, columns: own.map((column) => column.name), timeframes },
        ...others.settings,
        ...(ranking === null ? {} : { stretches: ranking.stretches as unknown as Json }),
      },
      manifest: `${folderOf(config, pair)}/columns/${name}.manifest.json`,
      libraries: ['duckdb' as const],
      // Inputs, those of a series, and what the kernels leave behind, all in float64.
      memoryBytes: 200e6 + (ranking?.memoryBytes ?? rows * 8 * 26 + others.memoryBytes) + series.memoryBytes,
    }
  })
}

async function computeGroup(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { writeColumns } = await import('../datasets/column-file.js')
  const { definitionOf } = await import('../features/definition.js')
  const { columnValues, openSource, planColumns, stored } = await import('../features/matrix.js')
  const { possibleColumns } = await import('../features/selection.js')
  const { columns: names, timeframes } = task.settings as { columns: string[]; timeframes: Timeframe[] }
  const [decision, ...context] = timeframes
  const selected = possibleColumns(decision, context).filter(({ name }) => names.includes(name))
  const read = (of: Pick<TaskIo, 'paths'>) => readSource(of, task.settings, timeframes, selected)
  const stretches = task.settings.stretches as unknown as readonly Stretch[] | undefined
  const { rows, from, columns, absent, values } =
    stretches === undefined ? await wholeValues() : await valuesByStretch(io, { stretches, selected, read })

  async function wholeValues() {
    const source = await read(io)
    const open = openSource(source)
    const { rows, openTime, baseBars } = source.decision
    const { columns, absent } = planColumns(open, selected)
    function* values(): Generator<Float32Array> {
      for (const [i, column] of columns.entries()) {
        yield stored(columnValues(open, column), baseBars)
        io.progress(i + 1, columns.length)
      }
    }
    return { rows, from: openTime[0], columns, absent, values: values() }
  }
  const name = task.manifest.replace(/^.*\/|\.manifest\.json$/g, '')
  await io.write('columns', `${io.folder}/${name}.f32`, (temporary) => writeColumns(temporary, values))
  const group: FeatureGroup = { rows, from, features: columns.map(definitionOf), absent }
  await io.write('definitions', `${io.folder}/${name}.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(group as unknown as Json)),
  )
  return {
    facts: { rows, columns: columns.length },
    summary: `${rows.toLocaleString('en')} rows × ${columns.length} columns`,
  }
}

function planMonths({ config, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  const groups = done('features', 'columns')
  const columns = groups.reduce((sum, { manifest }) => sum + Number(manifest.facts.columns), 0)
  const decision = config['bars.decision']
  return done('clean', 'bars').map((bars) => {
    const { month, from, to } = bars.settings
    return {
      stage: 'features',
      step: 'months',
      pair,
      unit: `${pair} ${month}`,
      inputs: inputsFrom(groups, ['columns', 'definitions']),
      settings: { month, from, to, 'bars.decision': decision },
      manifest: `${folderOf(config, pair)}/${month}.manifest.json`,
      libraries: ['duckdb'],
      // Ten times the month: as read, as a table of DuckDB, and in the writer's buffers and dictionaries.
      memoryBytes: 300e6 + rowsOf([bars], decision) * columns * 42,
    }
  })
}

async function assembleMonth(task: Task, io: TaskIo): Promise<TaskResult> {
  const { readGroups, writeFeatureMonth } = await import('../datasets/feature-groups.js')
  const stepMs = timeframeMs(task.settings['bars.decision'] as Timeframe)
  const from = timeOf(task.settings.from)
  const rows = (timeOf(task.settings.to) - from) / stepMs
  const month = { from, rows, stepMs, groups: readGroups(io.paths('definitions')), files: io.paths('columns') }
  let columns = 0
  await io.write('features', `${io.folder}/${task.settings.month}.parquet`, async (temporary) => {
    columns = await writeFeatureMonth(temporary, month)
  })
  return { facts: { rows, columns }, summary: `${rows.toLocaleString('en')} rows × ${columns} columns` }
}

function planSet({ config, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  return [
    {
      stage: 'features',
      step: 'table',
      pair,
      unit: pair,
      // The columns are not read: they are part of what the table is, and of what its fingerprint stands for.
      inputs: inputsFrom(done('features', 'columns'), ['columns', 'definitions']),
      settings: pick(config, SELECTION),
      manifest: `${folderOf(config, pair)}/manifest.json`,
      libraries: [],
      memoryBytes: 100e6,
    },
  ]
}

async function describeSet(_task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { readGroups } = await import('../datasets/feature-groups.js')
  const { UserError } = await import('../core/errors.js')
  const { featureSetHash } = await import('../features/definition.js')
  const groups = readGroups(io.paths('definitions'))
  const definitions = groups.flatMap((group) => group.features)
  const absent = groups.flatMap((group) => group.absent)
  if (definitions.length === 0) {
    throw new UserError(`none of the ${absent.length} selected features can be made: ${summarise(absent)}`, {
      hint: 'include others with features.include, such as the preset core',
    })
  }
  const hash = featureSetHash(definitions)
  await io.write('feature_set', `${io.folder}/features.json`, (temporary) =>
    writeFileSync(temporary, prettyJson({ hash, features: definitions, absent } as unknown as Json)),
  )
  const [{ rows }] = groups
  return {
    facts: { rows, columns: definitions.length, hash, absent: absent as unknown as Json },
    summary: `${rows.toLocaleString('en')} rows × ${definitions.length} columns`,
    warnings: absent.length > 0 ? [`${absent.length} features absent: ${summarise(absent)}`] : [],
  }
}

/** One line for all that is missing for the same reason. */
function summarise(absent: readonly Absence[]): string {
  const reasons = new Map<string, number>()
  for (const { reason } of absent) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  return [...reasons].map(([reason, count]) => `${count} × ${reason}`).join('; ')
}
