/** Which backend a net trains with, and what is said where the wanted one is absent. */
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../../../src/config/settings.js'
import { BACKEND_NAMES, passedBy } from '../../../src/models/neural/backends.js'
import { backendOf, openEngine, predictingBackend } from '../../../src/models/neural/engine.js'
import { isInstalled } from '../../../src/models/neural/installed.js'
import { modelKind } from '../../../src/models/registry.js'
import { fitOptions } from '../sample.js'
import { plantedSequences } from './sequences.js'

describe('the backend of nets', () => {
  it('can be each one that neural.backend takes, and no other', async () => {
    for (const name of ['auto', ...BACKEND_NAMES]) {
      expect(SETTINGS['neural.backend'].type.safeParse(name).success, name).toBe(true)
    }
    expect(SETTINGS['neural.backend'].type.safeParse('cuda').success).toBe(false)
    await expect(backendOf('cuda')).rejects.toMatchObject({
      message: 'there is no backend "cuda" for neural networks',
      hint: expect.stringContaining('tfjs-node-gpu, tfjs-node, webgpu, wasm, cpu'),
    })
  })

  it('is by default the first that is not passed by', async () => {
    const taken = await backendOf('auto')
    for (const name of BACKEND_NAMES) {
      const why = await passedBy(name)
      if (name === taken) {
        expect(why).toBeNull()
        break
      }
      expect(why).toMatchObject({ reason: expect.any(String) })
    }
  })

  it.each(['tfjs-node', 'tfjs-node-gpu'] as const)('%s: says what to type where it is not installed', async (name) => {
    const library = `@tensorflow/${name}`
    if (isInstalled(library)) return console.log(`skipped: ${name} is installed`)
    await expect(openEngine(name)).rejects.toMatchObject({
      message: `the backend ${name} for neural networks is not there: ${library} is not installed`,
      hint: `type: npm install --no-save ${library}@4.22.0; or set neural.backend to auto`,
    })
  })

  it('never decides what a fitted net says: WebAssembly predicts, whatever trained it', async () => {
    expect(['auto', 'webgpu', 'tfjs-node', 'wasm'].map(predictingBackend)).toEqual(['wasm', 'wasm', 'wasm', 'wasm'])
    const sample = plantedSequences(2, 120)
    const lstm = await modelKind('lstm')
    const options = fitOptions({ classes: 2, featureNames: ['a', 'b'], parameters: { steps: 4, rounds: 1, units: 3 } })
    const files = (await lstm.fit(sample.part(0, 80), null, { ...options, backend: 'wasm' })).files()
    const said = async (backend: string) => {
      const model = await lstm.load(files, { environment: {}, threads: 1, backend })
      return model.predict(sample.part(80, 120).x)
    }
    expect(await said('webgpu')).toEqual(await said('wasm'))
  })
})
