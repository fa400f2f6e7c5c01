import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openLimits } from '../../src/datasets/limits-file.js'
import { openWorkspace } from '../../src/datasets/workspace.js'
import { scratchFolder } from '../support/scratch.js'

type Environment = Readonly<Record<string, string | undefined>>

async function opened(environment: Environment) {
  const workspace = openWorkspace(await scratchFolder())
  const limits = await openLimits({ workspace, environment }, () => ({ calls: 0 }))
  onTestFinished(() => limits.close())
  const call = () =>
    limits.change('host:1', (state) => {
      state.calls++
      return state.calls
    })
  return { call, own: join(workspace.root, '.sluice/limits.sqlite') }
}

describe('the limits of hosts', () => {
  it.each([
    ['XDG_STATE_HOME', (folder: string) => ({ XDG_STATE_HOME: folder, HOME: '/nowhere' })],
    ['HOME', (folder: string) => ({ HOME: folder })],
    ['HOME, where the other is no path', (folder: string) => ({ XDG_STATE_HOME: 'here', HOME: folder })],
  ])('are one for all workspaces of a user, found by %s', async (_, environmentOf) => {
    const environment = environmentOf(await scratchFolder())
    const [one, other] = [await opened(environment), await opened(environment)]
    expect([one.call(), other.call(), one.call()]).toEqual([1, 2, 3])
    expect(existsSync(one.own)).toBe(false)
    expect((await opened(environmentOf(await scratchFolder()))).call(), 'another user').toBe(1)
  })

  it('are those of the workspace where a user has no folder, or none that can be written', async () => {
    const folder = await scratchFolder()
    await writeFile(join(folder, 'file'), '')
    await mkdir(join(folder, 'damaged/sluice'), { recursive: true })
    await writeFile(join(folder, 'damaged/sluice/limits.sqlite'), 'no database, but longer than a header'.repeat(9))
    for (const environment of [
      {},
      { HOME: '' },
      { XDG_STATE_HOME: join(folder, 'file') },
      { XDG_STATE_HOME: join(folder, 'damaged') },
    ]) {
      const { call, own } = await opened(environment)
      expect(call()).toBe(1)
      expect(existsSync(own)).toBe(true)
    }
  })
})
