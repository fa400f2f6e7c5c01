import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sluice, startSluice, suiteFolder } from '../support/sluice.js'

const cwd = suiteFolder()
const options = { cwd }
// Two months instead of seven: too few to find an edge in, enough to go through every stage.
const series = ['verify', 'placebo', '--runs', '2', '--set', 'data.to=2024-03-01']
const findings = join(cwd, 'artifacts/placebo')
const kept = () => readdirSync(findings).flatMap((key) => readdirSync(join(findings, key)))

describe('a series of placebo runs', () => {
  it('goes on where it was killed, and says what the whole of it shows', async () => {
    const killed = startSluice(series, options)
    await killed.said('placebo   walk')
    killed.killGroup()
    await killed.done
    expect(kept()).toContain('walk-42.json')

    const { code, stdout, stderr } = await sluice(series, options)
    expect(stderr).toMatch(/walk +edge 0 +seed 42 +fresh/)
    expect(stdout).toMatch(/^walk +1 runs +0 promoted\npermuted +1 runs +0 promoted\nplanted +1 runs/)
    expect(stdout).toMatch(/promoted on noise +0\.0 % +\(0\.0 % – 65\.8 %, 2\) +at most 5 %: holds/)
    expect(code).toBe(stdout.includes('BROKEN') ? 3 : 0)
    expect(kept().sort()).toEqual(['permuted-42.json', 'placebo.json', 'planted-42.json', 'walk-42.json'])
    expect(existsSync(join(cwd, '.sluice/scratch')) && readdirSync(join(cwd, '.sluice/scratch'))).toHaveLength(0)
  }, 240_000)

  it('judges what it kept: a pipeline that promotes noise is told so', async () => {
    const [key] = readdirSync(findings)
    for (const name of ['walk-42', 'permuted-42']) {
      const path = join(findings, key, `${name}.json`)
      writeFileSync(path, readFileSync(path, 'utf8').replace('"promoted": false', '"promoted": true'))
    }
    const { code, stdout, stderr } = await sluice([...series, '--json'], options)
    expect(code).toBe(3)
    expect(stderr).toContain('the pipeline did not pass its placebo: promoted on noise')
    expect(JSON.parse(stdout).findings[0]).toMatchObject({ name: 'promoted on noise', value: 1, holds: false })
  })

  it('is a curve over several edges, the same seeds at each', async () => {
    const curve = [...series, '--edges', '0,0.5', '--json']
    const { code, stdout, stderr } = await sluice(curve, options)
    expect([0, 3], stderr).toContain(code)
    const found = JSON.parse(stdout) as { curve: unknown[]; runs: { kind: string; edge: number; seed: number }[] }
    expect(found.curve).toMatchObject([
      { edge: 0, count: 2, promoted: 0 },
      { edge: 0.5, count: 2 },
    ])
    expect(found.runs.map(({ kind, edge, seed }) => `${kind} ${edge} ${seed}`)).toEqual([
      'walk 0 42',
      'planted 0.5 42',
      'walk 0 43',
      'planted 0.5 43',
    ])
    expect((await sluice([...series, '--edges', '0,strong'], options)).code).toBe(2)
  }, 240_000)

  it('wants a span of its own, and whole numbers', async () => {
    const open = await sluice([...series, '--set', 'data.to=now'], options)
    expect(open.code).toBe(2)
    expect(open.stderr).toContain('a placebo needs a span of its own')
    expect((await sluice(['verify', 'placebo', '--runs', '1'], options)).code).toBe(2)
  })
})
