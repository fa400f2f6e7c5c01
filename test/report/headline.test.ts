/** What a report says of how far its headline carries, and in which words. */
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.js'
import { assumptions, entrySentence } from '../../src/report/assumptions.js'
import { derive } from '../../src/report/derived.js'
import { failedWords, gateRemark } from '../../src/report/gate-words.js'
import { daysOf, luckText, ownNote, shortMark } from '../../src/report/headline.js'
import type { GateRow, ReportInput } from '../../src/report/input.js'
import { limits, method } from '../../src/report/limits.js'
import { renderReport } from '../../src/report/render-report.js'
import { sampleReportInput } from '../support/report-input.js'

const START = Date.UTC(2023, 10, 12)
const part = (days: number, rows: number) => ({ span: { from: START, to: START + days * DAY }, trades: { rows } })
const input = sampleReportInput()
const gate: GateRow = {
  ...{ gate: 'sharpe', value: 2, count: 40, limit: 1.2, bound: 'at least', required: true, passed: true },
  reason: '2, at least 1.2',
}

describe('a short span', () => {
  it('counts the days that are written, both included', () => {
    expect(daysOf({ from: START + 17 * HOUR, to: START + 18 * DAY + HOUR })).toBe(19)
    expect([daysOf({ from: START, to: START + DAY }), daysOf({ from: START, to: START })]).toEqual([1, 0])
  })

  it('is marked with its days and trades, and so is one of few trades', () => {
    expect(shortMark(part(19, 26), 30)).toBe('19 days, 26 trades: too short to mean much')
    expect(shortMark(part(89, 200), 30)).toBe('89 days, 200 trades: too short to mean much')
    expect(shortMark(part(365, 1), 30)).toBe('365 days, 1 trade: too few to mean much')
    expect(shortMark(part(90, 30), 30)).toBeNull()
  })

  it('says what luck alone makes of it', () => {
    // 1.96 · √(365 ÷ 19) = 8.59, 1.96 · √(365 ÷ 365) = 1.96
    expect(luckText(part(19, 0).span)).toBe(
      'In 19 days luck alone makes a Sharpe ratio between −8.6 and 8.6 (95 %).'.replace(' %', ' %'),
    )
    expect(luckText(part(365, 0).span)).toContain('between −2.0 and 2.0')
  })

  it('stands beside the headline, once, and in no cell of the metrics', async () => {
    const rows = input.test.metrics.map((row) => ({
      ...row,
      note: 'without funding; rests on 26 trades, fewer than 30',
    }))
    const few: ReportInput = { ...input, test: { ...input.test, metrics: rows }, minTrades: input.test.trades.rows + 1 }
    const { html } = await renderReport(few, '')
    expect(html.match(/to mean much\.<\/strong>/g)).toHaveLength(1)
    expect(html).not.toMatch(/rests on 26 trades/)
    expect(html).toContain('without funding')
  })
})

it('a note keeps what is said of its own metric alone', () => {
  expect(ownNote({ note: 'without funding; rests on 26 trades, fewer than 30' })).toBe('without funding')
  expect(ownNote({ note: 'rests on 26 trades, fewer than 30' })).toBeUndefined()
  expect([ownNote({ note: 'mean of 5 folds' }), ownNote({})]).toEqual(['mean of 5 folds', undefined])
})

describe('gates in words', () => {
  it('a remark says what the columns beside it do not', () => {
    const remarks = [
      '0.07567, at most 0.05',
      'rests on 22, needs 30',
      'rests on 1 folds, needs 2',
      '1e-9, at least 0.95, but nothing was chosen',
      '0.3, at least 0.4; not required: one feature',
      'no trades',
    ].map((reason) => gateRemark({ reason }))
    expect(remarks).toEqual([
      '',
      'too few: 30 are needed',
      'too few: 2 are needed',
      'but nothing was chosen',
      'not required: one feature',
      'no trades',
    ])
  })

  it('name each number once, in its unit, and no setting', () => {
    const failed = { ...gate, passed: false }
    const text = failedWords([
      gate,
      { ...failed, gate: 'maxDrawdown', value: 0.31, limit: 0.2, bound: 'at most', reason: '0.31, at most 0.2' },
      { ...failed, gate: 'deflatedSharpe', value: null, reason: 'no trades' },
      { ...failed, gate: 'pbo', required: false },
    ])
    expect(text.replaceAll('\u00a0', ' ')).toBe(
      'largest drawdown 31.00 %, at most 20.00 %; deflated Sharpe ratio not known (no trades)',
    )
  })
})

