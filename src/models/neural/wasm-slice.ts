/**
 * A kernel that the WebAssembly backend should have: its own slice copies the whole input before it takes a part of it, 8 MB for
 * each of the 32 steps of a batch. This one copies the part.
 */
import type { Tf } from './engine.js'

type KernelFunction = import('@tensorflow/tfjs-core').KernelFunc
type Info = import('@tensorflow/tfjs-core').TensorInfo

/** What is needed of the backend; its memory may move whenever something is allocated. */
type Heap = {
  makeOutput(shape: number[], dtype: 'float32'): Info
  typedArrayFromHeap(info: Info): Float32Array
}

/** Takes the place of the backend's own slice, to which it leaves all but tables of float32. */
export function mendSlice(tf: Tf): void {
  const own = tf.getKernel('Slice', 'wasm').kernelFunc
  if (own === mended.get(tf)) return
  const kernelFunc: KernelFunction = (call) => {
    const x = call.inputs.x as Info
    if (x.dtype !== 'float32' || x.shape.length !== 2) return own(call)
    const backend = call.backend as Heap
    const { begin, size } = call.attrs as unknown as Record<'begin' | 'size', readonly [number, number]>
    const out = backend.makeOutput([...size], 'float32')
    const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)]
    const [rows, width] = size
    const stride = x.shape[1]
    let at = begin[0] * stride + begin[1]
    if (width === stride) to.set(from.subarray(at, at + rows * width))
    else {
      for (let row = 0; row < rows; row++, at += stride) to.set(from.subarray(at, at + width), row * width)
    }
    return out
  }
  mended.set(tf, kernelFunc)
  tf.unregisterKernel('Slice', 'wasm')
  tf.registerKernel({ kernelName: 'Slice', backendName: 'wasm', kernelFunc })
}

const mended = new WeakMap<Tf, KernelFunction>()
