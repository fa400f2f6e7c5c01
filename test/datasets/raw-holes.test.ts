import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.js'
import { csvToParquet } from '../../src/datasets/raw-csv.js'
import { daysWithRows, gridHoles } from '../../src/datasets/raw-holes.js'
import { scratchFolder } from '../support/scratch.js'

const FROM = Date.UTC(2024, 0, 1)

async function fileOf(times: readonly number[]): Promise<string> {
  const path = join(await scratchFolder(), 'a.parquet')
  async function* lines() {
    yield Buffer.from(times.map((time) => `${time}\n`).join(''))
  }
  await csvToParquet({ lines: lines(), columns: { time: 'epoch' }, time: 'time', name: 'a' }, path)
  return path
}

describe('holes of a grid', () => {
  it('are found at the edges as inside, and in a file without rows', async () => {
    const span = { from: FROM, to: FROM + DAY }
    // Hours 2 to 9 and 12 to 21 of a day, and one on either side of it.
    const hours = [-1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 24]
    const of = { time: 'time', step: HOUR, span }
    const at = (hour: number) => FROM + hour * HOUR
    expect(await gridHoles(await fileOf(hours.map(at)), of)).toEqual([
      { from: at(0), to: at(2) },
      { from: at(10), to: at(12) },
      { from: at(22), to: at(24) },
    ])
    expect(await gridHoles(await fileOf([]), of)).toEqual([span])
  })

  it('are exactly the bars that are missing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: -5, max: 53 })), async (hours) => {
        const path = await fileOf(hours.map((hour) => FROM + hour * HOUR))
        const holes = await gridHoles(path, { time: 'time', step: HOUR, span: { from: FROM, to: FROM + 2 * DAY } })
        const missing = holes.flatMap(({ from, to }) =>
          Array.from({ length: (to - from) / HOUR }, (_, i) => (from - FROM) / HOUR + i),
        )
        expect(missing).toEqual(Array.from({ length: 48 }, (_, hour) => hour).filter((hour) => !hours.includes(hour)))
        const days = await daysWithRows(path, 'time')
        expect(days.has('2024-01-01')).toBe(hours.some((hour) => hour >= 0 && hour < 24))
      }),
      { numRuns: 25 },
    )
  })
})
