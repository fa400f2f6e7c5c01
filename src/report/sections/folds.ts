/**
 * The folds: does the model rank better than chance in each of them, or only in a lucky one?
 */

import { scheme } from '../../validation/schemes.js'
import type { Chart, Json } from '../chart.js'
import { BASE, categoryAxis, compact, grid, tooltip, valueAxis } from '../chart-parts.js'
import { count, daysText, inUnit, notAvailable } from '../format.js'
import { details, html, table } from '../html.js'
import type { FoldRow, Unit } from '../input.js'
import type { PathRow, SplitReport } from '../split.js'
import type { Section, SectionContext } from './section.js'

export function folds({ input, figures }: SectionContext): Section {
  const known = input.folds.filter((fold) => fold.auc !== null)
  const rows = table(
    scheme(input.split.scheme).title,
    [
      { title: 'Fold', numeric: true, cell: (row: FoldRow) => row.fold },
      { title: 'Train', cell: (row) => spanCell(row.train, row.trainRows, row.trainRanges) },
      { title: 'Validation', cell: (row) => spanCell(row.validation, row.validationRows) },
      { title: 'Out-of-fold', cell: (row) => spanCell(row.outOfFold, row.outOfFoldRows, row.outOfFoldRanges) },
      {
        title: 'AUC',
        numeric: true,
        cell: (row) =>
          html`${value(row, row.auc, 'score')}${
            row.aucInterval === undefined
              ? null
              : html` <span class="interval">${inUnit(row.aucInterval[0], 'score')} … ${inUnit(row.aucInterval[1], 'score')}</span>`
          }`,
      },
      { title: 'Log loss', numeric: true, cell: (row) => value(row, row.logLoss, 'score') },
      { title: 'Precision', numeric: true, cell: (row) => value(row, row.precision, 'fraction') },
      { title: 'Signals', numeric: true, cell: (row) => count(row.signals) },
      { title: 'Threshold', numeric: true, cell: (row) => value(row, row.threshold, 'score') },
      { title: 'Best round', numeric: true, cell: (row) => value(row, row.bestRound, 'count') },
    ],
    input.folds,
  )
  return {
    id: 'folds',
    title: 'Fold by fold',
    short: 'Folds',
    meaning: `${
      input.split.foresight
        ? 'Each fold was trained on rows before and after those that it was scored on, so no fold could have been traded'
        : 'Each fold was trained on the past alone and scored on what came after it'
    }; an AUC of 0.5 is chance, and a model that knows something stays above it in most folds.`,
    body: html`${
      known.length === 0 ? rows : html`${figures.figure(aucChart(input.folds))}${details('Table: folds', rows)}`
    }${pathTable(input.split)}`,
  }
}

/** The same rows scored by other models: how much of the result is luck of the folds. */
function pathTable({ paths }: SplitReport) {
  if (paths.length === 0) return null
  const cell = (number: number | null, unit: Unit) =>
    number === null ? notAvailable('too few trades') : inUnit(number, unit)
  return table(
    'Paths through the folds, each traded by itself; the first is the out-of-fold part',
    [
      { title: 'Path', numeric: true, cell: (row: PathRow) => row.path },
      { title: 'Total return', numeric: true, cell: (row) => cell(row.totalReturn, 'fraction') },
      { title: 'Sharpe ratio', numeric: true, cell: (row) => cell(row.sharpe, 'ratio') },
      { title: 'Largest drawdown', numeric: true, cell: (row) => cell(row.maxDrawdown, 'fraction') },
      { title: 'Trades', numeric: true, cell: (row) => count(row.trades) },
    ],
    paths,
  )
}

function value(row: FoldRow, number: number | null, unit: 'score' | 'fraction' | 'count'): string {
  return number === null ? notAvailable(row.reason) : inUnit(number, unit)
}

function spanCell(span: FoldRow['train'], rows: number, pieces: readonly FoldRow['train'][] = [span]) {
  return html`${pieces.map(daysText).join(', ')} <span class="note">${count(rows)} rows</span>`
}

function aucChart(all: readonly FoldRow[]): Chart {
  const bars: Json[] = all.flatMap(({ aucInterval }, i) =>
    aucInterval === undefined
      ? []
      : [
          [i, compact(aucInterval[0])],
          [i, compact(aucInterval[1])],
          [i, null],
        ],
  )
  return {
    id: 'chart-folds',
    label: 'AUC of each fold, with its interval and the line of chance at 0.5',
    height: 260,
    option: {
      ...BASE,
      tooltip: tooltip('axis', { valueFormatter: 'format:score' }),
      grid: grid({ top: 16 }),
      xAxis: categoryAxis(all.map(({ fold }) => `fold ${fold}`)),
      yAxis: valueAxis('shortNumber'),
      series: [
        {
          type: 'line',
          name: 'interval',
          data: bars,
          showSymbol: false,
          lineStyle: { color: 'color:blue', width: 3, opacity: 0.35, cap: 'round' },
          tooltip: { show: false },
          silent: true,
        },
        {
          type: 'scatter',
          name: 'AUC',
          data: all.map(({ auc }, i) => [i, auc === null ? null : compact(auc)]),
          symbolSize: 10,
          color: 'color:blue',
          itemStyle: { color: 'color:blue' },
          tooltip: { valueFormatter: 'format:score' },
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: 'color:orange', type: 'dashed', width: 1.4 },
            label: { formatter: 'chance', position: 'insideEndTop', color: 'color:muted' },
            data: [{ yAxis: 0.5 }],
          },
        },
      ],
    },
  }
}
