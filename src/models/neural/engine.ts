/**
 * TensorFlow.js with one of its backends. Nothing of it is loaded before a net is fitted or loaded. No tensor outlives `run`: weights lie
 * in typed arrays between the steps, so nothing can leak and a backend can be exchanged at any time.
 */
import { UserError } from '../../core/errors.js'
import { mendSlice } from './wasm-slice.js'

export type Tf = typeof import('@tensorflow/tfjs-core')
export type Tensor = import('@tensorflow/tfjs-core').Tensor
export type Tensor1D = import('@tensorflow/tfjs-core').Tensor1D
export type Tensor2D = import('@tensorflow/tfjs-core').Tensor2D
export type Tensor3D = import('@tensorflow/tfjs-core').Tensor3D

const backends = {
  wasm: { title: 'WebAssembly', load: () => import('@tensorflow/tfjs-backend-wasm') },
  cpu: { title: 'plain JavaScript, slow', load: () => import('@tensorflow/tfjs-backend-cpu') },
} as const
export type BackendName = keyof typeof backends
export const BACKEND_NAMES = Object.keys(backends) as readonly BackendName[]

export type Engine = {
  readonly tf: Tf
  readonly backend: BackendName
  /** Version of TensorFlow.js and the backend in words. */
  readonly version: string
  /** Runs `work` on this backend and frees all its tensors. */
  run<T extends Float32Array | Float32Array[]>(work: (tf: Tf) => T): T
}

/** The backend that `wanted` stands for; auto = the fastest that is there. */
export function backendOf(wanted: string): BackendName {
  const found = wanted === 'auto' ? 'wasm' : BACKEND_NAMES.find((name) => name === wanted)
  if (found !== undefined) return found
  throw new UserError(`there is no backend "${wanted}" for neural networks`, {
    hint: `set neural.backend to auto or one of: ${BACKEND_NAMES.join(', ')}`,
  })
}

/** @throws UserError when it cannot be loaded, with what to type */
export async function openEngine(wanted: string): Promise<Engine> {
  const backend = backendOf(wanted)
  try {
    const tf = await import('@tensorflow/tfjs-core')
    // Else TensorFlow.js greets whoever uses its plain backend in Node.
    tf.enableProdMode()
    await backends[backend].load()
    if (backend === 'wasm') mendSlice(tf)
    const usable = await tf.setBackend(backend)
    if (!usable) throw new UserError(`the backend ${backend} does not start`)
    return {
      tf,
      backend,
      version: `TensorFlow.js ${tf.version_core}, ${backend} (${backends[backend].title})`,
      run(work) {
        // Takes effect at once where the backend has been started before; what is awaited is only its start.
        void tf.setBackend(backend)
        tf.engine().startScope()
        try {
          return work(tf)
        } finally {
          tf.engine().endScope()
        }
      },
    }
  } catch (thrown) {
    throw new UserError(`TensorFlow.js cannot be loaded with the backend ${backend}`, {
      hint: 'type: make setup',
      cause: thrown,
    })
  }
}
