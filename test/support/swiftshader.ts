/** A graphics card made of software, for tests of WebGPU: SwiftShader comes with Debian's chromium, and so does a loader of Vulkan drivers. */
import { existsSync } from 'node:fs'
import koffi from 'koffi'
import { isInstalled } from '../../src/models/neural/installed.js'

const FOLDER = '/usr/lib/chromium'
/** As long as it is kept, it stays loaded. */
const loaded: object[] = []

/** False, with a visible line that names what is skipped, where Dawn or SwiftShader is not installed. */
export function usesSwiftshader(what: string): boolean {
  const driver = `${FOLDER}/vk_swiftshader_icd.json`
  if (!isInstalled('webgpu') || !existsSync(driver)) {
    console.log(`skipped: ${what} (needs: make webgpu, and chromium from Debian)`)
    return false
  }
  // The loader reads the process's own environment; a test's process.env is a copy.
  koffi.load(null).func('int setenv(str name, str value, int overwrite)')('VK_ICD_FILENAMES', driver, 1)
  // Dawn asks for libvulkan.so.1 by name: a loaded one is found without a path.
  loaded.push(koffi.load(`${FOLDER}/libvulkan.so.1`))
  return true
}
