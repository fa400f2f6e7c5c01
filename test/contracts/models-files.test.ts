/** The files of all kinds: the same in another process, and never followed into the dark when they are damaged. */

import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { createRandom } from '../../src/core/random.js'
import { modelKind, modelNames } from '../../src/models/registry.js'
import { fitAll } from '../models/fit-all.js'
import { budget, fitOptions, sample } from '../models/sample.js'

describe('the files of all kinds', () => {
  it('are the same bytes in another process', async () => {
    const script = "import { runnerImport } from 'vite'; await runnerImport('./test/models/fit-all.ts')"
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, FIT_ALL: 'print' },
    })
    const here = await fitAll()
    expect(Object.keys(here).length).toBeGreaterThanOrEqual(2)
    expect(JSON.parse(stdout || '{}'), stderr).toEqual(here)
  }, 60_000)
})

/** Cuts, doubles and exchanges characters; numbers most of all, because the libraries follow them. */
function spoil(bytes: Uint8Array, seed: number): Uint8Array {
  const random = createRandom(seed, 'damage')
  const copy = bytes.slice()
  const changes = 1 + Math.floor(random.next() * 3)
  for (let change = 0; change < changes; change++) {
    let at = Math.floor(random.next() * copy.length)
    // Most characters are digits of leaf values, where a change is only another value: the head of the file gets its share.
    if (random.next() < 0.3) at = Math.floor(random.next() * Math.min(copy.length, 1500))
    const alphabet = random.next() < 0.8 ? '0123456789-9' : ',:]} =.eE\n"x'
    copy[at] = alphabet.charCodeAt(Math.floor(random.next() * alphabet.length))
  }
  return copy
}

for (const name of modelNames) {
  const kind = await modelKind(name)
  const availability = await kind.available(process.env)

  describe.skipIf(!availability.ok || !kind.tasks.includes('classification'))(`a damaged file of ${name}`, () => {
    it('is refused, or is a model all the same: it never takes the process with it', async () => {
      const model = await kind.fit(sample(1, 600), null, fitOptions({ parameters: budget(kind, 8) }))
      const files = model.files()
      const { x } = sample(2, 20)
      let refused = 0
      for (let seed = 0; seed < 300; seed++) {
        for (const [file, bytes] of files) {
          const damaged = new Map(files).set(file, spoil(bytes, seed))
          try {
            const loaded = await kind.load(damaged, { environment: process.env, threads: 1 })
            loaded.predict(x)
            loaded.contributions(x)
            loaded.close()
          } catch (thrown) {
            if (!(thrown instanceof UserError)) throw new Error(`${file}, damage ${seed}`, { cause: thrown })
            refused++
          }
        }
      }
      expect(refused).toBeGreaterThan(30)
      model.close()
    })
  })
}
