/** What a bar says of the time that is left. */
import { describe, expect, it } from 'vitest'
import { timeLeft } from '../../src/cli/bars.js'

describe('the time left', () => {
  it('goes by what was done since the bar appeared, not by what was finished before', () => {
    // One of ten units in 20 s, nine left; it appeared when five were finished: one in 20 s, four left.
    expect(timeLeft(1, 10, 0, 20)).toBe('  3m 0s left')
    expect(timeLeft(6, 10, 5, 20)).toBe('  1m 20s left')
    expect(timeLeft(1, 1000, 0, 20)).toBe('  5h 33m left')
    expect(timeLeft(9, 10, 0, 9)).toBe('  1s left')
  })

  it('is not said before anything was done', () => {
    expect(timeLeft(5, 10, 5, 20)).toBe('')
    expect(timeLeft(6, 10, 5, 0.1)).toBe('')
  })
})
