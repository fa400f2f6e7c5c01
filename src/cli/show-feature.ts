/**
 * `sluice features show`: what a column means, and what it did last, if there is a table to look at.
 */
import { writeFileSync } from 'node:fs'
import { EXIT, UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { DAY, isoMinute, type Timeframe } from '../core/time.js'
import { type ColumnStretch, newestOf } from '../datasets/feature-table.js'
import { inUsersWords } from '../datasets/files.js'
import { definitionOf, type FeatureDefinition } from '../features/definition.js'
import { inPreset, PRESETS } from '../features/presets.js'
import { type Column, possibleColumns } from '../features/selection.js'
import { lineSvg } from '../report/line-svg.js'
import { terminalChart } from '../report/terminal-chart.js'
import { type Flags, isSet, textOf } from './flags.js'
import { hintInFull } from './print-error.js'
import { openSession } from './session.js'

const SHOWN_DAYS = 7
const CHART = { width: 72, height: 8 }

/** @throws UserError when there is no such column on the configured timeframes */
export async function showFeature(name: string, flags: Flags): Promise<number> {
  const session = openSession(flags)
  const { config, workspace } = session
  const columns = possibleColumns(config['bars.decision'], config['bars.context'] as Timeframe[])
  const column = columns.find((one) => one.name === name)
  if (column === undefined) {
    const names = columns.map((one) => one.name)
    throw new UserError(`there is no feature ${name}${suggestion(name, names)}`, {
      hint: 'sluice features list names all; on a context timeframe its name stands behind, such as rsi_14_1h',
      exitCode: EXIT.usage,
    })
  }
  const definition = definitionOf(column)
  const [pair] = config['data.pairs']
  const folder = `data/features/${config['data.venue']}/${pair}/${config['bars.decision']}`
  const stretch = await newestOf(workspace, folder, { column: name, spanMs: SHOWN_DAYS * DAY }).catch((error) => {
    // A table without this column is no reason not to say what it means.
    if (error instanceof UserError) return error
    throw error
  })
  const newest = stretch instanceof UserError ? null : stretch
  const svg = textOf(flags, 'svg')
  if (svg !== null) writeSvg(svg, `${pair} ${name}: ${definition.meaning}`, newest)
  if (isSet(flags, 'json')) {
    const data = newest === null ? null : { pair, ...numbersOf(newest) }
    process.stdout.write(`${JSON.stringify({ ...definition, presets: presetsOf(column), data }, null, 2)}\n`)
    return EXIT.done
  }
  process.stdout.write(described(definition, presetsOf(column)))
  if (newest !== null) process.stdout.write(drawn(pair, newest))
  else {
    const why = stretch instanceof UserError ? stretch.message : `there is no feature table of ${pair} yet`
    const hint = stretch instanceof UserError ? stretch.hint : `sluice run --to features --pair ${pair} makes one`
    process.stderr.write(`${why}${hint === undefined ? '' : `; ${hintInFull(hint)}`}\n`)
  }
  return EXIT.done
}

function presetsOf({ feature, context }: Column): string[] {
  return PRESETS.filter((preset) => inPreset(preset, feature.name, context))
}

function described(definition: FeatureDefinition, presets: readonly string[]): string {
  const { name, family, meaning, timeframe, lookback, memory, settle, inputs, reference } = definition
  const bars = (count: number) => `${count.toLocaleString('en')} ${timeframe} ${count === 1 ? 'bar' : 'bars'}`
  const past =
    memory === 'window'
      ? 'and no more than these and its own bar'
      : `and forgets what came before within ${bars(settle)} more`
  const rows = [
    ['meaning', meaning],
    ['reference', reference],
    ['inputs', inputs.join(', ')],
    ['look-back', `${bars(lookback)} before its first value, ${past}`],
    ['presets', presets.join(', ')],
  ]
  return `${name}   ${family}, on ${timeframe}\n${rows.map(([key, text]) => `  ${key.padEnd(10)} ${text}\n`).join('')}`
}

function drawn(pair: string, newest: ColumnStretch): string {
  const { from, to, rows, known, least, most, mean, last } = numbersOf(newest)
  const lines = terminalChart(newest.values, CHART)
  const head = `\n${pair}   ${from} to ${to}   ${rows.toLocaleString('en')} rows, ${(rows - known).toLocaleString('en')} not known\n`
  if (least === null || most === null || mean === null) return `${head}  nothing is known\n`
  const labels = [brief(most), ...Array.from({ length: lines.length - 2 }, () => ''), brief(least)]
  const width = Math.max(...labels.map((text) => text.length))
  const chart = lines.map((line, i) => `  ${labels[i].padStart(width)} │${line.trimEnd()}\n`).join('')
  return `${head}${chart}  mean ${brief(mean)}, last ${last === null ? 'not known' : brief(last)}\n`
}

function numbersOf({ time, values }: ColumnStretch) {
  const known = values.filter((value) => !Number.isNaN(value))
  const some = known.length > 0
  const orNull = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value)
  return {
    from: isoMinute(time[0]),
    to: isoMinute(time[time.length - 1]),
    rows: values.length,
    known: known.length,
    least: some ? known.reduce((a, b) => Math.min(a, b)) : null,
    most: some ? known.reduce((a, b) => Math.max(a, b)) : null,
    mean: some ? known.reduce((a, b) => a + b, 0) / known.length : null,
    last: orNull(values.at(-1)),
    points: Array.from(values, (value, i) => [new Date(time[i]).toISOString(), orNull(value)]),
  }
}

function brief(value: number): string {
  return Number(value.toPrecision(5)).toString()
}

function writeSvg(path: string, title: string, newest: ColumnStretch | null): void {
  if (newest === null) {
    throw new UserError('there is nothing to draw yet', {
      hint: 'sluice run --to features makes a table with this column',
    })
  }
  try {
    writeFileSync(path, lineSvg({ title, ...newest }))
  } catch (error) {
    throw inUsersWords(error, path)
  }
}
