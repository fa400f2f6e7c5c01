/**
 * WebGPU in Node: Dawn (`webgpu`) with TensorFlow.js' backend for it. Its own start looks for a browser, so the device is made here. Dawn lives as
 * long as somebody refers to what `create` gave, so it is kept with the backend.
 */
import { messageOf, UserError } from '../../core/errors.js'
import type { Tf } from './engine.js'
import { isInstalled } from './installed.js'

// Little of both packages is used, and they are installed on few machines: this is what is used.
type Gpu = { requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<Adapter | null> }
type Adapter = {
  readonly info: {
    readonly vendor: string
    readonly description: string
    readonly device: string
    readonly isFallbackAdapter?: boolean
  }
  readonly features: ReadonlySet<string>
  readonly limits: { readonly [name: string]: number }
  requestDevice(options: { readonly requiredLimits: { readonly [name: string]: number } }): Promise<object>
}
type Dawn = { create(options: readonly string[]): Gpu; readonly globals: object }
type Backend = { readonly WebGPUBackend: new (device: object, info: Adapter['info']) => never }

/** Both, in the version that TensorFlow.js' other packages have here. */
const PACKAGES = { dawn: 'webgpu', backend: '@tensorflow/tfjs-backend-webgpu' } as const

/** What TensorFlow.js' kernels may use beyond what every device grants. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const

export type FoundAdapter =
  | { readonly gpu: Gpu; readonly adapter: Adapter; readonly device: string; readonly isSoftware: boolean }
  | { readonly reason: string; readonly hint: string }

/** The fastest adapter of this machine, or why there is none. */
export async function findAdapter(): Promise<FoundAdapter> {
  const missing = Object.values(PACKAGES).filter((name) => !isInstalled(name))
  if (missing.length > 0) {
    return {
      reason: `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not installed`,
      hint: 'type: make webgpu',
    }
  }
  const gpu = await dawn()
  if (typeof gpu === 'string') return { reason: `${PACKAGES.dawn} cannot be loaded: ${gpu}`, hint: 'type: make webgpu' }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) {
    return {
      reason: 'no driver answers',
      hint: 'install the driver of the graphics card with its Vulkan part, and on Debian: apt-get install libvulkan1',
    }
  }
  const { description, device, vendor, isFallbackAdapter } = adapter.info
  return {
    gpu,
    adapter,
    device: description || device || vendor,
    isSoftware: isFallbackAdapter === true || isSoftware(`${description} ${device}`),
  }
}

/** Or why it does not start: there is a build of it for the usual machines only. */
async function dawn(): Promise<Gpu | string> {
  try {
    const { create, globals } = (await import(PACKAGES.dawn as string)) as Dawn
    // As in a browser: TensorFlow.js reads constants such as GPUBufferUsage there.
    Object.assign(globalThis, globals)
    return create([])
  } catch (thrown) {
    return messageOf(thrown)
  }
}

/** Of drivers that do not say so of themselves. */
function isSoftware(name: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|softpipe/i.test(name)
}

/** @throws UserError where there is no adapter */
export async function startWebGpu(tf: Tf): Promise<void> {
  if (tf.findBackendFactory('webgpu') != null) return
  const found = await findAdapter()
  if ('reason' in found) throw new UserError(found.reason, { hint: found.hint })
  const { gpu, adapter } = found
  const { WebGPUBackend } = (await import(PACKAGES.backend as string)) as Backend
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  })
  tf.registerBackend('webgpu', () => inBrowser(gpu, () => new WebGPUBackend(device, adapter.info)))
}

/** The backend refuses to start where it sees neither a window nor a worker with WebGPU: for that moment there is one. */
function inBrowser<T>(gpu: Gpu, start: () => T): T {
  const props = { navigator: { gpu }, WorkerGlobalScope: Object }
  const kept = Object.keys(props).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
  for (const [name, value] of Object.entries(props)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  }
  try {
    return start()
  } finally {
    for (const [name, before] of kept) {
      if (before === undefined) Reflect.deleteProperty(globalThis, name)
      else Object.defineProperty(globalThis, name, before)
    }
  }
}
