import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../support/scratch.js'
import { project, run } from './run.js'

const targets = readFileSync(join(project, 'Makefile'), 'utf8').match(/^[a-z-]+(?=:)/gm) ?? []

describe('make', () => {
  it('alone lists every target with its meaning', () => {
    const { stdout } = run('make', [])
    const listed = stdout.match(/(?<=^ {2}make )[a-z-]+(?= +\S)/gm)
    expect(listed).toEqual([...new Set(targets)])
    expect(listed).toEqual(
      expect.arrayContaining(['setup', 'demo', 'run', 'test', 'check', 'bench', 'clean-all', 'help']),
    )
  })

  it('has no target for what does not work yet', () => {
    for (const absent of ['signals', 'monitor', 'retrain']) expect(targets).not.toContain(absent)
  })

  it.each([
    [['run', 'PAIR=BTCUSDT'], './sluice run --pair BTCUSDT'],
    [['run', 'PAIR=BTCUSDT,ETHUSDT'], './sluice run --pair BTCUSDT --pair ETHUSDT'],
    [
      ['train', 'PAIR=BTCUSDT ETHUSDT', 'ARGS=--set train.folds=3'],
      './sluice train --pair BTCUSDT --pair ETHUSDT --set train.folds=3',
    ],
    [['clean'], './sluice clean'],
    [['demo'], './sluice run demo'],
  ])('%j is one line of the program, after setup', (args, line) => {
    const { stdout } = run('make', ['--dry-run', ...args])
    const lines = stdout
      .trim()
      .split('\n')
      .map((text) => text.trim())
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('scripts/setup.sh')
    // Exit code 3 (no model passed the gates) is a result: make takes it for a success.
    expect(lines[1].replace(/ +/g, ' ')).toBe(`${line} || [ $? -eq 3 ]`)
  })
})

describe('clean-all', () => {
  const folders = ['data', 'artifacts', 'reports', 'demo', '.sluice']

  async function workspace(): Promise<string> {
    const folder = await scratchFolder()
    cpSync(join(project, 'scripts/clean-all.sh'), join(folder, 'scripts/clean-all.sh'))
    for (const name of [...folders, 'config']) {
      mkdirSync(join(folder, name, 'deep'), { recursive: true })
      writeFileSync(join(folder, name, 'deep/file'), 'x'.repeat(50_000))
    }
    return folder
  }
  const clean = (folder: string, variables = {}) => run('sh', ['scripts/clean-all.sh'], { cwd: folder, ...variables })

  it('deletes nothing where nobody can be asked, and says how to go on', async () => {
    const folder = await workspace()
    const { status, stdout, stderr } = clean(folder)
    expect(status).toBe(2)
    expect(stdout).toMatch(/ {2}data +\d+K/)
    expect(stderr).toContain('FORCE=1')
    for (const name of folders) expect(existsSync(join(folder, name, 'deep/file'))).toBe(true)
  })

  it('deletes the outputs and nothing else when forced', async () => {
    const folder = await workspace()
    expect(clean(folder, { FORCE: '1' }).status).toBe(0)
    for (const name of folders) expect(existsSync(join(folder, name))).toBe(false)
    expect(existsSync(join(folder, 'config/deep/file'))).toBe(true)
    expect(clean(folder)).toMatchObject({ status: 0, stdout: 'nothing to delete\n' })
  })

  it('takes away a link to another disk, but not what lies there', async () => {
    const folder = await scratchFolder()
    const other = await workspace()
    cpSync(join(project, 'scripts/clean-all.sh'), join(folder, 'scripts/clean-all.sh'))
    symlinkSync(join(other, 'data'), join(folder, 'data'))
    expect(clean(folder, { FORCE: '1' }).stdout).toContain('what it points at stays')
    expect(existsSync(join(folder, 'data'))).toBe(false)
    expect(existsSync(join(other, 'data/deep/file'))).toBe(true)
  })
})
