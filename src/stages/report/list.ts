/** `reports/index.html`: all reports, and the account of this run. */
import type { Json } from '../../core/canonical.js'
import type { AccountEntry, IndexEntry } from '../../report/index-page.js'
import type { PlanContext, PlannedTask, Task, TaskIo, TaskResult } from '../stage.js'
import { hrefOf, pagesOf } from './pages.js'

export function planIndex(context: PlanContext): PlannedTask[] {
  const { workspace } = context
  const pages = pagesOf(workspace)
  if (pages.length === 0) return []
  const entries = pages.map(({ path, manifest }) => ({
    href: hrefOf(path),
    pair: manifest.unit,
    simulated: manifest.simulated !== null,
    facts: manifest.facts,
  }))
  return [
    {
      stage: 'report',
      step: 'index',
      pair: null,
      unit: 'index',
      inputs: [],
      settings: { entries: entries as unknown as Json, accounts: accountsOf(context) },
      manifest: 'reports/index.manifest.json',
      libraries: [],
      memoryBytes: 100e6,
    },
  ]
}

/** Of this run: an account of other pairs, or of an earlier choice, says nothing of what is there now. */
function accountsOf({ done, config }: PlanContext): Json {
  return done('backtest', 'account').map(({ manifest }) => {
    const { test } = manifest.facts.parts as { test: { [name: string]: Json } }
    const { from, to, metrics, pairs } = test
    return { venue: config['data.venue'], simulated: manifest.simulated !== null, from, to, metrics, pairs }
  })
}

export async function writeIndex(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { renderIndex } = await import('../../report/index-page.js')
  type Entry = { href: string; pair: string; simulated: boolean; facts: { [name: string]: Json } }
  const entries = (task.settings.entries as unknown as Entry[]).map(({ href, pair, simulated, facts }) => ({
    href,
    pair,
    simulated,
    venue: String(facts.venue),
    approved: facts.approved === true,
    model: String(facts.model),
    short: typeof facts.short === 'string' ? facts.short : null,
    gates: (facts.gates ?? null) as unknown as IndexEntry['gates'],
    span: { from: Date.parse(String(facts.from)), to: Date.parse(String(facts.to)) },
    metrics: facts.metrics as unknown as IndexEntry['metrics'],
  }))
  type Account = Omit<AccountEntry, 'span'> & { readonly from: string; readonly to: string }
  const accounts = (task.settings.accounts as unknown as Account[]).map(({ from, to, ...account }) => ({
    ...account,
    span: { from: Date.parse(from), to: Date.parse(to) },
  }))
  await io.write('index', 'reports/index.html', (temporary) => writeFileSync(temporary, renderIndex(entries, accounts)))
  return {
    facts: { reports: entries.length },
    summary: `${entries.length} ${entries.length === 1 ? 'report' : 'reports'}`,
  }
}
