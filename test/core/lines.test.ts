import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countRows } from '../../src/core/lines.js'

describe('rows of a text', () => {
  it('are its lines that hold anything, however it is cut into pieces', () => {
    const line = fc.stringMatching(/^[a-c,"\r]{0,4}$/)
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat({ max: 30 })), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))
        const counter = countRows()
        let from = 0
        for (const length of [...cuts, bytes.length]) {
          counter.add(bytes.subarray(from, from + length))
          from += length
        }
        expect(counter.rows()).toBe(lines.filter((text) => text !== '').length)
      }),
    )
  })
})
