/**
 * TA-Lib's C library as a peer. Debian has no package of it, but the npm package `talib` carries its source: it is fetched once by `npm
 * pack` into node_modules/.cache, never run as a package, and compiled there together with features-talib.c as distributions compile it.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PACKAGE = 'talib@1.1.6'
const CACHE = join(import.meta.dirname, '../node_modules/.cache/bench-talib')

/**
 * { version, ms: column → milliseconds } or { skipped: why }.
 *
 * @param file  open, high, low, close, volume as float64, one after the other
 */
export function talib(file, rows) {
  const source = join(CACHE, 'package/src/lib')
  if (!existsSync(source) && !fetched()) return { skipped: `npm pack ${PACKAGE}, which carries its source, failed` }
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    const program = join(folder, 'features-talib')
    const compiled = spawnSync('cc', [...compilation(source), '-o', program, '-lm'], { encoding: 'utf8' })
    if (compiled.status !== 0) return { skipped: `cc could not compile it: ${compiled.stderr ?? compiled.error}` }
    return JSON.parse(execFileSync(program, [file, String(rows)], { encoding: 'utf8' }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function fetched() {
  mkdirSync(CACHE, { recursive: true })
  const packed = spawnSync('npm', ['pack', PACKAGE, '--silent'], { cwd: CACHE, encoding: 'utf8', timeout: 60_000 })
  if (packed.status !== 0) return false
  return spawnSync('tar', ['-xzf', packed.stdout.trim()], { cwd: CACHE }).status === 0
}

/** The candlestick patterns are left out: no column needs them, and they are most of the library. */
function compilation(source) {
  const functions = readdirSync(join(source, 'src/ta_func')).filter((name) => /^ta_(?!CDL).*\.c$/.test(name))
  const common = readdirSync(join(source, 'src/ta_common')).filter((name) => name.endsWith('.c'))
  return [
    ...['-O2', '-w', join(import.meta.dirname, 'features-talib.c')],
    ...['include', 'src/ta_common', 'src/ta_func'].map((folder) => `-I${join(source, folder)}`),
    ...functions.map((name) => join(source, 'src/ta_func', name)),
    ...common.map((name) => join(source, 'src/ta_common', name)),
  ]
}
