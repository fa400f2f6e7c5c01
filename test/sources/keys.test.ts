import { describe, expect, it } from 'vitest'
import { archiveKey, publishes, urlPath } from '../../src/sources/keys.js'

describe('archive keys', () => {
  it('follow the layout of the public archive', () => {
    const um = { venue: 'binance-um', pair: 'BTCUSDT' } as const
    expect(archiveKey({ ...um, kind: 'klines', timeframe: '1m' }, '2024-01')).toBe(
      'data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip',
    )
    expect(archiveKey({ ...um, kind: 'klines', timeframe: '4h' }, '2024-01-31')).toBe(
      'data/futures/um/daily/klines/BTCUSDT/4h/BTCUSDT-4h-2024-01-31.zip',
    )
    expect(archiveKey({ ...um, kind: 'fundingRate' }, '2024-01')).toBe(
      'data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2024-01.zip',
    )
    expect(archiveKey({ venue: 'binance-spot', pair: 'ETHUSDT', kind: 'klines', timeframe: '15m' }, '2025-01')).toBe(
      'data/spot/monthly/klines/ETHUSDT/15m/ETHUSDT-15m-2025-01.zip',
    )
  })

  it('of liquidations are daily and of perpetual futures', () => {
    const um = { venue: 'binance-um', pair: 'BTCUSDT', kind: 'liquidationSnapshot' } as const
    expect(archiveKey(um, '2024-03-31')).toBe(
      'data/futures/um/daily/liquidationSnapshot/BTCUSDT/BTCUSDT-liquidationSnapshot-2024-03-31.zip',
    )
    expect(() => archiveKey(um, '2024-03')).toThrow(/no monthly liquidationSnapshot/)
    expect(publishes('binance-spot', 'liquidationSnapshot')).toBe(false)
  })

  it('do not exist for what the exchange does not publish', () => {
    expect(publishes('binance-spot', 'fundingRate')).toBe(false)
    expect(() => archiveKey({ venue: 'binance-spot', pair: 'BTCUSDT', kind: 'fundingRate' }, '2024-01')).toThrow(
      /no monthly fundingRate/,
    )
    expect(() => archiveKey({ venue: 'binance-um', pair: 'BTCUSDT', kind: 'fundingRate' }, '2024-01-01')).toThrow(
      /no daily fundingRate/,
    )
  })

  it.each(['../../etc', 'BTC/USDT', '', 'BTC USDT', '..'])('refuse %j as a pair', (pair) => {
    expect(() => archiveKey({ venue: 'binance-um', pair, kind: 'klines', timeframe: '1m' }, '2024-01')).toThrow(
      /not the name of a pair/,
    )
  })

  it('encode every part of the path, not the slashes', () => {
    expect(urlPath('data/x/币USDT/币USDT-1m-2024-01.zip')).toBe('data/x/%E5%B8%81USDT/%E5%B8%81USDT-1m-2024-01.zip')
  })
})
