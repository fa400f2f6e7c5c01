/**
 * A net on disk: `model.json` and `weights.bin` as TensorFlow.js keeps a Keras model, so that others can read it. What such a file has no
 * place for (scaling of the inputs, unit of the target) stands in its `userDefinedMetadata`.
 */
import { canonicalJson, type Json, sha256 } from '../../core/canonical.js'
import { messageOf, UserError } from '../../core/errors.js'
import type { FeatureImportance, ModelTask, Parameters } from '../model.js'
import type { Scaler } from '../scaler.js'
import { type Network, type Shape, sizeOf } from './network.js'

export type Sampling = { readonly samples: number; readonly dropout: number; readonly seed: number }

export type StoredNet = {
  readonly kind: string
  readonly task: ModelTask
  readonly classes: number
  readonly steps: number
  /** What the net is built with, such as its units. */
  readonly architecture: Parameters
  readonly bestRound: number
  /** A value is mean + scale × score; 0 and 1 for classes. */
  readonly target: { readonly mean: number; readonly scale: number }
  readonly scaler: Scaler
  /** Passes with dropout that a prediction is the mean of; null: one pass without. */
  readonly sampling: Sampling | null
  readonly importance: readonly FeatureImportance[]
  readonly weights: Float32Array
}

export type Build = (architecture: Parameters, shape: Shape) => Network

const MODEL = 'model.json'
const WEIGHTS = 'weights.bin'

export function writeNet(net: StoredNet, network: Network): ReadonlyMap<string, Uint8Array> {
  const bytes = littleEndian(net.weights)
  return new Map([
    [MODEL, new TextEncoder().encode(`${canonicalJson(modelJson(net, network, sha256(bytes)))}\n`)],
    [WEIGHTS, bytes],
  ])
}

function modelJson(net: StoredNet, { topology, weights }: Network, digest: string): Json {
  const { kind, task, classes, steps, architecture, bestRound, target, scaler, importance, sampling } = net
  return {
    format: 'layers-model',
    generatedBy: 'sluice',
    convertedBy: null,
    modelTopology: topology,
    weightsManifest: [
      { paths: [WEIGHTS], weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) },
    ],
    userDefinedMetadata: {
      version: 1,
      sha256: digest,
      ...{ kind, task, classes, steps, architecture, bestRound, target },
      features: scaler.features,
      scaler: {
        clip: scaler.clip,
        median: Array.from(scaler.median),
        mean: Array.from(scaler.mean),
        scale: Array.from(scaler.scale),
      },
      gain: importance.map(({ gain }) => gain),
      ...(sampling === null ? {} : { sampling }),
    },
  }
}

/**
 * @param build  makes the net of an architecture; throws UserError when it is out of range
 * @throws UserError naming the file and what is wrong with it
 */
