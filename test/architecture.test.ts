/**
 * The rules of docs/architecture.md that can be read off the imports and the words of src/. The checker is itself tested, on
 * planted violations.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, importsOf, violationsOf, withoutComments } from './support/architecture.js'

const FILES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'))
  .sort()
  .map((path) => ({ path, text: readFileSync(join('src', path), 'utf8') }))

/** Longer than a file should be, and why that is right. */
const LONG: Readonly<Record<string, string>> = {}
const LINES = 350

describe('the source', () => {
  it('is found', () => expect(FILES.length).toBeGreaterThan(100))

  it('keeps the rules of its folders', () => {
    expect(FILES.flatMap(({ path, text }) => violationsOf(path, text))).toEqual([])
  })

  it('has no cycles of imports', () => {
    const graph = new Map(
      FILES.map(({ path, text }) => [
        path,
        importsOf(path, text).flatMap(({ file, type }) => (file === null || type ? [] : [file])),
      ]),
    )
    expect(cycleIn(graph)).toEqual([])
  })

  it('imports only files that exist', () => {
    const known = new Set(FILES.map(({ path }) => path))
    const lost = FILES.flatMap(({ path, text }) =>
      importsOf(path, text).flatMap(({ file }) => (file === null || known.has(file) ? [] : [`${path} → ${file}`])),
    )
    expect(lost).toEqual([])
  })

  it('opens every file with what it is for', () => {
    expect(FILES.filter(({ text }) => !/^(?:#!.*\n)?(?:\/\*\*|\/\/)/.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('names files in kebab-case, and has no barrel', () => {
    const name = /^(?:[a-z]+\/)*(?:\d\d-)?[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/
    expect(FILES.filter(({ path }) => !name.test(path) || path.endsWith('index.ts')).map(({ path }) => path)).toEqual(
      [],
    )
  })

  it('keeps files short unless they are tables', () => {
    const long = FILES.filter(({ text }) => text.trimEnd().split('\n').length > LINES).map(({ path }) => path)
    expect(long, `files of more than ${LINES} lines; LONG gives the reason of each`).toEqual(Object.keys(LONG))
  })
})

describe('the checker', () => {
  const found = (path: string, text: string) => violationsOf(path, text).map(({ rule }) => rule)

  it('reads every way to import', () => {
    const text = [
      "import { a } from './a.js'",
      "import type { B } from '../core/b.js'",
      "import { type C } from '../core/c.js'",
      "import 'node:fs'",
      "export { d } from './d.js'",
      "const e = await import('../math/e.js')",
      "type F = import('../math/f.js').F",
      "type G = typeof import('../math/g.js')",
      'import {\n  h,\n} from "../math/h.js"',
    ].join('\n')
    expect(importsOf('market/x.ts', text)).toEqual([
      { specifier: './a.js', file: 'market/a.ts', type: false, reexport: false },
      { specifier: '../core/b.js', file: 'core/b.ts', type: true, reexport: false },
      // verbatimModuleSyntax keeps the import when only its names are types.
      { specifier: '../core/c.js', file: 'core/c.ts', type: false, reexport: false },
      { specifier: 'node:fs', file: null, type: false, reexport: false },
      { specifier: './d.js', file: 'market/d.ts', type: false, reexport: true },
      { specifier: '../math/e.js', file: 'math/e.ts', type: false, reexport: false },
      { specifier: '../math/f.js', file: 'math/f.ts', type: true, reexport: false },
      { specifier: '../math/g.js', file: 'math/g.ts', type: true, reexport: false },
      { specifier: '../math/h.js', file: 'math/h.ts', type: false, reexport: false },
    ])
  })

  it('does not read comments, and keeps what only looks like one', () => {
    expect(withoutComments("a // import 'x'\n/* Date.now() */ b('http://c') /^file:\\/\\//.test(d) // e")).toBe(
      "a \n b('http://c') /^file:\\/\\//.test(d) ",
    )
  })

  it('knows the folder of a file', () => {
    expect(['main.ts', 'math/a.ts', 'models/b.ts', 'models/native/c.ts', 'report/sections/d.ts'].map(folderOf)).toEqual(
      ['main', 'math', 'models', 'models/native', 'report'],
    )
  })

  it('catches a kernel that knows of features', () => {
    expect(found('math/x.ts', "import { FEATURES } from '../features/registry.js'")).toEqual([
      'math may not import features',
    ])
    expect(found('math/x.ts', "import type { Feature } from '../features/feature.js'")).toEqual([])
  })

  it('catches files, network and processes where there should be only values', () => {
    for (const folder of [
      'math',
      'market',
      'features',
      'labels',
      'portfolio',
      'validation',
      'simulate',
      'backtest',
      'report',
    ]) {
      for (const name of ['node:fs', 'node:net', 'node:http', 'node:child_process', 'axios']) {
        expect(found(`${folder}/x.ts`, `const it = await import('${name}')`)).toEqual([
          `${folder} may not import ${name}`,
        ])
      }
      for (const other of ['datasets', 'sources', 'runner', 'cli', 'stages']) {
        expect(found(`${folder}/x.ts`, `import { it } from '../${other}/it.js'`)).toEqual([
          `${folder} may not import ${other}`,
        ])
      }
    }
  })

  it('catches a stage that imports another', () => {
    expect(found('stages/02-clean.ts', "import { download } from './01-download.js'")).toEqual([
      'a stage imports only stage.ts of its folder, and its own folder',
    ])
    expect(found('stages/02-clean.ts', "import { planFiles } from './download/plan-files.js'")).toHaveLength(1)
    expect(found('stages/01-download.ts', "import { planFiles } from './download/plan-files.js'")).toEqual([])
    expect(found('stages/02-clean.ts', "import { pick } from './stage.js'")).toEqual([])
    expect(found('stages/registry.ts', "await import('./01-download.js')")).toEqual([])
  })

  it('catches the clock, chance and the environment', () => {
    for (const text of [
      'Date.now()',
      'new Date()',
      'new Date',
      'Math.random()',
      'process.env.HOME',
      'performance.now()',
    ]) {
      expect(found('stages/x.ts', `const x = ${text}`), text).toHaveLength(1)
      expect(found('runner/x.ts', `const x = ${text}`), text).toEqual([])
    }
    expect(found('stages/x.ts', 'const x = new Date(time).toISOString()')).toEqual([])
  })

  it('catches engines outside their folder', () => {
    expect(found('stages/x.ts', "await import('koffi')")).toEqual(['stages may not import koffi'])
    expect(found('models/x.ts', "import koffi from 'koffi'")).toEqual(['models may not import koffi'])
    expect(found('models/native/x.ts', "import koffi from 'koffi'")).toEqual([])
    expect(found('runner/x.ts', "await import('@duckdb/node-api')")).toEqual(['runner may not import @duckdb/node-api'])
    expect(found('stages/x.ts', "import Sqlite from 'better-sqlite3'")).toEqual([
      'stages may not import better-sqlite3',
    ])
    expect(found('datasets/x.ts', "import axios from 'axios'")).toEqual(['datasets may not import axios'])
  })

  it('catches an end of the process, a re-export and errors of other kinds', () => {
    expect(found('cli/x.ts', 'process.exit(1)')).toEqual(['process.exit belongs to main.ts and runner/worker.ts'])
    expect(found('market/x.ts', "export * from './bars.js'")).toEqual([
      'no re-exports: import the file that defines the thing',
    ])
    expect(found('market/x.ts', "throw new RangeError('no')")).toEqual(['only UserError is thrown, and assert'])
    expect(found('market/x.ts', 'const a = b as any')).toEqual(['no any, no ts-ignore'])
  })

  it('catches a power whose last digits depend on the version of Node', () => {
    for (const code of ['a ** 3', 'a ** b', '10 ** -b', 'x2 ** y', '(2 + a) ** b', 'Math.pow(a, 2)']) {
      expect(found('math/x.ts', code), code).toEqual(['powers come from core/power.ts'])
    }
    for (const code of ['(a - b) ** 2', '2 ** -52', '(1 - 2 ** b) * a ** 2'])
      expect(found('math/x.ts', code), code).toEqual([])
  })

  it('catches a cycle', () => {
    expect(
      cycleIn(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
    ).toEqual(['b', 'c', 'b'])
  })
})

/** Some cycle, from a file back to itself; empty when there is none. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const clear = new Set<string>()
  const visit = (node: string, path: readonly string[]): string[] => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (clear.has(node)) return []
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node])
      if (cycle.length > 0) return cycle
    }
    clear.add(node)
    return []
  }
  for (const node of graph.keys()) {
    const cycle = visit(node, [])
    if (cycle.length > 0) return cycle
  }
  return []
}
