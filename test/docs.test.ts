/**
 * The documents say what the program does: generated pages are current, and what people are told to type, open or look up exists.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { FOLDER, referencePages } from '../scripts/generate-docs.mjs'
import { COMMANDS, type Command } from '../src/cli/commands.js'
import { OPTIONS, type OptionName } from '../src/cli/flags.js'
import { readPipeline } from '../src/cli/pipeline.js'
import { resolveConfig } from '../src/config/load.js'
import { SETTING_NAMES } from '../src/config/settings.js'
import { STAGE_NAMES } from '../src/stages/stage.js'

const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...under('docs', '.md')]
const MAKEFILE = readFileSync('Makefile', 'utf8')
const TARGETS = [...MAKEFILE.matchAll(/^([a-z-]+):.*## /gm)].map(([, name]) => name)

describe('the generated reference', async () => {
  const pages = await referencePages((module: string) => import(pathToFileURL(join('src', `${module}.ts`)).href))

  for (const [name, text] of Object.entries(pages)) {
    it(`has a current ${name}`, () => {
      const path = `${FOLDER}/${name}`
      const written = existsSync(path) ? readFileSync(path, 'utf8') : ''
      expect(
        written === text,
        `${path} is not current: run node scripts/generate-docs.mjs\n${firstDifference(written, text)}`,
      ).toBe(true)
    })
  }

  it('has no page that nothing writes', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(pages).sort())
  })
})

describe.each(DOCUMENTS)('%s', (path) => {
  const text = readFileSync(path, 'utf8')

  it('names only make targets that exist', () => expect(unknownTargets(text)).toEqual([]))

  it('names only commands and options that exist', () => expect(unknownCommands(text)).toEqual([]))

  it('has no broken link', () => expect(brokenLinks(path, text)).toEqual([]))

  it('names only files that exist', () => expect(lostFiles(text)).toEqual([]))

  it('names only settings that exist', () => {
    const heads = new Set(
      SETTING_NAMES.filter((name) => name.includes('.')).map((name) => name.slice(0, name.indexOf('.'))),
    )
    const named = [...text.matchAll(/--set '?([a-zA-Z]+(?:\.[a-zA-Z]+)+)=/g)].map(([, name]) => name)
    const unknown = named.filter(
      (name) => !SETTING_NAMES.some((known) => known === name) && !/^models\.\w+\.\w+$/.test(name),
    )
    expect(unknown, `settings begin with ${[...heads].join(', ')}`).toEqual([])
  })
})

describe('README.md', () => {
  const text = readFileSync('README.md', 'utf8')

  it('has a row for every stage', () => {
    for (const stage of STAGE_NAMES) expect(text, stage).toMatch(new RegExp(`^\\| \`?${stage}\`? \\|`, 'm'))
  })

  it('names every folder of src/', () => {
    const code = blocksOf(text).join('\n')
    for (const { name } of foldersOf('src')) expect(code, name).toMatch(new RegExp(`\\b${name}/`))
  })
})

describe('docs/architecture.md', () => {
  it('has something to say of every folder of src/', () => {
    const text = readFileSync('docs/architecture.md', 'utf8')
    for (const { name } of foldersOf('src')) expect(text, name).toMatch(new RegExp(`^### .*\`${name}/\``, 'm'))
  })
})

describe('the examples', () => {
  it('of configuration are valid, and show every setting', () => {
    const text = readFileSync('config/example.yaml', 'utf8')
    const { origins } = resolveConfig([{ from: 'config/example.yaml', values: parse(text) }])
    const shown = SETTING_NAMES.filter((name) => origins.has(name) || text.includes(`# ${name}:`))
    expect(shown).toEqual(SETTING_NAMES)
  })

  it('of configuration hold the defaults', () => {
    const { config } = resolveConfig([
      { from: 'config/example.yaml', values: parse(readFileSync('config/example.yaml', 'utf8')) },
    ])
    expect(config).toEqual(resolveConfig([]).config)
  })

  it('of pipelines are valid', () => {
    const names = readdirSync('pipelines').flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -5)] : []))
    expect(names.length).toBeGreaterThan(1)
    for (const name of names) {
      const { config } = readPipeline(name)
      expect(() => resolveConfig([{ from: name, values: config }]), name).not.toThrow()
    }
  })

  it('of a crontab call only what exists', () => {
    const lines = readFileSync('pipelines/crontab.example', 'utf8')
      .split('\n')
      .filter((line) => /^[\d*]/.test(line))
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) {
      expect(line).toMatch(/^(?:[\d*/,-]+ ){5}/)
      expect(unknownCommands(`\`\`\`\n${line.slice(line.indexOf('./sluice') + 2)}\n\`\`\``), line).toEqual([])
    }
  })
})

