import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import {
  childrenOf,
  hashesOf,
  SMALL,
  sluice,
  startSluice,
  suiteFolder,
  unfinishedFiles,
  unitsOf,
  writeMarket,
} from '../support/sluice.js'

const cwd = suiteFolder()
const options = { cwd }
let whole: Record<string, string> = {}
let wholeSeconds = 0

/** What a terminal or a scheduler sends goes to the program; a terminal's Ctrl-C to all of its group. */
const signals = [
  ['SIGINT', 130, -1],
  ['SIGTERM', 143, 1],
] as const

beforeAll(async () => {
  await writeMarket(cwd, SMALL.replace('[logistic]', '[logistic, xgboost]').concat('models: {xgboost: {rounds: 20}}\n'))
  const begun = performance.now()
  const { code, stderr } = await sluice(['run', '--root', 'whole', '--quiet'], options)
  wholeSeconds = (performance.now() - begun) / 1000
  expect([0, 3], stderr).toContain(code)
  whole = await hashesOf('whole', options)
  expect(Object.keys(whole).length).toBeGreaterThan(50)
})

describe('a run that is killed', () => {
  it('goes on where it was, at whatever moment kill -9 comes, and ends with the same artefacts', async () => {
    const random = createRandom(20240103)
    let cut = 0
    for (let i = 0; i < 6; i++) {
      const root = `killed-${i}`
      const running = startSluice(['run', '--root', root], options)
      // One moment in each sixth of the time that a whole run takes.
      const wait = ((i + random.next()) / 6) * wholeSeconds * 1000
      await Promise.race([running.done, new Promise((resolve) => setTimeout(resolve, wait))])
      running.killGroup()
      const killed = await running.done
      if (killed.signal === 'SIGKILL') cut++
      const resumed = await sluice(['run', '--root', root], options)
      expect([0, 3], resumed.stderr).toContain(resumed.code)
      expect(await hashesOf(root, options), `killed after ${wait.toFixed(0)} ms`).toEqual(whole)
      expect(unfinishedFiles(join(cwd, root))).toEqual([])
    }
    expect(cut).toBeGreaterThanOrEqual(5)
  }, 180_000)

  it('says that it was killed, keeps finished work and sweeps up what is unfinished', async () => {
    const running = startSluice(['run', '--root', 'swept'], options)
    await running.said('train ')
    running.killGroup()
    await running.done
    mkdirSync(join(cwd, 'swept/data/labels/binance-um/BTCUSDT'), { recursive: true })
    writeFileSync(join(cwd, 'swept/data/labels/binance-um/BTCUSDT/labels.parquet.4711.tmp'), 'half')
    const { stderr } = await sluice(['run', '--root', 'swept'], options)
    expect(stderr).toMatch(/the last run here was killed; \d+ unfinished files? w(as|ere) removed/)
    expect(stderr).toMatch(/download +3 units +fresh/)
    expect(unfinishedFiles(join(cwd, 'swept'))).toEqual([])
  })

  it.each(signals)('ends cleanly on %s and goes on afterwards', async (signal, code, target) => {
    const root = `stopped-${signal}`
    // One worker and many units: those that wait for it must not begin after the signal.
    const running = startSluice(['run', '--root', root, '--jobs', '1'], options)
    await running.said('labels ')
    await new Promise((resolve) => setTimeout(resolve, 300))
    process.kill(target * running.pid, signal)
    const { code: ended, stderr } = await running.done
    expect(ended, stderr).toBe(code)
    expect(stderr).toContain(`stopped by ${signal}; all finished work is kept, run the same command again to go on`)
    expect(unfinishedFiles(join(cwd, root))).toEqual([])
    const resumed = await sluice(['run', '--root', root], options)
    expect(resumed.stderr).toMatch(/download +3 units +fresh/)
    expect(resumed.stderr).not.toContain('was killed')
    expect(await hashesOf(root, options)).toEqual(whole)
  })

  it.each(signals)('starts no work after %s', async (signal, code, target) => {
    const root = `early-${signal}`
    const running = startSluice(['run', '--root', root, '--jobs', '1'], options)
    await running.said('sluice run')
    process.kill(target * running.pid, signal)
    const begun = performance.now()
    const { code: ended, stderr } = await running.done
    expect(ended, stderr).toBe(code)
    expect(stderr).not.toMatch(/ done /)
    expect(performance.now() - begun).toBeLessThan(wholeSeconds * 1000 + 3000)
    expect(unfinishedFiles(join(cwd, root))).toEqual([])
  })
})

