/**
 * `sluice verify placebo`: the whole program on markets of which the truth is known. On noise nothing may be promoted, a planted edge
 * must be found.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config/settings.js'
import { canonicalJson, type Json, prettyJson, sha256 } from '../core/canonical.js'
import { EXIT, UserError } from '../core/errors.js'
import { monthOf, monthsOf, parseTime } from '../core/time.js'
import { writeFileWhole } from '../datasets/files.js'
import { absolute, PLACES } from '../datasets/workspace.js'
import { codeHash } from '../runner/code-hash.js'
import { lockWorkspace } from '../runner/lock.js'
import { sweep } from '../runner/sweep.js'
import { stageModule } from '../stages/registry.js'
import {
  judgePlacebo,
  PLACEBO_KINDS,
  type PlaceboFinding,
  type PlaceboKind,
  type PlaceboRun,
  type PowerPoint,
  powerCurve,
} from '../validation/placebo.js'
import { type Flags, isSet, listOf, numberOf, numbersOf, wholeNumberOf } from './flags.js'
import { readPipeline } from './pipeline.js'
import { type PlaceboMarket, placeboRuns } from './placebo-runs.js'
import { printError } from './print-error.js'
import { openSession } from './session.js'
import { createTerminal } from './terminal.js'
import { textTable } from './text-table.js'

/** Runs on noise; half of them random walks, half permuted labels. */
const RUNS = 12

