/**
 * `sluice models …`: opens the registry of the workspace for the actions of `models.ts`.
 */
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { EXIT, UserError } from '../core/errors.js'
import { openRegistry, type Registry } from '../datasets/model-registry.js'
import { absolute, PLACES } from '../datasets/workspace.js'
import { lockWorkspace } from '../runner/lock.js'
import { type Flags, isSet, listOf, textOf } from './flags.js'
import { approveModel, listModels, rejectModel, renderModel, renderModelList, showModel } from './models.js'
import { openSession, type Session } from './session.js'

export async function list(flags: Flags): Promise<number> {
  return withRegistry(openSession(flags), (registry) => {
    const pairs = listOf(flags, 'pair')
    const rows = listModels(registry, pairs.length > 0 ? { pairs } : {})
    process.stdout.write(
      isSet(flags, 'json') ? `${JSON.stringify(rows, null, 2)}\n` : `${renderModelList(rows).trimEnd()}\n`,
    )
  })
}

export async function show(model: string, flags: Flags): Promise<number> {
  return withRegistry(openSession(flags), (registry) => {
    const { model: row, events } = showModel(registry, { model })
    process.stdout.write(
      isSet(flags, 'json')
        ? `${JSON.stringify({ ...row, events }, null, 2)}\n`
        : `${renderModel(row, events).trimEnd()}\n`,
    )
  })
}

export async function decide(action: 'approve' | 'reject', model: string, flags: Flags): Promise<number> {
  const session = openSession(flags)
  // A decision while a run is registering models would race with it.
  const lock = lockWorkspace(session.workspace, `models ${action}`, session.clock())
  try {
    return await withRegistry(session, (registry) => {
      const why = textOf(flags, 'why')
      const request = {
        model,
        who: textOf(flags, 'who') ?? userInfo().username,
        ...(why === null ? {} : { why }),
        time: session.clock(),
      }
      const decision = action === 'approve' ? approveModel(registry, request) : rejectModel(registry, request)
      if (isSet(flags, 'json')) process.stdout.write(`${JSON.stringify(decision, null, 2)}\n`)
      else process.stderr.write(`${decision.message}\n`)
    })
  } finally {
    lock.release()
  }
}

async function withRegistry({ workspace }: Session, use: (registry: Registry) => void): Promise<number> {
  const path = absolute(workspace, PLACES.registry)
  if (!existsSync(path)) {
    throw new UserError(`there are no models in ${workspace.root}`, {
      hint: 'train some with sluice run, or name the workspace with --root',
    })
  }
  const registry = await openRegistry(path, { create: false })
  try {
    use(registry)
    return EXIT.done
  } finally {
    registry.close()
  }
}
