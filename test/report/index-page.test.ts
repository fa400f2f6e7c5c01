import { expect, it } from 'vitest'
import { type IndexEntry, renderIndex } from '../../src/report/index-page.js'

const entry = (pair: string, to: number, more: Partial<IndexEntry> = {}): IndexEntry => ({
  href: `binance-um/${pair}/${to}/index.html`,
  pair,
  venue: 'binance-um',
  span: { from: 0, to: Date.UTC(2024, 0, to) },
  simulated: false,
  approved: false,
  model: 'xgboost',
  gates: { passed: 4, failed: ['maxDrawdown'] },
  short: null,
  metrics: [{ key: 'sharpe', unit: 'ratio', value: 1.5 }],
  ...more,
})

it('lists every report by pair, newest first, whatever the order of the entries', () => {
  const entries = [entry('ETHUSDT', 5), entry('BTCUSDT', 5), entry('BTCUSDT', 9)]
  const page = renderIndex(entries)
  expect([...page.matchAll(/href="([^"#]*index\.html)"/g)].map((match) => match[1])).toEqual([
    'binance-um/BTCUSDT/9/index.html',
    'binance-um/BTCUSDT/5/index.html',
    'binance-um/ETHUSDT/5/index.html',
  ])
  expect(renderIndex([...entries].reverse())).toBe(page)
})

it('marks simulated and approved, and says why a metric is missing', () => {
  const page = renderIndex([
    entry('BTCUSDT', 5, {
      simulated: true,
      approved: true,
      metrics: [{ key: 'sharpe', unit: 'ratio', value: null, reason: 'no trades' }],
    }),
    entry('ETHUSDT', 5),
  ])
  expect(page.match(/class="badge simulated"/g)).toHaveLength(1)
  expect(page.match(/class="badge good">approved/g)).toHaveLength(1)
  expect(page).toContain('N/A (no trades)')
  expect(page).toContain('>1.50<')
})

it('links only to what lies below it', () => {
  const page = renderIndex([entry('<b>', 5, { href: '../../etc/javascript:alert(1)' })])
  expect(page).toContain('href="etc/javascript%3Aalert(1)"')
  expect(page).not.toContain('<b>')
})

it('says so when there is none', () => {
  expect(renderIndex([])).toContain('Reports: none.')
})

it('gives each metric its interval and says which gates failed', () => {
  const page = renderIndex([
    entry('BTCUSDT', 5, { metrics: [{ key: 'sharpe', unit: 'ratio', value: 1.5, interval: [-0.5, 3.25] }] }),
    entry('ETHUSDT', 5, { gates: { passed: 5, failed: [] } }),
    entry('FILUSDT', 5, { gates: null, short: '19 days, 26 trades: too short to mean much' }),
  ])
  expect(page.match(/test part: 19 days, 26 trades: too short to mean much/g)).toHaveLength(1)
  expect(page).toContain('\u22120.50 … 3.25')
  expect(page).toContain('4 of 5 passed')
  expect(page).toContain('failed: Largest drawdown')
  expect(page).toContain('5 of 5 passed<')
})
