/**
 * The report in a few lines of text for the end of a run. No colours: it goes into logs as well.
 */
import { aligned } from './aligned.js'
import { daysText, inUnit, notAvailable } from './format.js'
import { FEW } from './gate-words.js'
import { shortMark } from './headline.js'
import { type MetricRow, PART_TITLES, PARTS, type PartReport, type ReportInput } from './input.js'
import { foresightMark } from './split.js'
import { gateTitle, gateUnit, titleOf } from './titles.js'

const SHOWN = ['precision', 'total_return', 'sharpe', 'max_drawdown', 'profit_factor', 'win_rate', 'trades']
const LEVELS = '▁▂▃▄▅▆▇█'
const SPARK_WIDTH = 28

export function renderTerminalTable(input: ReportInput): string {
  const { pair, venue, span, simulated, approval, gates } = input
  const market = simulated === null ? '' : `  SIMULATED (seed ${simulated.seed}, edge ${simulated.edge})`
  const state =
    approval.state === 'approved'
      ? `approved: ${approval.model} ${approval.version}`
      : `not approved: ${approval.model}${approval.version === null ? '' : ` ${approval.version}`} (best candidate)`
  const short = shortMark(input.test, input.minTrades)
  const marks = [
    ...(short === null ? [] : [`test part: ${short}`]),
    ...(PARTS.some((part) => input[part].withoutFunding) ? ['every total is without funding'] : []),
    ...[foresightMark(input.split)].filter((mark) => mark !== null),
    ...input.candidates.filter(({ leftOut }) => leftOut === true).map(({ name, note }) => `${name}: left out, ${note}`),
  ]
  const metricLines = aligned([
    ['', ...PARTS.map((part) => PART_TITLES[part])],
    ['days', ...PARTS.map((part) => daysText(input[part].span))],
    ...SHOWN.filter((key) => PARTS.some((part) => find(input[part], key) !== undefined)).map((key) => [
      titleOf({ key }),
      ...PARTS.map((part) => cell(find(input[part], key))),
    ]),
    ['Equity', ...PARTS.map((part) => sparkline(input[part].equity, SPARK_WIDTH))],
  ])
  const gateLines = aligned([
    ['Gate', 'Value', 'Limit', 'Result'],
    ...gates.map((row) => [
      gateTitle(row),
      inUnit(row.value, gateUnit(row)),
      `${row.bound} ${inUnit(row.limit, gateUnit(row))}`,
      result(row),
    ]),
  ])
  const head = `${pair}  ${venue}  ${daysText(span)}${market}`
  const width = Math.max(...[head, state, ...metricLines, ...gateLines].map((text) => text.length))
  const rule = '─'.repeat(width)
  return `${[head, state, ...marks, rule, ...metricLines, rule, ...gateLines].join('\n')}\n`.replace(/\u00a0/g, ' ')
}

/** Says why where the two numbers beside it do not: too few observations, no value, or an excuse. */
function result({ passed, value, limit, bound, required, reason }: ReportInput['gates'][number]): string {
  const meets = value !== null && (bound === 'at least' ? value >= limit : value <= limit)
  if (passed) return meets ? 'passed' : `passed: ${reason}`
  const word = required ? 'failed' : 'not passed'
  return value === null || meets
    ? `${word}: ${FEW.test(reason) ? reason.replace(FEW, '$1 of $2 needed') : reason}`
    : word
}

function find(part: PartReport, key: string): MetricRow | undefined {
  return [...part.metrics, ...part.predictions].find((row) => row.key === key)
}

function cell(row: MetricRow | undefined): string {
  if (row === undefined || row.value === null) return notAvailable(row?.reason)
  if (row.interval === undefined) return inUnit(row.value, row.unit)
  // The unit of the value holds for both ends: two columns with theirs would not fit 80 characters.
  const [low, high] = row.interval.map((end) => inUnit(end, row.unit).replace(/\u00a0.*$/, ''))
  return `${inUnit(row.value, row.unit)} [${low} … ${high}]`
}

/** The mean of each of `width` equal stretches as one of eight levels; empty where nothing is known. */
export function sparkline(values: Float64Array, width: number): string {
  const means: number[] = []
  const cells = Math.min(width, values.length)
  for (let i = 0; i < cells; i++) {
    const part = values
      .subarray(Math.floor((i * values.length) / cells), Math.floor(((i + 1) * values.length) / cells))
      .filter((value) => Number.isFinite(value))
    means.push(part.length === 0 ? Number.NaN : part.reduce((a, b) => a + b, 0) / part.length)
  }
  const known = means.filter((value) => !Number.isNaN(value))
  const low = Math.min(...known)
  const high = Math.max(...known)
  const level = (value: number) => (high > low ? Math.round(((value - low) / (high - low)) * (LEVELS.length - 1)) : 0)
  return means.map((value) => (Number.isNaN(value) ? ' ' : LEVELS[level(value)])).join('')
}
