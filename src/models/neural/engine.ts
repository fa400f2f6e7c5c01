/**
 * TensorFlow.js with one of its backends. Nothing of it is loaded before a net is fitted or loaded. No tensor outlives `run`: weights lie
 * in typed arrays between the steps, so nothing can leak and a backend can be exchanged at any time.
 */
import { UserError } from '../../core/errors.js'
import { BACKEND_NAMES, BACKENDS, type BackendName, lookFor, passedBy } from './backends.js'
import { mendSlice } from './wasm-slice.js'

export type Tf = typeof import('@tensorflow/tfjs-core')
export type Tensor = import('@tensorflow/tfjs-core').Tensor
export type Tensor1D = import('@tensorflow/tfjs-core').Tensor1D
export type Tensor2D = import('@tensorflow/tfjs-core').Tensor2D
export type Tensor3D = import('@tensorflow/tfjs-core').Tensor3D

export type Engine = {
  readonly tf: Tf
  readonly backend: BackendName
  /** Version of TensorFlow.js and the backend in words. */
  readonly version: string
  /** Runs `work` on this backend and frees all its tensors; only where values can be read at once: not with WebGPU. */
  run<T extends Float32Array | Float32Array[]>(work: (tf: Tf) => T): T
  /** As `run`, for work that waits for values. One at a time: the tensors of whatever runs in between would be freed with its own. */
  wait<T extends Float32Array>(work: (tf: Tf) => Promise<T>): Promise<T>
}

/**
 * The backend that `wanted` stands for; auto = the fastest that is there and is no imitation of a graphics card.
 *
 * @throws UserError where the wanted one is not there, with what to type
 */
export async function backendOf(wanted: string): Promise<BackendName> {
  if (wanted === 'auto') {
    for (const name of BACKEND_NAMES) if ((await passedBy(name)) === null) return name
  }
  const name = BACKEND_NAMES.find((one) => one === wanted)
  if (name === undefined) {
    throw new UserError(`there is no backend "${wanted}" for neural networks`, {
      hint: `set neural.backend to auto or one of: ${BACKEND_NAMES.join(', ')}`,
    })
  }
  const found = await lookFor(name)
  if (found.ok) return name
  throw new UserError(`the backend ${name} for neural networks is not there: ${found.reason}`, {
    hint: `${found.hint}; or set neural.backend to auto`,
  })
}

/** Whatever trained a net, WebAssembly predicts with it, so that a bundle says the same on every machine; the plain backend where it is forced. */
export function predictingBackend(wanted: string): BackendName {
  return wanted === 'cpu' ? 'cpu' : 'wasm'
}

/** @throws UserError when it cannot be loaded, with what to type */
export async function openEngine(wanted: string): Promise<Engine> {
  const backend = await backendOf(wanted)
  const { title, registered, load } = BACKENDS[backend]
  try {
    const tf = await import('@tensorflow/tfjs-core')
    // Else TensorFlow.js greets whoever uses its plain backend in Node.
    tf.enableProdMode()
    await load(tf)
    if (backend === 'wasm') mendSlice(tf)
    const usable = await tf.setBackend(registered)
    if (!usable) throw new UserError(`the backend ${backend} does not start`)
    // Takes effect at once where the backend has been started before; what is awaited is only its start.
    const begin = () => {
      void tf.setBackend(registered)
      tf.engine().startScope()
    }
    return {
      tf,
      backend,
      version: `TensorFlow.js ${tf.version_core}, ${backend} (${title})`,
      run(work) {
        begin()
        try {
          return work(tf)
        } finally {
          tf.engine().endScope()
        }
      },
      async wait(work) {
        begin()
        try {
          return await work(tf)
        } finally {
          tf.engine().endScope()
        }
      },
    }
  } catch (thrown) {
    throw new UserError(`TensorFlow.js cannot be loaded with the backend ${backend}`, {
      hint: backend === 'wasm' || backend === 'cpu' ? 'type: make setup' : 'set neural.backend to wasm',
      cause: thrown,
    })
  }
}
