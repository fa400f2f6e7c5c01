/**
 * The hash of a module and of all modules of ours that it imports, directly or not, now or later. A stage whose code has changed is
 * stale; one whose neighbour has changed is not.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from '../core/canonical.js'

/** The folder of the compiled modules. */
export const MODULES = dirname(dirname(fileURLToPath(import.meta.url)))

// Only literal, relative names: that is all we write. Type imports are gone from compiled code.
const IMPORT = /(?:from\s*|import\s*\(\s*|import\s+)['"](\.{1,2}\/[^'"]+)['"]/g

const sources = new Map<string, { readonly hash: string; readonly imports: readonly string[] }>()

/** Of this process: its own code does not change while it runs. */
const hashes = new Map<string, string>()

/** @param module path relative to the folder of compiled modules, such as `stages/03-features.js` */
export function codeHash(module: string, modules: string = MODULES): string {
  const path = join(modules, module)
  const known = hashes.get(path)
  if (known !== undefined) return known
  const hash = hashOfAll(module, modules)
  hashes.set(path, hash)
  return hash
}

function hashOfAll(module: string, modules: string): string {
  const seen = new Map<string, string>()
  const queue = [module]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue
    const source = sourceOf(name, modules)
    seen.set(name, source.hash)
    queue.push(...source.imports)
  }
  return sha256(
    [...seen]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, hash]) => `${name} ${hash}`)
      .join('\n'),
  )
}

function sourceOf(name: string, modules: string) {
  const path = join(modules, name)
  const known = sources.get(path)
  if (known !== undefined) return known
  const text = readFileSync(path, 'utf8')
  const imports = [...text.matchAll(IMPORT)].map(([, specifier]) => normalize(join(dirname(name), specifier)))
  const source = { hash: sha256(text), imports }
  sources.set(path, source)
  return source
}
