import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.js'
import { SMALL, sluice, startSluice, suiteFolder } from '../support/sluice.js'

const cwd = suiteFolder()
mkdirSync(join(cwd, 'empty'), { recursive: true })
const options = { cwd: join(cwd, 'empty') }

/** Code and both texts of a command that is refused before any work. */
async function refused(...args: string[]) {
  const { code, stdout, stderr } = await sluice(args, options)
  expect(stdout).toBe('')
  return { code, stderr }
}

describe('what is mistyped', () => {
  it('in the configuration is listed at once, with its place and what was meant', async () => {
    writeFileSync(join(cwd, 'empty/wrong.yaml'), 'labels: {profitt: 0.02, type: ternery}\ntrain: {folds: many}\n')
    const { code, stderr } = await refused('run', '--config', 'wrong.yaml', '--set', 'bars.base=1x')
    expect(code).toBe(2)
    expect(stderr).toBe(`error: the configuration has 4 problems
  wrong.yaml: labels.profitt is not a setting, did you mean labels.profit?
  wrong.yaml: labels.type = ternery is not one of ternary, binary, direction, regression, volatility, meta, did you mean ternary?
  wrong.yaml: train.folds = many is not a number
  --set: bars.base = 1x is not one of 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, did you mean 1m?

hint: sluice config --all lists every setting with its meaning
`)
  })

  it.each([
    [['runn'], "unknown command 'runn'", 'run'],
    [['statsu'], "unknown command 'statsu'", 'status'],
    [['run', '--pairs', 'BTCUSDT'], "unknown option '--pairs'", '--pair'],
    [['models', 'aprove', 'x'], "unknown command 'aprove'", 'approve'],
    [['run', 'dmeo'], 'there is no pipeline dmeo', 'demo'],
    [['run', '--from', 'label'], 'label is not a stage of full', 'labels'],
    [['run', '--models', 'logistics'], 'there is no model logistics', 'logistic'],
    [['run', '--set', 'models.xgboost.max_dept=3'], 'model xgboost has no parameter "max_dept"', 'maxDepth'],
  ])('%j is refused with a suggestion', async (args, fact, meant) => {
    const { code, stderr } = await refused(...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: /)
    expect(stderr).toContain(fact)
    expect(stderr).toMatch(new RegExp(`did you mean "?${meant}"?\\?`, 'i'))
  })

  it.each([
    [['run', '--jobs', 'two'], '--jobs two is not a number'],
    [['run', '--jobs', '1.5'], '--jobs 1.5 is not a whole number'],
    [['run', '--set', 'labels.profit'], '--set labels.profit has no value'],
    [['run', '--config', 'absent.yaml'], 'the configuration file absent.yaml cannot be read'],
    [['run', '--from', 'train', '--to', 'clean'], '--from train comes after --to clean'],
    [
      ['run', '--set', 'data.from=2024-02-01', '--set', 'data.to=2024-01-01'],
      'data.from 2024-02-01 is not before data.to 2024-01-01',
    ],
    [['simulate'], 'simulate needs a folder to write to'],
    [['simulate', '--out', 'm', '--months', '1.5'], '--months 1.5 is not a whole number'],
    [['simulate', '--out', 'm', '--kinds', 'klines,trade'], 'there is no kind trade, did you mean trades?'],
    [['models', 'show'], "missing required argument 'model'"],
  ])('%j is refused: %s', async (args, fact) => {
    const { code, stderr } = await refused(...args)
    expect(stderr).toContain(fact)
    expect(code).toBe(2)
    expect(stderr).toContain('\nhint: ')
  })

  it('a file where the workspace should be', async () => {
    writeFileSync(join(cwd, 'empty/file'), '')
    const { code, stderr } = await refused('run', '--root', 'file')
    expect(code).toBe(1)
    expect(stderr).toContain('a file stands where a folder should be')
    expect(stderr).not.toContain('fault in Sluice')
  })

  it('a workspace without models', async () => {
    const { code, stderr } = await refused('models', 'list', '--root', 'none')
    expect(code).toBe(1)
    expect(stderr).toContain('there are no models in ')
    expect(stderr).toContain('hint: train some with sluice run')
  })
})

describe('help', () => {
  it('names every command and says where to start', async () => {
    for (const args of [[], ['--help']]) {
      const { code, stdout } = await sluice(args, options)
      expect(code).toBe(0)
      for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
      expect(stdout).toContain('Start with: sluice run demo')
    }
  })

  it('of every command ends well and shows its options', async () => {
    const all = COMMANDS.flatMap(({ name, subcommands = [] }) => [
      [name],
      ...subcommands.map((sub) => [name, sub.name]),
    ])
    const outcomes = await Promise.all(all.map((command) => sluice([...command, '--help'], options)))
    for (const [i, { code, stdout }] of outcomes.entries()) {
      expect(code, all[i].join(' ')).toBe(0)
      expect(stdout).toContain(`Usage: sluice ${all[i].join(' ')}`)
    }
  }, 60_000)
})

describe('the configuration', () => {
  it('comes from defaults, then files, then the environment, then --set, then options of their own', async () => {
    writeFileSync(join(cwd, 'empty/sluice.yaml'), SMALL)
    writeFileSync(join(cwd, 'empty/later.yaml'), 'labels: {horizon: 2h, profit: 0.05, stop: 0.03}\ntrain: {folds: 3}\n')
    const { code, stdout } = await sluice(
      [
        'config',
        '--config',
        'sluice.yaml',
        '--config',
        'later.yaml',
        '--set',
        'labels.profit=0.04',
        '--set',
        'data.pairs=[A]',
        '--pair',
        'ETHUSDT,BNBUSDT',
        '--json',
      ],
      {
        ...options,
        env: { SLUICE_LABELS__PROFIT: '0.06', SLUICE_LABELS__STOP: '0.02', SLUICE_DATA__PAIRS: 'XRPUSDT' },
      },
    )
    expect(code).toBe(0)
    const config = JSON.parse(stdout)
    expect(config).toMatchObject({
      'train.models': ['logistic'],
      'labels.horizon': '2h',
      'train.folds': 3,
      'labels.stop': 0.02,
      'labels.profit': 0.04,
      'data.pairs': ['ETHUSDT', 'BNBUSDT'],
      seed: 42,
    })
  })

  it('is shown with the origin of each value', async () => {
    const { stdout } = await sluice(['config', '--set', 'seed=1', '--all'], {
      ...options,
      env: { SLUICE_TRAIN__FOLDS: '4' },
    })
    expect(stdout).toMatch(/^seed +1 +--set +Where all chance begins$/m)
    expect(stdout).toMatch(/^train\.folds +4 +environment /m)
    expect(stdout).toMatch(/^labels\.horizon +"1h" +sluice\.yaml /m)
    expect(stdout).toMatch(/^gates\.sharpe +1\.2 +default /m)
  })
})

describe('output', () => {
  it('into a reader that has seen enough is no error', async () => {
    const running = startSluice(['config', '--all'], options)
    running.child.stdout?.destroy()
    const { code, stderr } = await running.done
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})