export function readNet(
  kind: string,
  files: ReadonlyMap<string, Uint8Array>,
  build: Build,
): { readonly net: StoredNet; readonly network: Network } {
  const file = parse(files)
  const meta = (file.userDefinedMetadata ?? {}) as { readonly [key: string]: Json }
  const { version, task, classes, steps, features } = meta
  expect(meta.kind === kind && version === 1, `it is not a ${kind} model of version 1`)
  expect(task === 'classification' || task === 'regression', 'it does not say its task')
  const named = Array.isArray(features) && features.length > 0 && features.every((name) => typeof name === 'string')
  expect(named, 'it does not name its features')
  const names = features as string[]
  const outputs = whole(classes, task === 'regression' ? 1 : 2, task === 'regression' ? 1 : 1000, 'classes')
  const scaler = meta.scaler as { readonly [key: string]: Json } | undefined
  const target = meta.target as { readonly [key: string]: Json } | undefined
  const scale = numbers(scaler?.scale, names.length, 'scale')
  expect(
    scale.every((value) => value > 0),
    'a scale is not above 0',
  )
  const gain = numbers(meta.gain, names.length, 'gain')
  const [clip, mean, unit] = numbers([scaler?.clip, target?.mean, target?.scale], 3, 'clip and target')
  const net = {
    kind,
    task: task as ModelTask,
    classes: outputs,
    steps: whole(steps, 1, 4096, 'steps'),
    architecture: architectureOf(meta.architecture),
    bestRound: whole(meta.bestRound, 1, 1e9, 'bestRound'),
    target: { mean, scale: unit },
    sampling: samplingOf(meta.sampling),
    scaler: {
      features: names,
      clip,
      median: numbers(scaler?.median, names.length, 'median'),
      mean: numbers(scaler?.mean, names.length, 'mean'),
      scale,
    },
    importance: names.map((feature, j) => ({ feature, gain: gain[j] })),
  }
  const network = explained(() => build(net.architecture, { steps: net.steps, features: names.length, outputs }))
  const bytes = files.get(WEIGHTS)
  if (bytes === undefined) throw damaged(WEIGHTS, 'it is missing')
  const count = network.weights.reduce((sum, spec) => sum + sizeOf(spec), 0)
  if (bytes.length !== count * 4) throw damaged(WEIGHTS, `it has ${bytes.length} bytes, the net needs ${count * 4}`)
  const digest = sha256(bytes)
  if (digest !== meta.sha256) throw damaged(WEIGHTS, `its hash is not the one in ${MODEL}`)
  const stored = { ...net, weights: fromLittleEndian(bytes) }
  // The topology for others must be the net that is run here.
  const same = canonicalJson(modelJson(stored, network, digest)) === canonicalJson(file)
  expect(same, 'its topology is not that of its architecture')
  return { net: stored, network }
}

function explained(build: () => Network): Network {
  try {
    return build()
  } catch (thrown) {
    if (thrown instanceof UserError) throw damaged(MODEL, messageOf(thrown), thrown)
    throw thrown
  }
}

function samplingOf(value: Json | undefined): Sampling | null {
  if (value === undefined) return null
  const { samples, dropout, seed } = value as { readonly [key: string]: Json }
  expect(Number(dropout) > 0 && Number(dropout) < 1, `its dropout is ${dropout}`)
  return {
    samples: whole(samples, 1, 256, 'samples'),
    dropout: Number(dropout),
    seed: whole(seed, 0, Number.MAX_SAFE_INTEGER, 'seed'),
  }
}

function architectureOf(value: Json | undefined): Parameters {
  const entries = Object.entries((value ?? {}) as { readonly [key: string]: Json })
  expect(
    entries.every(([, entry]) => typeof entry === 'number'),
    'its architecture is not numbers',
  )
  return Object.fromEntries(entries) as Parameters
}

function parse(files: ReadonlyMap<string, Uint8Array>): { readonly [key: string]: Json } {
  const bytes = files.get(MODEL)
  if (bytes === undefined) throw damaged(MODEL, 'it is missing')
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null) return value as { readonly [key: string]: Json }
  } catch (thrown) {
    throw damaged(MODEL, `it is not JSON (${bytes.length} bytes)`, thrown)
  }
  throw damaged(MODEL, 'it holds no object')
}

function whole(value: unknown, low: number, high: number, name: string): number {
  expect(Number.isInteger(value) && Number(value) >= low && Number(value) <= high, `its ${name} is ${value}`)
  return Number(value)
}

function numbers(values: unknown, length: number, name: string): Float64Array {
  const right = Array.isArray(values) && values.length === length && values.every((value) => Number.isFinite(value))
  expect(right, `${name} are not ${length} numbers`)
  return Float64Array.from(values as number[])
}

function expect(right: boolean, what: string): asserts right {
  if (!right) throw damaged(MODEL, what)
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i], true)
  return bytes
}

function fromLittleEndian(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true))
}

function damaged(file: string, what: string, cause?: unknown): UserError {
  return new UserError(`${file} of a net is damaged: ${what}`, {
    hint: 'train again with --force, or restore the bundle',
    cause,
  })
}
