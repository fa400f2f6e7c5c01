/** What fits a terminal: bars, what they say of the time that is left, and the lines above them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { barLine, timeLeft } from '../../src/cli/bars.js'
import { wrapped } from '../../src/cli/wrap.js'

describe('the time left', () => {
  it('goes by what was done since the bar appeared, not by what was finished before', () => {
    // One of ten units in 20 s, nine left; it appeared when five were finished: one in 20 s, four left.
    expect(timeLeft(1, 10, 0, 20)).toBe('3m 0s left')
    expect(timeLeft(6, 10, 5, 20)).toBe('1m 20s left')
    expect(timeLeft(1, 1000, 0, 20)).toBe('5h 33m left')
    expect(timeLeft(9, 10, 0, 9)).toBe('1s left')
  })

  it('is not said before anything was done', () => {
    expect(timeLeft(5, 10, 5, 20)).toBe('')
    expect(timeLeft(6, 10, 5, 0.1)).toBe('')
  })
})

describe('a bar', () => {
  const about = {
    name: '  ETHUSDT premiumIndexKlines 1m',
    count: '3/12',
    left: '1m 5s left',
    bytes: '12.3 MB  4.5 MB/s',
    note: 'waits',
  }

  it('shows all that it has where there is room', () => {
    expect(barLine({ ...about, fraction: 0.25 }, 120)).toBe(
      `${about.name}  ██████░░░░░░░░░░░░░░░░░░  25 %  3/12  1m 5s left  12.3 MB  4.5 MB/s  waits`,
    )
  })

  it('gives up its own length first, then the note and the bytes, on 80 columns', () => {
    expect(barLine({ ...about, fraction: 0.5 }, 80)).toBe(
      `${about.name}  ████████████░░░░░░░░░░░  50 %  3/12  1m 5s left`,
    )
  })

  it('never is wider than the terminal', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.string(),
        (columns, fraction, name) => {
          expect(barLine({ ...about, name, fraction }, columns).length).toBeLessThanOrEqual(columns)
        },
      ),
    )
  })
})

describe('a line', () => {
  it('that is too long goes on below its name', () => {
    expect(wrapped('clean     BTCUSDT 2024-01   done     44,640 × 1m → 5m, 1h', 40)).toBe(
      'clean     BTCUSDT 2024-01   done\n          44,640 × 1m → 5m, 1h',
    )
  })

  it('loses nothing but spaces, and is no wider than the terminal unless a word is', () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9/:]{1,12}$/), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(words, fc.integer({ min: 30, max: 90 }), (list, width) => {
        const text = wrapped(list.join(' '), width)
        expect(text.split(/\s+/)).toEqual(list)
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
      }),
    )
  })
})
