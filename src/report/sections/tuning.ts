/**
 * The search for parameters: what was tried, in which order, and what it led to.
 */
import type { Chart } from '../chart.js'
import { BASE, compact, grid, legend, line, tooltip, valueAxis } from '../chart-parts.js'
import { count, fixed, notAvailable, significant } from '../format.js'
import { details, type Html, html, table } from '../html.js'
import type { TrialRow, TuningReport } from '../tuning-input.js'
import type { Section, SectionContext } from './section.js'
import { parameterPictures } from './tuning-pictures.js'

const LISTED = 100

export function tuning({ input, figures }: SectionContext): Section | null {
  const searches = input.tuning
  if (searches.length === 0) return null
  const trials = searches.reduce((sum, { trials: own }) => sum + own.length, 0)
  return {
    id: 'tuning',
    title: 'How the parameters were found',
    short: 'Tuning',
    meaning: `${count(trials)} trials on the oldest rows, ${input.split.foresight ? 'of which the out-of-fold part scores some: only the test part was not touched' : 'before anything that is scored here'}; a lower loss is better. The more trials, the more of the best loss is luck: that is why none of these numbers is a result.`,
    body: html`${searches.map((search) => searchHtml(search, figures))}`,
  }
}

function searchHtml(search: TuningReport, figures: SectionContext['figures']): Html {
  const { model, trials, space, best } = search
  const taken = trials.find(({ trial }) => trial === best)
  const others = (['pruned', 'failed'] as const).map((state) => {
    const n = trials.filter((row) => row.state === state).length
    return n > 0 ? `, ${count(n)} ${state}` : ''
  })
  return html`<h3>${model}</h3><p>${count(trials.length)} trials${others.join('')}: ${
    taken === undefined
      ? 'none came to an end.'
      : `the parameters of trial ${taken.trial} were taken, with a loss of ${lossText(taken)}; those of trial 1, the defaults, had ${lossText(trials[0])}.`
  }</p>${figures.figure(lossChart(search))}${
    taken === undefined
      ? null
      : table(
          `${model}: the parameters taken`,
          [
            { title: 'Parameter', cell: (row: TuningReport['space'][number]) => html`<code>${row.name}</code>` },
            { title: 'Taken', numeric: true, cell: (row) => significant(taken.parameters[row.name]) },
            { title: 'Default', numeric: true, cell: (row) => significant(trials[0].parameters[row.name]) },
            {
              title: 'Looked for in',
              cell: (row) => `${significant(row.low)} to ${significant(row.high)}${row.log ? ', logarithmic' : ''}`,
            },
          ],
          space,
        )
  }${parameterPictures(search)}${details(
    `Table: trials of ${model}${trials.length > LISTED ? `, the first ${LISTED} of ${count(trials.length)}` : ''}`,
    table(
      `Trials of ${model}`,
      [
        { title: 'Trial', numeric: true, cell: (row: TrialRow) => count(row.trial) },
        { title: 'State', cell: (row) => (row.reason === undefined ? row.state : `${row.state}: ${row.reason}`) },
        { title: 'Folds', numeric: true, cell: (row) => count(row.folds) },
        { title: 'Loss', numeric: true, cell: lossText },
        ...space.map(({ name }) => ({
          title: name,
          numeric: true,
          cell: (row: TrialRow) => significant(row.parameters[name]),
        })),
      ],
      trials.slice(0, LISTED),
    ),
  )}`
}

function lossText({ loss, reason }: TrialRow): string {
  if (loss === null) return notAvailable(reason)
  return loss < 0.1 ? significant(loss) : fixed(loss, 4)
}

function lossChart({ model, trials }: TuningReport): Chart {
  const scatter = (state: TrialRow['state'], name: string, color: 'blue' | 'grey') => ({
    type: 'scatter' as const,
    name,
    data: trials.flatMap((row) => (row.state === state && row.loss !== null ? [[row.trial, compact(row.loss)]] : [])),
    symbolSize: 8,
    color: `color:${color}`,
    itemStyle: { color: `color:${color}` },
  })
  return {
    id: `chart-tuning-${model}`,
    label: `Loss of each trial of ${model}, and the best so far`,
    height: 240,
    option: {
      ...BASE,
      tooltip: tooltip('axis', { valueFormatter: 'format:score' }),
      legend: legend(),
      grid: grid(),
      xAxis: valueAxis('shortNumber', { minInterval: 1, min: 1, max: Math.max(trials.length, 2) }),
      yAxis: valueAxis('shortNumber'),
      series: [
        scatter('complete', 'complete', 'blue'),
        scatter('pruned', 'pruned', 'grey'),
        line(
          'best so far',
          'orange',
          trials.map(({ trial, best }) => [trial, best === null ? null : compact(best)]),
          { step: 'end' },
        ),
      ],
    },
  }
}
