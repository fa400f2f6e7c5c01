import { describe, expect, it } from 'vitest'
import { createFormats } from '../../src/report/chart-formats.js'
import { csvFiles } from '../../src/report/csv.js'
import { derive } from '../../src/report/derived.js'
import { daysText, fixed, intervalText, inUnit, metricText, percent, price } from '../../src/report/format.js'
import { embeddedJson, escapeHtml, html, markup, table, trusted } from '../../src/report/html.js'
import { sparkline } from '../../src/report/terminal.js'
import { titleOf } from '../../src/report/titles.js'
import { sampleReportInput } from '../support/report-input.js'

describe('numbers', () => {
  it.each([
    [1234567.891, 2, '1,234,567.89'],
    [-0.004, 2, '0.00'],
    [-1234.5, 1, '−1,234.5'],
    [999.999, 2, '1,000.00'],
    [12, 0, '12'],
    [-0, 0, '0'],
  ])('%d with %d decimals reads %s', (value, decimals, text) => {
    expect(fixed(value, decimals)).toBe(text)
  })

  it('shows percentages with two decimals', () => {
    expect(percent(0.123456)).toBe('12.35\u00a0%')
    expect(percent(-0.5)).toBe('−50.00\u00a0%')
  })

  it('gives small prices more decimals than large ones', () => {
    expect([price(64123.456), price(3.5), price(0.0812349), price(0.00001234)]).toEqual([
      '64,123.46',
      '3.5000',
      '0.081235',
      '0.00001234',
    ])
  })

  it('shows each unit in its own way', () => {
    const units = ['fraction', 'ratio', 'score', 'quote', 'count', 'days', 'hours', 'per day'] as const
    expect(units.map((unit) => inUnit(1.5, unit).replaceAll('\u00a0', ' '))).toEqual([
      '150.00 %',
      '1.50',
      '1.5000',
      '1.50',
      '2',
      '1.5 d',
      '1.5 h',
      '1.50 / day',
    ])
  })

  it('shows what is not known as N/A with its reason, never as a number', () => {
    expect(metricText({ value: null, unit: 'ratio', reason: 'no trades' })).toBe('N/A (no trades)')
    expect(metricText({ value: Number.NaN, unit: 'ratio' })).toBe('N/A (not computed)')
    expect(inUnit(Number.POSITIVE_INFINITY, 'count')).toBe('N/A')
    expect(intervalText({ unit: 'ratio' })).toBe('')
  })

  it('names both days of a span that ends before its end', () => {
    expect(daysText({ from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 7, 1) })).toBe('2024-01-01 … 2024-07-31')
    expect(daysText({ from: 5, to: 5 })).toBe('empty')
  })

  it('writes numbers in charts as on the page', () => {
    const formats = createFormats()
    for (const value of [0, -0.004, 0.123456, -12, 1234567.891]) {
      expect(formats.percent(value)).toBe(percent(value))
      expect(formats.money(value)).toBe(fixed(value, 2))
      expect(formats.price(value)).toBe(price(value))
    }
    expect(formats.money(null)).toBe('–')
    expect([formats.shortNumber(12500), formats.shortNumber(0.45), formats.shortPercent(-0.1)]).toEqual([
      '12,500',
      '0.45',
      '−10\u00a0%',
    ])
  })
})

describe('names', () => {
  it('come from the table, from the row, or from the key itself', () => {
    expect(titleOf({ key: 'max_drawdown' })).toBe('Largest drawdown')
    expect(titleOf({ key: 'max_drawdown', title: 'Deepest' })).toBe('Deepest')
    expect(titleOf({ key: 'trades_per_day' })).toBe('Trades per day')
    expect(titleOf({ key: 'missedSignals' })).toBe('Missed signals')
    expect(titleOf({ key: 'constructor' })).toBe('Constructor')
  })
})

describe('markup', () => {
  it('escapes every text that is put into it, in lists and in attributes', () => {
    const nasty = `<b>"it's" & so on</b>`
    expect(markup(html`<p title="${nasty}">${[nasty, html`<i>${nasty}</i>`]}${null}${3}</p>`)).toBe(
      `<p title="${escapeHtml(nasty)}">${escapeHtml(nasty)}<i>${escapeHtml(nasty)}</i>3</p>`,
    )
    expect(escapeHtml(nasty)).toBe('&#60;b&#62;&#34;it&#39;s&#34; &#38; so on&#60;/b&#62;')
    expect(markup(trusted('<br>'))).toBe('<br>')
  })

  it('embeds JSON that cannot end its script and parses to the same value', () => {
    const value = { a: '</script><!--\u2028', b: [1, null] }
    expect(embeddedJson(value)).not.toMatch(/[<\u2028]/)
    expect(JSON.parse(embeddedJson(value))).toEqual(value)
  })

  it('gives every column and row of a table a header with its scope', () => {
    const made = markup(
      table(
        'Numbers',
        [
          { title: 'Name', cell: (row: { name: string; value: number }) => row.name },
          { title: 'Value', numeric: true, cell: (row) => row.value },
        ],
        [{ name: 'one', value: 1 }],
      ),
    )
    expect(made).toContain('<th scope="col">Name</th><th scope="col" class="num">Value</th>')
    expect(made).toContain('<tr><th scope="row">one</th><td class="num">1</td></tr>')
    expect(made).toContain('<caption>Numbers</caption>')
    expect(markup(table('Numbers', [], []))).toContain('Numbers: none.')
  })
})

describe('sparkline', () => {
  it('shows the mean of each stretch as one of eight levels', () => {
    // Means 0, 1, …, 7 are the levels themselves.
    expect(
      sparkline(
        Float64Array.from({ length: 16 }, (_, i) => Math.floor(i / 2)),
        8,
      ),
    ).toBe('▁▂▃▄▅▆▇█')
    expect(sparkline(Float64Array.of(3, 3, 3), 8)).toBe('▁▁▁')
    expect(sparkline(Float64Array.of(1, Number.NaN, 2), 3)).toBe('▁ █')
    expect(sparkline(new Float64Array(0), 8)).toBe('')
  })
})

describe('CSV', () => {
  it('quotes what needs quotes and disarms what a spreadsheet would run', () => {
    const input = {
      ...sampleReportInput({ days: 30 }),
      importance: [{ feature: '=HYPERLINK("x")', family: 'a,b', gain: Number.NaN, share: 0.1, permutation: 0.5 }],
    }
    expect(csvFiles(input, derive(input)).get('importance.csv')).toBe(
      'feature,family,gain,share,permutation\n"\'=HYPERLINK(""x"")","a,b",,0.1,0.5\n',
    )
  })
})
