import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findBrowser, printPage } from '../../src/cli/pdf.js'
import { renderReport } from '../../src/report/render-report.js'
import { chartRuntime } from '../report/runtime.js'
import { installedBrowser } from '../support/browser.js'
import { sampleReportInput } from '../support/report-input.js'
import { scratchFolder } from '../support/scratch.js'

function program(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
  return path
}

describe('the browser', () => {
  it('is what CHROME_PATH names, and else the first known name on PATH', async () => {
    const folder = await scratchFolder()
    const chrome = program(folder, 'google-chrome', 'exit 0')
    const own = program(folder, 'mine', 'exit 0')
    expect(findBrowser({ PATH: folder })).toBe(chrome)
    const chromium = program(folder, 'chromium', 'exit 0')
    expect(findBrowser({ PATH: `/nowhere:${folder}` })).toBe(chromium)
    expect(findBrowser({ PATH: folder, CHROME_PATH: own })).toBe(own)
  })

  it('is no folder, and no file that cannot be run', async () => {
    const folder = await scratchFolder()
    mkdirSync(join(folder, 'chromium'))
    writeFileSync(join(folder, 'google-chrome'), '')
    expect(() => findBrowser({ PATH: folder })).toThrow(/none is installed/)
  })

  it('that is not there is named', () => {
    expect(() => findBrowser({ PATH: '', CHROME_PATH: '/nowhere/chrome' })).toThrow(/CHROME_PATH is \/nowhere\/chrome/)
  })
})

describe('printing', () => {
  const page = async () => {
    const path = join(await scratchFolder(), 'index.html')
    writeFileSync(path, '<p>a page')
    return path
  }

  it('says what the browser said, and keeps the PDF of before', async () => {
    const path = await page()
    const pdf = path.replace(/html$/, 'pdf')
    writeFileSync(pdf, 'before')
    const browser = program(await scratchFolder(), 'chromium', 'echo no display >&2; exit 1')
    await expect(printPage(browser, path)).rejects.toThrow(/could not print the page: no display/)
    expect(readFileSync(pdf, 'utf8')).toBe('before')
  })

  it('fails where the browser ends well without a file', async () => {
    const path = await page()
    await expect(printPage(program(await scratchFolder(), 'chromium', 'exit 0'), path)).rejects.toThrow(
      /printed nothing/,
    )
    expect(existsSync(path.replace(/html$/, 'pdf'))).toBe(false)
  })

  const installed = installedBrowser('a PDF by a real browser')

  it.skipIf(installed === null)('makes a PDF of a report', { timeout: 120_000 }, async () => {
    const path = await page()
    writeFileSync(path, (await renderReport(sampleReportInput({ days: 60 }), chartRuntime())).html)
    const pdf = readFileSync(await printPage(installed ?? '', path))
    expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-')
    expect(pdf.toString('latin1').match(/\/Type ?\/Page\b/g)?.length ?? 0, 'pages').toBeGreaterThan(5)
  })
})
