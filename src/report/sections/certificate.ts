/**
 * That no feature saw the future, where that was looked at, and how.
 */
import { count, daysText, minute } from '../format.js'
import { details, html, table } from '../html.js'
import { isUnavailable } from '../input.js'
import { badge, type Section, type SectionContext } from './section.js'

export function certificate({ input: { certificate: found } }: SectionContext): Section {
  const head = {
    id: 'certificate',
    title: 'Leakage certificate',
    short: 'Leakage',
    meaning:
      'Every feature was computed again from what had been available at some moments, and compared, up to each of them, bit for bit with what the model was given.',
  }
  if (isUnavailable(found)) return { ...head, body: html`<p class="none">N/A (${found.unavailable})</p>` }
  const { verdict, features, cuts, rows, span, hash, warmups, complaints } = found
  const warmup = `${count(warmups.measured)} of ${count(features)} could be measured; ${count(warmups.late)} had their first value later than declared`
  return {
    ...head,
    body: html`<p>${badge(verdict === 'passed' ? 'good' : 'bad', verdict)} ${count(features)} features at ${count(cuts.length)} cuts of ${count(rows)} decision bars, ${daysText(span)}; feature set <code class="hash">${hash}</code>.</p>
<p>Warm-up: ${warmup}.</p>${
      complaints.length === 0 ? null : html`<ul>${complaints.map((text) => html`<li>${text}</li>`)}</ul>`
    }${details(
      'Table: cuts',
      table(
        'Cuts',
        [
          { title: 'Last bar closed at (UTC)', cell: (cut) => minute(cut.time) },
          { title: 'Where', cell: (cut) => cut.place },
        ],
        cuts,
      ),
    )}`,
  }
}
