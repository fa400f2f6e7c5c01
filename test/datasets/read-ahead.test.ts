import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAhead } from '../../src/datasets/read-ahead.js'

async function* chunks(sizes: readonly number[], onChunk: (i: number) => void = () => {}) {
  for (const [i, size] of sizes.entries()) {
    onChunk(i)
    if (i % 3 === 0) await Promise.resolve()
    yield new Uint8Array(size).fill(i)
  }
}

describe('reading ahead', () => {
  it('gives what the source gives, in its order, whatever the limit', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 200 }), async (list, limit) => {
        const seen: number[][] = []
        for await (const bytes of readAhead(chunks(list), limit)) seen.push([...bytes])
        expect(seen).toEqual(list.map((size, i) => Array.from({ length: size }, () => i)))
      }),
    )
  })

  it('goes on while the taker is busy, but not beyond the limit', async () => {
    let made = 0
    const taken = readAhead(
      chunks(new Array(100).fill(10), () => made++),
      50,
    )
    await taken.next()
    await new Promise((resolve) => setTimeout(resolve, 20))
    // One taken, five waiting: 50 bytes.
    expect(made).toBe(6)
    await taken.return(undefined)
  })

  it('throws what the source throws, after what came before it', async () => {
    async function* broken() {
      yield Uint8Array.of(1)
      throw new Error('the zip is damaged')
    }
    const seen: number[] = []
    const read = async () => {
      for await (const bytes of readAhead(broken(), 10)) seen.push(bytes[0])
    }
    await expect(read()).rejects.toThrow('the zip is damaged')
    expect(seen).toEqual([1])
  })

  it('ends the source when the taker leaves', async () => {
    let isClosed = false
    async function* source() {
      try {
        for (;;) yield new Uint8Array(10)
      } finally {
        isClosed = true
      }
    }
    for await (const _ of readAhead(source(), 30)) break
    expect(isClosed).toBe(true)
  })
})
