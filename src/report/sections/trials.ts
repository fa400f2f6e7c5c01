/**
 * How much was tried before this result, and what is left of it when that is taken into account; then every gate of every candidate.
 */
import { count, percent } from '../format.js'
import { type Html, html, table } from '../html.js'
import type { Candidate, MetricRow } from '../input.js'
import { gateTitle, titleOf } from '../titles.js'
import { badge, metricCell, type Section, type SectionContext } from './section.js'

/** What each of them says, in words; the numbers are those of the candidate shown. */
const MEANINGS: Readonly<Record<string, string>> = {
  deflatedSharpe:
    'Probability that the true Sharpe ratio is above that of the best of as many trials without any skill (Bailey & López de Prado 2014).',
  minimum_track_record:
    'Days of returns like these that it takes to say so with 95 % confidence; the test part has as many as it has.',
  pbo: 'How often the candidate that was best in one half of the out-of-fold days was in the lower half in the other (Bailey et al. 2017). It judges the choice: for two candidates it is weak, and for equally good ones it is high.',
  loss_probability: 'How often the candidate chosen in one half lost money in the other.',
  stability: 'How alike the leading features of the folds are: 1 the same, 0 as drawn by lot (Nogueira et al. 2018).',
}

export function trials({ input }: SectionContext): Section {
  const { trials: tried, candidates } = input
  const shown = candidates.find((candidate) => candidate.shown)
  const rows = Object.keys(MEANINGS).flatMap((key) => shown?.test.find((row) => row.key === key) ?? [])
  return {
    id: 'trials',
    title: 'What was tried',
    short: 'Trials',
    meaning: `Whoever tries often enough finds something by luck. On these data ${count(tried.fits)} fits, ${count(tried.trials)} trials of the tuner and ${count(tried.backtests)} backtests of the test part were counted, in this run and before: ${count(tried.configurations)} configurations, so the Sharpe ratio has to beat the best of ${count(tried.tried)} without skill.`,
    body: html`${table(
      `After what was tried: ${shown?.name ?? 'no candidate'}`,
      [
        {
          title: 'Measure',
          wide: true,
          cell: (row: MetricRow) => html`${titleOf(row)} <span class="note">${MEANINGS[row.key]}</span>`,
        },
        { title: 'Value', numeric: true, cell: (row) => metricCell(row) },
      ],
      rows,
    )}${gatesOfAll(candidates.filter(({ leftOut }) => leftOut !== true))}
<p class="small">${limits(tried.candidates)}</p>`,
  }
}

function gatesOfAll(candidates: readonly Candidate[]): Html {
  const gates = candidates[0]?.gates ?? []
  return table(
    'Every gate of every candidate',
    [
      { title: 'Gate', cell: (row: Candidate['gates'][number]) => gateTitle(row) },
      ...candidates.map((candidate) => ({
        title: candidate.name,
        wide: true,
        cell: ({ gate }: Candidate['gates'][number]) => {
          const row = candidate.gates.find((one) => one.gate === gate)
          if (row === undefined) return ''
          const kind = row.passed ? 'good' : row.required ? 'bad' : 'plain'
          return html`${badge(kind, row.passed ? 'passed' : row.required ? 'failed' : 'below')} <span class="note">${row.reason}</span>`
        },
      })),
    ],
    gates,
  )
}

function limits(candidates: number): string {
  const few =
    candidates < 4
      ? ` With ${count(candidates)} ${candidates === 1 ? 'candidate' : 'candidates'} the PBO says little.`
      : ''
  return `Trials are counted once, by content, in the ledger of this workspace; what was tried elsewhere is not known. Trials that resemble each other are counted as if they were independent, which asks too much rather than too little. Intervals are ${percent(0.95, 0)} block-bootstrap intervals.${few}`
}
