import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../support/scratch.js'
import { project, run } from './run.js'

const passing = "it('one', () => {}); it('two', () => {})"

/** Runs vitest with the reporter of `make test` on files made for the purpose. */
async function counted(files: Readonly<Record<string, string>>) {
  const cwd = await scratchFolder()
  symlinkSync(join(project, 'node_modules'), join(cwd, 'node_modules'))
  writeFileSync(join(cwd, 'vitest.config.mjs'), "export default { test: { include: ['*.test.mjs'], pool: 'forks' } }")
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(cwd, `${name}.test.mjs`), `import { describe, expect, it } from 'vitest'\n${text}`)
  }
  mkdirSync(join(cwd, 'tmp'))
  const reporters = ['--reporter=default', `--reporter=${join(project, 'scripts/count-reporter.mjs')}`]
  const { status, stdout, stderr } = run('node_modules/.bin/vitest', ['run', ...reporters], {
    cwd,
    TMPDIR: join(cwd, 'tmp'),
  })
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1), text: stdout + stderr }
}

describe('the count that make test ends with', () => {
  it('counts what passed', async () => {
    expect(await counted({ a: passing, b: passing })).toMatchObject({ status: 0, lastLine: '4 passed, 0 failed' })
  })

  it('counts what failed and what was skipped', async () => {
    const outcome = await counted({
      a: `${passing}; it('three', () => expect(1).toBe(2)); describe.skipIf(true)('x', () => it('four', () => {}))`,
    })
    expect(outcome).toMatchObject({ status: 1, lastLine: '2 passed, 1 failed, 1 skipped' })
  })

  it('counts as failed: a file that cannot be loaded, a broken preparation, an error outside any test', async () => {
    const outcome = await counted({
      a: passing,
      b: "import './nowhere.mjs'",
      c: "import { beforeAll } from 'vitest'; describe('s', () => { beforeAll(() => { throw new Error('x') }); it('one', () => {}) })",
      d: "it('one', async () => { setTimeout(() => { throw new Error('late') }, 1); await new Promise((r) => setTimeout(r, 50)) })",
    })
    expect(outcome.status).toBe(1)
    expect(outcome.lastLine, outcome.text).toBe('3 passed, 3 failed, 1 skipped')
  })

  it('is not green when there are no tests', async () => {
    const { status, lastLine } = await counted({})
    expect(status).toBe(1)
    expect(lastLine).toMatch(/^0 passed, [01] failed$/)
  })
})