describe('how orders are filled', () => {
  const about = (change: Partial<ReportInput['costs']>, market: ReportInput['market'] = 'perpetual') => {
    const changed = { ...input, market, costs: { ...input.costs, ...change } }
    const rows = assumptions(changed).map(([name, value]) => [name, value.replaceAll('\u00a0', ' ')])
    return { rows: new Map(rows as [string, string][]), sentence: entrySentence(changed) }
  }

  it('is said for market orders', () => {
    const { rows, sentence } = about({ latencyBars: 2 })
    expect(sentence).toBe(
      'A trade is entered by a market order at the open of the first 1m bar that opens 2 × 1m or more after the decision.',
    )
    expect(about({ latencyBars: 0 }).sentence).toMatch(/at the open of the first 1m bar after the decision\.$/)
    expect(rows.get('Order of entry')).toBe('market')
    expect(rows.get('Profit orders')).toBe('one, at the label’s barrier')
    expect(rows.get('Sizing')).toBe('a stop costs 0.50 % of the equity')
    expect(rows.get('Margin')).toMatch(/^isolated/)
  })

  it('is said for limit orders, several profits, Kelly and cross margin', () => {
    const takeProfits = [
      { share: 0.5, profit: 0.02 },
      { share: 0.5, profit: 0.04 },
    ]
    const { rows, sentence } = about({ order: 'limit', limitBps: 5, takeProfits, sizing: 'kelly', margin: 'cross' })
    expect(sentence).toMatch(
      /a limit order .* 5\.00 bp better than the last close; what is not filled within 5 bars is withdrawn/,
    )
    expect(sentence).not.toContain('market order')
    expect(rows.get('Profit orders')).toBe('50 % at 2.00 %, 50 % at 4.00 %')
    expect(rows.get('Sizing')).toMatch(/Kelly/)
    expect(rows.get('Margin')).toMatch(/^cross/)
  })

  it('leaves out what a spot market has not', () => {
    const { rows } = about({}, 'spot')
    expect([...rows.keys()].filter((name) => /margin|funding/i.test(name))).toEqual([])
  })

  it('has no name of a setting in its sentences', () => {
    const sentences = [...method(input), ...limits(input, derive(input))]
    for (const sentence of sentences) expect(sentence).not.toMatch(/\b(?:backtest|labels|gates|train)\.[a-z]/)
  })
})

it('warns where the model may rank no better than chance, by the metric that there is', () => {
  const withInterval = (interval: readonly [number, number]) => {
    const predictions = [{ key: 'auc_direction', unit: 'score' as const, value: 0.52, interval }]
    const changed = { ...input, test: { ...input.test, predictions } }
    return limits(changed, derive(changed)).filter((text) => /interval of the AUC/.test(text))
  }
  expect(withInterval([0.47, 0.57])).toEqual([
    'The interval of the AUC (0.4700 … 0.5700) contains 0.5: the model may not rank better than chance.',
  ])
  expect(withInterval([0.51, 0.57])).toEqual([])
})

it('compares only with what there is to compare with', async () => {
  const { html } = await renderReport({ ...input, market: 'spot' }, '')
  expect(html).toContain('stays above holding the coin')
  const none = { unavailable: 'not there' }
  const alone = { ...input, test: { ...input.test, buyAndHold: none, random: none, champion: none } }
  const text = (await renderReport(alone, '')).html
  expect(text).toContain('bar by bar, after costs.')
  expect(text).not.toMatch(/stays above (?:holding|one long|entering|the model)/)
})
