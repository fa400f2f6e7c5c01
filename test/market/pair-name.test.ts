import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPairName, pairNameProblem } from '../../src/market/pair-name.js'

describe('the name of a pair', () => {
  it.each(['BTCUSDT', '1000PEPEUSDT', 'BTCUSDT_240628', 'ETH-PERP', 'A', '币安人生USDT', 'SPY'])('can be %s', (name) =>
    expect(pairNameProblem(name)).toBeNull(),
  )

  it.each([
    '',
    ' ',
    '.',
    '..',
    '../../x',
    'A/B',
    'A\\B',
    '/etc',
    'C:',
    'A.B',
    'A B',
    'A\nB',
    'A\0',
    '-A',
    '_',
    'A_',
    'btcusdt',
    '~',
    '%2e%2e',
    'A'.repeat(41),
  ])('cannot be %j', (name) => expect(pairNameProblem(name)).toMatch(/^is not the name of a pair such as BTCUSDT/))

  it('is suggested as the exchange writes it', () => {
    expect(pairNameProblem('btc/usdt')).toMatch(/, did you mean BTCUSDT\?$/)
    expect(pairNameProblem('btcusdt')).toMatch(/, did you mean BTCUSDT\?$/)
  })

  it('never leads out of the folder that it is put into', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('.', '/', '\\', '_', '-', 'A', '1', '\0', ' ') }),
    )
    fc.assert(
      fc.property(text, (name) => {
        if (isPairName(name)) expect(join('/data', name, 'x')).toBe(`/data/${name}/x`)
      }),
    )
  })
})
