import { beforeAll, describe, expect, it } from 'vitest'
import { DAY } from '../../src/core/time.js'
import { createFigures } from '../../src/report/chart.js'
import { COMPARED, type ComparedEntry, groupsOf, renderCompare } from '../../src/report/compare-page.js'
import { metricText } from '../../src/report/format.js'
import { comparedEntry } from '../support/report-input.js'
import { chartRuntime } from './runtime.js'

const at = (href: string, pair: string, to: number) => ({ href, pair, venue: 'binance-um', to })

describe('what is compared', () => {
  it('is the runs of a pair, newest first, and the newest run of each pair, whatever the order', () => {
    const entries = [at('b', 'BTCUSDT', 1), at('a', 'BTCUSDT', 2), at('c', 'ETHUSDT', 1)]
    const groups = groupsOf(entries)
    expect(groups).toEqual([
      { title: 'Runs of BTCUSDT on binance-um', hrefs: ['a', 'b'], leftOut: 0 },
      { title: 'Pairs', hrefs: ['a', 'c'], leftOut: 0 },
    ])
    expect(groupsOf([...entries].reverse())).toEqual(groups)
  })

  it('is nothing where one report is there', () => {
    expect(groupsOf([at('a', 'BTCUSDT', 1)])).toEqual([])
  })

  it('keeps apart one pair on two venues', () => {
    const spot = { ...at('b', 'BTCUSDT', 1), venue: 'binance-spot' }
    expect(groupsOf([at('a', 'BTCUSDT', 1), spot])).toEqual([{ title: 'Pairs', hrefs: ['b', 'a'], leftOut: 0 }])
  })

  it('is as many as can be told apart', () => {
    const entries = Array.from({ length: COMPARED + 3 }, (_, i) => at(`run ${i}`, 'BTCUSDT', i * DAY))
    const [{ hrefs, leftOut }] = groupsOf(entries)
    expect(hrefs).toHaveLength(COMPARED)
    expect(hrefs[0]).toBe(`run ${COMPARED + 2}`)
    expect(leftOut).toBe(3)
  })
})

describe('the page', () => {
  let entries: ComparedEntry[]
  let page: string
  const render = async (title = 'Runs') =>
    renderCompare(
      { groups: [{ title, hrefs: ['x', 'y'], leftOut: 1 }], entries, unread: [] },
      await createFigures(),
      chartRuntime(),
    )
  beforeAll(async () => {
    entries = [
      await comparedEntry('x', chartRuntime(), { seed: 1, days: 60 }),
      await comparedEntry('y', chartRuntime(), { seed: 2, days: 60 }),
    ]
    page = await render()
  })

  it('has every metric of both, with its interval, side by side', () => {
    for (const { report } of entries)
      for (const metric of [...report.test.metrics, ...report.outOfFold.metrics])
        expect(page).toContain(metricText(metric))
    const sharpe = page.slice(page.indexOf('Sharpe ratio'))
    const row = sharpe.slice(0, sharpe.indexOf('</tr>'))
    expect(row.match(/class="num"/g)).toHaveLength(2)
    expect(row.match(/class="interval"/g)).toHaveLength(2)
  })

  it('tells runs of one model apart, links to each, and says how many are not shown', () => {
    expect(page).toContain(`href="x"`)
    expect(page).toContain(`${entries[0].report.approval.model} x</a>`)
    expect(page).toContain('1 older one is not shown')
  })

  it('names the settings that differ and no other', async () => {
    const shown = (html: string) => {
      const table = html.slice(html.indexOf('aria-label="Settings that differ"'))
      return [...table.slice(0, table.indexOf('</table>')).matchAll(/<th scope="row"><code>([^<]*)</g)].map((m) => m[1])
    }
    expect(shown(page)).toEqual(['seed'])
    const [first, second] = entries
    const same = { ...second, report: { ...second.report, config: first.report.config } }
    const groups = [{ title: 'Runs', hrefs: ['x', 'y'], leftOut: 0 }]
    const other = renderCompare({ groups, entries: [first, same], unread: [] }, await createFigures(), chartRuntime())
    expect(other).toContain('Settings that differ: none.')
  })

  it('shows once what was made again with the same settings and results', async () => {
    const [first, second] = entries
    const again = { ...first, href: 'z', run: 'z' }
    const groups = [{ title: 'Runs', hrefs: ['x', 'y', 'z'], leftOut: 0 }]
    const other = renderCompare(
      { groups, entries: [first, second, again], unread: [] },
      await createFigures(),
      chartRuntime(),
    )
    expect(other).toContain('2 reports; ')
    expect(other).toContain('1 more has the same settings and results')
    expect(other).not.toContain('href="z"')
  })

  it('names what could not be read, and compares no report with itself', async () => {
    const groups = [{ title: 'Runs', hrefs: ['x', 'y'], leftOut: 0 }]
    const unread = [{ href: 'y', reason: 'not written by this version' }]
    const other = renderCompare({ groups, entries: entries.slice(0, 1), unread }, await createFigures(), chartRuntime())
    expect(other).not.toContain('<h2>Runs</h2>')
    expect(other).toContain('There are no two reports to compare.')
    expect(other).toContain('not written by this version')
  })

  it('begins each curve near one', () => {
    const data = JSON.parse(/id="chart-data">([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '')
    const { series } = data['chart-compare-g0-test'].option
    expect(series).toHaveLength(4)
    for (const { data: points } of series.slice(0, 2)) expect(Math.abs(points[0][1] - 1)).toBeLessThan(0.05)
  })

  it('has the same bytes each time, and no address to fetch from', async () => {
    expect(await render()).toBe(page)
    expect(page.replace(/<script[\s\S]*?<\/script>/g, '')).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  })

  it('takes a title as text', async () => {
    expect(await render('<b>')).toContain('<h2>&#60;b&#62;</h2>')
  })
})
