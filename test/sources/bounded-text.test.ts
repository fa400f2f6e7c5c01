import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readHead, readText } from '../../src/sources/bounded-text.js'
import { scratchFolder } from '../support/scratch.js'

const tooLong = () => new Error('too long')

describe('a text of bounded length', () => {
  it('ends a stream that goes on, at once', async () => {
    let sent = 0
    async function* endless() {
      for (;;) {
        sent += 100
        yield Buffer.alloc(100, 'a')
      }
    }
    const body = Readable.from(endless(), { objectMode: false, highWaterMark: 100 })
    await expect(readText(body, 1000, tooLong)).rejects.toThrow('too long')
    expect(body.destroyed).toBe(true)
    expect(sent).toBeLessThan(2000)
  })

  it('is whole up to its length, also where a letter lies in two pieces', async () => {
    const bytes = Buffer.from('née 1')
    expect(await readText(Readable.from([bytes.subarray(0, 2), bytes.subarray(2)]), bytes.length, tooLong)).toBe(
      'née 1',
    )
    await expect(readText(Readable.from([bytes]), bytes.length - 1, tooLong)).rejects.toThrow('too long')
  })

  it('is the head of a file, null without one', async () => {
    const path = join(await scratchFolder(), 'a')
    await writeFile(path, 'abcdef')
    expect([readHead(path, 2), readHead(path, 6), readHead(path, 1e9)]).toEqual(['abc', 'abcdef', 'abcdef'])
    expect([readHead(`${path}/b`, 9), readHead(`${path}.c`, 9)]).toEqual([null, null])
  })
})
