/**
 * How it was done, and what this page cannot say.
 */
import { html } from '../html.js'
import { limits, method as steps } from '../limits.js'
import type { Section, SectionContext } from './section.js'

export function method({ input, derived }: SectionContext): Section {
  return {
    id: 'method',
    title: 'Method and limits',
    short: 'Method',
    meaning: 'What was done in which order, and what these numbers cannot tell.',
    body: html`<h3>Method</h3><ul>${steps(input).map((text) => html`<li>${text}</li>`)}</ul>
<h3>Limits</h3><ul>${limits(input, derived).map((text) => html`<li>${text}</li>`)}</ul>`,
  }
}
