import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openWorkspace, type Workspace } from '../../src/datasets/workspace.js'
import { lockWorkspace } from '../../src/runner/lock.js'
import { startOfProcess } from '../../src/runner/process-info.js'
import { scratchFolder } from '../support/scratch.js'

const now = Date.UTC(2024, 0, 2, 3, 4, 5)
/** Above any id that Linux gives out (2^22 at most). */
const NO_SUCH_PID = 2 ** 22 + 1

async function workspace(): Promise<Workspace> {
  return openWorkspace(await scratchFolder())
}

/** A lock as another run would have left it. */
function leaveLock({ root }: Workspace, holder: { pid: number; started: string; host?: string } | string): void {
  mkdirSync(join(root, '.sluice'), { recursive: true })
  const text =
    typeof holder === 'string'
      ? holder
      : JSON.stringify({ host: hostname(), command: 'run full', since: '2024-01-01T00:00:00.000Z', ...holder })
  writeFileSync(join(root, '.sluice/lock'), text)
}

function liveProcess(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  if (child.pid === undefined) throw new Error('node could not be started')
  return child.pid
}

describe('the lock of a workspace', () => {
  it('names its process and is gone after release', async () => {
    const space = await workspace()
    const lock = lockWorkspace(space, 'train', now)
    expect(lock.afterKill).toBe(false)
    expect(JSON.parse(readFileSync(join(space.root, '.sluice/lock'), 'utf8'))).toEqual({
      pid: process.pid,
      started: startOfProcess(process.pid),
      host: hostname(),
      command: 'train',
      since: '2024-01-02T03:04:05.000Z',
    })
    lock.release()
    expect(readdirSync(join(space.root, '.sluice'))).toEqual([])
  })

  it('is refused while a live process holds it, with who and since when', async () => {
    const space = await workspace()
    const pid = liveProcess()
    leaveLock(space, { pid, started: startOfProcess(pid) ?? '' })
    expect(() => lockWorkspace(space, 'clean', now)).toThrow(
      `another run holds this workspace: process ${pid} on ${hostname()}, sluice run full, since 2024-01-01T00:00:00.000Z`,
    )
    expect(readdirSync(join(space.root, '.sluice'))).toEqual(['lock'])
  })

  it.each([
    ['of a process that is gone', { pid: NO_SUCH_PID, started: 'x' }],
    ['of a process whose id another has by now', { pid: process.pid, started: 'at another time' }],
    ['that is cut off', '{"pid": 12'],
  ])('%s is taken over, which is told', async (_, holder) => {
    const space = await workspace()
    leaveLock(space, holder)
    const lock = lockWorkspace(space, 'clean', now)
    expect(lock.afterKill).toBe(true)
    expect(JSON.parse(readFileSync(join(space.root, '.sluice/lock'), 'utf8')).pid).toBe(process.pid)
    lock.release()
    expect(existsSync(join(space.root, '.sluice/lock'))).toBe(false)
  })

  it('of another machine is respected: nothing is known of its processes', async () => {
    const space = await workspace()
    leaveLock(space, { pid: NO_SUCH_PID, started: 'x', host: 'elsewhere' })
    expect(() => lockWorkspace(space, 'clean', now)).toThrow(`process ${NO_SUCH_PID} on elsewhere`)
  })

  it('is not released by one who does not hold it', async () => {
    const space = await workspace()
    const lock = lockWorkspace(space, 'train', now)
    leaveLock(space, { pid: NO_SUCH_PID, started: 'x' })
    lock.release()
    expect(existsSync(join(space.root, '.sluice/lock'))).toBe(true)
  })
})

describe('the start of a process', () => {
  it('stays the same while it lives, and is null when there is none', () => {
    const pid = liveProcess()
    expect(startOfProcess(pid)).toBe(startOfProcess(pid))
    expect(startOfProcess(pid)).not.toBe(startOfProcess(process.pid))
    expect(startOfProcess(NO_SUCH_PID)).toBeNull()
  })
})
