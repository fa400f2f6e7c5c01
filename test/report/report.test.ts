import { beforeAll, describe, expect, it } from 'vitest'
import type { BreakEven } from '../../src/backtest/stress/surface.js'
import { DAY, MINUTE } from '../../src/core/time.js'
import { renderCandidates } from '../../src/report/candidates-table.js'
import { plainSvg } from '../../src/report/chart.js'
import type { ReportInput } from '../../src/report/input.js'
import { type Report, renderReport, SECTIONS } from '../../src/report/render-report.js'
import { sentences } from '../../src/report/sections/stress.js'
import { splitReport } from '../../src/report/split.js'
import { renderTerminalTable } from '../../src/report/terminal.js'
import { sampleReportInput } from '../support/report-input.js'
import { chartRuntime } from './runtime.js'

const runtime = chartRuntime()

/** The page without its scripts and styles. */
function visible({ html }: Report): string {
  return html.replace(/<script[\s\S]*?<\/script>/g, '').replace(/<style[\s\S]*?<\/style>/g, '')
}

function sectionsOf(report: Report): string[] {
  return visible(report).match(/<section[\s\S]*?<\/section>/g) ?? []
}

function chartData({ html }: Report): Record<string, unknown> {
  return JSON.parse(/<script type="application\/json" id="chart-data">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '')
}

const lines = (report: Report, file: string) => (report.csv.get(file) ?? '').trimEnd().split('\n')

