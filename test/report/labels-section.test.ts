import { describe, expect, it } from 'vitest'
import type { LabelReport, ReportInput } from '../../src/report/input.js'
import { renderReport } from '../../src/report/render-report.js'
import { sampleReportInput } from '../support/report-input.js'

async function section(change: (labels: LabelReport) => Partial<LabelReport>): Promise<string> {
  const input: ReportInput = sampleReportInput()
  const { html } = await renderReport({ ...input, labels: { ...input.labels, ...change(input.labels) } }, '')
  const found = /<section id="labels".*?<\/section>/s.exec(html)?.[0] ?? ''
  return found
    .replace(/<svg.*?<\/svg>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
}

describe('the section on labels', () => {
  it('says what is learned, how it is spread and what goes with it', async () => {
    const text = await section(() => ({}))
    expect(text).toContain(
      'Ternary. 1: a long would win. -1: a short would win. 0: neither. Barriers: +2.00 % before −1.00 %',
    )
    expect(text).toContain('long wins neither short wins Not known Stability index')
    expect(text).not.toContain('Trade: long wins')
    expect(text).toMatch(/3 of \d+ features have a rank correlation with the label beyond ±0\.065/)
    expect(text).toContain('N/A') // a feature that does not move
  })

  it('has quantiles instead of classes where values are learned', async () => {
    const spread = { mean: 0.0012, deviation: 0.008, quantiles: [-0.02, -0.015, -0.004, 0.001, 0.005, 0.016, 0.02] }
    const text = await section(({ balance }) => ({
      type: 'regression',
      balance: {
        ...balance,
        ...{ type: 'regression', task: 'regression', classes: [], values: spread },
        months: balance.months.map((month) => ({ ...month, values: spread, counts: { ...month.counts, classes: [] } })),
      },
    }))
    expect(text).toContain(
      'Mean Deviation 5 % Median 95 % Not known Trade: long wins Trade: short wins Stability index',
    )
    expect(text).toContain('0.12 % 0.80 % −1.50 % 0.10 % 1.60 %')
    expect(text).toContain('over tenths of the values')
  })

  it('names rows without a side, the primary, and barriers that move', async () => {
    const text = await section(({ balance }) => ({
      ...{ type: 'meta', barrier: 'volatility', costAware: true },
      terms: [{ name: 'labels.primary', value: 'rsi_14' }],
      balance: {
        ...balance,
        ...{ type: 'meta', classes: [0, 1] },
        total: { classes: [70, 20], labelled: 90, neither: 10, unknown: 0, outcomes: [10, 60, 30] },
        months: [],
      },
    }))
    expect(text).toContain('Here: labels.primary rsi_14.')
    expect(text).toContain('Barriers follow the volatility of the returns before, the profit 2.00 × as far as the stop')
    expect(text).toContain('the profit moved out by fees and slippage')
    expect(text).toContain('primary wins primary does not win no side')
    expect(text).toContain('20 (20.0 %) 70 (70.0 %) 10 (10.0 %)')
  })

  it('says so where no row could be looked at', async () => {
    const text = await section(() => ({
      relations: { rows: 0, sampled: 0, from: null, to: null, independent: 0, band: null, features: [] },
    }))
    expect(text).toContain('No labelled row before the test part.')
  })
})
