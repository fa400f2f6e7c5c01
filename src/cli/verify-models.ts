/**
 * `sluice verify models`: whether every registered bundle is, byte for byte, the one that was registered.
 */
import { existsSync } from 'node:fs'
import { EXIT, UserError } from '../core/errors.js'
import { bundleProblem } from '../datasets/bundle.js'
import { openRegistry } from '../datasets/model-registry.js'
import { absolute, openWorkspace, PLACES } from '../datasets/workspace.js'
import { type Flags, isSet, textOf } from './flags.js'

export async function verifyModels(flags: Flags): Promise<number> {
  const workspace = openWorkspace(textOf(flags, 'root') ?? '.')
  const path = absolute(workspace, PLACES.registry)
  const rows = existsSync(path) ? await registered(path) : []
  const models = []
  for (const row of rows) {
    const { id, pair, venue, model, version, state } = row
    models.push({ id, pair, venue, model, version, state, problem: await bundleProblem(workspace, row) })
  }
  const bad = models.filter(({ problem }) => problem !== null)
  if (isSet(flags, 'json')) process.stdout.write(`${JSON.stringify(models, null, 2)}\n`)
  else
    for (const { pair, version, state, problem } of bad)
      process.stdout.write(`${pair} ${version} ${state}: ${problem}\n`)
  if (bad.length === 0) {
    if (!isSet(flags, 'quiet')) process.stderr.write(`all ${models.length} bundles are what was registered\n`)
    return EXIT.done
  }
  throw new UserError(`${bad.length} of ${models.length} bundles are not what was registered`, {
    hint: 'move a damaged folder away and run sluice train; of old data and settings a bundle may be gone for good',
    exitCode: EXIT.gate,
  })
}

async function registered(path: string) {
  const registry = await openRegistry(path, { create: false })
  try {
    return registry.list()
  } finally {
    registry.close()
  }
}
