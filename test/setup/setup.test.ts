/**
 * scripts/setup.sh in a small checkout with an npm and a compiler that only pretend, so that every way through it takes no time
 * and no network. What is not pretended here: the real packages, which each fresh checkout tries.
 */
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../support/scratch.js'
import { type Outcome, project, run } from './run.js'

/** `npm ci` makes packages of which better-sqlite3 loads only after `npm rebuild`; each call is written down. */
const npm = `#!/bin/sh
echo "npm $1 $2" >> "$CALLS"
if [ -e "$CALLS.fail" ]; then echo 'npm error: no network'; exit 1; fi
built=node_modules/better-sqlite3/build/Release
case $1 in
  ci)
    rm -rf node_modules
    mkdir -p node_modules/better-sqlite3 node_modules/koffi node_modules/.bin
    echo '{"version":"1.0.0","main":"index.js"}' > node_modules/better-sqlite3/package.json
    echo "require('fs').readFileSync(__dirname + '/build/Release/better_sqlite3.node'); module.exports = class { close() {} }" \\
      > node_modules/better-sqlite3/index.js
    echo 'exports.load = () => {}' > node_modules/koffi/index.js
    cp tsc node_modules/.bin/tsc
    if [ -e "$CALLS.slow" ]; then sleep 1; fi ;;
  rebuild) mkdir -p $built && echo binary > $built/better_sqlite3.node ;;
esac
`
/** What a first setup calls: from 22.13 on Node has its own SQLite, and nothing is built. */
const [major, minor] = process.versions.node.split('.').map(Number)
const builds = major < 22 || (major === 22 && minor < 13) ? ['npm rebuild better-sqlite3'] : []
const INSTALLED = ['npm ci --include=dev', ...builds, 'tsc']

const tsc = `#!/bin/sh
echo tsc >> "$CALLS"
for file in $(cd src && find . -name '*.ts'); do
  mkdir -p "dist/$(dirname "$file")" && cp "src/$file" "dist/\${file%.ts}.js"
done
if grep -rq BROKEN src; then echo 'src/main.ts(1,1): error'; exit 1; fi
`
const library = `import { existsSync } from 'node:fs'
export const openLibrary = async () => existsSync(process.env.FAKE_XGBOOST)
  ? { ok: true, path: process.env.FAKE_XGBOOST } : { ok: false, hint: 'type: get xgboost' }`

