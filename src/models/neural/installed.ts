/** Packages that may have been installed beside those which package.json asks for. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Looks for its folder, and loads nothing of it. */
export function isInstalled(name: string): boolean {
  try {
    require.resolve(`${name}/package.json`)
    return true
  } catch {
    return false
  }
}

/** Of TensorFlow.js here: its backends must have the same. */
export function tfjsVersion(): string {
  return String(require('@tensorflow/tfjs-core/package.json').version)
}
