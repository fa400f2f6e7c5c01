/** What a net may be told beside its size: windows of mixed lengths, and Monte Carlo dropout. */
import { describe, expect, it } from 'vitest'
import { UserError } from '../../../src/core/errors.js'
import type { FittedModel, Matrix } from '../../../src/models/model.js'
import { modelKind } from '../../../src/models/registry.js'
import { fitOptions } from '../sample.js'
import { plantedSequences } from './sequences.js'

const sample = plantedSequences(1, 2600)
const [train, validation, fresh] = [sample.part(0, 1500), sample.part(1500, 1900), sample.part(1900, 2600)]
const SIZES: Readonly<Record<string, Record<string, number>>> = {
  lstm: { units: 8 },
  gru: { units: 8 },
  tcn: { filters: 8, blocks: 2 },
  'cnn-lstm': { filters: 6, units: 8 },
  transformer: { size: 4, heads: 2 },
}
const KINDS = Object.keys(SIZES)
const trained = async (name: string, parameters: Record<string, number>, seed = 1) =>
  (await modelKind(name)).fit(
    train,
    validation,
    fitOptions({
      classes: 2,
      featureNames: ['a', 'b'],
      seed,
      parameters: { steps: 8, rounds: 3, batch: 64, ...SIZES[name], ...parameters },
    }),
  )
const weightsOf = (model: FittedModel) => Buffer.from(model.files().get('weights.bin') ?? []).toString('hex')

function hits(model: FittedModel): number {
  const p = model.predict(fresh.x)
  const known = [...fresh.y.keys()].filter((i) => !Number.isNaN(p[i * 2]))
  return known.filter((i) => p[i * 2 + 1] > 0.5 === (fresh.y[i] === 1)).length / known.length
}

describe('windows of mixed lengths', () => {
  it.each(KINDS)(
    'train %s to other weights, the same from the same seed, and it still reads whole windows',
    async (name) => {
      const [mixed, again, plain] = [
        await trained(name, { shortestSteps: 7 }),
        await trained(name, { shortestSteps: 7 }),
        await trained(name, {}),
      ]
      expect(weightsOf(mixed)).toBe(weightsOf(again))
      expect(weightsOf(mixed)).not.toBe(weightsOf(plain))
      expect(mixed.window).toBe(8)
    },
  )

  it('of one length are what they are without', async () => {
    // The lot is drawn from the same numbers as dropout: without dropout it changes nothing else.
    const [mixed, plain] = [
      await trained('gru', { shortestSteps: 8, dropout: 0 }),
      await trained('gru', { dropout: 0 }),
    ]
    expect(weightsOf(mixed)).toBe(weightsOf(plain))
  })

  it('find what all of them show', async () => {
    const model = await trained('gru', { shortestSteps: 7, rounds: 25, learningRate: 0.01, units: 12 })
    // 700 coins: three deviations are 6 %.
    expect(hits(model)).toBeGreaterThan(0.65)
  })

  it('cannot be longer than the window', async () => {
    await expect(trained('lstm', { shortestSteps: 9 })).rejects.toThrow(UserError)
    await expect(trained('lstm', { shortestSteps: 9 })).rejects.toThrow('shortestSteps is 9, and models.lstm.steps 8')
  })
})

describe('Monte Carlo dropout', () => {
  const parameters = { dropout: 0.2, dropoutSamples: 5 }

  it.each(KINDS)('of %s gives a row the same bits alone, among others and loaded again', async (name) => {
    const model = await trained(name, parameters)
    const p = model.predict(fresh.x)
    const loaded = await (await modelKind(name)).load(model.files(), { environment: {}, threads: 1 })
    expect(loaded.predict(fresh.x)).toEqual(p)
    const { history } = fresh.x
    if (history === undefined) throw new Error('no history')
    for (const row of [20, 333]) {
      const one: Matrix = {
        ...{ rows: 1, columns: 2, values: fresh.x.values.slice(row * 2, row * 2 + 2) },
        history: {
          table: history.table,
          position: history.position.slice(row, row + 1),
          run: history.run.slice(row, row + 1),
        },
      }
      expect(model.predict(one)).toEqual(p.slice(row * 2, row * 2 + 2))
      expect(p[row * 2] + p[row * 2 + 1]).toBeCloseTo(1, 12)
    }
  })

  it('leaves the weights alone and is right about as often', async () => {
    const more = { rounds: 25, learningRate: 0.01, units: 12, dropout: 0.3 }
    const [plain, sampled] = [await trained('gru', more), await trained('gru', { ...more, dropoutSamples: 20 })]
    expect(weightsOf(sampled)).toBe(weightsOf(plain))
    expect(sampled.predict(fresh.x)).not.toEqual(plain.predict(fresh.x))
    expect(Math.abs(hits(sampled) - hits(plain))).toBeLessThan(0.05)
  })

  it('adds up to its margins, feature by feature', async () => {
    const model = await trained('lstm', parameters)
    const x = { ...fresh.x, rows: 40, values: fresh.x.values.slice(0, 80) }
    const parts = model.contributions(x)
    const margins = model.margins(x)
    for (let row = 20; row < 40; row++) {
      for (let k = 0; k < 2; k++) {
        const at = (row * 2 + k) * 3
        expect(parts[at] + parts[at + 1] + parts[at + 2]).toBeCloseTo(margins[row * 2 + k], 9)
      }
    }
  })

  it('needs something to drop', async () => {
    await expect(trained('tcn', { dropout: 0, dropoutSamples: 5 })).rejects.toThrow('nothing is dropped')
  })
})
