/**
 * What TensorFlow.js can compute with, the fastest first. The first three are not among our packages: they are found where somebody installed
 * them, and named in words where not.
 */

import type { Tf } from './engine.js'
import { isInstalled, tfjsVersion } from './installed.js'
import { findAdapter, startWebGpu } from './webgpu.js'

/** `device`: what it computes on, where that can be another from machine to machine. */
export type Found =
  | { readonly ok: true; readonly device: string | null; readonly isSoftware: boolean }
  | { readonly ok: false; readonly reason: string; readonly hint: string }

type Backend = {
  readonly title: string
  /** As TensorFlow.js calls it. */
  readonly registered: string
  look(): Promise<Found>
  load(tf: Tf): Promise<unknown>
}

const always = async (): Promise<Found> => ({ ok: true, device: null, isSoftware: false })

/** Its installer fetches libtensorflow from outside npm's registry, so it is never required. */
const native = (title: string, library: string): Backend => ({
  ...{ title, registered: 'tensorflow' },
  async look() {
    if (isInstalled(library)) return { ok: true, device: null, isSoftware: false }
    return {
      ok: false,
      reason: `${library} is not installed`,
      hint: `type: npm install --no-save ${library}@${tfjsVersion()}`,
    }
  },
  load: () => import(library),
})

const backends = {
  'tfjs-node-gpu': native('libtensorflow on CUDA', '@tensorflow/tfjs-node-gpu'),
  'tfjs-node': native('libtensorflow', '@tensorflow/tfjs-node'),
  webgpu: {
    ...{ title: 'WebGPU through Dawn', registered: 'webgpu' },
    async look() {
      const found = await findAdapter()
      if ('reason' in found) return { ok: false, ...found }
      return { ok: true, device: found.device, isSoftware: found.isSoftware }
    },
    load: startWebGpu,
  },
  wasm: {
    ...{ title: 'WebAssembly', registered: 'wasm', look: always },
    load: () => import('@tensorflow/tfjs-backend-wasm'),
  },
  cpu: {
    ...{ title: 'plain JavaScript, slow', registered: 'cpu', look: always },
    load: () => import('@tensorflow/tfjs-backend-cpu'),
  },
} as const satisfies Record<string, Backend>

export type BackendName = keyof typeof backends
export const BACKENDS: Readonly<Record<BackendName, Backend>> = backends
export const BACKEND_NAMES = Object.keys(backends) as readonly BackendName[]

const looked = new Map<BackendName, Promise<Found>>()

/** Asks a machine once: drivers take their time, and some complain aloud. */
export function lookFor(name: BackendName): Promise<Found> {
  const found = looked.get(name) ?? BACKENDS[name].look()
  looked.set(name, found)
  return found
}

/** Why auto passes a backend by; null where it would take it. */
export async function passedBy(name: BackendName): Promise<{ readonly reason: string; readonly hint?: string } | null> {
  const found = await lookFor(name)
  if (!found.ok) return found
  if (found.isSoftware) return { reason: `${found.device} computes on the processor` }
  return null
}
