/**
 * The order book at this moment, as REST gives it: the only kind that cannot be had later.
 */
import { assert } from '../../core/errors.js'
import { restColumns } from '../../market/raw-kinds.js'
import type { RestClient } from '../../sources/rest-client.js'
import type { TaskIo, TaskResult } from '../stage.js'
import type { MonthSettings } from './fetch-month.js'

export async function fetchDepth(settings: MonthSettings, io: TaskIo, client: RestClient | null): Promise<TaskResult> {
  assert(client !== null, 'a snapshot of the book was planned without the exchange')
  const { depthLines } = await import('../../sources/rest-depth.js')
  const { csvToParquet } = await import('../../datasets/raw-csv.js')
  const { venue, pair, kind, month } = settings
  const { columns, time } = restColumns(kind, venue)
  let facts = { rows: 0, first: null as number | null, last: null as number | null }
  await io.write(kind, `${io.folder}/${month}.parquet`, async (temporary) => {
    const lines = depthLines(client, pair, io.signal)
    facts = await csvToParquet({ lines, columns, time, name: `the book of ${pair}` }, temporary)
  })
  return {
    facts: { sources: [], complete: true, absentDays: [], month, kind, ...facts },
    summary: `${facts.rows} levels`,
  }
}
