import { describe, expect, it } from 'vitest'
import { timeUnitOf } from '../../src/core/time.js'
import type { RawKind } from '../../src/market/raw-kinds.js'
import { csvShape as shapeOf } from '../../src/sources/csv-shape.js'

const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
// Rows as published: futures in milliseconds, spot since 2025 in microseconds.
const ROW_MS =
  '1787961600000,77805.90,77806.00,77760.90,77783.70,98.955,1787961659999,7696899.19340,2452,44.774,3482236.19340,0'
const ROW_US = '1735689600000000,4.15,4.16,4.15,4.16,539.2,1735693199999999,2240.4,13,401.8,1669.9,0'

const csvShape = (head: string, kind: RawKind, name: string) => shapeOf(head, { kind, venue: 'binance-um', name })

describe('the shape of a CSV', () => {
  it.each([
    ['no header, milliseconds', `${ROW_MS}\n`, { header: false, timeUnit: 'ms' }],
    ['no header, microseconds', `${ROW_US}\n`, { header: false, timeUnit: 'us' }],
    ['a header', `${HEADER}\n${ROW_MS}\n`, { header: true, timeUnit: 'ms' }],
    ['a header and CRLF', `${HEADER}\r\n${ROW_MS}\r\n`, { header: true, timeUnit: 'ms' }],
    ['a header alone', `${HEADER}\n`, { header: true, timeUnit: null }],
    ['nothing', '', { header: false, timeUnit: null }],
  ])('is seen for %s', (_, text, shape) => {
    expect(csvShape(text, 'klines', 'x.csv')).toEqual(shape)
  })

  it('is seen where times are text, and where spot has a column more', () => {
    const metrics = '2024-06-25 00:05:00,BTCUSDT,98666.1,2236289208.1,0.76,1.13,0.83,0.92\n'
    expect(csvShape(metrics, 'metrics', 'x.csv')).toEqual({ header: false, timeUnit: null })
    const spot = '0,0.20000000,50.00000000,0,0,1735689600010866,False,True\n'
    const of = { kind: 'aggTrades', name: 'x.csv' } as const
    expect(shapeOf(spot, { ...of, venue: 'binance-spot' })).toEqual({ header: false, timeUnit: 'us' })
    expect(() => shapeOf(spot, { ...of, venue: 'binance-um' })).toThrow(/aggTrades has 7 columns, .* \(8\)/)
  })

  it('is seen of liquidations, with a header and without', () => {
    const header =
      'time,side,order_type,time_in_force,original_quantity,price,average_price,order_status,last_fill_quantity,accumulated_fill_quantity'
    const row = '1690761605311,BUY,LIMIT,IOC,0.014,29424.33,29308.10,FILLED,0.014,0.014'
    const shape = { header: true, timeUnit: 'ms' }
    expect(csvShape(`${header}\n${row}\n`, 'liquidationSnapshot', 'x.csv')).toEqual(shape)
    expect(csvShape(`${row}\n`, 'liquidationSnapshot', 'x.csv')).toEqual({ ...shape, header: false })
  })

  it('names the first column that is not the expected one', () => {
    const swapped = HEADER.replace('high,low', 'low,high')
    expect(() => csvShape(`${swapped}\n${ROW_MS}\n`, 'klines', 'x.csv')).toThrow(
      'x.csv: column 3 is "low", expected "high"',
    )
    expect(() => csvShape(`${HEADER},extra\n`, 'klines', 'x.csv')).toThrow(
      'column 13 is "extra", expected "no more columns"',
    )
    expect(() => csvShape(`${HEADER.replace(',ignore', '')}\n`, 'klines', 'x.csv')).toThrow(
      'column 12 is "", expected "ignore"',
    )
  })

  it('is refused when the rows are not of this kind', () => {
    expect(() => csvShape(`${ROW_MS},7\n`, 'klines', 'x.csv')).toThrow(/klines has 12 columns, .* \(13\)/)
    expect(() => csvShape(`${ROW_MS}\n`, 'fundingRate', 'x.csv')).toThrow(/fundingRate has 3 columns, .* \(12\)/)
  })

  it('tells the unit of a time by its size', () => {
    // 2019-09-08 17:55, the first trade of the futures, and 2025-01-01, in every unit.
    for (const seconds of [1_567_965_300, 1_735_689_600]) {
      expect([1, 1e3, 1e6, 1e9].map((per) => timeUnitOf(seconds * per))).toEqual(['s', 'ms', 'us', 'ns'])
    }
  })
})
