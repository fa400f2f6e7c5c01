/**
 * Finds and opens the native libraries. Every candidate is really opened and asked for a function, so that a stale or
 * foreign file is passed over with its reason instead of failing later.
 */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LibraryHandle } from 'koffi'
import { messageOf } from '../../core/errors.js'
import type { Environment } from '../model.js'

/** What is looked for: names for the system's loader, pip's folder, and a function that proves it is the right library. */
export type LibraryName = 'xgboost' | 'lightgbm'

type Koffi = typeof import('koffi').default

type Description = { title: string; variable: string; stem: string; probe: string; apt: string | null; brew: string }

/** What OpenMP is called on its own: GNU's and LLVM's. */
const openmp = process.platform === 'darwin' ? ['libomp.dylib'] : ['libgomp.so.1', 'libomp.so.5']

const descriptions: Readonly<Record<LibraryName, Description>> = {
  xgboost: {
    title: 'XGBoost',
    variable: 'SLUICE_XGBOOST_LIB',
    stem: 'libxgboost',
    probe: 'XGBoostVersion',
    apt: 'libxgboost0',
    brew: 'xgboost',
  },
  lightgbm: {
    title: 'LightGBM',
    variable: 'SLUICE_LIGHTGBM_LIB',
    stem: 'lib_lightgbm',
    probe: 'LGBM_GetLastError',
    apt: null, // Debian has no package of it.
    brew: 'lightgbm',
  },
}

export type FoundLibrary = { readonly ok: true; readonly path: string; readonly handle: LibraryHandle }
export type MissingLibrary = {
  readonly ok: false
  /** Each candidate and why it was passed over; folders that do not exist are not listed. */
  readonly tried: readonly { readonly path: string; readonly reason: string }[]
  readonly reason: string
  readonly hint: string
}

/** Where to search when the environment names no file. */
export type Places = {
  /** Names for the system's loader. */
  readonly systemNames: readonly string[]
  /** Installation prefixes: their lib folders, and pip's packages below those, are searched in this order. */
  readonly roots: readonly string[]
}

/**
 * Opens the first usable copy: `SLUICE_XGBOOST_LIB` (or `SLUICE_LIGHTGBM_LIB`), the system's loader, Homebrew, conda, pip; of LightGBM
 * also what `make lightgbm` has compiled.
 * If the variable is set, it alone counts: a named library is never silently replaced by another.
 */
export async function openLibrary(
  name: LibraryName,
  environment: Environment,
  places: Places = usualPlaces(name, environment),
): Promise<FoundLibrary | MissingLibrary> {
  const { variable, probe } = descriptions[name]
  const named = environment[variable] ?? ''
  const candidates = named === '' ? [...places.systemNames, ...installed(name, places.roots)] : [named]
  const { default: koffi } = await import('koffi')
  const tried: { path: string; reason: string }[] = []
  sleepIdleThreads(koffi)
  for (const candidate of candidates) {
    try {
      const handle = load(koffi, candidate)
      const address: bigint = handle.symbol(probe)
      return { ok: true, path: fileOf(koffi, address) ?? candidate, handle }
    } catch (thrown) {
      tried.push({ path: candidate, reason: messageOf(thrown) })
    }
  }
  return { ok: false, tried, ...explainMissing(name, named, tried) }
}

/** Some builds of LightGBM use OpenMP without naming its library: then that one is opened first, for all to see. */
function load(koffi: Koffi, path: string): LibraryHandle {
  try {
    return koffi.load(path)
  } catch (thrown) {
    if (!/undefined symbol: (GOMP|omp|__kmpc)_|symbol not found.*_omp_/.test(messageOf(thrown))) throw thrown
    const opened = openmp.some((runtime) => {
      try {
        return koffi.load(runtime, { global: true }) !== null
      } catch {
        return false
      }
    })
    if (!opened) throw thrown
    return koffi.load(path)
  }
}

