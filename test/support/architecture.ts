/**
 * Reads imports and words of a source file and says which rules of its folder it breaks. A parser of what we write, not of all
 * TypeScript; test/architecture.test.ts shows what it catches.
 */

export type Import = {
  readonly specifier: string
  readonly file: string | null // inside src/, null for a package
  readonly type: boolean // gone from the compiled code
  readonly reexport: boolean
}

export type Violation = { readonly path: string; readonly rule: string; readonly found: string }

type Rules = { readonly folders: readonly string[]; readonly packages: readonly string[] }

const VALUES = ['core', 'math', 'market', 'portfolio', 'validation']
const RIM = [
  ...VALUES,
  'config',
  'features',
  'labels',
  'models',
  'tuning',
  'simulate',
  'backtest',
  'report',
  'datasets',
  'sources',
]
const NODE = /^node:/

/** What the values of a folder may come from besides itself; types are free. A folder that is not listed has no rules yet: an error. */
const MAY_IMPORT: Readonly<Record<string, Rules>> = {
  core: { folders: [], packages: ['node:crypto'] },
  math: { folders: ['core'], packages: [] },
  market: { folders: ['core', 'math'], packages: [] },
  // Of market and labels the tables of what there is: their names are values of settings.
  config: { folders: ['core', 'market', 'labels', 'portfolio'], packages: ['zod'] },
  simulate: { folders: ['core', 'math', 'market'], packages: [] },
  features: { folders: ['core', 'math', 'market'], packages: [] },
  labels: { folders: ['core', 'math', 'market'], packages: [] },
  portfolio: { folders: ['core', 'math', 'market'], packages: [] },
  validation: { folders: ['core', 'math'], packages: [] },
  models: { folders: ['core', 'math', 'models/native', 'models/neural'], packages: ['node:timers/promises'] },
  'models/native': { folders: ['core'], packages: ['koffi', 'node:fs', 'node:path'] },
  'models/neural': {
    folders: ['core', 'math', 'models'],
    packages: [
      'node:module',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-cpu',
      'node:timers/promises',
    ],
  },
  tuning: { folders: ['core', 'math', 'validation'], packages: [] },
  backtest: { folders: [...VALUES, 'config'], packages: [] },
  report: { folders: [...VALUES, 'config', 'backtest'], packages: ['echarts', 'zod'] },
  // Of validation the registry of models takes one rule: which candidate nobody needs to look at.
  datasets: { folders: ['core', 'market', 'validation'], packages: ['@duckdb/node-api', 'better-sqlite3', 'node:'] },
  sources: { folders: ['core', 'market', 'simulate'], packages: ['axios', 'yauzl', 'yazl', 'node:'] },
  stages: { folders: [...RIM, 'models/neural'], packages: ['node:fs', 'node:path', 'node:module'] },
  runner: { folders: ['core', 'config', 'datasets', 'sources', 'stages', 'models'], packages: ['node:'] },
  cli: {
    folders: [...RIM, 'models/native', 'models/neural', 'stages', 'runner'],
    packages: ['commander', 'cli-progress', 'yaml', 'zod', 'axios', 'node:'],
  },
  main: { folders: ['cli'], packages: [] },
}

/** Files that may do what their folder may not. */
const EXCEPT: Readonly<Record<string, readonly string[]>> = {
  // It looks whether they load; that is all.
  'cli/doctor.ts': ['@duckdb/node-api'],
}

