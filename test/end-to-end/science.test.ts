/**
 * What guards the science: with the same gates, a planted edge is found and noise is not. Markets and seeds are fixed and listed.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sluice, suiteFolder } from '../support/sluice.js'

const folder = suiteFolder()

const SPAN = ['--set', 'data.from=2024-01-01', '--set', 'data.to=2024-08-01']
const MODELS = ['--models', 'xgboost']

type Metric = { key: string; value: number | null; interval?: [number, number] }
type Part = { metrics: Metric[]; predictions: Metric[]; random: { metrics: Record<string, { percentile: number }> } }

type Outcome = {
  code: number | null
  approved: boolean
  gates: { gate: string; passed: boolean; required: boolean; reason: string }[]
  part: Part
}

async function study(seed: number, edge: number): Promise<Outcome> {
  const root = join(folder, `seed-${seed}-edge-${edge}`)
  const at = { cwd: folder }
  const archive = join(root, 'archive')
  const market = ['--pair', 'BTCUSDT', '--edge', String(edge), '--seed', String(seed)]
  const made = await sluice(['simulate', '--out', archive, '--quiet', ...market], at)
  expect(made.code, made.stderr).toBe(0)
  const settings = [...SPAN, ...MODELS, '--set', `exchange.archiveUrl=${archive}`]
  const ran = await sluice(['run', '--json', '--to', 'backtest', '--root', root, ...settings], at)
  expect([0, 3], ran.stderr).toContain(ran.code)
  const { units } = JSON.parse(ran.stdout) as { units: { stage: string; files: { name: string; path: string }[] }[] }
  const read = (stage: string, name: string) => {
    const file = units
      .filter((unit) => unit.stage === stage)
      .flatMap((unit) => unit.files)
      .find((one) => one.name === name)
    return JSON.parse(readFileSync(join(root, file?.path ?? ''), 'utf8'))
  }
  const selection = read('select', 'selection')
  return {
    code: ran.code,
    approved: selection.passed,
    gates: selection.candidates[0].gates,
    part: read('backtest', 'part_test'),
  }
}

const find = (rows: Metric[], key: string) => rows.find((row) => row.key === key)

describe('a strong planted edge', () => {
  it('is approved by the gates and beats random entries', { timeout: 400_000 }, async () => {
    const { code, approved, gates, part } = await study(1, 1)
    expect(
      gates.filter(({ passed, required }) => required && !passed).map(({ gate, reason }) => `${gate}: ${reason}`),
    ).toEqual([])
    expect(approved).toBe(true)
    expect(code, 'exit code 0: every gate passed').toBe(0)
    // Of 200 runs with as many entries at random moments, nearly all are worse.
    expect(part.random.metrics.total_return.percentile).toBeGreaterThan(0.99)
    expect(part.random.metrics.sharpe.percentile).toBeGreaterThan(0.99)
    const direction = find(part.predictions, 'auc_direction')
    expect(direction?.interval?.[0], 'the AUC lies above 0.5 with its whole interval').toBeGreaterThan(0.5)
  })
})

describe.each([11, 12, 13, 14, 15])('noise, seed %i', (seed) => {
  it('is refused, and its AUC lies within its interval around 0.5', { timeout: 400_000 }, async () => {
    const { code, approved, gates, part } = await study(seed, 0)
    expect(approved).toBe(false)
    expect(code, 'exit code 3: a gate did not pass').toBe(3)
    expect(gates.find(({ gate }) => gate === 'precision')?.passed).toBe(false)
    const direction = find(part.predictions, 'auc_direction')
    const [low, high] = direction?.interval ?? [Number.NaN, Number.NaN]
    expect(low, `interval ${low} … ${high}`).toBeLessThan(0.5)
    expect(high, `interval ${low} … ${high}`).toBeGreaterThan(0.5)
  })
})
