/**
 * What would have become of a trade entered at each decision row, from the base bars. The only stage that looks forward.
 */
import type { Json } from '../core/canonical.js'
import { UserError } from '../core/errors.js'
import { DAY, isoMinute, type Timeframe, timeframeMs } from '../core/time.js'
import { decidingSettings } from '../labels/problems.js'
import { LABEL_TYPES, type LabelTypeName } from '../labels/registry.js'
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

export const labels: Stage = {
  name: 'labels',
  purpose: 'Find which barrier each trade would have hit first, and when that was known',
  steps: [
    { name: 'table', scope: 'pair', plan: planLabels, run: labelRows },
    { name: 'relations', scope: 'pair', plan: planRelations, run: relateFeatures },
  ],
}

function planLabels({ config, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  const bars = [...new Set([`bars_${config['bars.base']}`, `bars_${config['bars.decision']}`])]
  const rows = done('clean', 'bars').reduce((sum, { manifest }) => sum + Number(manifest.facts.rows), 0)
  const decisionRows = (rows * timeframeMs(config['bars.base'])) / timeframeMs(config['bars.decision'])
  const judgesPrimary = LABEL_TYPES[config['labels.type']].side === 'primary'
  return [
    {
      stage: 'labels',
      step: 'table',
      pair,
      unit: pair,
      inputs: [
        ...inputsFrom(done('clean', 'bars'), bars),
        ...(judgesPrimary ? inputsFrom(done('features', 'months'), ['features']) : []),
      ],
      settings: pick(config, [
        'bars.base',
        'bars.decision',
        'labels.costAware',
        'labels.shuffle',
        ...decidingSettings(config),
      ]),
      manifest: `data/labels/${config['data.venue']}/${pair}/manifest.json`,
      libraries: ['duckdb'],
      // Bars and labels in float64, and the table once more in DuckDB.
      memoryBytes: 250e6 + rows * 8 * 24 + decisionRows * 8 * 40,
    },
  ]
}

async function labelRows(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { readBars } = await import('../datasets/bars-table.js')
  const { readFeature } = await import('../datasets/feature-column.js')
  const { LABELS_SCHEMA, labelsFrame } = await import('../datasets/label-table.js')
  const { writeParquet } = await import('../datasets/parquet.js')
  const { label } = await import('../labels/label.js')
  const { labelBalance } = await import('../labels/balance.js')
  const { labelInputs, sidesOf } = await import('./labels/label-inputs.js')
  const { moveLabels, shuffledRows } = await import('../labels/shuffle.js')
  const { labelSummary } = await import('./labels/summary.js')
  const { settings } = task
  const base = await readBars(io.paths(`bars_${settings['bars.base']}`), settings['bars.base'] as Timeframe)
  const decision = await readBars(io.paths(`bars_${settings['bars.decision']}`), settings['bars.decision'] as Timeframe)
  const primary = settings['labels.primary']
  const side =
    typeof primary === 'string'
      ? sidesOf(await readFeature(io.paths('features'), { name: primary, setting: 'labels.primary', of: decision }))
      : null
  const inputs = labelInputs(settings, { base, decision }, side)
  const seed = settings['labels.shuffle']
  const made = { labels: label(inputs), distances: inputs }
  const blockRows = DAY / timeframeMs(decision.timeframe)
  const { labels: found, distances } =
    seed === null ? made : moveLabels(made.labels, inputs, shuffledRows(decision.rows, blockRows, Number(seed)))
  await io.write('labels', `${io.folder}/labels.parquet`, (temporary) =>
    writeParquet(temporary, LABELS_SCHEMA, labelsFrame(decision.openTime, found, distances)),
  )
  const balance = labelBalance(found, timeframeMs(decision.timeframe))
  await io.write('balance', `${io.folder}/balance.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(balance as unknown as Json)),
  )
  return {
    facts: { rows: found.rows, known: balance.total.labelled },
    summary: labelSummary(balance, found.rows),
    ...(seed === null
      ? {}
      : { warnings: [`labels.shuffle ${seed} moved them to other rows: nothing is left to learn`] }),
  }
}

/** A step of its own, so that labels are not made again where a feature changes. */
function planRelations({ config, pair, done }: PlanContext): PlannedTask[] {
  const groups = done('features', 'columns')
  if (pair === null || groups.length === 0) return []
  return [
    {
      stage: 'labels',
      step: 'relations',
      pair,
      unit: `${pair} and features`,
      inputs: [...inputsFrom(groups, ['columns', 'definitions']), ...inputsFrom(done('labels', 'table'), ['labels'])],
      settings: pick(config, ['bars.decision', 'labels.type', 'train.testShare']),
      manifest: `data/labels/${config['data.venue']}/${pair}/relations.manifest.json`,
      libraries: ['duckdb'],
      // The labels, and a few columns at a time.
      memoryBytes: 250e6 + Number(groups[0].manifest.facts.rows) * (8 * 12 + 4 * 4),
    },
  ]
}

async function relateFeatures(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { readColumn } = await import('../datasets/column-file.js')
  const { readGroups } = await import('../datasets/feature-groups.js')
  const { readLabels } = await import('../datasets/label-table.js')
  const { labelRelations } = await import('../labels/relations.js')
  const { averageUniqueness } = await import('../labels/uniqueness.js')
  const { relationSummary } = await import('./labels/summary.js')
  const groups = readGroups(io.paths('definitions'))
  const files = io.paths('columns')
  const places = groups.flatMap(({ features }, group) => features.map((_, column) => ({ file: files[group], column })))
  const names = groups.flatMap(({ features }) => features.map(({ name }) => name))
  const [{ rows, from }] = groups
  const table = await readLabels(io.paths('labels'))
  if (rows !== table.rows || from !== table.openTime[0]) {
    throw new UserError(`the feature columns have ${rows} rows from ${isoMinute(from)}, the labels ${table.rows}`, {
      hint: 'run sluice run --from features to make both from the same bars',
    })
  }
  const relations = labelRelations({
    ...table,
    weight: averageUniqueness(table.t0, table.t1, timeframeMs(task.settings['bars.decision'] as Timeframe)),
    isClass: LABEL_TYPES[task.settings['labels.type'] as LabelTypeName].task === 'classification',
    names,
    valuesOf: (column) => readColumn(places[column].file, { rows, column: places[column].column }),
    testShare: Number(task.settings['train.testShare']),
    onColumn: (made) => io.progress(made, names.length),
  })
  await io.write('relations', `${io.folder}/relations.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(relations as unknown as Json)),
  )
  return { facts: { features: names.length, rows: relations.rows }, summary: relationSummary(relations) }
}
