/**
 * A section of the page: a title, one plain sentence on what it means, and a body.
 */
import type { Figures } from '../chart.js'
import type { Derived } from '../derived.js'
import { intervalText, metricText, percent } from '../format.js'
import { ownNote } from '../headline.js'
import { type Html, html, trusted } from '../html.js'
import type { MetricRow, ReportInput } from '../input.js'

export type SectionContext = { readonly input: ReportInput; readonly derived: Derived; readonly figures: Figures }

export type Section = {
  readonly id: string
  readonly title: string
  /** One word for the list of sections. */
  readonly short: string
  readonly meaning: string
  readonly body: Html
}

/** The value, its interval below it, and what to keep in mind. */
export function metricCell(row: MetricRow | undefined): Html {
  if (row === undefined) return html`<span class="na">N/A (not computed)</span>`
  const interval = intervalText(row)
  const note = ownNote(row) ?? ''
  const known = row.value !== null && Number.isFinite(row.value)
  return html`<span class="${known ? 'value' : 'na'}">${metricText(row)}</span>${
    interval === '' ? null : html` <span class="interval">${interval}</span>`
  }${row.intervalReason === undefined || !known ? null : html` <span class="note">no interval: ${row.intervalReason}</span>`}${
    note === '' ? null : html` <span class="note">${note}</span>`
  }`
}

/** Text on blue above zero and on orange below, the stronger the further away: `value` 1 and -1 and beyond are strongest. */
export function heat(text: string, value: number, note: string | null = null): Html {
  const strength = Math.round(Math.min(1, Math.abs(value)) * 60)
  const color = value === 0 ? '' : value > 0 ? 'up' : 'down'
  return html`<span class="heat ${color}"${trusted(` style="--heat:${strength}%"`)}>${text}${
    note === null ? null : html` <span class="note">${note}</span>`
  }</span>`
}

const FULL_MONTH = 0.1 // a month of ±10 % and beyond has the strongest colour

/** A month's return; empty where the month does not belong to the part. */
export function monthCell(value: number | null | undefined): Html {
  if (value === undefined) return html``
  if (value === null) return html`<span class="na">N/A</span>`
  return heat(percent(value), value / FULL_MONTH)
}

export function badge(kind: 'good' | 'bad' | 'simulated' | 'plain', text: string): Html {
  return html`<span class="badge ${kind}">${text}</span>`
}
