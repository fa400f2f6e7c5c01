/**
 * How far a trial is, as bytes: what its inner folds gave so far, and the state of the fit at work. One that is ended
 * goes on within the fold and the round where it was, to the same result.
 */
import type { Checkpoint } from '../models/model.js'

export type TrialState<Fold> = {
  readonly folds: readonly Fold[]
  /** Of the fold after these; null where it has not kept any yet. */
  readonly fit: Uint8Array | null
}

/** Bytes before the JSON: its length, little-endian. */
const HEAD = 4

/** @param state  its folds are plain values without NaN */
export function writeTrialState<Fold>({ folds, fit }: TrialState<Fold>): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(folds))
  const bytes = new Uint8Array(HEAD + text.length + (fit?.length ?? 0))
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, HEAD)
  if (fit !== null) bytes.set(fit, HEAD + text.length)
  return bytes
}

/**
 * A trial that has not begun where nothing was kept. The bytes are those that were written: whoever keeps them sees to
 * that.
 */
export function readTrialState<Fold>(stored: Uint8Array | null): TrialState<Fold> {
  if (stored === null) return { folds: [], fit: null }
  const end = HEAD + new DataView(stored.buffer, stored.byteOffset).getUint32(0, true)
  const folds = JSON.parse(new TextDecoder().decode(stored.subarray(HEAD, end))) as Fold[]
  return { folds, fit: stored.length > end ? stored.slice(end) : null }
}

/** The checkpoint of the fit after `folds`, kept within that of its trial. @param fit  what was kept of it before */
export function foldCheckpoint<Fold>(trial: Checkpoint, { folds, fit }: TrialState<Fold>): Checkpoint {
  return { read: () => fit, write: (state) => trial.write(writeTrialState({ folds, fit: state })) }
}
