/** A result of models that had seen later rows must never pass for one that walked forward. */
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/render-report.js'
import { splitReport } from '../../src/report/split.js'
import { renderTerminalTable } from '../../src/report/terminal.js'
import { sampleReportInput } from '../support/report-input.js'
import { chartRuntime } from './runtime.js'

const PATHS = [
  { path: 1, trades: 41, totalReturn: 0.0312, sharpe: 0.91, maxDrawdown: 0.052 },
  { path: 2, trades: 3, totalReturn: -0.0104, sharpe: null, maxDrawdown: 0.0204 },
]

async function sections(scheme: string, paths: typeof PATHS = []) {
  const input = { ...sampleReportInput({ days: 60 }), split: splitReport(scheme, paths) }
  const { html, json } = await renderReport(input, chartRuntime())
  const page = html.replace(/<script[\s\S]*?<\/script>/g, '')
  const section = (id: string) => new RegExp(`<section[^>]*id="${id}"[\\s\\S]*?</section>`).exec(page)?.[0] ?? ''
  return { section, json, table: renderTerminalTable(input) }
}

describe.each(['purged-kfold', 'combinatorial'])('%s', (scheme) => {
  it('says wherever the out-of-fold result stands that nobody could have traded it', async () => {
    const { section, table, json } = await sections(scheme)
    for (const id of ['summary', 'equity', 'metrics', 'folds', 'method']) {
      expect(section(id), id).toMatch(/(nobody|no fold) could have (been )?traded/)
    }
    expect(table).toContain(`out-of-fold is ${scheme}: its models were trained on later rows too`)
    expect(section('method')).not.toContain('each trained on its past')
    expect(json.split).toMatchObject({ scheme, foresight: true })
  })
})

describe.each(['walk-forward', 'rolling'])('%s', (scheme) => {
  it('says nothing of the kind', async () => {
    const { section, table, json } = await sections(scheme)
    for (const id of ['summary', 'equity', 'metrics', 'folds', 'method'])
      expect(section(id), id).not.toMatch(/could have (been )?traded/)
    expect(table).not.toContain('later rows')
    expect(section('method')).toContain('each trained on its past')
    expect(json.split).toMatchObject({ scheme, foresight: false, paths: [] })
  })
})

describe('a candidate that could not be judged', () => {
  it('is named with its reason, and not compared', async () => {
    const sample = sampleReportInput({ days: 60 })
    const lost = { name: 'forest', approved: false, shown: false, score: null, gates: [], test: [], outOfFold: [] }
    const input = {
      ...sample,
      candidates: [...sample.candidates, { ...lost, leftOut: true as const, note: 'fold 3 failed: no memory' }],
    }
    const { html } = await renderReport(input, chartRuntime())
    const section = /<section[^>]*id="models"[\s\S]*?<\/section>/.exec(html)?.[0] ?? ''
    expect(section).toMatch(/forest<[\s\S]*>left out<[\s\S]*>fold 3 failed: no memory</)
    expect(section).not.toMatch(/<th scope="col"[^>]*>forest/)
    expect(html).toContain('forest was asked for and not judged (fold 3 failed: no memory)')
    expect(renderTerminalTable(input)).toContain('\nforest: left out, fold 3 failed: no memory\n')
  })
})

describe('a part in pieces', () => {
  it('is shown piece by piece, not as what lies between its ends', async () => {
    const sample = sampleReportInput({ days: 60 })
    const day = (n: number) => Date.UTC(2024, 0, n)
    const trainRanges = [
      { from: day(1), to: day(5) },
      { from: day(21), to: day(30) },
    ]
    const folds = [{ ...sample.folds[0], train: { from: day(1), to: day(30) }, trainRanges }]
    const { html } = await renderReport({ ...sample, folds }, chartRuntime())
    expect(html).toContain('2024-01-01 … 2024-01-04, 2024-01-21 … 2024-01-29 <span class="note">')
  })
})

describe('paths', () => {
  it('stand beside each other, and what is not known is not a zero', async () => {
    const { section } = await sections('combinatorial', PATHS)
    const rows = section('folds').match(/<tr>[\s\S]*?<\/tr>/g) ?? []
    const texts = rows.map((row) =>
      row
        .replace(/<[^>]+>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    expect(section('folds')).toContain('Paths through the folds')
    expect(texts).toContain('1 3.12 % 0.91 5.20 % 41')
    expect(texts).toContain('2 −1.04 % N/A (too few trades) 2.04 % 3')
  })
})
