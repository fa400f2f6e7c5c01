/** Which model a report's is compared with: the one in production, or, where that is itself, the one before it. */
import { existsSync } from 'node:fs'
import { CHAMPION_DAYS, findModelDays } from '../../datasets/model-days.js'
import { absolute, PLACES } from '../../datasets/workspace.js'
import type { InputFile, PlanContext } from '../stage.js'

/** What is settled when the page is planned, so that it is among what the page is made from. */
export type ChampionChoice = {
  readonly setting: { readonly id: string; readonly model: string; readonly version: string } | null
  readonly inputs: readonly InputFile[]
}

export async function championOf({ workspace, config, pair }: PlanContext, shown: string): Promise<ChampionChoice> {
  const path = absolute(workspace, PLACES.registry)
  if (pair === null || !existsSync(path)) return { setting: null, inputs: [] }
  const { openRegistry } = await import('../../datasets/model-registry.js')
  const registry = await openRegistry(path, { create: false })
  try {
    const rival = registry.rival(config['data.venue'], pair, shown)
    if (rival === null) return { setting: null, inputs: [] }
    const { id, model, version } = rival
    const file = findModelDays(workspace, id)
    const setting = { id, model, version }
    return { setting, inputs: file === null ? [] : [{ ...file, name: CHAMPION_DAYS }] }
  } finally {
    registry.close()
  }
}
