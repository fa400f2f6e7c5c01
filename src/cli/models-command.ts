/**
 * `sluice models …`: opens the registry of the workspace for the actions of `models.ts`.
 */
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { EXIT, UserError } from '../core/errors.js'
import { bundleProblem, loadBundle } from '../datasets/bundle.js'
import { openRegistry, type Registry } from '../datasets/model-registry.js'
import { absolute, PLACES } from '../datasets/workspace.js'
import { lockWorkspace } from '../runner/lock.js'
import { type Flags, isSet, pairsOf, textOf } from './flags.js'
import {
  approveModel,
  findModel,
  listModels,
  type ModelChoice,
  rejectModel,
  renderModel,
  renderModelList,
  rollbackModel,
  showModel,
} from './models.js'
import { openSession, type Session } from './session.js'

export async function list(flags: Flags): Promise<number> {
  return withRegistry(openSession(flags), (registry) => {
    const pairs = pairsOf(flags)
    const rows = listModels(registry, pairs.length > 0 ? { pairs } : {})
    print(flags, rows, () => renderModelList(rows))
  })
}

export async function show(model: string, flags: Flags): Promise<number> {
  const session = openSession(flags)
  return withRegistry(session, async (registry) => {
    const { model: row, events, judgements } = showModel(registry, choiceOf(model, flags))
    const problem = await bundleProblem(session.workspace, row)
    print(flags, { ...row, bundleProblem: problem, judgements, events }, () =>
      renderModel(row, events, judgements, problem),
    )
  })
}

export async function compare(first: string, second: string, flags: Flags): Promise<number> {
  const { compareModels, renderComparison } = await import('./models-compare.js')
  const { readModelDays } = await import('../datasets/model-days.js')
  const session = openSession(flags)
  return withRegistry(session, (registry) => {
    const made = compareModels(registry, [choiceOf(first, flags), choiceOf(second, flags)], {
      daysOf: (id) => readModelDays(session.workspace, id),
      minTrades: session.config['gates.minTrades'],
      seed: session.config.seed,
    })
    print(flags, made, () => renderComparison(made))
  })
}

export async function decide(action: 'approve' | 'reject', model: string, flags: Flags): Promise<number> {
  return deciding(action, flags, async (registry, session, act) => {
    const request = { ...choiceOf(model, flags), ...act }
    if (action === 'reject') return rejectModel(registry, request)
    // What goes into production is what was judged, to the last byte.
    await loadBundle(session.workspace, findModel(registry, request))
    return approveModel(registry, request)
  })
}

export async function rollback(pair: string, flags: Flags): Promise<number> {
  return deciding('rollback', flags, async (registry, { workspace, config }, act) => {
    const venue = config['data.venue']
    await loadBundle(workspace, registry.predecessor(venue, pair))
    return rollbackModel(registry, { venue, pair, ...act })
  })
}

type Act = { readonly who: string; readonly why?: string; readonly time: number }

async function deciding(
  action: string,
  flags: Flags,
  act: (registry: Registry, session: Session, by: Act) => Promise<{ readonly message: string }>,
): Promise<number> {
  const session = openSession(flags)
  // A decision while a run is registering models would race with it.
  const lock = lockWorkspace(session.workspace, `models ${action}`, session.clock())
  try {
    return await withRegistry(session, async (registry) => {
      const why = textOf(flags, 'why')
      const by = {
        who: textOf(flags, 'who') ?? userInfo().username,
        ...(why === null ? {} : { why }),
        time: session.clock(),
      }
      const decision = await act(registry, session, by)
      if (isSet(flags, 'json')) process.stdout.write(`${JSON.stringify(decision, null, 2)}\n`)
      else process.stderr.write(`${decision.message}\n`)
    })
  } finally {
    lock.release()
  }
}

function choiceOf(model: string, flags: Flags): ModelChoice {
  const [pair] = pairsOf(flags)
  return pair === undefined ? { model } : { model, pair }
}

function print(flags: Flags, value: unknown, render: () => string): void {
  process.stdout.write(isSet(flags, 'json') ? `${JSON.stringify(value, null, 2)}\n` : `${render().trimEnd()}\n`)
}

async function withRegistry(
  { workspace }: Session,
  use: (registry: Registry) => void | Promise<void>,
): Promise<number> {
  const path = absolute(workspace, PLACES.registry)
  if (!existsSync(path)) {
    throw new UserError(`there are no models in ${workspace.root}`, {
      hint: 'train some with sluice run, or name the workspace with --root',
    })
  }
  const registry = await openRegistry(path, { create: false })
  try {
    await use(registry)
    return EXIT.done
  } finally {
    registry.close()
  }
}
