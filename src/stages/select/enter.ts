/**
 * All candidates go into the registry, the best first; the best becomes the model in production if it passed its gates and is better than the one
 * there, on the days that both were out of sample, by more than luck.
 */
import { PLACES, placeFor, type Workspace } from '../../datasets/workspace.js'
import { decidingSettings, type LabelChoice } from '../../labels/problems.js'
import type { Task, TaskIo } from '../stage.js'
import type { Judged } from './judge.js'

type Ranked = { readonly best: Judged; readonly approved: boolean; readonly ranking: readonly Judged[] }
export type Entered = { readonly version: string; readonly promoted: boolean; readonly why: string }

export async function enter(task: Task, io: TaskIo, ranked: Ranked): Promise<Entered> {
  const { openRegistry } = await import('../../datasets/model-registry.js')
  const { settings } = task
  const venue = String(settings['data.venue'])
  const pair = task.pair ?? ''
  const act = { who: 'sluice', why: 'select stage', time: io.startedAt, automatic: true }
  const shared = await sharedBy(task, io)
  const registry = await openRegistry(placeFor(io.workspace, PLACES.registry))
  try {
    for (const { id, model, bundle: bundlePath, content, parameters, metrics, gates, score } of ranked.ranking) {
      const own = { id, model, bundlePath, contentHash: content, parameters, metrics, gates, score }
      registry.register({ ...act, ...shared, ...own })
    }
    const version = registry.get(ranked.best.id)?.version ?? ''
    if (!ranked.approved) return { version, promoted: false, why: 'no gate-passing model' }
    const champion = registry.production(venue, pair)
    if (champion?.id === ranked.best.id) return { version, promoted: true, why: '' }
    if (champion !== null) {
      const judged = await against(champion.id, ranked, task, io.workspace)
      if (!judged.better) {
        const why = `${champion.model} ${champion.version} stays: ${judged.reasons.join('; ')}`
        return { version, promoted: false, why }
      }
    }
    const decision = registry.approve({ ...act, id: ranked.best.id, why: 'passed all gates' })
    return { version, promoted: decision.model.state === 'approved', why: decision.reason }
  } finally {
    registry.close()
  }
}

/** What all candidates of a run have in common. */
async function sharedBy({ settings, pair }: Task, io: TaskIo) {
  const { canonicalJson, sha256 } = await import('../../core/canonical.js')
  const { readFileSync } = await import('node:fs')
  const labels = decidingSettings(settings as LabelChoice)
  return {
    venue: String(settings['data.venue']),
    pair: pair ?? '',
    gitCommit: io.gitCommit,
    dataSnapshotHash: sha256(canonicalJson(settings.trainedOn)),
    schemaHash: sha256(canonicalJson({ bundle: 1, type: settings['labels.type'] })),
    featureSetHash: String(JSON.parse(readFileSync(io.paths('feature_set')[0], 'utf8')).hash),
    labelHash: sha256(canonicalJson(Object.fromEntries(labels.map((name) => [name, settings[name]])))),
  }
}

async function against(championId: string, { best, ranking }: Ranked, { settings }: Task, workspace: Workspace) {
  const { outOfSampleDays, readModelDays } = await import('../../datasets/model-days.js')
  const { comparePair } = await import('../../validation/selection.js')
  const here = ranking.find(({ id }) => id === championId)
  const champion = here === undefined ? readModelDays(workspace, championId) : outOfSampleDays(here)
  if (champion === null) return { better: false, reasons: ['its daily record is gone: a person decides'] }
  return comparePair(outOfSampleDays(best), champion, {
    minTrades: Number(settings['gates.minTrades']),
    seed: Number(settings.seed),
  })
}
