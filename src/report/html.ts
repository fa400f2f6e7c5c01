/**
 * HTML that cannot forget to escape: text put into the `html` template is escaped, only what the template itself made
 * goes in as it is.
 */

const made = Symbol('html')

/** A piece of markup made by `html` or, for text that is known to be markup already, by `trusted`. */
export type Html = { readonly [made]: string }

export type HtmlPart = Html | string | number | null | readonly HtmlPart[]

export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let text = strings[0]
  parts.forEach((part, i) => {
    text += textOf(part) + strings[i + 1]
  })
  return { [made]: text }
}

export function trusted(markup: string): Html {
  return { [made]: markup }
}

export function markup(piece: Html): string {
  return piece[made]
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

/** JSON for a script element: no `<` is left, so neither `</script` nor `<!--` can end or change it. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029')
}

function textOf(part: HtmlPart): string {
  if (part === null) return ''
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return isHtml(part) ? part[made] : part.map(textOf).join('')
}

function isHtml(part: Html | readonly HtmlPart[]): part is Html {
  return made in part
}

export type Column<Row> = {
  readonly title: string
  /** Numbers are set to the right. */
  readonly numeric?: boolean
  /** Sentences: kept wide enough to read where the page is narrow. */
  readonly wide?: boolean
  readonly cell: (row: Row) => HtmlPart
}

/** A table that scrolls sideways on its own where the page is narrow; the first column names the row. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  if (rows.length === 0) return html`<p class="none">${caption}: none.</p>`
  const align = (column: Column<Row>) =>
    trusted(column.numeric === true ? ' class="num"' : column.wide === true ? ' class="wide"' : '')
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${columns.map(
    (column) => html`<th scope="col"${align(column)}>${column.title}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr>${columns.map((column, i) =>
        i === 0
          ? html`<th scope="row"${align(column)}>${column.cell(row)}</th>`
          : html`<td${align(column)}>${column.cell(row)}</td>`,
      )}</tr>\n`,
  )}</tbody></table></div>\n`
}

export function details(summary: string, body: HtmlPart): Html {
  return html`<details><summary>${summary}</summary>${body}</details>\n`
}
