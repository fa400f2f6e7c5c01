/**
 * Returns month by month: blue above zero, orange below, darker the further away.
 */
import { fixed, notAvailable, percent } from '../format.js'
import { html, table } from '../html.js'
import { PART_TITLES, PARTS } from '../input.js'
import { monthCell, type Section, type SectionContext } from './section.js'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

type Year = { readonly year: string; readonly who: string; readonly values: ReadonlyMap<string, number | null> }

export function monthly({ derived }: SectionContext): Section {
  return {
    id: 'monthly',
    title: 'Month by month',
    short: 'Months',
    meaning: 'Each month’s return after costs; gains that come from one or two months only are fragile.',
    body: html`${PARTS.map((part) => {
      const { months } = derived[part]
      const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))]
      const rows = years.flatMap((year) => {
        const own = months.filter(({ month }) => month.startsWith(year))
        return [
          { year, who: 'Strategy', values: new Map(own.map((row) => [row.month, row.strategy])) },
          { year, who: 'Buy and hold', values: new Map(own.map((row) => [row.month, row.buyAndHold])) },
        ]
      })
      const monthsOfYear = [...new Set(months.map(({ month }) => month.slice(5)))].sort()
      const trades = table(
        `${PART_TITLES[part]}: trades by month`,
        [
          { title: 'Month', cell: (row) => row.month },
          { title: 'Trades', numeric: true, cell: (row) => fixed(row.trades, 0) },
          { title: 'Strategy', numeric: true, cell: (row) => percent(row.strategy) },
          {
            title: 'Buy and hold',
            numeric: true,
            cell: (row) => (row.buyAndHold === null ? notAvailable('none') : percent(row.buyAndHold)),
          },
        ],
        months,
      )
      return html`${table(
        `${PART_TITLES[part]}: returns by month`,
        [
          { title: 'Year', cell: ({ year, who }: Year) => html`${year} <span class="small">${who}</span>` },
          ...monthsOfYear.map((number) => ({
            title: MONTHS[Number(number) - 1],
            numeric: true,
            cell: (row: Year) => monthCell(row.values.get(`${row.year}-${number}`)),
          })),
          { title: 'All', numeric: true, cell: (row: Year) => monthCell(compounded(row.values)) },
        ],
        rows,
      )}<details><summary>Table: trades by month</summary>${trades}</details>`
    })}<p class="small">A month that belongs to the part only in part counts as far as it goes; “All” compounds what is shown.</p>`,
  }
}

function compounded(values: ReadonlyMap<string, number | null>): number | null {
  let growth = 1
  for (const value of values.values()) {
    if (value === null) return null
    growth *= 1 + value
  }
  return growth - 1
}
