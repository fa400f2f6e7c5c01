import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import { completed, missingFrom } from '../../scripts/complete-lock.mjs'

const read = (file: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'))

describe('package-lock.json', () => {
  it('lists every optional package that it names, or npm ci refuses it; node scripts/complete-lock.mjs adds them', () => {
    expect(missingFrom(read('package-lock.json')).map(({ name }: { name: string }) => name)).toEqual([])
  })

  it('says of the project what package.json says', () => {
    const { dependencies, devDependencies, engines } = read('package.json')
    expect(read('package-lock.json').packages['']).toMatchObject({ dependencies, devDependencies, engines })
  })

  it('names no host: packages come from the registry that npm is set to', () => {
    const places = Object.values<{ resolved?: string }>(read('package-lock.json').packages)
    expect(places.map(({ resolved }) => resolved).filter((place) => place !== undefined)).toEqual([])
  })
})

describe('complete-lock', () => {
  it('gives a package that the registry did not have its version and the platform of its name', () => {
    const parent = {
      version: '4.0.0',
      dev: true,
      optionalDependencies: { '@a/b-linux-arm64-musl': '4.0.0', '@a/there': '1.0.0' },
    }
    const lock = {
      lockfileVersion: 3,
      packages: { '': {}, 'node_modules/a': parent, 'node_modules/@a/there': { version: '1.0.0' } },
    }
    const { packages } = completed(lock)
    expect(Object.keys(packages)).toEqual([
      '',
      'node_modules/@a/b-linux-arm64-musl',
      'node_modules/@a/there',
      'node_modules/a',
    ])
    expect(packages['node_modules/@a/b-linux-arm64-musl']).toEqual({
      version: '4.0.0',
      cpu: ['arm64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    })
  })

  it('agrees with npm on every platform package that npm has listed itself', () => {
    const lock = read('package-lock.json')
    const fromNpm = Object.entries<{ integrity?: string; os?: string[] }>(lock.packages).filter(
      ([path, { integrity, os }]) => integrity !== undefined && os !== undefined && path !== 'node_modules/fsevents',
    )
    expect(fromNpm.length).toBeGreaterThan(10)
    const without = { ...lock, packages: { ...lock.packages } }
    for (const [path] of fromNpm) delete without.packages[path]
    const again = completed(without).packages
    for (const [path, { os }] of fromNpm) expect([path, again[path]?.os]).toEqual([path, os])
  })
})