describe('CHANGELOG.md', () => {
  const text = readFileSync('CHANGELOG.md', 'utf8')
  const version: string = JSON.parse(readFileSync('package.json', 'utf8')).version

  it('begins with the version of package.json', () => {
    expect(/^## (\S+)/m.exec(text)?.[1]).toBe(version)
    expect(readFileSync('src/cli/program.ts', 'utf8')).toContain(`'${version}'`)
  })

  it('says of every change whether it changes results', () => {
    const items = text
      .split(/^- /m)
      .slice(1)
      .map((item) => item.split(/^#/m)[0].trim())
    expect(items.length).toBeGreaterThan(0)
    for (const item of items) expect(item).toMatch(/results change: (yes|no)$/)
  })
})

describe('what is published', () => {
  const folders = ['src', 'docs', 'scripts', 'config', 'pipelines', 'bench', 'test', '.ci']
  const files = [
    ...['README.md', 'CHANGELOG.md', 'LICENSE', 'Makefile', 'package.json', 'package-lock.json', 'biome.json'],
    ...folders.filter((folder) => existsSync(folder)).flatMap((folder) => under(folder, '')),
  ]

  it('names no place of one machine and no private address', () => {
    // In two pieces, so that this file does not name them either.
    const paths = ['/wo' + 'rk/', '/ho' + 'me/\\w', '/Use' + 'rs/\\w', '/ro' + 'ot/']
    const hosts = ['artif' + 'actory', 'verda' + 'ccio', 'localhost:48' + '73', '\\.inter' + 'nal\\b']
    const pattern = new RegExp([...paths.map((path) => `(?<![\\w.}])${path}`), ...hosts].join('|'), 'i')
    const found = files.flatMap((file) => {
      const match = pattern.exec(readFileSync(file, 'utf8'))
      return match === null ? [] : [`${file}: ${match[0]}`]
    })
    expect(found).toEqual([])
  })

  it('has its packages from the public registry', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { resolved?: string }>
    }
    const elsewhere = Object.entries(packages).flatMap(([name, { resolved }]) =>
      resolved === undefined ? [] : [`${name}: ${resolved}`],
    )
    expect(elsewhere).toEqual([])
  })
})

describe('the checks', () => {
  it('catch what does not exist', () => {
    expect(unknownTargets('Type `make demo`, then `make fly PAIR=X`; make do.')).toEqual(['make fly'])
    expect(
      unknownCommands(
        '```sh\nsluice run demo --jobs 2\n./sluice fly\nsluice models shoot x\nsluice status --edge 1\n```',
      ),
    ).toEqual(['sluice fly', 'sluice models shoot', 'sluice status --edge'])
    expect(
      brokenLinks(
        'README.md',
        '[a](docs/architecture.md) [b](docs/none.md) [c](https://example.org) [d](#nowhere)\n# Here',
      ),
    ).toEqual(['docs/none.md', '#nowhere'])
    expect(lostFiles('`src/main.ts` `src/none.ts` `src/stages/` `data/raw/x.parquet`')).toEqual(['src/none.ts'])
  })
})

/** Code spans and lines of code blocks: what a reader may type. */
function codeOf(text: string): string[] {
  const spans = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span)
  return [...spans, ...blocksOf(text).flatMap((block) => block.split('\n'))]
}

function blocksOf(text: string): string[] {
  return [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, block]) => block)
}

function unknownTargets(text: string): string[] {
  const named = codeOf(text).flatMap((code) =>
    [...code.matchAll(/(?:^|\s|;|&& )make ([a-z][a-z-]*)/g)].map(([, name]) => name),
  )
  return named.filter((name) => !TARGETS.includes(name)).map((name) => `make ${name}`)
}

function unknownCommands(text: string): string[] {
  return codeOf(text).flatMap((line) => {
    const code = line.replace(/\s#.*$/, '')
    const match = /^\s*(?:\$ )?(?:\.\/)?sluice +([a-z]+)(.*)$/.exec(code)
    if (match === null) return []
    const [, name, rest] = match
    let command: Command | undefined = COMMANDS.find((known) => known.name === name)
    if (command === undefined) return [`sluice ${name}`]
    let said = name
    const word = /^ +([a-z]+)/.exec(rest)?.[1]
    const sub = command.subcommands?.find((known) => known.name === word)
    if (sub === undefined && command.run === undefined && word !== undefined) return [`sluice ${name} ${word}`]
    if (sub !== undefined) {
      command = sub
      said = `${name} ${sub.name}`
    }
    const allowed = command.options.map((option) => OPTIONS[option as OptionName].flags.split(' ')[0])
    const given = [...rest.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => option)
    return given
      .filter((option) => option !== '--help' && !allowed.includes(option))
      .map((option) => `sluice ${said} ${option}`)
  })
}

function brokenLinks(path: string, text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '`')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => {
    if (/^[a-z]+:/.test(target)) return []
    const [file, anchor] = target.split('#')
    const place = file === '' ? path : normalize(join(dirname(path), file))
    if (!existsSync(place)) return [target]
    if (anchor === undefined) return []
    const content = file === '' ? text : readFileSync(place, 'utf8')
    const anchors = [...content.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .trim()
        .replace(/\s/g, '-'),
    )
    return anchors.includes(anchor) ? [] : [target]
  })
}

function lostFiles(text: string): string[] {
  const named = codeOf(text).flatMap((code) =>
    [...code.matchAll(/(?<![\w/.-])(?:src|test|scripts|bench|pipelines|docs|config)\/[\w./-]*\w\.\w+/g)].map(
      ([file]) => file,
    ),
  )
  return [...new Set(named)].filter((file) => !existsSync(file))
}

function foldersOf(folder: string) {
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
}

function under(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name).replaceAll('\\', '/'))
    .sort()
}

function firstDifference(before: string, after: string): string {
  const [old, next] = [before.split('\n'), after.split('\n')]
  const at = next.findIndex((line, i) => line !== old[i])
  return `line ${at + 1}\n  written: ${old[at] ?? ''}\n  now:     ${next[at] ?? ''}`
}
