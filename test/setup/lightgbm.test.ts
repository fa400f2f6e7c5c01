import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../support/scratch.js'
import { project, run } from './run.js'

const script = join(project, 'scripts/lightgbm.sh')

function programs(folder: string, scripts: Readonly<Record<string, string>>): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  return bin
}

describe('make lightgbm', () => {
  it('says what to type when there is no compiler and none can be installed', async () => {
    const folder = await scratchFolder()
    const bin = programs(folder, {})
    for (const name of ['sh', 'dirname', 'mkdir', 'id', 'uname']) {
      symlinkSync(run('sh', ['-c', `command -v ${name}`]).stdout.trim(), join(bin, name))
    }
    const { status, stderr } = run('/bin/sh', [script], { FORCE: '1', HOME: folder, PATH: bin })
    expect(status).toBe(1)
    expect(stderr).toMatch(/cmake, make and a C\+\+ compiler are needed, and cmake was not found/)
    expect(stderr).toMatch(/hint: (type: )?.*cmake/)
  })

  it('compiles nothing but the package that was looked at, and leaves nothing behind', async () => {
    const folder = await scratchFolder()
    const path = programs(folder, {
      npm: 'for last; do :; done; echo changed >"$last/lightgbm.tgz"',
      cmake: 'echo compiled >&2; exit 3',
      'c++': 'exit 3',
      make: 'exit 3',
    })
    const { status, stderr } = run('sh', [script], { FORCE: '1', HOME: folder, XDG_CACHE_HOME: folder, path })
    expect(status).toBe(1)
    expect(stderr).toMatch(/lightgbm@\S+ has the hash sha512-\S+, expected sha512-\S+/)
    expect(stderr).not.toContain('compiled')
    expect(readdirSync(join(folder, 'sluice/lightgbm')).sort()).toEqual(['build.log', 'lib'])
    expect(readdirSync(join(folder, 'sluice/lightgbm/lib'))).toEqual([])
  })
})
