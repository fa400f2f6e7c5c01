/** Training with WebGPU, on SwiftShader where there is no graphics card: the same numbers as the plain backend within float32, the same bytes twice. */
import { describe, expect, it } from 'vitest'
import type { FittedModel } from '../../../src/models/model.js'
import { passedBy } from '../../../src/models/neural/backends.js'
import { backendOf, openEngine } from '../../../src/models/neural/engine.js'
import { findAdapter } from '../../../src/models/neural/webgpu.js'
import { type ModelName, modelKind } from '../../../src/models/registry.js'
import { usesSwiftshader } from '../../support/swiftshader.js'
import { fitOptions } from '../sample.js'
import { plantedSequences } from './sequences.js'

const isHere = usesSwiftshader('training with WebGPU')

const sample = plantedSequences(1, 160)
const sizes: Partial<Record<ModelName, Record<string, number>>> = {
  lstm: { units: 6, attention: 1, bidirectional: 1 },
  tcn: { filters: 4 },
  transformer: { size: 4, heads: 2, blocks: 1 },
}

async function trained(name: ModelName, backend: string): Promise<FittedModel> {
  const kind = await modelKind(name)
  const parameters = { steps: 4, rounds: 2, batch: 48, ...sizes[name] }
  const options = fitOptions({ classes: 2, featureNames: ['a', 'b'], parameters })
  return kind.fit(sample.part(0, 100), sample.part(100, 160), { ...options, backend })
}

const bytesOf = (model: FittedModel) =>
  [...model.files()].map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')])

describe.skipIf(!isHere)('WebGPU', () => {
  it.each(Object.keys(sizes) as ModelName[])(
    'trains %s as the plain backend does, twice to the same bytes',
    async (name) => {
      const [one, two, plain] = [
        await trained(name, 'webgpu'),
        await trained(name, 'webgpu'),
        await trained(name, 'cpu'),
      ]
      expect(bytesOf(two)).toEqual(bytesOf(one))
      expect(one.history).toHaveLength(2)
      one.history.forEach(({ trainLoss, validationLoss }, i) => {
        expect(trainLoss).toBeCloseTo(plain.history[i].trainLoss, 3)
        expect(validationLoss).toBeCloseTo(plain.history[i].validationLoss, 3)
      })
      // It is another backend, not the same one under another name.
      expect(bytesOf(one)).not.toEqual(bytesOf(plain))
    },
    60_000,
  )

  it('leaves no tensor', async () => {
    await trained('lstm', 'webgpu')
    const { tf } = await openEngine('webgpu')
    expect(tf.memory().numTensors).toBe(0)
  })

  it('is not taken by auto where it computes on the processor', async () => {
    const found = await findAdapter()
    if ('reason' in found) throw new Error(found.reason)
    expect(await passedBy('webgpu')).toEqual(
      found.isSoftware ? { reason: expect.stringMatching(/SwiftShader.* computes on the processor/) } : null,
    )
    if (found.isSoftware) expect(await backendOf('auto')).not.toBe('webgpu')
  })
})
