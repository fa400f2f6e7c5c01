/**
 * The whole page in one file: style, text, still charts, their data, and the runtime that brings them to life.
 */
import { assert } from '../core/errors.js'
import { browserScript, CHART_DATA_ID } from './browser-script.js'
import type { Figures } from './chart.js'
import { daysText } from './format.js'
import { embeddedJson, type Html, html, markup, trusted } from './html.js'
import type { ReportInput } from './input.js'
import { badge, type Section } from './sections/section.js'
import { STYLE } from './style.js'

/** Nothing may be fetched, whatever finds its way into the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

/**
 * @param runtime  text of ECharts' browser build; `echarts.common.min.js` has all that is used here
 */
export function page(input: ReportInput, sections: readonly Section[], figures: Figures, runtime: string): string {
  const simulated = input.simulated !== null
  const title = `${input.pair} on ${input.venue}: report${simulated ? ' (simulated market)' : ''}`
  const body = html`<header>
<h1>${input.pair} ${simulated ? badge('simulated', 'simulated') : null}</h1>
<p class="sub">${input.venue} · ${daysText(input.span)} · decisions every ${input.bars.decision} on ${input.bars.base} bars · all times UTC</p>
${banner(input)}
</header>
<nav aria-label="Sections"><ul>${sections.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>
<main>
${sections.map((section) => sectionHtml(section, simulated))}</main>
<footer><p>Made by Sluice. Nothing on this page is advice. Numbers are also in report.json and in CSV files beside this page.</p></footer>`
  return document(title, body, scripts(figures, runtime))
}

/** What brings the figures of a page to life in the browser. */
export function scripts(figures: Figures, runtime: string): Html {
  return html`${trusted(`<script>${safeScript(runtime)}</script>`)}
<script type="application/json" id="${CHART_DATA_ID}">${trusted(embeddedJson(figures.drawn))}</script>
${trusted(`<script>${safeScript(browserScript())}</script>`)}
`
}

/**
 * The frame of every page: no requests, both themes, fits a phone.
 *
 * @param kind  `list` for pages of wide tables, which use the width of the screen
 */
export function document(
  title: string,
  body: Html,
  scripts: Html = html``,
  kind: 'report' | 'list' = 'report',
): string {
  return markup(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body class="${kind}">
${body}
${scripts}</body>
</html>
`)
}

function banner({ approval, simulated }: ReportInput): Html {
  const market =
    simulated === null
      ? null
      : html`<p class="banner"><strong>Simulated market.</strong> Prices are invented (seed ${simulated.seed}, planted edge ${simulated.edge}); they prove the pipeline, not a strategy.</p>`
  if (approval.state === 'approved') {
    return html`${market}<p class="banner good"><strong>Approved:</strong> ${approval.model}, version ${approval.version}.</p>`
  }
  return html`${market}<p class="banner"><strong>Not approved.</strong> ${approval.model} is the best candidate${
    approval.version === null ? '' : ` (version ${approval.version})`
  }, shown for study only: ${approval.reason}.</p>`
}

function sectionHtml({ id, title, meaning, body }: Section, simulated: boolean): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title"><div class="head"><h2 id="${id}-title">${title}</h2>${
    simulated ? badge('simulated', 'simulated') : null
  }</div>
<p class="meaning">${meaning}</p>
${body}
</section>
`
}

/** A script's text must not end its element; in JavaScript, `<\/` inside a string or pattern means the same as `</`. */
function safeScript(text: string): string {
  assert(!text.includes('<!--'), 'a script of the page opens an HTML comment')
  return text.replace(/<\/(script)/gi, '<\\/$1')
}
