import { describe, expect, it } from 'vitest'
import { splitAccess, withoutAccess } from '../../src/core/access.js'

describe('user and password of an address', () => {
  it.each([
    ['https://ann:s3cret@host:81/a@b?c=d@e', 'https://host:81/a@b?c=d@e', { username: 'ann', password: 's3cret' }],
    ['http://ann%40x:p%3Aq:r%@host', 'http://host', { username: 'ann@x', password: 'p%3Aq:r%' }],
    ['HTTPS://token@host/', 'HTTPS://host/', { username: 'token', password: '' }],
    ['https://a:b@c@host', 'https://host', { username: 'a', password: 'b@c' }],
  ])('are taken off %s', (address, url, access) => {
    expect(splitAccess(address)).toEqual({ url, access })
    expect(withoutAccess(url)).toBe(url)
  })

  it.each(['https://host/a@b', '../mirror/a@b', 'root:archive', 'auto', ''])('are none in %s', (address) => {
    expect(splitAccess(address)).toEqual({ url: address, access: null })
  })
})