describe('a worker that dies', () => {
  it('fails its unit with a message; the rest goes on, nothing is left behind, and the next run makes it', async () => {
    const root = 'worker'
    const running = startSluice(['run', '--root', root, '--jobs', '1'], options)
    await running.said('labels ')
    let victim: number | undefined
    // A fit is at work when a worker is there and the first one has been announced.
    await running.said('logistic fold 1')
    for (let i = 0; victim === undefined && i < 100; i++) victim = childrenOf(running.pid)[0]
    if (victim === undefined) throw new Error('no worker was found')
    process.kill(victim, 'SIGKILL')
    const { code, stderr } = await running.done
    expect(code, stderr).toBe(1)
    expect(stderr).toMatch(/train +BTCUSDT \w+ (fold \d|final) +failed +the worker process ended \(SIGKILL\)/)
    expect(stderr).toContain('hint: was memory short?')
    expect(stderr).toMatch(/train +BTCUSDT xgboost final +done/)
    // The candidate that has all its fits is judged, the other is named.
    expect(stderr).toMatch(/select +BTCUSDT +done .*; left out: logistic, (fold \d|the final fit) failed: the worker/)
    expect(stderr).toMatch(/failed +train BTCUSDT logistic (fold \d|final): the worker process ended \(SIGKILL\)/)
    expect(unfinishedFiles(join(cwd, root))).toEqual([])
    const failed = (await unitsOf(['status', '--root', root], options)).filter(({ state }) => state === 'failed')
    expect(failed).toMatchObject([{ stage: 'train', reason: expect.stringContaining('the worker process ended') }])
    const again = await sluice(['run', '--root', root], options)
    expect([0, 3], again.stderr).toContain(again.code)
    // All that the models are and are judged by. The registry remembers which of them came first, and the report says so.
    const found = await hashesOf(root, options)
    const made = Object.entries(whole).filter(([path]) => !path.startsWith('reports/'))
    expect(Object.fromEntries(made.map(([path]) => [path, found[path]]))).toEqual(Object.fromEntries(made))
  })
})

describe('two runs at once', () => {
  it('in one workspace: the second says who holds it, and the first loses nothing', async () => {
    const first = startSluice(['run', '--root', 'both'], options)
    await first.said('sluice run')
    const second = await sluice(['run', '--root', 'both'], options)
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`another run holds this workspace: process ${first.pid} on `)
    expect(second.stderr).toContain('sluice run full, since 20')
    expect(second.stderr).toContain(
      `hint: wait for it, stop it with kill ${first.pid}, or use another workspace with --root`,
    )
    expect([0, 3]).toContain((await first.done).code)
    expect(await hashesOf('both', options)).toEqual(whole)
  })

  it('in two workspaces do not meet', async () => {
    const outcomes = await Promise.all(
      ['left', 'right'].map((root) => sluice(['run', '--root', root, '--to', 'labels'], options)),
    )
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0])
    expect(await hashesOf('left', options)).toEqual(await hashesOf('right', options))
  })

  it('status looks in while a run is at work', async () => {
    const running = startSluice(['run', '--root', 'looked', '--to', 'labels'], options)
    await running.said('download ')
    const { code, stdout } = await sluice(['status', '--root', 'looked'], options)
    expect(code).toBe(0)
    expect(stdout).toMatch(/report +all pairs +(waiting|missing)/)
    expect((await running.done).code).toBe(0)
  })
})

describe('the number of workers', () => {
  it('does not change a byte', async () => {
    const { code } = await sluice(['run', '--root', 'single', '--jobs', '1', '--quiet'], options)
    expect([0, 3]).toContain(code)
    expect(await hashesOf('single', options)).toEqual(whole)
  })
})
