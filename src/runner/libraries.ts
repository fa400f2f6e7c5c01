/**
 * Versions of the native libraries that results depend on. Read without loading them where a package says its version.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Environment, Library } from '../stages/stage.js'

const require = createRequire(import.meta.url)

export type Versions = { readonly [library: string]: string }

const known = new Map<Library, Promise<string>>()

export async function versionsOf(libraries: readonly Library[], environment: Environment): Promise<Versions> {
  const versions: Record<string, string> = {}
  for (const library of [...libraries].sort()) {
    const version = known.get(library) ?? READERS[library](environment)
    known.set(library, version)
    versions[library] = await version
  }
  return versions
}

const READERS: Readonly<Record<Library, (environment: Environment) => Promise<string>>> = {
  duckdb: async () => packageVersion('@duckdb/node-api'),
  echarts: async () => packageVersion('echarts'),
  xgboost: (environment) => modelVersion('xgboost', environment),
  lightgbm: (environment) => modelVersion('lightgbm', environment),
  tfjs: async () => packageVersion('@tensorflow/tfjs-backend-wasm'),
}

async function modelVersion(name: string, environment: Environment): Promise<string> {
  const { modelKind } = await import('../models/registry.js')
  const found = await (await modelKind(name)).available(environment)
  return found.ok ? found.version : 'absent'
}

/** `package.json` is not always exported, so it is found from the package's main file upwards. */
function packageVersion(name: string): string {
  for (let folder = dirname(require.resolve(name)); ; folder = dirname(folder)) {
    try {
      const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (about.name === name) return String(about.version)
    } catch {
      // No package.json here: one folder up.
    }
    if (folder === dirname(folder)) return 'unknown'
  }
}
