/** Whether a package that ours do not ask for has been installed beside them. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Looks for its folder, and loads nothing of it. */
export function hasOwnPackage(name: string): boolean {
  try {
    require.resolve(`${name}/package.json`)
    return true
  } catch {
    return false
  }
}
