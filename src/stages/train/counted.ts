/**
 * Every fit stands in the ledger the moment it ends, before any manifest says that it is done: a worker killed in between has counted it, and
 * the one that does it again adds nothing.
 */
import { basename } from 'node:path'
import type { Json } from '../../core/canonical.js'
import { messageOf } from '../../core/errors.js'
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
      await note(task, io, { failed: messageOf(thrown) }).catch(() => undefined)
      throw thrown
    }
    await note(task, io, { fit: basename(io.folder), summary: result.summary })
    return result
  }
}

async function note(task: Task, io: TaskIo, outcome: Json): Promise<void> {
  const { recordInLedger } = await import('../../datasets/ledger.js')
  const { fitEntry } = await import('../../datasets/ledger-entries.js')
  const path = placeFor(io.workspace, PLACES.registry)
  await recordInLedger(path, [fitEntry(task.pair ?? '', task, outcome)], io.clock())
}
