import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/core/time.js'
import type { RestClient } from '../../src/sources/rest-client.js'
import { gridPage, type PageStore } from '../../src/sources/rest-pages.js'
import { type RestRow, restSeries } from '../../src/sources/rest-series.js'

const MIDNIGHT = Date.UTC(2024, 7, 4)
const series = restSeries('binance-um', 'klines')

/** Three bars, of which the last closes at midnight; the client counts how often it is asked. */
function scene() {
  let asked = 0
  const times = [3, 2, 1].map((bars) => MIDNIGHT - bars * MINUTE)
  const client: RestClient = {
    venue: 'binance-um',
    host: 'host',
    url: 'http://host',
    serverTime: async () => 0,
    get: async () => {
      asked++
      return times.map((time) => [time, '1', '1', '1', '1', '1', time + MINUTE - 1, '1', 1, '1', '1', '0'])
    },
  }
  const kept = new Map<string, readonly RestRow[]>()
  const pages: PageStore = {
    read: async (key) => kept.get(key) ?? null,
    write: async (key, rows) => void kept.set(key, rows),
  }
  const span = { from: times[0], to: MIDNIGHT }
  const barsAt = async (now: number, limit = 500) => {
    if (series === null) throw new Error('futures have klines')
    const request = { series: { ...series, limit }, pair: 'BTCUSDT', timeframe: '1m', span, now, pages } as const
    return (await gridPage(client, request, span)).rows.length
  }
  return { barsAt, kept, asked: () => asked }
}

describe('a page of bars', () => {
  it('holds a bar two seconds after its close, not before', async () => {
    const { barsAt } = scene()
    expect(await barsAt(MIDNIGHT - 1)).toBe(2)
    expect(await barsAt(MIDNIGHT + 1000)).toBe(2)
    expect(await barsAt(MIDNIGHT + 1999)).toBe(2)
    expect(await barsAt(MIDNIGHT + 2000)).toBe(3)
  })

  it.each([500, 3])('is kept when its last bar closed a minute ago, not before, with %d bars a page', async (limit) => {
    const { barsAt, kept, asked } = scene()
    await barsAt(MIDNIGHT + 3000, limit)
    await barsAt(MIDNIGHT + 59_000, limit)
    expect([kept.size, asked()]).toEqual([0, 2])
    await barsAt(MIDNIGHT + 61_000, limit)
    await barsAt(MIDNIGHT + 62_000, limit)
    expect([kept.size, asked()]).toEqual([1, 3])
  })
})
