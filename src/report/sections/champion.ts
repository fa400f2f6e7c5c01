/** The table that puts the strategy beside the model in production, or before it. */
import { DAY } from '../../core/time.js'
import { inUnit, metricText, percent } from '../format.js'
import { type Html, html, table } from '../html.js'
import { isUnavailable, type MetricRow, type PartReport } from '../input.js'
import { titleOf } from '../titles.js'

export const CHAMPION = 'Previous champion'

export function championTable({ champion, span }: PartReport): Html {
  if (isUnavailable(champion)) return html`<p class="none">${CHAMPION}: N/A (${champion.unavailable}).</p>`
  const { model, version, days, strategy, metrics, difference, chance } = champion
  const theirs = (key: string) => metrics.find((row) => row.key === key) as MetricRow
  const all = Math.ceil((span.to - span.from) / DAY)
  const luck =
    difference.value === null
      ? `Whether the difference is luck is not known: ${difference.reason}.`
      : `Mean daily return less that of the champion: ${inUnit(difference.value, 'fraction')}${
          difference.interval === undefined
            ? ''
            : ` (95 % interval ${inUnit(difference.interval[0], 'fraction')} … ${inUnit(difference.interval[1], 'fraction')})`
        }; chance alone makes as much or more in ${percent(chance ?? Number.NaN, 0)} of cases.`
  return html`${table(
    `Beside the previous champion, ${model} ${version}`,
    [
      { title: 'Metric', cell: (row: MetricRow) => titleOf(row) },
      { title: 'Strategy', numeric: true, cell: (row) => metricText(row) },
      { title: CHAMPION, numeric: true, cell: ({ key }) => metricText(theirs(key)) },
    ],
    strategy,
  )}<p class="small">Both on the ${days} of ${all} days on which both were out of sample. ${luck}</p>`
}
