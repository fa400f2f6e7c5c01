/** A fit that was ended goes on from its last whole round to the same bytes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAdam } from '../../../src/math/adam.js'
import type { Checkpoint, FitOptions, FittedModel, RoundReport } from '../../../src/models/model.js'
import { readCheckpoint, writeCheckpoint } from '../../../src/models/neural/checkpoint.js'
import { openEngine } from '../../../src/models/neural/engine.js'
import { modelKind } from '../../../src/models/registry.js'
import { fitOptions } from '../sample.js'
import { plantedSequences } from './sequences.js'

const sample = plantedSequences(1, 700)
const [train, validation] = [sample.part(0, 400), sample.part(400, 550)]
const lstm = await modelKind('lstm')
const trained = (more: Partial<FitOptions> = {}, parameters: FitOptions['parameters'] = {}) =>
  lstm.fit(
    train,
    validation,
    fitOptions({
      classes: 2,
      featureNames: ['a', 'b'],
      ...more,
      parameters: { steps: 6, rounds: 8, batch: 64, units: 6, ...parameters },
    }),
  )

function memory() {
  let kept: Uint8Array | null = null
  const checkpoint: Checkpoint = {
    read: () => kept,
    write(state) {
      kept = state.slice()
    },
  }
  return { checkpoint, kept: () => kept }
}

const bytesOf = (model: FittedModel) =>
  [...model.files()].map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')])

describe('a fit with a checkpoint', () => {
  it.each([1, 2, 5, 8])('that was ended in round %i ends with the same bytes and the whole history', async (ended) => {
    const plain = await trained()
    const { checkpoint, kept } = memory()
    const stop = new Error('the power went out')
    const onRound = ({ round }: RoundReport) => {
      if (round === ended) throw stop
    }
    await expect(trained({ checkpoint, onRound })).rejects.toBe(stop)
    expect(kept() === null).toBe(ended === 1)
    const rounds: number[] = []
    const resumed = await trained({ checkpoint, onRound: ({ round }) => void rounds.push(round) })
    expect(rounds).toEqual(Array.from({ length: 9 - ended }, (_, i) => ended + i))
    expect(bytesOf(resumed)).toEqual(bytesOf(plain))
    expect(resumed.history).toEqual(plain.history)
    expect(resumed.bestRound).toBe(plain.bestRound)
  })

  it('that had come to its end does no round again, also where it had stopped early', async () => {
    for (const parameters of [{}, { rounds: 60, earlyStoppingRounds: 2, learningRate: 0.2 }]) {
      const { checkpoint } = memory()
      const whole = await trained({ checkpoint }, parameters)
      const rounds: number[] = []
      const again = await trained({ checkpoint, onRound: ({ round }) => void rounds.push(round) }, parameters)
      expect(rounds).toEqual([])
      expect(bytesOf(again)).toEqual(bytesOf(whole))
      expect(again.history).toEqual(whole.history)
    }
  })

  it('of another net begins anew', async () => {
    const { checkpoint } = memory()
    await trained({ checkpoint }, { units: 5, rounds: 2 })
    expect(bytesOf(await trained({ checkpoint }))).toEqual(bytesOf(await trained()))
  })
})

describe('the state of training', () => {
  it('survives its bytes', () => {
    const number = fc.double({ noNaN: false })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.tuple(number, number), { maxLength: 9 }),
        (n, losses) => {
          const adam = createAdam(n, { clipNorm: 1 })
          const weights = Float32Array.from({ length: n }, (_, i) => Math.sin(i))
          adam.step(
            weights,
            Float32Array.from({ length: n }, (_, i) => Math.cos(i)),
            0.1,
          )
          const history = losses.map(([trainLoss, validationLoss], i) => ({ round: i + 1, trainLoss, validationLoss }))
          const state = {
            weights,
            adam: adam.state,
            best: { weights: weights.map((w) => -w), round: losses.length, loss: Number.POSITIVE_INFINITY },
            history,
          }
          const bytes = writeCheckpoint(state)
          expect(readCheckpoint(bytes, n)).toEqual(state)
          expect(readCheckpoint(bytes, n + 1)).toBeNull()
          expect(readCheckpoint(bytes.subarray(0, bytes.length - 4), n)).toBeNull()
        },
      ),
      { numRuns: 50 },
    )
    expect(readCheckpoint(null, 3)).toBeNull()
    expect(readCheckpoint(new Uint8Array(8), 3)).toBeNull()
  })
})

it('a fit holds no more tensors after fifty rounds than after one', async () => {
  const { tf } = await openEngine('auto')
  const before = tf.memory().numTensors
  const held: number[] = []
  const onRound = () => void held.push(tf.memory().numTensors)
  for (const name of ['lstm', 'gru', 'tcn'] as const) {
    const kind = await modelKind(name)
    const own = name === 'tcn' ? { filters: 4, blocks: 2 } : { units: 4 }
    const parameters = { steps: 6, rounds: 50, earlyStoppingRounds: 50, batch: 200, ...own }
    await kind.fit(train, validation, fitOptions({ classes: 2, featureNames: ['a', 'b'], parameters, onRound }))
  }
  expect(held).toHaveLength(150)
  expect(new Set([...held, tf.memory().numTensors])).toEqual(new Set([before]))
})