const EFFECTS = ['datasets', 'sources', 'cli', 'runner', 'models/native', 'main']
const EFFECT =
  /\bDate\.now\b|\bnew Date(?:\(\s*\)|(?!\w|\())|\bMath\.random\b|\bperformance\.now\b|\bprocess\.(?!exit\b)\w+|(?<![.\w])fetch\(/g

export function violationsOf(path: string, text: string): Violation[] {
  const folder = folderOf(path)
  const rules = MAY_IMPORT[folder]
  if (rules === undefined) return [{ path, rule: `${folder} has no rules`, found: folder }]
  const code = withoutComments(text)
  const violations: Violation[] = []
  const add = (rule: string, found: string) => violations.push({ path, rule, found })
  for (const { specifier, file, type, reexport } of importsOf(path, text)) {
    if (reexport) add('no re-exports: import the file that defines the thing', specifier)
    else if (type) continue
    else if (file === null) {
      const allowed = [...rules.packages, ...(EXCEPT[path] ?? [])].some((name) =>
        name === 'node:' ? NODE.test(specifier) : specifier === name || specifier.startsWith(`${name}/`),
      )
      if (!allowed) add(`${folder} may not import ${specifier}`, specifier)
    } else {
      const other = folderOf(file)
      if (other !== folder && !rules.folders.includes(other)) add(`${folder} may not import ${other}`, specifier)
      if (folder === 'stages' && other === 'stages' && path !== 'stages/registry.ts' && !isOwnOfStage(path, file)) {
        add('a stage imports only stage.ts of its folder, and its own folder', specifier)
      }
    }
  }
  if (!EFFECTS.includes(folder)) {
    for (const [found] of code.matchAll(EFFECT))
      add('effects live at the rim: clock, chance and environment are passed in', found)
  }
  if (!MAY_EXIT.includes(path) && /\bprocess\.exit\(/.test(code))
    add('process.exit belongs to main.ts and runner/worker.ts', 'process.exit')
  for (const [found] of code.matchAll(/\bthrow new (?!UserError\b)\w*Error\b/g)) {
    if (!THROWS_ERROR.includes(path)) add('only UserError is thrown, and assert', found)
  }
  for (const [found] of code.matchAll(/@ts-(?:ignore|expect-error|nocheck)|\bas any\b|:\s*any\b(?!\w)/g))
    add('no any, no ts-ignore', found)
  // Squares and powers of two are exact everywhere; other powers end in other digits on other versions of Node.
  for (const [found] of code.matchAll(/(?<!\b2) \*\* (?!2\b)|\bMath\.pow\b/g))
    add('powers come from core/power.ts', found.trim())
  return violations
}

/** What several stages use. */
const SHARED_BY_STAGES = ['stages/stage.ts', 'stages/traded-market.ts']

/** `stages/download/…` belongs to `stages/01-download.ts`. */
function isOwnOfStage(path: string, file: string): boolean {
  const stageOf = (name: string) => /^stages\/(?:\d\d-)?([a-z-]+?)(?:\.ts$|\/)/.exec(name)?.[1]
  return SHARED_BY_STAGES.includes(file) || (file.split('/').length > 2 && stageOf(path) === stageOf(file))
}

/** Elsewhere, an end would leave locks and temporary files behind. */
const MAY_EXIT: readonly string[] = ['main.ts', 'runner/worker.ts']

/** Where an Error is caught again in the same file and becomes a message; `assert` itself. */
const THROWS_ERROR: readonly string[] = ['core/errors.ts', 'cli/session.ts', 'runner/worker.ts']

/** `models/native` is a folder of its own; other folders inside a folder belong to it. */
export function folderOf(path: string): string {
  if (!path.includes('/')) return path.replace(/\.ts$/, '')
  const inner = ['models/native', 'models/neural'].find((folder) => path.startsWith(`${folder}/`))
  return inner ?? path.slice(0, path.indexOf('/'))
}

export function importsOf(path: string, text: string): Import[] {
  const code = withoutComments(text)
  const found: (Import & { readonly at: number })[] = []
  const add = (at: number, specifier: string, type: boolean, reexport: boolean) =>
    found.push({ at, specifier, file: specifier.startsWith('.') ? resolveFrom(path, specifier) : null, type, reexport })
  for (const match of code.matchAll(
    /^[ \t]*(import|export)\s+(type\s+)?[\w*{][^'"`;=()]*?\sfrom\s*['"]([^'"\n]+)['"]/gm,
  )) {
    add(match.index, match[3], match[2] !== undefined, match[1] === 'export')
  }
  for (const match of code.matchAll(/^[ \t]*import\s*['"]([^'"\n]+)['"]/gm)) add(match.index, match[1], false, false)
  for (const match of code.matchAll(/(typeof\s+)?\bimport\(\s*['"]([^'"\n]+)['"]\s*\)(\.[A-Z])?/g)) {
    add(match.index, match[2], match[1] !== undefined || match[3] !== undefined, false)
  }
  return found.sort((a, b) => a.at - b.at).map(({ at: _, ...rest }) => rest)
}

function resolveFrom(path: string, specifier: string): string {
  const parts = path.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/').replace(/\.js$/, '.ts')
}

/** Strings, templates and regular expressions are kept, so that a `//` inside them is no comment. */
export function withoutComments(text: string): string {
  const token =
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=^|[(,=:[!&|?{};\s])\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replace(token, (found) => (/^\/[/*]/.test(found) ? '' : found))
}