function usualPlaces(name: LibraryName, environment: Environment): Places {
  const { CONDA_PREFIX: conda, VIRTUAL_ENV: venv, HOME: home, XDG_CACHE_HOME: cache } = environment
  const roots = ['/opt/homebrew', `/opt/homebrew/opt/${name}`]
  for (const prefix of [conda, venv]) if (prefix !== undefined) roots.push(prefix)
  if (home !== undefined) {
    const versions = join(home, '.pyenv', 'versions')
    roots.push(join(home, '.local'), ...listed(versions).map((version) => join(versions, version)))
  }
  roots.push('/usr/local', '/usr')
  // Where scripts/lightgbm.sh leaves what it compiles.
  if (cache !== undefined) roots.push(join(cache, 'sluice', name))
  else if (home !== undefined) roots.push(join(home, '.cache', 'sluice', name))
  return { systemNames: fileNames(name), roots }
}

function fileNames(name: LibraryName): string[] {
  const { stem } = descriptions[name]
  return process.platform === 'darwin' ? [`${stem}.dylib`, `${stem}.so`] : [`${stem}.so`, `${stem}.so.0`]
}

/** The files that exist in `<root>/lib` and in pip's packages below it. */
function installed(name: LibraryName, roots: readonly string[]): string[] {
  const folders = roots.flatMap((root) => [join(root, 'lib'), ...sitePackages(root, name)])
  const files = folders.flatMap((folder) => fileNames(name).map((file) => join(folder, file)))
  return [...new Set(files)].filter((file) => existsSync(file))
}

/** pip and Debian put a package's library in `<prefix>/lib/python3.x/{site,dist}-packages/<package>/lib`. */
function sitePackages(prefix: string, name: LibraryName): string[] {
  const lib = join(prefix, 'lib')
  const pythons = listed(lib).filter((entry) => entry.startsWith('python3'))
  return pythons.flatMap((python) =>
    ['site-packages', 'dist-packages'].map((packages) => join(lib, python, packages, name, 'lib')),
  )
}

function listed(folder: string): string[] {
  // Newest version first: "python3.11" comes before "python3.9".
  const numeric = (a: string, b: string) => b.localeCompare(a, 'en', { numeric: true })
  return existsSync(folder) ? readdirSync(folder).sort(numeric) : []
}

function explainMissing(
  name: LibraryName,
  named: string,
  tried: readonly { path: string; reason: string }[],
): { reason: string; hint: string } {
  const { title, variable, apt, brew } = descriptions[name]
  if (named !== '') {
    return {
      reason: `${title} cannot be opened at ${variable}=${named}: ${tried[0]?.reason ?? 'nothing tried'}`,
      hint: `point ${variable} at the library's file, or unset it to search the usual places`,
    }
  }
  const pip = `python3 -m pip install --user ${name}`
  const debian = existsSync('/etc/debian_version') && apt !== null ? `apt-get install ${apt}` : null
  const sudo = process.getuid?.() === 0 ? '' : 'sudo '
  const usual = process.platform === 'darwin' ? `brew install ${brew}` : debian === null ? pip : sudo + debian
  const command = name === 'lightgbm' ? `make lightgbm (compiles it, some minutes), or: ${usual}` : usual
  return { reason: `${title} was not found (${tried.length} places tried)`, hint: `type: ${command}` }
}

let threadsSleep = false

/**
 * Tells OpenMP to let idle threads sleep: spinning ones made training five times slower on a busy machine. It must be in
 * the C environment before the library is loaded. Done with setenv itself because in a worker thread Node's process.env
 * is only a copy. A value that the user has set stays.
 */
function sleepIdleThreads(koffi: Koffi): void {
  if (threadsSleep) return
  threadsSleep = true
  // C: int setenv(const char *name, const char *value, int overwrite)
  const setenv = koffi.load(null).func('int setenv(const char *name, const char *value, int overwrite)')
  setenv('OMP_WAIT_POLICY', 'passive', 0)
}

/** The file that holds an address, null where the C library does not tell. */
function fileOf(koffi: Koffi, address: bigint): string | null {
  try {
    const info = koffi.struct({
      dli_fname: 'const char *',
      dli_fbase: 'void *',
      dli_sname: 'const char *',
      dli_saddr: 'void *',
    })
    // C: int dladdr(const void *addr, Dl_info *info)
    const dladdr = koffi.load(null).func('dladdr', 'int', ['void *', koffi.out(koffi.pointer(info))])
    const result: { dli_fname?: string } = {}
    const found: number = dladdr(address, result)
    return found === 0 ? null : (result.dli_fname ?? null)
  } catch {
    return null // Old systems keep dladdr in a library of its own; the name that was opened is shown instead.
  }
}