describe('the page', () => {
  let input: ReportInput
  let report: Report
  beforeAll(async () => {
    input = sampleReportInput()
    report = await renderReport(input, runtime)
  })

  it('has every section, each with a heading, a sentence and a place in the navigation', () => {
    const names = [
      'summary',
      'equity',
      'monthly',
      'rolling',
      'trades',
      'metrics',
      'models',
      'tuning',
      'trials',
      'folds',
      'reliability',
    ]
    const all = [
      ...names,
      'importance',
      'features',
      'labels',
      'costs',
      'stress',
      'quality',
      'certificate',
      'method',
      'lineage',
    ]
    expect(sectionsOf(report).map((text) => /id="([a-z]+)"/.exec(text)?.[1])).toEqual(all)
    expect(SECTIONS).toHaveLength(all.length)
    for (const text of sectionsOf(report))
      expect(text).toMatch(/<h2[^>]*>[^<]+<\/h2>[\s\S]*<p class="meaning">[^<]{20,}/)
    for (const id of all) expect(report.html).toContain(`<a href="#${id}">`)
  })

  it('shows the stress tests: a whole map, every table, the cell that was assumed', () => {
    const text = sectionsOf(report).find((section) => section.includes('id="stress"')) ?? ''
    for (const caption of ['Total return by fees', 'Shocks', 'Worst stretches', 'By kind of market', 'Luck'])
      expect(text.split(`<caption>${caption}`), caption).toHaveLength(3)
    expect(text.match(/class="heat/g)).toHaveLength(2 * 36)
    expect(text.match(/>assumed</g)).toHaveLength(2)
    expect(text).not.toMatch(/NaN|undefined|null/)
    const csv = lines(report, 'stress.csv')
    expect(csv[0]).toBe('part,kind,case,measure,value,note')
    const { surface } = input.test.stress
    const cell = surface.cells.find(({ multiple, latencyBars }) => multiple === 1.5 && latencyBars === 3)
    expect(csv).toContain(`test,costs,costs x 1.5 latency 3,total_return,${cell?.totalReturn},`)
  })

  it('says at which costs and delays the gain ends', () => {
    const cells = [0.2, 0.1, -0.1].map((totalReturn, latencyBars) => ({
      ...{ multiple: 1, latencyBars, totalReturn, trades: 3, sharpe: 1, maxDrawdown: 0.1 },
    }))
    const of = (breakEven: BreakEven, latencyBars = 0) => sentences({ breakEven, cells, latencyBars }, '1m')
    expect(of({ multiple: 1.8, roundTripBps: 21.6 })).toBe(
      'Nothing is left of the gain at 1.80 times the assumed fees and slippage, 21.6 bp for a round trip by market orders. At the assumed costs, an entry after 2 × 1m turns it into a loss.',
    )
    expect(of({ multiple: 0.5, roundTripBps: 6 }, 2)).toBe(
      'At the assumed costs it loses: it would break even at 0.50 times as much, 6.0 bp for a round trip by market orders.',
    )
    expect(of({ multiple: null, reason: 'it loses without any costs' }, 2)).toBe(
      'No break-even of costs: it loses without any costs.',
    )
  })

  it('says how the parameters were found, and nothing of it where nothing was searched', async () => {
    const text = sectionsOf(report).find((section) => section.includes('id="tuning"')) ?? ''
    const [{ trials, best }] = input.tuning
    const losses = trials.flatMap(({ state, loss }) => (state === 'complete' && loss !== null ? [loss] : []))
    expect(trials.find(({ trial }) => trial === best)?.loss).toBe(Math.min(...losses))
    expect(trials.at(-1)?.best).toBe(Math.min(...losses))
    expect(text).toContain(`12 trials, 1 pruned, 1 failed: the parameters of trial ${best} were taken`)
    expect(text).toContain('failed: one class only')
    expect(text).toContain('on the oldest rows, before anything that is scored here')
    const sided = { ...input, split: splitReport('purged-kfold', []) }
    expect((await renderReport(sided, runtime)).html).toContain('of which the out-of-fold part scores some')
    expect(text).toContain('aria-label="Loss of xgboost against eta, maxDepth"')
    expect(lines(report, 'tuning.csv')).toHaveLength(1 + 12 * 2)
    const without = await renderReport({ ...sampleReportInput({ days: 60 }), tuning: [] }, runtime)
    expect(without.html).not.toContain('id="tuning"')
    expect(without.html).not.toContain('#tuning')
    expect(without.csv.has('tuning.csv')).toBe(false)
  })

  it('marks a simulated market in the title and on every section', () => {
    expect(report.html).toContain('<title>BTCUSDT on binance-um: report (simulated market)</title>')
    for (const text of sectionsOf(report)) expect(text).toContain('<span class="badge simulated">simulated</span>')
  })

  it('calls a real market nothing of the kind', async () => {
    const real = await renderReport(sampleReportInput({ simulated: false, days: 60 }), runtime)
    expect(visible(real)).not.toMatch(/simulated/i)
  })

  it('says in a banner whether the model is approved', async () => {
    expect(visible(report)).toContain('<strong>Not approved.</strong> xgboost is the best candidate')
    const approved = await renderReport(sampleReportInput({ approved: true, days: 60 }), runtime)
    expect(visible(approved)).toContain('<strong>Approved:</strong> xgboost, version 1.2.0.')
    expect(visible(approved)).not.toContain('<strong>Not approved')
  })

  it('draws every chart as a picture, with its data beside it and its table below', () => {
    const ids = Object.keys(chartData(report))
    const charts = [
      'equity-test',
      'equity-outOfFold',
      'rolling-test',
      'rolling-outOfFold',
      'trades',
      'tuning-xgboost',
      'folds',
      'reliability',
      'importance',
      'labels',
      'costs',
    ]
    expect(ids).toEqual(charts.map((name) => `chart-${name}`))
    for (const id of ids) {
      expect(visible(report)).toMatch(
        new RegExp(`<figure class="chart" id="${id}"[^>]*aria-label="[^"]{20,}"><div class="static"><svg`),
      )
    }
    for (const text of sectionsOf(report)) if (text.includes('<figure')) expect(text).toContain('<table>')
  })

  it('names only colours and formats that the browser knows', () => {
    const named = [...JSON.stringify(chartData(report)).matchAll(/"((?:color|format):[^"]*)"/g)].map(
      (match) => match[1],
    )
    const known =
      /^(color:(ink|muted|line|paper|blue|orange|grey|teal)|format:(percent|money|count|score|price|shortPercent|shortNumber|trade|bin))$/
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter((name) => !known.test(name))).toEqual([])
    expect(visible(report)).not.toMatch(/(color|format):[a-z]+"/)
  })

  it('draws its pictures in colours of the theme alone', () => {
    const colors = visible(report).match(/(?:fill|stroke)="[^"]*"/g) ?? []
    const own = /="(none|transparent|var\(--[a-z]+\)|#000|rgb\(0,0,0\))"/
    expect(colors.length).toBeGreaterThan(100)
    expect([...new Set(colors.filter((color) => !own.test(color)))]).toEqual([])
  })

  it('loads nothing: no address, no import, and a policy that forbids it', () => {
    expect(report.html).toContain("content=\"default-src 'none';")
    const rest = report.html.replace(runtime, '')
    expect(rest.length).toBeLessThan(report.html.length - 500_000)
    expect(rest.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|url\((?!#)|src=/)
    expect([...new Set(rest.match(/<link[^>]*>/g))]).toEqual(['<link rel="icon" href="data:,">'])
  })

  it('shows no NaN, null, undefined or object', () => {
    expect(visible(report).replace(/<[^>]*>/g, ' ')).not.toMatch(/\b(NaN|null|undefined|Infinity)\b|\[object/)
  })

  it('shows what is not known as N/A with the reason', () => {
    const text = visible(report)
    for (const reason of ['29.0 days are fewer than 30', 'one class only', 'no random run has a value']) {
      expect(text).toContain(`N/A (${reason})`)
    }
    expect(text).toContain('<td class="num">N/A</td><td class="num">at most 0.0500</td>')
  })

  it('shows the intervals of metrics', () => {
    expect(visible(report)).toMatch(/1\.84<\/span> <span class="interval">−0\.42 … 3\.96</)
    expect(visible(report)).toContain('no interval: 7 trades are fewer than 10')
  })

  it('says in its limits what this result calls for', () => {
    const limits = sectionsOf(report).find((text) => text.includes('id="method"')) ?? ''
    expect(limits).toContain('The market is simulated.')
    expect(limits).toContain('The interval of the Sharpe ratio (−0.42 … 3.96) contains zero')
    expect(limits).toContain('In 1 of 5 folds the model ranked no better than chance.')
    expect(limits).not.toContain('Funding is not in the totals')
  })

  it('marks totals without funding as such', async () => {
    const without = await renderReport(sampleReportInput({ days: 60, withoutFunding: true }), runtime)
    const costs = sectionsOf(without).find((text) => text.includes('id="costs"')) ?? ''
    expect(costs).toContain('without funding</span>')
    expect(costs).toContain('N/A (without funding: the series is absent)')
    expect(costs).toContain('Net result, without funding')
  })

  it('escapes hostile names everywhere', async () => {
    const nasty = '</script><img src=x onerror=alert(1)>'
    const hostile: ReportInput = {
      ...input,
      pair: nasty,
      venue: nasty,
      approval: { state: 'not approved', model: nasty, version: nasty, reason: nasty },
      importance: input.importance.map((row) => ({ ...row, feature: `${nasty}${row.feature}` })),
      features: { ...input.features, absent: [{ name: nasty, reason: nasty }] },
      featureStudy: {
        ...input.featureStudy,
        columns: input.featureStudy.columns.map((row) => ({ ...row, name: nasty, family: nasty, timeframe: nasty })),
        drawn: input.featureStudy.drawn.map((row) => ({ ...row, name: nasty })),
        clusters: [{ representative: nasty, members: [nasty] }],
        correlations: { names: [nasty], values: [[1]] },
      },
      quality: {
        ...input.quality,
        series: input.quality.series.map((row) => ({ ...row, name: nasty })),
        absent: [{ name: nasty, reason: nasty }],
        findings: input.quality.findings.map((row) => ({ ...row, series: nasty, what: nasty })),
      },
      config: [{ key: nasty, value: nasty }],
      lineage: [{ kind: nasty, name: nasty, hash: nasty }],
    }
    const made = await renderReport(hostile, runtime)
    expect(made.html.replace(runtime, '').includes('<img'), 'markup from a name').toBe(false)
    expect(made.html.match(/<\/script>/g)).toHaveLength(3)
    expect(JSON.stringify(chartData(made))).toContain('onerror=alert(1)')
  })

  it('says how much was tried, and which gates each candidate passed and why not', () => {
    const text = (sectionsOf(report).find((one) => one.includes('id="trials"')) ?? '').replace(/<[^>]*>/g, ' ')
    expect(text).toContain('24 fits, 40 trials of the tuner and 4 backtests of the test part were counted')
    expect(text).toContain('44 configurations, so the Sharpe ratio has to beat the best of 44 without skill')
    expect(text).toMatch(/Deflated Sharpe ratio +Probability that the true Sharpe ratio[^.]*\. +0\.8100/)
    expect(text).toMatch(/Precision +failed +0\.5612, at least 0\.6/)
    expect(text).toMatch(/Overfitting \(PBO\) +passed/)
    expect(text).toContain('With 2 candidates the PBO says little')
  })

  it('says of the features what is known, what drifts, what is alike and what is absent', () => {
    const text = (sectionsOf(report).find((one) => one.includes('id="features"')) ?? '').replace(/<[^>]*>/g, ' ')
    const { columns, clusters, drawn, correlations } = input.featureStudy
    const large = columns.filter(({ psi }) => psi !== null && psi >= 0.25).length
    expect(large).toBeGreaterThan(2)
    expect(text).toContain(`${large} of 64 columns have a large drift`)
    expect(text).toContain(`${clusters.length} groups of columns are tied by a rank correlation of 0.9`)
    expect(text).toMatch(/premium: not known in any 5m bar\s+2\s+premium, premium_change/)
    for (const { name } of drawn) expect(text).toContain(name)
    expect(correlations.names).toHaveLength(16)
    expect(text).toContain('2024-07')
  })

  it('draws as much of 700 features as of 60', async () => {
    const many = await renderReport(sampleReportInput({ days: 60, features: 700 }), runtime)
    const few = await renderReport(sampleReportInput({ days: 60 }), runtime)
    const sizeOf = (one: Report) => (sectionsOf(one).find((text) => text.includes('id="features"')) ?? '').length
    expect(sizeOf(many)).toBeLessThan(1.5 * sizeOf(few))
    expect(lines(many, 'features.csv')).toHaveLength(701)
  })

  it('survives a run without trades, folds, importance or bars', async () => {
    const empty = sampleReportInput({ tradesPerDay: 0, days: 20 })
    const none = new Float64Array(0)
    const made = await renderReport(
      {
        ...empty,
        folds: [],
        importance: [],
        features: { ...empty.features, absent: [] },
        featureStudy: {
          ...{ ...empty.featureStudy, columns: [], drawn: [], clusters: [] },
          correlations: { names: [], values: [] },
        },
        candidates: [],
        gates: [],
        lineage: [],
        quality: { series: [], absent: [], findings: [], disagreements: [] },
        price: { time: none, close: none },
        outOfFold: {
          ...empty.outOfFold,
          openTime: none,
          equity: none,
          metrics: [],
          predictions: [],
          buyAndHold: { unavailable: 'no bar can be entered' },
          random: { unavailable: 'no trades' },
          reliability: { unavailable: 'no signal' },
        },
      },
      runtime,
    )
    expect(visible(made).replace(/<[^>]*>/g, ' ')).not.toMatch(/\b(NaN|null|undefined|Infinity)\b|\[object/)
    expect(visible(made)).toContain('Buy and hold: N/A (no bar can be entered).')
    expect(lines(made, 'trades.csv')).toHaveLength(1)
  })
})

describe('the bytes', () => {
  it('depend on the input alone, not on what was rendered before', async () => {
    const [a, b] = [sampleReportInput({ days: 60 }), sampleReportInput({ days: 90, seed: 7, pair: 'ETHUSDT' })]
    const first = await renderReport(a, runtime)
    const other = await renderReport(b, runtime)
    const again = await renderReport(a, runtime)
    const otherAgain = await renderReport(b, runtime)
    expect(again.html === first.html, 'the first page, rendered again').toBe(true)
    expect(otherAgain.html === other.html, 'the second page, rendered again').toBe(true)
    expect(again.json).toEqual(first.json)
    expect([...again.csv]).toEqual([...first.csv])
  })

  it('hold no counter of the drawing library', () => {
    const svg =
      '<svg width="9" height="9" xmlns="http://www.w3.org/2000/svg"><g clip-path="url(#zr7-c3)"><path class="zr7-cls-12" ecmeta_series_index="0"/></g><defs><clipPath id="zr7-c3"></clipPath></defs><style ><![CDATA[.zr7-cls-12:hover{}]]></style></svg>'
    expect(plainSvg(svg, 'chart')).toBe(
      '<svg aria-hidden="true" focusable="false" xmlns="http://www.w3.org/2000/svg"><g clip-path="url(#chart-0)"><path/></g><defs><clipPath id="chart-0"></clipPath></defs></svg>',
    )
  })

  it('stay below 5 MB for seven years of minutes', async () => {
    const input = sampleReportInput({ days: 7 * 365, stepMs: MINUTE, tradesPerDay: 6 })
    expect(input.price.time).toHaveLength(7 * 365 * 1440)
    const report = await renderReport(input, runtime)
    const size = Buffer.byteLength(report.html)
    console.log(`seven years of minutes: page ${size} bytes, report.json ${JSON.stringify(report.json).length} bytes`)
    expect(size).toBeLessThan(5_000_000)
    expect(lines(report, 'trades.csv')).toHaveLength(1 + input.test.trades.rows + input.outOfFold.trades.rows)
    expect(visible(report)).toContain(
      'the 600 with the largest gains and losses for the account in each part are drawn',
    )
  })
})

describe('the numbers beside the page', () => {
  let input: ReportInput
  let report: Report
  beforeAll(async () => {
    input = sampleReportInput({ days: 120 })
    report = await renderReport(input, runtime)
  })

  it('are plain JSON with a schema version and the input’s own values', () => {
    expect(JSON.parse(JSON.stringify(report.json))).toEqual(report.json)
    expect(report.json).toMatchObject({
      schemaVersion: 1,
      pair: 'BTCUSDT',
      gates: input.gates,
      folds: input.folds,
      importance: input.importance,
      featureStudy: input.featureStudy,
      threshold: input.threshold,
      test: { metrics: input.test.metrics, predictions: input.test.predictions, reliability: input.test.reliability },
      outOfFold: { trades: { rows: input.outOfFold.trades.rows, net_pnl: Array.from(input.outOfFold.trades.net_pnl) } },
    })
  })

  it('hold the whole of each curve’s extremes', () => {
    const { curve } = report.json.test as { curve: { equity: number[]; drawdown: number[] } }
    expect(Math.min(...curve.equity)).toBe(Math.min(...input.test.equity))
    expect(Math.max(...curve.equity)).toBe(Math.max(...input.test.equity))
    let peak = input.test.initialEquity
    let deepest = 0
    for (const value of input.test.equity) {
      peak = Math.max(peak, value)
      deepest = Math.max(deepest, 1 - value / peak)
    }
    expect(Math.max(...curve.drawdown)).toBe(deepest)
  })

  it('repeat every trade exactly', () => {
    const [header, ...rows] = lines(report, 'trades.csv').map((line) => line.split(','))
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)])
    const both = [input.test.trades, input.outOfFold.trades]
    expect(column('net_pnl').map(Number)).toEqual(both.flatMap((trades) => [...trades.net_pnl]))
    expect(column('entry_time').map(Date.parse)).toEqual(both.flatMap((trades) => [...trades.entry_time]))
    expect(column('part').filter((part) => part === 'test')).toHaveLength(input.test.trades.rows)
  })

  it('have the same features in JSON and in CSV', () => {
    const [header, ...rows] = lines(report, 'features.csv').map((line) => line.split(','))
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)])
    const { columns, rows: all, clusters } = input.featureStudy
    expect(column('feature')).toEqual(columns.map(({ name }) => name))
    expect(column('psi')).toEqual(columns.map(({ psi }) => String(psi ?? '')))
    expect(column('known_share').map(Number)).toEqual(columns.map(({ known }) => known / all))
    expect(column('cluster').filter((name) => name !== '')).toHaveLength(
      clusters.reduce((sum, { members }) => sum + members.length, 0),
    )
  })

  it('end the equity where the account ends', () => {
    const rows = lines(report, 'equity.csv').map((line) => line.split(','))
    const last = rows.filter(([part]) => part === 'test').at(-1) ?? []
    const { openTime, stepMs, equity } = input.test
    expect(Date.parse(last[1])).toBe(openTime[openTime.length - 1] + stepMs)
    expect(Number(last[2])).toBe(equity[equity.length - 1])
    // Hourly: 18 days of the test part, 24 rows each.
    expect(rows.filter(([part]) => part === 'test')).toHaveLength(
      ((input.test.span.to - input.test.span.from) / DAY) * 24,
    )
  })

  it('compound the months to the total', () => {
    const months = lines(report, 'monthly.csv')
      .slice(1)
      .map((line) => line.split(','))
    const growth = months.filter(([part]) => part === 'test').reduce((total, row) => total * (1 + Number(row[2])), 1)
    const { equity, initialEquity } = input.test
    expect(growth).toBeCloseTo(equity[equity.length - 1] / initialEquity, 12)
    expect(months.reduce((total, row) => total + Number(row[4]), 0)).toBe(
      input.test.trades.rows + input.outOfFold.trades.rows,
    )
  })

  it('leave unknown metrics empty and give the reason', () => {
    const rows = lines(report, 'metrics.csv')
    expect(rows).toContain('test,account,annualised_return,fraction,,,,29.0 days are fewer than 30')
    expect(rows).toContain('test,account,sharpe,ratio,1.84,-0.42,3.96,')
    expect(lines(report, 'folds.csv')[2]).toMatch(/,,,,,,0,,,one class only$/)
  })

  it('add up: gross less fees, slippage and funding is net', () => {
    const value = (key: string) =>
      Number(
        lines(report, 'metrics.csv')
          .map((line) => line.split(','))
          .find((row) => row[0] === 'test' && row[1] === 'costs' && row[2] === key)?.[4],
      )
    const net = value('gross_pnl') - value('fees') - value('slippage') - value('funding')
    expect(net).toBeCloseTo(value('net_pnl'), 8)
  })
})

