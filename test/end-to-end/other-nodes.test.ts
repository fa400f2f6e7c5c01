/**
 * The same program under other versions of Node: the same bytes, and the tests of what touches foreign code. `.ci/run` fetches the versions into
 * `.setup/nodes`; where none is there, nothing is compared.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { hashesOf, project, SMALL, sluice, suiteFolder, writeMarket } from '../support/sluice.js'

const folder = join(project, '.setup/nodes')
const nodes = (existsSync(folder) ? readdirSync(folder) : [])
  .map((version) => ({ version, node: join(folder, version, 'bin/node') }))
  .filter(({ node }) => existsSync(node))
if (nodes.length === 0) console.log('skipped: other versions of Node, because .setup/nodes has none')

/** What loads a native add-on, or keeps a file that another version must read. */
const FOREIGN = [
  'test/datasets/sqlite.test.ts',
  'test/datasets/ledger.test.ts',
  'test/datasets/model-registry.test.ts',
  'test/models/xgboost.test.ts',
  'test/models/neural/checkpoint.test.ts',
  'test/core/power.test.ts',
]

const cwd = suiteFolder()
const settings = SMALL.replace('[logistic]', '[logistic, xgboost]')
const run = ['run', '--set', 'models.xgboost.rounds=10', '--quiet']

describe.skipIf(nodes.length === 0)('another Node', () => {
  let expected: Record<string, string> = {}
  beforeAll(async () => {
    await writeMarket(join(cwd, 'own'), settings)
    const { code, stderr } = await sluice(run, { cwd: join(cwd, 'own') })
    expect([0, 3], stderr).toContain(code)
    expected = await hashesOf('.', { cwd: join(cwd, 'own') })
  })

  it.each(nodes)('$version writes the same bytes, and each reads what the other wrote', async ({ version, node }) => {
    const there = { cwd: join(cwd, version), node }
    await writeMarket(there.cwd, settings)
    const { code, stderr } = await sluice(run, there)
    expect([0, 3], stderr).toContain(code)
    expect(stderr).not.toContain('ExperimentalWarning')
    expect(Object.keys(expected).length).toBeGreaterThan(50)
    expect(await hashesOf('.', there)).toEqual(expected)
    for (const options of [there, { cwd: there.cwd }]) {
      expect((await sluice(['verify', 'ledger', '--quiet'], options)).code).toBe(0)
      expect((await sluice(['models', 'list'], options)).stdout).toMatch(/logistic|xgboost/)
    }
  })

  it.each(nodes)('$version passes the tests of foreign code', async ({ node }) => {
    const child = spawn(node, ['node_modules/vitest/vitest.mjs', 'run', ...FOREIGN], {
      cwd: project,
      env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}`, VITEST: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
    expect(await new Promise((resolve) => child.once('close', resolve)), said).toBe(0)
    expect(said).toMatch(/Tests .*\d+ passed/)
  })
})
