/**
 * What the model learns: how it is spread, whether it stays what it was, and what the features have to do with it.
 */
import { fixed, percent } from '../format.js'
import { details, html } from '../html.js'
import type { LabelReport } from '../input.js'
import { classChart, valueChart } from './label-charts.js'
import { byMonth, relationTable, sharesOf, spreadTable } from './label-tables.js'
import type { Section, SectionContext } from './section.js'

export function labels({ input: { labels: report }, figures }: SectionContext): Section {
  const { balance } = report
  const table = byMonth(report)
  const chart = balance.task === 'regression' ? valueChart(balance) : classChart(balance, sharesOf(balance))
  return {
    id: 'labels',
    title: 'Labels',
    short: 'Labels',
    meaning: `${capital(report.type)}. ${balance.meaning}${terms(report)} ${barriers(report)} ${
      balance.task === 'regression'
        ? 'A spread that drifts by month means that the market changed.'
        : 'The rarer a class, the harder it is to learn; shares that drift by month mean that the market changed.'
    }`,
    body: html`${spreadTable(report)}${balance.months.length === 0 ? table : html`${figures.figure(chart)}${details('Table: labels by month', table)}`}${relationTable(report)}`,
  }
}

function terms({ terms: own }: LabelReport): string {
  const text = own.map(({ name, value }) => `${name} ${value}`).join(', ')
  return text === '' ? '' : ` Here: ${text}.`
}

function barriers({ barrier, profit, stop, horizonHours, costAware }: LabelReport): string {
  const within = `within ${fixed(horizonHours, 1)} hours`
  const costs = costAware ? ', the profit moved out by fees and slippage' : ''
  return barrier === 'fixed'
    ? `Barriers: +${percent(profit)} before −${percent(stop)} ${within}${costs}.`
    : `Barriers follow ${barrier === 'atr' ? 'ATR 14' : 'the volatility of the returns before'}, the profit ${fixed(profit / stop, 2)} × as far as the stop, ${within}${costs}.`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
