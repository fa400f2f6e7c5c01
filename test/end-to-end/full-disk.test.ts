import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hashesOf, notFresh, sluice, suiteFolder, unfinishedFiles, writeMarket } from '../support/sluice.js'

const mount = (...args: string[]) => spawnSync('mount', args).status === 0
const mayMount = tryMounting()
if (!mayMount) console.log('skipped: the tests of a full disk, because a tmpfs cannot be mounted here')

function tryMounting(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-mount-'))
  const mounted = mount('-t', 'tmpfs', '-o', 'size=1m', 'none', folder)
  if (mounted) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true })
  return mounted
}

describe.skipIf(!mayMount)('a disk that is full', () => {
  const cwd = suiteFolder()
  const options = { cwd }
  const disk = join(cwd, 'disk')

  beforeAll(async () => {
    await writeMarket(cwd)
    await sluice(['run', '--root', 'whole', '--quiet'], options)
    mkdirSync(disk)
  })
  beforeEach(() => {
    mount('-t', 'tmpfs', '-o', 'size=1m', 'none', disk)
  })
  afterEach(() => {
    spawnSync('umount', [disk])
  })

  it.each([
    ['download', null, 3000],
    ['clean', 'download', 100],
    ['train', 'labels', 60],
    ['report', 'backtest', 400],
  ])(
    'in %s: a clear message, nothing half-written; with more room the run completes',
    async (stage, before, kilobytes) => {
      mount('-o', 'remount,size=100m', disk)
      if (before !== null) await sluice(['run', '--root', 'disk', '--to', before], options)
      const { blocks, bfree, bsize } = statfsSync(disk)
      mount('-o', `remount,size=${Math.ceil(((blocks - bfree) * bsize) / 1024) + kilobytes}k`, disk)
      const { code, stderr } = await sluice(['run', '--root', 'disk'], options)
      expect(code, stderr).toBe(1)
      expect(stderr).toMatch(new RegExp(`^${stage} .* failed +the disk is full: \\S+ could not be written`, 'm'))
      expect(stderr).toContain('hint: free some space and run the same command again; all finished work is kept')
      expect(stderr).not.toContain('fault in Sluice')
      expect(unfinishedFiles(disk)).toEqual([])
      mount('-o', 'remount,size=100m', disk)
      const again = await sluice(['run', '--root', 'disk', '--quiet'], options)
      expect([0, 3], again.stderr).toContain(again.code)
      expect(await notFresh(options, ['--root', 'disk'])).toEqual([])
      expect(await hashesOf('disk', options)).toEqual(await hashesOf('whole', options))
    },
  )

  it('to the last byte, so that not even the lock can be written', async () => {
    try {
      writeFileSync(join(disk, 'fill'), Buffer.alloc(2e6))
    } catch {
      // As meant.
    }
    const { code, stderr } = await sluice(['run', '--root', 'disk'], options)
    expect(code).toBe(1)
    expect(stderr).toContain('error: the disk is full')
    expect(stderr).not.toContain('fault in Sluice')
  })
})
