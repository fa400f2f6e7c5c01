/**
 * From which bytes this page was made.
 */
import { count } from '../format.js'
import { details, html, table } from '../html.js'
import type { Section, SectionContext } from './section.js'

export function lineage({ input }: SectionContext): Section {
  const { features, lineage: rows, config } = input
  return {
    id: 'lineage',
    title: 'Lineage',
    short: 'Lineage',
    meaning: 'Hashes of all that went into this page: the same inputs, settings and code give the same bytes again.',
    body: html`${table(
      'Inputs and models',
      [
        { title: 'Kind', cell: (row) => row.kind },
        { title: 'Name', cell: (row) => html`<code>${row.name}</code>` },
        { title: 'Hash', cell: (row) => html`<code class="hash">${row.hash}</code>` },
      ],
      [{ kind: 'feature set', name: `${count(features.count)} features`, hash: features.hash }, ...rows],
    )}${details(
      'Table: settings',
      table(
        'Settings',
        [
          { title: 'Key', cell: (row) => html`<code>${row.key}</code>` },
          { title: 'Value', cell: (row) => html`<code>${row.value}</code>` },
        ],
        config,
      ),
    )}`,
  }
}
