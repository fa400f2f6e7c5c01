/** `sluice report --pdf`: each page once more as PDF beside it, printed by a Chromium that is installed. */
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EXIT, UserError } from '../core/errors.js'
import { writeFileWhole } from '../datasets/files.js'
import { type Flags, isSet } from './flags.js'
import { checkFresh, filesNamed, lookUpTo } from './look.js'
import { runStage } from './run-command.js'
import { openSession } from './session.js'
import { createTerminal } from './terminal.js'

/** As packages and installers call it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']
const TIMEOUT_MS = 180_000

/**
 * The report stage, then the PDF of each page. A PDF is made anew each time and stands in no manifest: its bytes depend on the
 * browser and on the day.
 *
 * @throws UserError when no browser is found (before anything is done), when a page is not fresh, and when the browser prints none
 */
export async function reportWithPdf(flags: Flags): Promise<number> {
  const session = openSession(flags)
  const browser = findBrowser(session.environment)
  const code = await runStage('report', flags)
  if (code !== EXIT.done && code !== EXIT.gate) return code
  const { units } = await lookUpTo('report', session)
  const terminal = await createTerminal({ quiet: isSet(flags, 'quiet') })
  const pairs = session.config['data.pairs']
  try {
    for (const [i, pair] of pairs.entries()) {
      const own = units.filter((unit) => unit.pair === pair)
      checkFresh(own, `the PDF of ${pair} needs its report`, 'make it first: sluice run')
      const manifests = own.flatMap(({ stage, step, manifest }) =>
        stage === 'report' && step === 'page' ? [manifest] : [],
      )
      for (const page of filesNamed('page', manifests, session)) {
        const file = await printPage(browser, page)
        if (!isSet(flags, 'quiet')) terminal.line(`${pair.padEnd(12)} ${relative(process.cwd(), file)}`)
      }
      terminal.onProgress('print', i + 1, pairs.length)
    }
  } finally {
    terminal.close()
  }
  return code
}

/**
 * `CHROME_PATH` where it is set, else the first known name on `PATH`.
 *
 * @throws UserError when there is none
 */
export function findBrowser({ CHROME_PATH, PATH = '' }: NodeJS.ProcessEnv): string {
  if (CHROME_PATH !== undefined && CHROME_PATH !== '') {
    if (isProgram(CHROME_PATH)) return CHROME_PATH
    throw new UserError(`CHROME_PATH is ${CHROME_PATH}, which is not a program`, {
      hint: 'set it to the file of Chromium or Chrome, or unset it to look on PATH',
      exitCode: EXIT.usage,
    })
  }
  const folders = PATH.split(delimiter).filter((folder) => folder !== '')
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
  if (found !== undefined) return found
  throw new UserError('a PDF is printed by Chromium or Chrome, and none is installed', {
    hint: 'apt-get install chromium, or set CHROME_PATH to its file; the HTML page prints well from any browser',
    exitCode: EXIT.usage,
  })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * A PDF of before stays where this one fails.
 *
 * @returns the PDF's path: beside the page, under the same name
 */
export async function printPage(browser: string, page: string): Promise<string> {
  const target = join(dirname(page), 'index.pdf')
  const profile = mkdtempSync(join(tmpdir(), 'sluice-pdf-'))
  const temporary = join(profile, 'index.pdf')
  try {
    await print(browser, [
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      // Chromium refuses to sandbox what root runs; the page is our own and may fetch nothing.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${profile}`,
      '--virtual-time-budget=5000',
      '--no-pdf-header-footer',
      `--print-to-pdf=${temporary}`,
      pathToFileURL(page).href,
    ])
    if (!existsSync(temporary))
      throw new UserError(`${browser} printed nothing of ${page}`, { hint: 'open the page in a browser and print it' })
    writeFileWhole(target, readFileSync(temporary))
    return target
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

function print(browser: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(browser, [...args], { timeout: TIMEOUT_MS, maxBuffer: 16 << 20 }, (error, _, stderr) => {
      if (error === null) return resolve()
      const said = stderr.trim().split('\n').at(-1) ?? ''
      const why = error.killed === true ? `no answer in ${TIMEOUT_MS / 1000} s` : said === '' ? error.message : said
      reject(
        new UserError(`${browser} could not print the page: ${why}`, {
          hint: 'open the page in a browser and print it',
        }),
      )
    })
  })
}