export async function verifyPlacebo(flags: Flags): Promise<number> {
  const pipeline = readPipeline('placebo')
  const session = openSession(flags, pipeline)
  const span = spanOf(session.config)
  const edge = numberOf(flags, 'edge', 1, 0)
  const edges = numbersOf(flags, 'edges', 0)
  const first = wholeNumberOf(flags, 'seed', 42, 0)
  const count = wholeNumberOf(flags, 'runs', RUNS, 2)
  const code = pipeline.stages.map((stage) => codeHash(stageModule(stage)))
  // The number of workers is no part of what is found.
  const { 'run.jobs': jobs, ...settings } = session.config
  const folderOf = (about: Json) => {
    const key = sha256(canonicalJson({ edge: about, settings: settings as unknown as Json, code })).slice(0, 16)
    const folder = absolute(session.workspace, `artifacts/placebo/${key}`)
    mkdirSync(folder, { recursive: true })
    return folder
  }
  const isCurve = edges.length > 0
  const markets = isCurve
    ? curveMarkets({ runs: count, first, edges, folderOf })
    : marketsOf({ runs: count, first, edge, folder: folderOf(edge) })
  const scratch = absolute(session.workspace, `${PLACES.scratch}/placebo-${process.pid}`)
  const lock = lockWorkspace(session.workspace, 'verify placebo', session.clock())
  if (lock.afterKill) sweep(session.workspace)
  const terminal = await createTerminal({ quiet: isSet(flags, 'quiet') || isSet(flags, 'json') })
  const aborted = new AbortController()
  const stop = (signal: NodeJS.Signals) => aborted.abort(signal)
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const total = markets.flatMap(({ runs }) => runs).length
  let done = 0
  const quiet = isSet(flags, 'quiet') || isSet(flags, 'json')
  try {
    const runs = await placeboRuns({
      markets,
      scratch,
      ...span,
      options: passedOn(flags),
      jobs: jobs ?? availableParallelism(),
      signal: aborted.signal,
      onRun: (run, fresh) => {
        terminal.onProgress('placebo', ++done, total)
        if (!quiet) terminal.line(lineOf(run, fresh))
      },
    })
    // Whether enough is found is asked of one strong edge: a curve has weak ones as well, and shows them.
    const findings = judgePlacebo(isCurve ? runs.filter(({ kind }) => kind === 'walk') : runs)
    const curve = powerCurve(runs)
    const result = isCurve ? { edges: [...edges], curve, findings, runs } : { edge, findings, runs }
    const folder = folderOf(isCurve ? [...edges] : edge)
    writeFileWhole(join(folder, 'placebo.json'), prettyJson(JSON.parse(JSON.stringify(result))))
    terminal.close()
    const table = isCurve ? curveTable(curve, findings) : tableOf(runs, findings)
    process.stdout.write(isSet(flags, 'json') ? `${JSON.stringify(result, null, 2)}\n` : table)
    const broken = findings.filter(({ holds }) => !holds)
    if (broken.length === 0) return EXIT.done
    printError(
      `the pipeline did not pass its placebo: ${broken.map(({ name }) => name).join(', ')}`,
      'with leaks ruled out by sluice verify features, look at the gates: they let chance through, or keep a real edge out',
    )
    return EXIT.gate
  } catch (error) {
    if (!aborted.signal.aborted) throw error
    terminal.close()
    process.stderr.write('stopped; the runs that are done are kept, the same command goes on with the others\n')
    return aborted.signal.reason === 'SIGINT' ? 130 : 143
  } finally {
    rmSync(scratch, { recursive: true, force: true })
    terminal.close()
    lock.release()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

type Series = { readonly runs: number; readonly first: number; readonly edge: number; readonly folder: string }

/**
 * Half of the runs on noise are markets without an edge, the other half move the labels of one with it, two runs a market. They take turns, so
 * that a series cut short has some of each.
 */
function marketsOf({ runs, first, edge, folder }: Series): PlaceboMarket[] {
  const walks = Math.ceil(runs / 2)
  const markets: PlaceboMarket[] = []
  for (let i = 0; i < walks; i++) {
    markets.push({ seed: first + i, edge: 0, folder, runs: [{ kind: 'walk', seed: first + i }] })
    if (i % 2 === 1 || i === walks - 1)
      markets.push(plantedMarket(Math.floor(i / 2), { runs: runs - walks, first, edge, folder }))
  }
  return markets
}

function plantedMarket(i: number, { runs, first, edge, folder }: Series): PlaceboMarket {
  const moved = [2 * i, 2 * i + 1].filter((k) => k < runs)
  return {
    ...{ seed: first + i, edge, folder },
    runs: [{ kind: 'planted', seed: first + i }, ...moved.map((k) => ({ kind: 'permuted' as const, seed: first + k }))],
  }
}

type Curve = Pick<Series, 'runs' | 'first'> & {
  readonly edges: readonly number[]
  readonly folderOf: (edge: number) => string
}

/** The same seeds at every edge, seed by seed. */
function curveMarkets({ runs, first, edges, folderOf }: Curve): PlaceboMarket[] {
  return Array.from({ length: runs }, (_, i) =>
    edges.map((edge) => {
      const kind: PlaceboKind = edge === 0 ? 'walk' : 'planted'
      return { seed: first + i, edge, folder: folderOf(edge), runs: [{ kind, seed: first + i }] }
    }),
  ).flat()
}

/** The months that are simulated: those that the pipeline then reads. */
function spanOf(config: Config) {
  const [from, to] = [config['data.from'], config['data.to']]
  if (from === null || to === null || to === 'now') {
    throw new UserError('a placebo needs a span of its own', {
      hint: 'leave data.from and data.to as they are',
      exitCode: EXIT.usage,
    })
  }
  return { start: monthOf(parseTime(from)), months: monthsOf({ from: parseTime(from), to: parseTime(to) }).length }
}

/** Options that mean the same in every run. */
function passedOn(flags: Flags): string[] {
  return (['config', 'set', 'models'] as const).flatMap((name) =>
    listOf(flags, name).flatMap((value) => [`--${name}`, value]),
  )
}

function lineOf({ kind, seed, edge, promoted, model, failed, aucs }: PlaceboRun, fresh: boolean): string {
  const auc = aucs.map(({ value, low, high }) => `AUC ${value.toFixed(3)} (${low.toFixed(3)} – ${high.toFixed(3)})`)
  const what = promoted ? `${model} promoted` : `refused: ${failed.join(', ')}`
  return `placebo   ${kind.padEnd(9)} edge ${String(edge).padEnd(4)} seed ${String(seed).padEnd(5)} ${fresh ? 'fresh   ' : ''}${what}   ${auc.join(', ')}`
}

function tableOf(runs: readonly PlaceboRun[], findings: readonly PlaceboFinding[]): string {
  const kinds = PLACEBO_KINDS.map((kind) => {
    const own = runs.filter((run) => run.kind === kind)
    return `${kind.padEnd(9)} ${String(own.length).padStart(4)} runs ${String(own.filter(({ promoted }) => promoted).length).padStart(4)} promoted`
  })
  return `${[...kinds, '', ...findings.map(findingLine)].join('\n')}\n`
}

function findingLine({ name, value, low, high, bound, count, holds }: PlaceboFinding): string {
  const shown = (x: number) => (name === 'AUC on noise' ? x.toFixed(4) : `${(100 * x).toFixed(1)} %`)
  return `${name.padEnd(20)} ${shown(value).padStart(8)}  (${shown(low)} – ${shown(high)}, ${count})  ${bound}: ${holds ? 'holds' : 'BROKEN'}`
}

function curveTable(curve: readonly PowerPoint[], findings: readonly PlaceboFinding[]): string {
  const rows = curve.map(({ edge, count, promoted, low, high, failed }) => [
    ...[String(edge), String(count), String(promoted), `${(100 * low).toFixed(0)} – ${(100 * high).toFixed(0)} %`],
    failed.map(([gate, runs]) => `${gate} ${runs}`).join(', '),
  ])
  const table = textTable(
    ['edge', 'runs', 'promoted', '95 % interval', 'gates failed, in how many runs'],
    rows,
    [0, 1, 2],
  )
  return `${[table, '', ...findings.map(findingLine)].join('\n')}\n`
}
