/**
 * One placebo run after another, each the real program in a process and a root of its own. What a run found is kept, so a series that was
 * killed goes on where it was.
 */
import { execFile } from 'node:child_process'
import { constants, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prettyJson } from '../core/canonical.js'
import { assert, EXIT, UserError } from '../core/errors.js'
import { readJson, writeFileWhole } from '../datasets/files.js'
import type { PlaceboAuc, PlaceboKind, PlaceboRun } from '../validation/placebo.js'

const MAIN = join(dirname(dirname(fileURLToPath(import.meta.url))), 'main.js')

/** The market that is simulated for one seed, and what is run on it. */
export type PlaceboMarket = {
  readonly seed: number
  readonly edge: number
  /** Where its findings are kept. */
  readonly folder: string
  readonly runs: readonly { readonly kind: PlaceboKind; readonly seed: number }[]
}

export type PlaceboSeries = {
  readonly markets: readonly PlaceboMarket[]
  /** Where the roots lie while they run. */
  readonly scratch: string
  /** First month, and how many. */
  readonly start: string
  readonly months: number
  /** Options for `sluice run placebo` beside the root. */
  readonly options: readonly string[]
  readonly jobs: number
  readonly signal: AbortSignal
  readonly onRun: (run: PlaceboRun, fresh: boolean) => void
}

/**
 * @returns runs in the order of the markets
 * @throws UserError when a run does not come to an end: its message is passed on
 */
export async function placeboRuns(series: PlaceboSeries): Promise<PlaceboRun[]> {
  const found = series.markets.map(() => [] as PlaceboRun[])
  let next = 0
  const work = async () => {
    while (next < series.markets.length) {
      const at = next++
      found[at] = await runMarket(series.markets[at], series)
    }
  }
  await Promise.all(Array.from({ length: series.jobs }, work))
  return found.flat()
}

/** Bars and features of a market are made once; each run begins from a copy of them, with a registry and a ledger of its own. */
async function runMarket(market: PlaceboMarket, series: PlaceboSeries): Promise<PlaceboRun[]> {
  const base = join(series.scratch, `market-${market.edge}-${market.seed}`)
  const found: PlaceboRun[] = []
  try {
    for (const one of market.runs) {
      const file = join(market.folder, `${one.kind}-${one.seed}.json`)
      const fresh = existsSync(file)
      if (!fresh) {
        if (!existsSync(base)) await prepare(base, market, series)
        const run: PlaceboRun = { ...(await runOne(one, base, series)), edge: market.edge }
        writeFileWhole(file, prettyJson(JSON.parse(JSON.stringify(run))))
      }
      const run: PlaceboRun = { ...(readJson(file) as PlaceboRun), edge: market.edge }
      found.push(run)
      series.onRun(run, fresh)
    }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
  return found
}

async function prepare(base: string, { seed, edge }: PlaceboMarket, series: PlaceboSeries): Promise<void> {
  const { start, months, signal } = series
  mkdirSync(base, { recursive: true })
  const market = ['--pair', 'BTCUSDT', '--seed', String(seed), '--edge', String(edge)]
  const span = ['--start', start, '--months', String(months)]
  await sluice(['simulate', '--out', join(base, 'archive'), ...market, ...span, '--quiet'], signal)
  await sluice(runOf(base, series, ['--to', 'features']), signal)
}

async function runOne(
  { kind, seed }: { readonly kind: PlaceboKind; readonly seed: number },
  base: string,
  series: PlaceboSeries,
): Promise<Omit<PlaceboRun, 'edge'>> {
  const root = `${base}-${kind}-${seed}`
  try {
    cpSync(base, root, { recursive: true, mode: constants.COPYFILE_FICLONE })
    const shuffle = kind === 'permuted' ? ['--set', `labels.shuffle=${seed}`] : []
    return { kind, seed, ...selected(root, await sluice(runOf(root, series, shuffle), series.signal)) }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function runOf(root: string, { options }: PlaceboSeries, more: readonly string[]): string[] {
  return ['run', 'placebo', '--root', root, '--jobs', '1', '--json', '--quiet', ...options, ...more]
}

/** What the stage of that name found, from the summary of its run. */
function selected(root: string, told: string): Omit<PlaceboRun, 'kind' | 'seed' | 'edge'> {
  const { units } = JSON.parse(told) as { units: { stage: string; files: { name: string; path: string }[] }[] }
  const files = units.flatMap(({ stage, files }) => (stage === 'select' ? files : []))
  const path = files.find(({ name }) => name === 'selection')?.path
  assert(path !== undefined, 'a run to select wrote no selection')
  const { passed: promoted, candidates } = JSON.parse(readFileSync(join(root, path), 'utf8')) as Selection
  const [best] = candidates
  return {
    promoted,
    model: best.model,
    failed: best.gates.filter(({ passed, required }) => required && !passed).map(({ gate }) => gate),
    aucs: candidates.flatMap(({ model, metrics }) => aucOf(model, metrics.auc_direction)),
  }
}

type Auc = { readonly value: number | null; readonly interval?: readonly [number, number] }
type Selection = {
  readonly passed: boolean
  readonly candidates: readonly {
    readonly model: string
    readonly gates: readonly { readonly gate: string; readonly passed: boolean; readonly required: boolean }[]
    readonly metrics: { readonly auc_direction: Auc }
  }[]
}

function aucOf(model: string, { value, interval }: Auc): PlaceboAuc[] {
  return value === null || interval === undefined ? [] : [{ model, value, low: interval[0], high: interval[1] }]
}

/** stdout of a run of this program that ended well or at a gate. */
function sluice(words: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [MAIN, ...words], { signal, maxBuffer: 64e6 }, (error, stdout, stderr) => {
      if (error === null || error.code === EXIT.gate) resolve(stdout)
      else if (signal.aborted) reject(signal.reason)
      else {
        reject(
          new UserError(`a placebo run failed: ${stderr.trim().split('\n')[0] || error.message}`, {
            hint: `sluice ${words.slice(0, 2).join(' ')} with the same options says more`,
          }),
        )
      }
    })
  })
}
