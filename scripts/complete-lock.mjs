/**
 * Completes package-lock.json: npm leaves out a platform's optional package when the registry at hand does not carry it, and
 * then `npm ci` refuses the lock everywhere. Run after `npm install <package>`:
 *
 *     node scripts/complete-lock.mjs [package-lock.json]
 *
 * What is added has the version that its parent pins, and the platform that its name tells, but no integrity: that comes when
 * npm rewrites the lock beside a registry that has the package.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const CPU = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']

/** Optional packages that the lock names as somebody's dependency and does not list: `{ name, version, parent }`. */
export function missingFrom(lock) {
  const missing = new Map()
  for (const [path, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const listed = [`${path}/node_modules/${name}`, `node_modules/${name}`].some((place) => place in lock.packages)
      if (!listed) missing.set(name, { name, version, parent })
    }
  }
  return [...missing.values()]
}

/** The lock with an entry for each of them, in npm's order. */
export function completed(lock) {
  const added = missingFrom(lock).map(({ name, version, parent }) => [
    `node_modules/${name}`,
    entry(name, version, parent),
  ])
  const [root, ...rest] = [...Object.entries(lock.packages), ...added]
  rest.sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...lock, packages: Object.fromEntries([root, ...rest]) }
}

function entry(name, version, parent) {
  if (!/^\d/.test(version))
    throw new Error(`${name} ${version}: no exact version, run npm install beside a full registry`)
  const words = name.replace('eabi', '-eabi').split(/[^a-z0-9]+/)
  const os = words.filter((word) => OS.includes(word))
  const cpu = words.filter((word) => CPU.includes(word))
  const libc = [
    ...(words.includes('musl') ? ['musl'] : []),
    ...(words.includes('gnu') && os.includes('linux') ? ['glibc'] : []),
  ]
  return {
    version,
    ...(cpu.length === 1 ? { cpu } : {}),
    ...(parent.dev === true ? { dev: true } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = process.argv[2] ?? 'package-lock.json'
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingFrom(lock)
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(completed(lock), null, 2)}\n`)
  console.log(`${file}: ${missing.length} added`)
}
