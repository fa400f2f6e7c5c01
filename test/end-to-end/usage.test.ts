import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.js'
import { project, SMALL, sluice, startSluice, suiteFolder } from '../support/sluice.js'

const MAIN = join(project, 'dist/main.js')
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
    [['statsu', '--help'], "unknown command 'statsu'", 'status'],
    [['models', 'aprove', '--help'], "unknown command 'aprove'", 'approve'],
    [['help', 'trian'], "unknown command 'trian'", 'train'],
    [['features', 'lst'], "unknown command 'lst'", 'list'],
    [['run', '--pairs', 'BTCUSDT'], "unknown option '--pairs'", '--pair'],
    [['models', 'aprove', 'x'], "unknown command 'aprove'", 'approve'],
    [['run', 'dmeo'], 'there is no pipeline dmeo', 'demo'],
    [['run', '--from', 'label'], 'label is not a stage of full', 'labels'],
    [['run', '--models', 'logistics'], 'there is no model logistics', 'logistic'],
    [['run', '--set', 'models.random-forest.n_estimators=3'], 'has no parameter "n_estimators"', 'trees'],
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
    [['run', '--pair', '../../x'], '--pair ../../x is not the name of a pair'],
    [['run', '--pair', ''], '--pair was given nothing'],
    [['run', '--root', ''], '--root was given nothing'],
    [['simulate', '--out', 'm', '--pair', '../x'], '--pair ../x is not the name of a pair'],
    [['ledger', '--pair', '../x'], '--pair ../x is not the name of a pair'],
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

  it('a folder that may not be written, whoever asks', () => {
    const root = join(cwd, 'shut')
    mkdirSync(root, { mode: 0o555 })
    // The administrator may write everywhere, so somebody else asks.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [MAIN, ...args], { ...nobody, cwd: '/', encoding: 'utf8' })
    if (run('--version').status !== 0) return console.log('skipped: nobody may not read this checkout')
    for (const args of [
      ['run', 'demo', '--root', root],
      ['simulate', '--out', join(root, 'm')],
    ]) {
      const { status, stderr } = run(...args)
      expect(stderr).toMatch(/^error: .*shut.* cannot be opened or written: permission denied$/m)
      expect(stderr).toMatch(/^hint: .*--root/m)
      expect(stderr).not.toContain('fault in Sluice')
      expect(status).toBe(1)
    }
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

describe('the crontab', () => {
  it('works in the environment that cron has', () => {
    const home = join(cwd, 'cron')
    mkdirSync(join(home, 'archive/data'), { recursive: true })
    writeFileSync(
      join(home, 'sluice.yaml'),
      'exchange: {archiveUrl: archive}\ndata: {from: 2024-01-01, to: 2024-02-01}\n',
    )
    symlinkSync(join(project, 'sluice'), join(home, 'sluice'))
    const lines = readFileSync(join(project, 'pipelines/crontab.example'), 'utf8').split('\n')
    const given = Object.fromEntries(lines.flatMap((line) => (/^[A-Z_]+=/.test(line) ? [line.split('=')] : [])))
    expect(Object.keys(given)).toEqual(['SLUICE_HOME', 'PATH'])
    const env = {
      HOME: home,
      SHELL: '/bin/sh',
      ...given,
      SLUICE_HOME: home,
      PATH: `${dirname(process.execPath)}:${given.PATH}`,
    }
    const commands = lines.filter((line) => /^[\d*]/.test(line)).map((line) => line.split(' ').slice(5).join(' '))
    const [run, verify] = commands.map((command) => spawnSync('/bin/sh', ['-c', command], { env, encoding: 'utf8' }))
    const log = readFileSync(join(home, 'sluice.log'), 'utf8')
    // It came as far as the archive, which is empty.
    expect(log).toMatch(/^download +BTCUSDT +failed +BTCUSDT is not in the archive root:archive/m)
    expect(log).not.toMatch(/not a setting|not found/)
    expect([run.status, run.stdout, run.stderr]).toEqual([1, '', ''])
    expect([verify.status, verify.stdout, verify.stderr]).toEqual([0, '', ''])
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
