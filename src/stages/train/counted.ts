/**
 * Every fit stands in the ledger the moment it ends, before any manifest says that it is done: a worker killed in between has counted it, and
 * the one that does it again adds nothing.
 */
import { basename } from 'node:path'
import { messageOf } from '../../core/errors.js'
import type { Came } from '../../datasets/ledger-entries.js'
import { PLACES, placeFor } from '../../datasets/workspace.js'
import type { Step, Task, TaskIo } from '../stage.js'

/** @param run  a step whose settings hold `model`, `fold`, `data.venue` and `snapshot` */
export function counted(run: Step['run']): Step['run'] {
  return async (task, io) => {
    let result: Awaited<ReturnType<Step['run']>>
    try {
      result = await run(task, io)
    } catch (thrown) {
      // What went wrong first is what the user hears, even if the ledger cannot be written either.
      await note(task, io, { outcome: { failed: messageOf(thrown) } }).catch(() => undefined)
      throw thrown
    }
    const { scoredOf } = await import('../../datasets/ledger-entries.js')
    const outcome = { fit: basename(io.folder), summary: result.summary }
    await note(task, io, { outcome, scored: scoredOf(result.facts) })
    return result
  }
}

async function note(task: Task, io: TaskIo, came: Came): Promise<void> {
  const { recordInLedger } = await import('../../datasets/ledger.js')
  const { fitEntry } = await import('../../datasets/ledger-entries.js')
  const path = placeFor(io.workspace, PLACES.registry)
  await recordInLedger(path, [fitEntry(task.pair ?? '', task, came)], io.clock())
}
