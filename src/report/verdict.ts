/**
 * The result in a few sentences that claim no more than the numbers carry.
 */
import { count, inUnit, percent } from './format.js'
import { daysOf } from './headline.js'
import { isUnavailable, type MetricRow, type ReportInput } from './input.js'

export function verdict(input: ReportInput): string {
  return [state(input), result(input), comparison(input)].filter((sentence) => sentence !== '').join(' ')
}

function state({ approval, gates, simulated }: ReportInput): string {
  const market =
    simulated === null
      ? ''
      : `This market is simulated (seed ${simulated.seed}, planted edge ${simulated.edge}): the result says that the pipeline works, not that money can be made. `
  if (approval.state === 'approved') return `${market}${approval.model} is approved as version ${approval.version}.`
  const required = gates.filter((gate) => gate.required)
  const failed = required.filter(({ passed }) => !passed)
  const why = failed.length === 0 ? approval.reason : `${failed.length} of its ${required.length} gates failed`
  return `${market}${approval.model} is not approved: ${why}. It is shown because it is the best candidate.`
}

function result({ test, intervalLevel }: ReportInput): string {
  const total = test.metrics.find(({ key }) => key === 'total_return')
  const sharpe = test.metrics.find(({ key }) => key === 'sharpe')
  if (test.trades.rows === 0) return 'In the test part it made no trade.'
  if (total === undefined || total.value === null) return ''
  const start = `In the test part of ${count(daysOf(test.span))} days it made ${count(test.trades.rows)} trades and returned ${inUnit(total.value, total.unit)} after costs`
  return `${start}${sharpe === undefined ? '' : sharpeText(sharpe, intervalLevel)}.`
}

function sharpeText({ value, interval, unit }: MetricRow, level: number): string {
  if (value === null) return ''
  const text = `, a Sharpe ratio of ${inUnit(value, unit)}`
  if (interval === undefined) return text
  const range = `${text} (${percent(level, 0)} interval ${inUnit(interval[0], unit)} … ${inUnit(interval[1], unit)}`
  return interval[0] <= 0 && interval[1] >= 0 ? `${range}, which contains zero: luck cannot be ruled out)` : `${range})`
}

function comparison({ test }: ReportInput): string {
  const sentences: string[] = []
  if (!isUnavailable(test.buyAndHold)) {
    const held = test.buyAndHold.metrics.find(({ key }) => key === 'total_return')
    if (held !== undefined && held.value !== null) {
      sentences.push(`Buy and hold returned ${inUnit(held.value, held.unit)}.`)
    }
  }
  if (!isUnavailable(test.random) && test.trades.rows > 0) {
    const compared = test.random.metrics.total_return
    if (compared.strategy !== null) {
      const share = percent(compared.percentile, 0)
      sentences.push(
        `The strategy’s return is above that of ${share} of ${count(test.random.runs)} runs with random entries.`,
      )
    }
  }
  return sentences.join(' ')
}
