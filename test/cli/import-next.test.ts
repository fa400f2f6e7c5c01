import { describe, expect, it } from 'vitest'
import { nextCommand } from '../../src/cli/import-next.js'
import { resolveConfig } from '../../src/config/load.js'
import { DAY, TIMEFRAME_NAMES, timeframeMs } from '../../src/core/time.js'

const FROM = Date.UTC(2023, 0, 1)
const part = (from: number, to: number) => [{ key: 'data/futures/um/monthly/klines/x', span: { from, to } }]
const file = { pair: 'BTCUSDT', venue: 'binance-um', timeframe: '5m', kind: 'klines' } as const

/** What the shell makes of the printed settings. */
function settingsOf(command: string | null): Record<string, unknown> {
  const texts = [...(command ?? '').matchAll(/--set (?:'([^']*)'|(\S*))/g)].map(([, quoted, plain]) => quoted ?? plain)
  return Object.fromEntries(
    texts.map((text) => {
      const value = text.slice(text.indexOf('=') + 1)
      return [text.slice(0, text.indexOf('=')), value === '[]' ? [] : value]
    }),
  )
}

describe('what is to be typed after an import', () => {
  it('is a run over the span and timeframe that were found, and says no more than it must', () => {
    expect(nextCommand('imported', [file], part(FROM, FROM + 10 * DAY - 300_000))).toBe(
      'sluice run --pair BTCUSDT --set exchange.archiveUrl=imported --set bars.base=5m --set data.from=2023-01-01 --set data.to=2023-01-11',
    )
  })

  it.each(TIMEFRAME_NAMES)('is a configuration that holds, for bars of %s', (timeframe) => {
    const to = FROM + 100 * DAY - timeframeMs(timeframe)
    const command = nextCommand('in here', [{ ...file, timeframe }], part(FROM, to))
    const { config } = resolveConfig([{ from: 'printed', values: settingsOf(command) }])
    expect(config).toMatchObject({
      'bars.base': timeframe,
      'exchange.archiveUrl': 'in here',
      'data.from': '2023-01-01',
      'data.to': '2023-04-11',
    })
  })

  it('leaves out days that are only begun, unless there are no others', () => {
    const hours = 3_600_000
    const span = (from: number, to: number) => settingsOf(nextCommand('x', [file], part(from, to)))
    expect(span(FROM + 21 * hours, FROM + 3 * DAY + hours)).toMatchObject({
      'data.from': '2023-01-02',
      'data.to': '2023-01-04',
    })
    expect(span(FROM + 21 * hours, FROM + 27 * hours)).toMatchObject({
      'data.from': '2023-01-01',
      'data.to': '2023-01-03',
    })
  })

  it('asks for the kinds that are not asked for anyway', () => {
    const others = (['metrics', 'trades', 'trades'] as const).map((kind) => ({ ...file, kind, timeframe: null }))
    const { config } = resolveConfig([
      { from: 'printed', values: settingsOf(nextCommand('x', [file, ...others], part(FROM, FROM + DAY))) },
    ])
    const usual = resolveConfig([]).config['download.kinds']
    expect(config['download.kinds']).toEqual([...usual, 'trades'])
  })

  it('is nothing where only funding was imported', () => {
    expect(nextCommand('x', [{ ...file, timeframe: null }], [])).toBeNull()
  })
})
