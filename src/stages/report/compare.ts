/** `reports/compare.html`: which reports are compared with which, and the page. */
import { existsSync } from 'node:fs'
import type { Json } from '../../core/canonical.js'
import { absolute } from '../../datasets/workspace.js'
import type { PlanContext, PlannedTask, Task, TaskIo, TaskResult } from '../stage.js'
import { hrefOf, pagesOf } from './pages.js'
import { chartRuntime } from './runtime.js'

const MANIFEST = 'reports/compare.manifest.json'

export async function planCompare({ workspace }: PlanContext): Promise<PlannedTask[]> {
  const { groupsOf } = await import('../../report/compare-page.js')
  const pages = pagesOf(workspace)
  const entries = pages.map(({ path, manifest }) => ({
    href: hrefOf(path),
    pair: manifest.unit,
    venue: String(manifest.facts.venue),
    to: Date.parse(String(manifest.facts.to)),
    manifest,
  }))
  const groups = groupsOf(entries)
  // A page that is there already must not go on comparing what is gone.
  if (groups.length === 0 && !existsSync(absolute(workspace, MANIFEST))) return []
  const compared = entries.filter(({ href }) => groups.some(({ hrefs }) => hrefs.includes(href)))
  return [
    {
      stage: 'report',
      step: 'compare',
      pair: null,
      unit: 'compare',
      inputs: compared.flatMap(({ manifest }) =>
        manifest.files
          .filter(({ name }) => name === 'json')
          .map((file) => ({ ...file, unit: manifest.unit, simulated: manifest.simulated })),
      ),
      settings: {
        groups: groups as unknown as Json,
        hrefs: compared.map(({ href }) => href),
        runs: compared.map(({ manifest }) => manifest.fingerprint.slice(0, 8)),
      },
      manifest: MANIFEST,
      libraries: ['echarts'],
      memoryBytes: 400e6,
    },
  ]
}

export async function writeCompare(task: Task, io: TaskIo): Promise<TaskResult> {
  const { readFileSync, writeFileSync } = await import('node:fs')
  const { createFigures } = await import('../../report/chart.js')
  const { renderCompare } = await import('../../report/compare-page.js')
  const { isUnavailable } = await import('../../report/input.js')
  const { readReport } = await import('../../report/schema/report.js')
  const { hrefs, runs, groups } = task.settings as unknown as {
    hrefs: string[]
    runs: string[]
    groups: Parameters<typeof renderCompare>[0]['groups']
  }
  const read = io.paths('json').map((path, i) => ({
    href: hrefs[i],
    run: runs[i],
    report: readReport(readFileSync(path, 'utf8'), `reports/${hrefs[i].replace('index.html', 'report.json')}`),
  }))
  const entries = read.flatMap(({ report, ...entry }) => (isUnavailable(report) ? [] : [{ ...entry, report }]))
  const unread = read.flatMap(({ href, report }) =>
    isUnavailable(report) ? [{ href, reason: report.unavailable }] : [],
  )
  const page = renderCompare({ groups, entries, unread }, await createFigures(), chartRuntime())
  await io.write('compare', 'reports/compare.html', (temporary) => writeFileSync(temporary, page))
  const left = unread.length === 0 ? '' : `, ${unread.length} left out`
  return {
    facts: { reports: entries.length },
    summary: `${entries.length} reports side by side${left}: reports/compare.html`,
  }
}
