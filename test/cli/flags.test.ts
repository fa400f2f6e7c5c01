import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.js'
import { checkFlags, isSet, listOf, numberOf, OPTIONS, pairsOf, textOf, wholeNumberOf } from '../../src/cli/flags.js'
import { readPipeline } from '../../src/cli/pipeline.js'
import { STAGE_NAMES } from '../../src/stages/stage.js'
import { scratchFolder } from '../support/scratch.js'

describe('flags', () => {
  it('lists come as several options, or with commas; assignments keep theirs', () => {
    expect(listOf({ pair: ['A,B', 'C', ''] }, 'pair')).toEqual(['A', 'B', 'C'])
    expect(listOf({ set: ['data.pairs=A,B'] }, 'set')).toEqual(['data.pairs=A,B'])
    expect(listOf({}, 'pair')).toEqual([])
  })

  it('text and switches', () => {
    expect([textOf({ root: 'x' }, 'root'), textOf({}, 'root'), textOf({ root: true }, 'root')]).toEqual([
      'x',
      null,
      null,
    ])
    expect([isSet({ json: true }, 'json'), isSet({}, 'json')]).toEqual([true, false])
  })

  it('numbers have a least value, and some are whole', () => {
    expect([
      numberOf({ edge: '0.5' }, 'edge', 1, 0),
      numberOf({}, 'edge', 1, 0),
      wholeNumberOf({ seed: '7' }, 'seed', 42, 0),
    ]).toEqual([0.5, 1, 7])
    expect(() => numberOf({ edge: '-1' }, 'edge', 1, 0)).toThrow('--edge -1 is not a number from 0 on')
    expect(() => wholeNumberOf({ months: '1.5' }, 'months', 7, 1)).toThrow('--months 1.5 is not a whole number')
    expect(() => wholeNumberOf({ jobs: 'two' }, 'jobs', 2, 1)).toThrow('--jobs two is not a number from 1 on')
  })
})

describe('what becomes a path', () => {
  it('is refused when it is nothing', () => {
    for (const flags of [{ pair: [''] }, { pair: ['BTCUSDT', ' , '] }, { root: '' }, { out: ' ' }, { config: [''] }]) {
      expect(() => checkFlags(flags)).toThrow(/^--(?:pair|root|out|config) was given nothing$/)
    }
    expect(() => checkFlags({ pair: ['A,B'], root: '.', json: true })).not.toThrow()
  })

  it('is a name of a pair or nothing', () => {
    expect(pairsOf({ pair: ['BTCUSDT, ETHUSDT'] })).toEqual(['BTCUSDT', 'ETHUSDT'])
    for (const pair of ['../../x', '/tmp', 'a', 'A/B']) {
      expect(() => pairsOf({ pair: ['BTCUSDT', pair] })).toThrow(`--pair ${pair} is not the name of a pair`)
    }
  })
})

describe('the table of commands', () => {
  it('names only options that exist, and has every stage', () => {
    const all = COMMANDS.flatMap((command) => [command, ...(command.subcommands ?? [])])
    for (const { name, options } of all)
      for (const option of options) expect(Object.keys(OPTIONS), name).toContain(option)
    expect(COMMANDS.map(({ name }) => name)).toEqual(expect.arrayContaining([...STAGE_NAMES]))
  })
})

describe('pipelines', () => {
  it('full has every stage; demo simulates its own market in its own root', () => {
    expect(readPipeline('full')).toMatchObject({ name: 'full', stages: STAGE_NAMES })
    expect(readPipeline('demo')).toMatchObject({
      root: 'demo',
      stages: STAGE_NAMES,
      simulate: { edge: expect.any(Number) },
    })
  })

  it('an unknown name is refused, with what there is', () => {
    expect(() => readPipeline('dmeo')).toThrow('there is no pipeline dmeo, did you mean demo?')
  })

  it.each([
    ['stages: [clean]', /meaning: /],
    ['meaning: x\nstages: [clean, tran]', /stages\.1: /],
    ['meaning: x\nstages: []', /stages: /],
    ['meaning: x\nstages: [clean]\nstagse: []', /stagse/],
    ['just text', /is not a pipeline/],
    ['a: [b', /is not YAML/],
    ['a: b: c', /is not YAML: [^\n]*[^:\n]\n {2}a: b: c\n {2} +\^$/],
    [
      'meaning: x\nstages: [clean]\nsimulate: {seed: 1, edge: 0, pairs: [../x], start: 2024-01, months: 1, out: m}',
      /no name of a pair/,
    ],
  ])('a file that holds %j is refused, and says why', async (text, reason) => {
    const path = join(await scratchFolder(), 'own.yaml')
    writeFileSync(path, text)
    expect(() => readPipeline(path)).toThrow(reason)
    try {
      readPipeline(path)
    } catch (error) {
      expect(error).toMatchObject({ name: 'UserError', exitCode: 2, hint: 'see pipelines/full.yaml' })
    }
  })

  it("a file of one's own is read by its path", async () => {
    const path = join(await scratchFolder(), 'own.yaml')
    writeFileSync(path, 'meaning: mine\nstages: [clean, features]\nconfig: {seed: 3}')
    expect(readPipeline(path)).toEqual({
      name: path,
      meaning: 'mine',
      stages: ['clean', 'features'],
      config: { seed: 3 },
    })
  })
})
