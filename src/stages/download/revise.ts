/**
 * `--revise`: asks the archive for the checksum of every file that was taken from it, and plans anew what has been replaced since. The
 * units behind turn stale by themselves, when the new rows differ from the old ones.
 */
import { readManifest } from '../../datasets/manifest.js'
import { fileNameOf } from '../../sources/keys.js'
import type { PlanContext, PlannedTask } from '../stage.js'
import { exchangeForPlan, sourcesOf } from './exchange.js'

/** Checksums asked for at once. */
const TOGETHER = 8

export async function withReplaced(planned: readonly PlannedTask[], context: PlanContext): Promise<PlannedTask[]> {
  const { workspace } = context
  const exchange = await exchangeForPlan(context)
  const reasons = new Map<PlannedTask, string>()
  const waiting = planned.flatMap((task) => {
    const manifest = readManifest(workspace, task.manifest)
    return manifest === null ? [] : sourcesOf(manifest).map((source) => ({ task, source }))
  })
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { key, sha256 } = next.source
      const now = await exchange.archive.checksum(key)
      if (now === null || now === sha256) continue
      reasons.set(next.task, `the archive has replaced ${fileNameOf(key)}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: TOGETHER }, work))
  } finally {
    waiting.length = 0
    exchange.close()
  }
  return planned.map((task) => {
    const reason = reasons.get(task)
    if (reason !== undefined) return { ...task, recheck: () => reason }
    // What was not complete is asked for again whatever the day.
    const isOpen = readManifest(workspace, task.manifest)?.facts.complete === false
    return isOpen ? { ...task, recheck: () => 'asked again for what was absent' } : task
  })
}
