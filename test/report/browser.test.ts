/**
 * The page in a real browser: no errors on the console, every chart alive. Skipped where Chromium is not installed.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFigures } from '../../src/report/chart.js'
import { renderCompare } from '../../src/report/compare-page.js'
import { renderReport } from '../../src/report/render-report.js'
import { installedBrowser } from '../support/browser.js'
import { comparedEntry, sampleReportInput } from '../support/report-input.js'
import { chartRuntime } from './runtime.js'

const chromium = installedBrowser('the report in a browser')

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-logging=stderr',
  '--virtual-time-budget=3000',
  '--dump-dom',
]

/** The page after its scripts ran, and what they wrote to the console. */
function open(html: string): Promise<{ dom: string; console: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-browser-'))
  writeFileSync(join(folder, 'index.html'), html)
  const args = [...FLAGS, `--user-data-dir=${join(folder, 'profile')}`, `file://${join(folder, 'index.html')}`]
  return new Promise((resolve, reject) => {
    execFile(chromium ?? '', args, { maxBuffer: 64 << 20, timeout: 60_000 }, (error, stdout, stderr) => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
      if (error !== null) reject(error)
      else resolve({ dom: stdout, console: stderr.split('\n').filter((line) => line.includes('CONSOLE')) })
    })
  })
}

describe.skipIf(chromium === null)('the report in a browser', () => {
  it('writes nothing to the console and brings every chart to life', async () => {
    const report = await renderReport(sampleReportInput({ days: 90 }), chartRuntime())
    const page = await open(report.html)
    expect(page.console).toEqual([])
    expect(page.dom.match(/<figure class="chart drawn"/g)).toHaveLength(10)
    expect(page.dom.match(/<div class="live"[^>]*><div[^>]*>\s*<svg/g)).toHaveLength(10)
    const drawn = page.dom.replace(/<script[\s\S]*?<\/script>/g, '')
    expect(drawn).not.toMatch(/(?:fill|stroke)="(?:color:|undefined|)"/)
    expect(drawn, 'axis labels are formatted').not.toContain('format:')
    expect(drawn).toMatch(/<div class="live"[\s\S]*>100&nbsp;%<\/text>/)
  })

  it('would notice an error', async () => {
    const report = await renderReport(sampleReportInput({ days: 30 }), 'throw new Error("planted")')
    const page = await open(report.html)
    expect(page.console.join('\n')).toContain('planted')
    expect(page.dom).not.toContain('chart drawn')
  })

  it('draws the page that compares', async () => {
    const runtime = chartRuntime()
    const entries = [
      await comparedEntry('x', runtime, { seed: 1, days: 60 }),
      await comparedEntry('y', runtime, { seed: 2, days: 60 }),
    ]
    const groups = [{ title: 'Runs', hrefs: ['x', 'y'], leftOut: 0 }]
    const page = await open(renderCompare({ groups, entries, unread: [] }, await createFigures(), runtime))
    expect(page.console).toEqual([])
    expect(page.dom.match(/<div class="live"[^>]*><div[^>]*>\s*<svg/g)).toHaveLength(2)
  })
})