class Checkout {
  readonly folder: string
  constructor(folder: string) {
    this.folder = folder
  }
  #variables = (more: Readonly<Record<string, string>>) => ({
    path: join(this.folder, 'bin'),
    CALLS: join(this.folder, 'calls'),
    FAKE_XGBOOST: join(this.folder, 'calls'),
    ...more,
  })
  at = (...path: string[]) => join(this.folder, ...path)
  write = (path: string, text: string) => writeFileSync(this.at(path), text)
  exists = (path: string) => existsSync(this.at(path))
  setup = (more: Readonly<Record<string, string>> = {}): Outcome =>
    run('sh', ['scripts/setup.sh'], { cwd: this.folder, ...this.#variables(more) })
  start = () => {
    const { path, ...variables } = this.#variables({})
    return spawn('sh', ['scripts/setup.sh'], {
      cwd: this.folder,
      env: { PATH: `${path}:${process.env.PATH}`, ...variables },
    })
  }
  /** What npm and the compiler were asked for since the last call. */
  calls = () => {
    const calls = readFileSync(this.at('calls'), 'utf8').trim()
    this.write('calls', '')
    return calls === '' ? [] : calls.split('\n')
  }
}

async function checkout(): Promise<Checkout> {
  const made = new Checkout(await scratchFolder())
  cpSync(join(project, 'scripts/setup.sh'), made.at('scripts/setup.sh'))
  mkdirSync(made.at('bin'))
  mkdirSync(made.at('src/models/native'), { recursive: true })
  made.write('package.json', '{"type":"module"}')
  made.write('package-lock.json', '{}')
  made.write('tsconfig.json', '{}')
  made.write('src/main.ts', "console.log('main', ...process.argv.slice(2))")
  made.write('src/models/native/library.ts', library)
  made.write('calls', '')
  made.write('tsc', tsc)
  made.write('bin/npm', npm)
  // Nothing may be installed on the machine that runs the test.
  for (const tool of ['apt-get', 'apt-cache', 'sudo'])
    made.write(`bin/${tool}`, `#!/bin/sh\necho "${tool}" >> "$CALLS"\nexit 1\n`)
  for (const tool of ['bin/npm', 'bin/apt-get', 'bin/apt-cache', 'bin/sudo', 'tsc']) chmodSync(made.at(tool), 0o755)
  return made
}

const ended = (child: ReturnType<Checkout['start']>) => new Promise((resolve) => child.on('exit', resolve))

describe('setup', () => {
  it('installs, builds, compiles, and leaves a program that runs from anywhere and through links', async () => {
    const here = await checkout()
    expect(here.setup()).toMatchObject({ status: 0, stdout: '' })
    expect(here.calls()).toEqual(INSTALLED)
    symlinkSync(here.at('sluice'), here.at('first'))
    mkdirSync(here.at('a folder'))
    symlinkSync('../first', here.at('a folder', 'second'))
    expect(run(here.at('a folder', 'second'), ['x y', 'z'], { cwd: '/' }).stdout).toBe('main x y z\n')
  })

  it('does and says nothing the second time', async () => {
    const here = await checkout()
    here.setup()
    here.calls()
    expect(here.setup()).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(here.calls()).toEqual([])
  })

  it('mends what was lost or has changed, and no more', async () => {
    const here = await checkout()
    here.setup()
    const again = () => {
      here.calls()
      expect(here.setup().status).toBe(0)
      return here.calls()
    }
    rmSync(here.at('dist/main.js'))
    expect(again()).toEqual(['tsc'])
    expect(here.exists('dist/main.js')).toBe(true)

    here.write('src/more.ts', '')
    expect(again()).toEqual(['tsc'])
    rmSync(here.at('src/more.ts'))
    expect(again()).toEqual(['tsc'])
    expect(here.exists('dist/more.js'), 'a module whose source has gone').toBe(false)

    rmSync(here.at('sluice'))
    expect(again()).toEqual([])
    expect(here.exists('sluice')).toBe(true)

    here.write('package-lock.json', '{"changed":true}')
    expect(again(), 'the binary is kept and not built again').toEqual(['npm ci --include=dev'])
    rmSync(here.at('node_modules'), { recursive: true })
    expect(again()).toEqual(['npm ci --include=dev'])
  })

  it('says what failed with its last lines, and tries again the next time', async () => {
    const here = await checkout()
    here.write('calls.fail', '')
    const failed = here.setup()
    expect(failed.status).toBe(1)
    expect(failed.stderr).toMatch(/error: npm ci failed.*no network.*hint: /s)
    rmSync(here.at('calls.fail'))
    expect(here.setup().status).toBe(0)
    here.write('src/main.ts', 'BROKEN')
    for (const _ of [1, 2]) {
      const broken = here.setup()
      expect(broken.status).toBe(1)
      expect(broken.stderr).toMatch(/src\/main.ts\(1,1\): error\nerror: src does not compile/)
    }
  })

  it('goes on without XGBoost, names the command, and asks again only when forced or after a day', async () => {
    const here = await checkout()
    const without = { FAKE_XGBOOST: '' }
    const first = here.setup(without)
    expect(first.status).toBe(0)
    expect(first.stderr).toContain('hint: to have XGBoost, type: ')
    expect(here.setup(without), 'remembered').toMatchObject({ status: 0, stderr: '' })
    expect(here.setup({ ...without, FORCE: '1' }).stderr).toContain('hint: to have XGBoost')
    here.write('.setup/xgboost', `missing ${Math.floor(Date.now() / 1000) - 90_000}\n`)
    expect(here.setup(without).stderr, 'after 25 hours').toContain('hint: to have XGBoost')
    expect(here.setup({ FORCE: '1' })).toMatchObject({ status: 0, stderr: '' })
    expect(readFileSync(here.at('.setup/xgboost'), 'utf8')).toBe(`found ${here.at('calls')}\n`)
  })

  it('installs XGBoost by apt where it may, fetching the lists first when the package is not known', async () => {
    const here = await checkout()
    const library = here.at('libxgboost.so')
    const install = `case "$*" in *libxgboost0) [ -e "$CALLS.lists" ] && echo library > ${library} ;; update) touch "$CALLS.lists" ;; esac`
    here.write('bin/id', '#!/bin/sh\necho 0\n')
    here.write('bin/apt-get', `#!/bin/sh\necho "apt-get $1" >> "$CALLS"\n${install}\n`)
    chmodSync(here.at('bin/id'), 0o755)
    expect(here.setup({ FAKE_XGBOOST: library })).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`installed, ${library}`),
    })
    expect(here.calls().slice(3)).toEqual(['apt-get install', 'apt-get update', 'apt-get install'])
    expect(here.setup({ FAKE_XGBOOST: library })).toEqual({ status: 0, stdout: '', stderr: '' })
    rmSync(library)
    expect(here.setup({ FAKE_XGBOOST: library }).stderr, 'a library that has gone').toContain('installing libxgboost0')
  })

  it.each(['v18.20.4', 'v20.14.0'])('refuses Node %s', async (version) => {
    const here = await checkout()
    here.write('bin/node', `#!/bin/sh\necho ${version}\n`)
    chmodSync(here.at('bin/node'), 0o755)
    const { status, stderr } = here.setup()
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^error: Node ${version} is too old \\(20.15 or newer is needed\\)\nhint: `))
    expect(here.calls()).toEqual([])
  })

  it('is done once when three start together, also when a killed one has left its lock', async () => {
    const here = await checkout()
    here.write('calls.slow', '')
    mkdirSync(here.at('.setup'))
    symlinkSync('999999999', here.at('.setup/lock')) // larger than any process id
    expect(await Promise.all([here.start(), here.start(), here.start()].map(ended))).toEqual([0, 0, 0])
    expect(here.calls()).toEqual(INSTALLED)
    expect(here.setup()).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('begins anew when it was killed while packages were half there', async () => {
    const here = await checkout()
    here.setup()
    here.write('package-lock.json', '{"changed":true}')
    here.write('calls.slow', '')
    here.calls()
    const child = here.start()
    while (here.calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    child.kill('SIGKILL')
    await ended(child)
    here.write('package-lock.json', '{}') // the state before, for which a stamp had been left
    expect(here.setup().status).toBe(0)
    expect(here.calls()).toEqual(['npm ci --include=dev'])
  })
})