describe('the terminal', () => {
  it('says why a gate beyond its limit was passed', () => {
    const input = sampleReportInput()
    const reason = '0.55, at most 0.5, but the one chosen hardly loses'
    const gates = input.gates.map((row) => (row.gate === 'pbo' ? { ...row, value: 0.55, reason } : row))
    expect(renderTerminalTable({ ...input, gates })).toContain(`passed: ${reason}`)
  })

  it('shows the candidates of a selection, what each did not pass, and what was tried', () => {
    const gate = { count: 99, limit: 0.6, bound: 'at least' as const, required: true }
    const text = renderCandidates(
      'BTCUSDT',
      [
        {
          ...{ model: 'xgboost', score: 0.7 },
          gates: [{ ...gate, gate: 'precision', value: 0.65, passed: true, reason: '0.65, at least 0.6' }],
          metrics: { precision: { value: 0.65, count: 99, interval: [0.5, 0.75] }, pbo: { value: 0.25, count: 113 } },
        },
        {
          ...{ model: 'logistic', score: 0.25 },
          gates: [{ ...gate, gate: 'precision', value: 0.55, passed: false, reason: '0.55, at least 0.6' }],
          metrics: { precision: { value: 0.55, count: 99 }, sharpe: { value: null, count: 0, reason: 'no trades' } },
        },
      ],
      { fits: 12, trials: 8, backtests: 3, configurations: 10, tried: 10 },
    )
    expect(text).toBe(
      [
        'BTCUSDT',
        'model     score   precision                    Sharpe  drawdown  ECE  DSR  PBO      stability  gates',
        'xgboost   0.7000  65.00 % [50.00 % … 75.00 %]  N/A     N/A       N/A  N/A  25.00 %  N/A        1 of 1',
        'logistic  0.2500  55.00 %                      N/A     N/A       N/A  N/A  N/A      N/A        0 of 1',
        '  logistic: Precision failed: 0.55, at least 0.6',
        'tried on these data: 12 fits, 8 trials, 3 backtests of the test part; the Sharpe ratio is deflated by 10',
        '',
      ].join('\n'),
    )
  })

  it('shows a table whose columns line up, the gates and the curve, without colour codes', () => {
    const text = renderTerminalTable(sampleReportInput())
    const rows = text.split('\n')
    expect(rows[0]).toBe('BTCUSDT  binance-um  2024-01-01 … 2024-07-31  SIMULATED (seed 42, edge 0.35)')
    expect(rows[1]).toBe('not approved: xgboost (best candidate)')
    const head = rows.findIndex((row) => row.includes('Out-of-fold'))
    const start = rows[head].indexOf('Out-of-fold')
    for (const row of rows.slice(head + 1, head + 10)) expect(row.slice(start - 2, start + 1)).toMatch(/^ {2}\S/)
    expect(text).toMatch(/Sharpe ratio +1\.84 \[−0\.42 … 3\.96\]/)
    expect(text).toMatch(/Calibration error +N\/A +at most 0\.0500 +failed: 12 of 30 needed/)
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(80)
    expect(text).toMatch(/Equity +[▁▂▃▄▅▆▇█]{28} {2}/)
    expect(text).not.toContain('\u001b')
  })
})
