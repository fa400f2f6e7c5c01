/** What the simulated market closes by force. */
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../src/core/time.js'
import { daysOfPublication, liquidationsOfDay } from '../../src/simulate/publication.js'
import { publish, THIN } from './publish.js'

describe('simulated liquidations', () => {
  it.each(['BTCUSDT', THIN])('of %s lie within the bars, on the grids, one a second at most', (pair) => {
    for (const day of daysOfPublication(publish({ pair, days: [3] })[0])) {
      const { bars, instrument } = day
      const { time, isSell, quantity, price, averagePrice } = liquidationsOfDay(day)
      const onGrid = (value: number, per: number) => Math.abs(value * per - Math.round(value * per)) < 1e-6
      expect(time.length).toBeGreaterThan(10)
      expect(new Set(time.map((one) => Math.floor(one / SECOND))).size).toBe(time.length)
      for (let i = 0; i < time.length; i++) {
        const bar = Math.floor((time[i] - bars.openTime[0]) / MINUTE)
        expect(i === 0 || time[i] > time[i - 1]).toBe(true)
        expect(averagePrice[i] >= bars.low[bar] && averagePrice[i] <= bars.high[bar], `order ${i}`).toBe(true)
        expect(isSell[i] === 1 ? price[i] < averagePrice[i] : price[i] > averagePrice[i]).toBe(true)
        expect(quantity[i] > 0 && onGrid(quantity[i], instrument.lotsPerUnit)).toBe(true)
        expect(onGrid(averagePrice[i], instrument.ticksPerUnit) && onGrid(price[i], instrument.ticksPerUnit)).toBe(true)
      }
    }
  })

  it('close longs as the price falls and shorts as it rises, and more of them the farther', () => {
    const values = { falling: [0, 0], rising: [0, 0], calm: [0, 0] }
    const minutes = { falling: 0, rising: 0, calm: 0 }
    for (const day of daysOfPublication(publish({ days: [30] })[0])) {
      const { bars } = day
      const kindOf = (bar: number) => {
        const move = Math.log(bars.close[bar] / (bar === 0 ? bars.open[0] : bars.close[bar - 1]))
        return move < -0.002 ? 'falling' : move > 0.002 ? 'rising' : 'calm'
      }
      for (let bar = 0; bar < bars.rows; bar++) minutes[kindOf(bar)]++
      const { time, isSell, quantity, averagePrice } = liquidationsOfDay(day)
      for (let i = 0; i < time.length; i++)
        values[kindOf(Math.floor((time[i] % DAY) / MINUTE))][isSell[i]] += quantity[i] * averagePrice[i]
    }
    expect(minutes.falling).toBeGreaterThan(50)
    expect(values.falling[1]).toBeGreaterThan(20 * values.falling[0])
    expect(values.rising[0]).toBeGreaterThan(20 * values.rising[1])
    const perMinute = (kind: keyof typeof values) => (values[kind][0] + values[kind][1]) / minutes[kind]
    expect(perMinute('falling')).toBeGreaterThan(15 * perMinute('calm'))
    expect(perMinute('calm')).toBeGreaterThan(0)
  })

  it('are those of the seed, and another day’s are not needed', () => {
    const [whole] = publish({ days: [2] })
    const days = [...daysOfPublication(whole)]
    const [alone] = publish({ days: [1, 1] }).slice(1)
    expect(liquidationsOfDay(days[1])).toEqual(liquidationsOfDay(alone))
    expect(liquidationsOfDay(days[0])).not.toEqual(liquidationsOfDay(publish({ seed: 6, days: [1] })[0]))
  })
})
