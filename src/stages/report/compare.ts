/** `reports/compare.html`: which reports are compared with which, and the page. */
import type { Json } from '../../core/canonical.js'
import type { PlanContext, PlannedTask, Task, TaskIo, TaskResult } from '../stage.js'
import { hrefOf, pagesOf } from './pages.js'
import { chartRuntime } from './runtime.js'

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
  if (groups.length === 0) return []
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
      manifest: 'reports/compare.manifest.json',
      libraries: ['echarts'],
      memoryBytes: 400e6,
    },
  ]
}

export async function writeCompare(task: Task, io: TaskIo): Promise<TaskResult> {
  const { readFileSync, writeFileSync } = await import('node:fs')
  const { createFigures } = await import('../../report/chart.js')
  const { comparedReport, renderCompare } = await import('../../report/compare-page.js')
  const { hrefs, runs, groups } = task.settings as unknown as {
    hrefs: string[]
    runs: string[]
    groups: Parameters<typeof renderCompare>[0]
  }
  const entries = io.paths('json').map((path, i) => ({
    href: hrefs[i],
    run: runs[i],
    report: comparedReport(JSON.parse(readFileSync(path, 'utf8')) as Json),
  }))
  const page = renderCompare(groups, entries, await createFigures(), chartRuntime())
  await io.write('compare', 'reports/compare.html', (temporary) => writeFileSync(temporary, page))
  return { facts: { reports: entries.length }, summary: `${entries.length} reports side by side: reports/compare.html` }
}
