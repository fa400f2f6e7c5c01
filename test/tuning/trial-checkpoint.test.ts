/** What is kept of a trial comes back as it was, and a fit inside sees its own state alone. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { foldCheckpoint, readTrialState, type TrialState, writeTrialState } from '../../src/tuning/trial-checkpoint.js'

type Fold = { readonly loss: number; readonly name: string }

const loss = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0))
const state = fc.record({
  folds: fc.array(fc.record({ loss, name: fc.string() })),
  fit: fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 })),
})

it('comes back bit for bit, also from the middle of a larger buffer', () => {
  fc.assert(
    fc.property(state, fc.integer({ min: 0, max: 9 }), (kept, before) => {
      const bytes = writeTrialState<Fold>(kept)
      const larger = new Uint8Array(before + bytes.length)
      larger.set(bytes, before)
      expect(readTrialState<Fold>(larger.subarray(before))).toEqual(kept)
    }),
  )
})

it('is a trial that has not begun where nothing was kept', () => {
  expect(readTrialState(null)).toEqual({ folds: [], fit: null })
})

it('keeps the state of the fit at work together with the folds before it', () => {
  let stored: Uint8Array | null = null
  const trial = {
    read: () => stored,
    write(bytes: Uint8Array) {
      stored = bytes
    },
  }
  const folds: Fold[] = [{ loss: 0.1 + 0.2, name: 'inner fold 1' }]
  foldCheckpoint(trial, { folds, fit: null }).write(Uint8Array.of(7, 8, 9))
  const kept: TrialState<Fold> = readTrialState(stored)
  expect(kept).toEqual({ folds, fit: Uint8Array.of(7, 8, 9) })
  expect(foldCheckpoint(trial, kept).read()).toEqual(Uint8Array.of(7, 8, 9))
})
