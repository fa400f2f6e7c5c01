/** Work that features share: done once, read by all, and never the reason for another value. */
import { describe, expect, it } from 'vitest'
import { createWorkbench, defineFeature, type SharedWork } from '../../src/features/feature.js'
import { featureInputs } from '../../src/features/inputs.js'
import { FEATURES } from '../../src/features/registry.js'
import { same } from './contract.js'
import { randomMarket } from './market.js'

const market = randomMarket(700, 8)
const inputs = featureInputs(market.decision, market.series)
const FACTS = {
  family: 'price',
  meaning: 'A sum of its own.',
  lookback: 0,
  timeframes: 'every',
  reference: 'none',
} as const

/** Doubled closes, and how often they were made. */
function counted() {
  const calls: Float64Array[] = []
  const work: SharedWork<'close', Float64Array> = {
    inputs: ['close'],
    of({ close }) {
      calls.push(close)
      return close.map((value) => 2 * value)
    },
  }
  const feature = (name: string, more: number) =>
    defineFeature({
      ...FACTS,
      name,
      inputs: ['close', 'volume'],
      work,
      compute: ({ volume }, doubled) => doubled.map((value, i) => value + more * volume[i]),
    })
  return { calls, work, features: [feature('one', 1), feature('two', 2)] }
}

describe('shared work', () => {
  it('is done once for features that are computed one after another', () => {
    const { calls, features } = counted()
    const bench = createWorkbench()
    const [one, two] = features.map((feature) => feature.compute(inputs, bench))
    expect(calls).toHaveLength(1)
    expect(one[5]).toBe(2 * inputs.close[5] + inputs.volume[5])
    expect(two[5]).toBe(2 * inputs.close[5] + 2 * inputs.volume[5])
    for (const feature of features) feature.compute(inputs)
    expect(calls, 'without a bench each does its own').toHaveLength(3)
  })

  it('is done anew for other arrays, another place in time and other rows', () => {
    const { calls, features } = counted()
    const bench = createWorkbench()
    features[0].compute(inputs, bench)
    const raised = { ...inputs, close: inputs.close.map((value) => value + 1) }
    expect(features[1].compute(raised, bench)[5]).toBe(2 * raised.close[5] + 2 * inputs.volume[5])
    features[1].compute({ ...raised, origin: raised.origin + 1 }, bench)
    features[1].compute({ ...raised, volume: raised.volume.slice() }, bench)
    expect(calls).toHaveLength(4)
  })

  it('is let go when the next feature does not need it', () => {
    const { features } = counted()
    const bench = createWorkbench()
    features[0].compute(inputs, bench)
    expect(bench.held).not.toBeNull()
    defineFeature({ ...FACTS, name: 'alone', inputs: ['close'], compute: ({ close }) => close.slice() }).compute(
      inputs,
      bench,
    )
    expect(bench.held).toBeNull()
  })

  it('may not rest on what the feature does not declare', () => {
    const { work } = counted()
    const hidden = () =>
      defineFeature({
        ...FACTS,
        name: 'hidden',
        inputs: ['volume'],
        // @ts-expect-error: the compiler refuses it too
        work,
        compute: ({ volume }) => volume.slice(),
      })
    expect(hidden).toThrow('hidden shares work on inputs that it does not declare')
  })

  it('gives every feature the bits that it has alone, in any order, and is written by none', () => {
    const fast = FEATURES.filter(({ family }) => family !== 'regime' && family !== 'volatility-model')
    const alone = new Map(fast.map((feature) => [feature.name, feature.compute(inputs)]))
    for (const order of [fast, fast.toReversed()]) {
      const bench = createWorkbench()
      for (const feature of order) {
        const before = structuredClone(bench.held?.made)
        const held = bench.held?.made
        const values = feature.compute(inputs, bench)
        expect(same(values, alone.get(feature.name) ?? values), feature.name).toBe(true)
        expect(held, `${feature.name} wrote to what it shares`).toEqual(before)
      }
    }
  })

  it('makes one fit of the four lines of a fitted model', () => {
    const fitted = FEATURES.filter(({ name }) => /^garch_|^hmm_.*_3$/.test(name))
    expect(fitted).toHaveLength(6)
    const bench = createWorkbench()
    const made = new Set(
      fitted.map((feature) => {
        feature.compute(inputs, bench)
        return bench.held?.made
      }),
    )
    expect(made.size).toBe(2)
  })
})
