import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadStage, stageModule } from '../../src/stages/registry.js'
import { STAGE_NAMES } from '../../src/stages/stage.js'
import { project } from '../support/sluice.js'

describe.each(STAGE_NAMES)('the stage %s', (name) => {
  it('is loaded by its name, and its module is where its code hash begins', async () => {
    const stage = await loadStage(name)
    expect(stage.name).toBe(name)
    expect(stage.purpose).toMatch(/^[A-Z].*[^.]$/)
    expect(existsSync(join(project, 'dist', stageModule(name))), stageModule(name)).toBe(true)
  })

  it('has steps of different names', async () => {
    const names = (await loadStage(name)).steps.map((step) => step.name)
    expect(names.length).toBeGreaterThan(0)
    expect(new Set(names).size).toBe(names.length)
  })
})
