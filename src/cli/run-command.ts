/**
 * `sluice <stage>`, `sluice run` and `sluice status`: lock, run, tell.
 */
import { execFileSync } from 'node:child_process'
import { isAbsolute, relative } from 'node:path'
import { shownConfig } from '../config/settings.js'
import { EXIT, UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { isoDay } from '../core/time.js'
import { loadFileHashes } from '../datasets/file-hashes.js'
import { writeFileWhole } from '../datasets/files.js'
import { PLACES, placeFor } from '../datasets/workspace.js'
import { lockWorkspace } from '../runner/lock.js'
import { type RunEvents, type RunResult, runStages, type UnitReport } from '../runner/run.js'
import { sweep } from '../runner/sweep.js'
import { NOTHING_KNOWN } from '../sources/archive-files.js'
import type { StageName } from '../stages/stage.js'
import { type Flags, isSet, textOf } from './flags.js'
import { lookUpTo } from './look.js'
import { type Pipeline, readPipeline } from './pipeline.js'
import { printError } from './print-error.js'
import { openSession, type Session } from './session.js'
import { renderStatus, renderSummary, summaryJson } from './summary.js'
import { createTerminal } from './terminal.js'

const USUAL_PIPELINE = 'full'

export async function runStage(stage: StageName, flags: Flags): Promise<number> {
  return work(openSession(flags), flags, [stage], stage)
}

export async function runPipeline(name: string | undefined, flags: Flags): Promise<number> {
  const pipeline = readPipeline(name ?? USUAL_PIPELINE)
  const session = openSession(flags, pipeline)
  const stages = between(pipeline, textOf(flags, 'from'), textOf(flags, 'to'))
  return work(session, flags, stages, `run ${pipeline.name}`, pipeline)
}

export async function showStatus(name: string | undefined, flags: Flags): Promise<number> {
  const session = openSession(flags, name === undefined ? null : readPipeline(name))
  const result = await lookUpTo('report', session)
  process.stdout.write(
    isSet(flags, 'json') ? `${JSON.stringify(summaryJson(result), null, 2)}\n` : renderStatus(result),
  )
  return EXIT.done
}

async function work(
  session: Session,
  flags: Flags,
  stages: readonly StageName[],
  command: string,
  pipeline: Pipeline | null = null,
): Promise<number> {
  const { workspace, clock, config } = session
  if (stages.includes('train')) {
    const { checkTraining } = await import('./check-training.js')
    await checkTraining(config)
  }
  const lock = lockWorkspace(workspace, command, clock())
  const aborted = new AbortController()
  const stop = (signal: NodeJS.Signals) => aborted.abort(new Stopped(signal))
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const terminal = await createTerminal({ quiet: isSet(flags, 'quiet') })
  try {
    if (!isSet(flags, 'quiet'))
      terminal.line(`sluice ${command}   ${session.config['data.pairs'].join(' ')}   ${workspace.root}`)
    if (lock.afterKill) {
      const removed = sweep(workspace)
      const files = removed === 1 ? '1 unfinished file was' : `${removed} unfinished files were`
      terminal.line(`the last run here was killed; ${files} removed, all finished work is kept`)
    }
    if (pipeline?.simulate !== undefined) await simulateFor(pipeline, session, terminal, aborted.signal)
    const result = await runStages({
      ...common(session),
      stages,
      force: isSet(flags, 'force'),
      revise: isSet(flags, 'revise'),
      mode: 'do',
      signal: aborted.signal,
      events: terminal,
    })
    terminal.close()
    // A worker that was killed could not clean up after itself.
    if (result.units.some(({ outcome }) => outcome === 'failed')) sweep(workspace)
    const code = exitCode(result, stages)
    if (isSet(flags, 'json'))
      process.stdout.write(`${JSON.stringify({ ...summaryJson(result), exitCode: code }, null, 2)}\n`)
    else if (!isSet(flags, 'quiet')) process.stderr.write(renderSummary(result, workspace))
    explainBlocked(result, stages)
    record(session, command, result, code)
    return code
  } catch (error) {
    terminal.close()
    const reason = aborted.signal.aborted ? aborted.signal.reason : error
    if (reason instanceof Stopped) {
      sweep(workspace)
      process.stderr.write(
        `stopped by ${reason.signal}; all finished work is kept, run the same command again to go on\n`,
      )
      return reason.signal === 'SIGINT' ? 130 : 143
    }
    throw error
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    lock.release()
  }
}

class Stopped extends Error {
  readonly signal: NodeJS.Signals

  constructor(signal: NodeJS.Signals) {
    super(`stopped by ${signal}`)
    this.signal = signal
  }
}

function common({ config, workspace, environment, clock }: Session) {
  let commit: string | null | undefined
  const known = () => {
    if (commit === undefined) commit = gitCommit()
    return commit
  }
  return { config, workspace, environment, clock, gitCommit: known }
}

/** The commit that is checked out here, recorded with results; null outside of a repository. */
function gitCommit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return null
  }
}

function between(pipeline: Pipeline, from: string | null, to: string | null): StageName[] {
  const at = (name: string | null, fallback: number) => {
    if (name === null) return fallback
    const index = pipeline.stages.findIndex((stage) => stage === name)
    if (index < 0) {
      throw new UserError(`${name} is not a stage of ${pipeline.name}${suggestion(name, pipeline.stages)}`, {
        hint: `it has ${pipeline.stages.join(', ')}`,
        exitCode: 2,
      })
    }
    return index
  }
  const [first, last] = [at(from, 0), at(to, pipeline.stages.length - 1)]
  if (first > last) throw new UserError(`--from ${from} comes after --to ${to}`, { hint: 'swap them', exitCode: 2 })
  return pipeline.stages.slice(first, last + 1)
}

async function simulateFor(
  pipeline: Pipeline,
  session: Session,
  terminal: { line(text: string): void } & RunEvents,
  signal: AbortSignal,
): Promise<void> {
  const { simulate } = pipeline
  if (simulate === undefined) return
  const { simulateMarket } = await import('./simulate-command.js')
  const folder = simulate.out.replaceAll('{root}', session.workspace.root)
  const hashes = loadFileHashes(session.workspace, session.clock)
  const pathOf = (path: string) => relative(session.workspace.root, path)
  // What lies outside of the workspace, its memory does not know.
  const known = isWithin(pathOf(folder))
    ? {
        of: (path: string) => hashes.of(pathOf(path)),
        learn: (path: string, sha256: string) => hashes.learn(pathOf(path), sha256),
      }
    : NOTHING_KNOWN
  const made = await simulateMarket(folder, { ...simulate, force: false, signal, known })
  hashes.save()
  const { marker } = made
  const what = `${marker.pairs.join(' ')}, ${marker.from} to ${marker.to}, seed ${marker.seed}, edge ${marker.edge}`
  terminal.line(
    `simulate  ${made.written === 0 ? 'fresh   ' : 'done    '} a market that does not exist: ${what} (edge 0 is noise, 1 a strong planted edge)`,
  )
}

function isWithin(path: string): boolean {
  return path !== '' && !path.startsWith('..') && !isAbsolute(path)
}

function exitCode({ units }: RunResult, stages: readonly StageName[]): number {
  if (units.some(({ outcome }) => outcome === 'failed')) return EXIT.failed
  // A stage before the first that may work is in the way.
  if (units.some(({ outcome, stage }) => outcome === 'planned' || (outcome === 'waiting' && stages.includes(stage))))
    return EXIT.failed
  const refused = units.some(({ stage, manifest }) => {
    if (!stages.includes(stage)) return false
    return stage === 'select' ? manifest?.facts.approved === false : manifest?.facts.verdict === 'failed'
  })
  return refused ? EXIT.gate : EXIT.done
}

/** What was asked for could not begin because an earlier stage is not fresh. */
function explainBlocked({ units }: RunResult, stages: readonly StageName[]): void {
  const first = units.find(({ outcome }) => outcome === 'planned')
  if (first === undefined || units.some(({ outcome }) => outcome === 'failed')) return
  const others = units.filter(({ outcome }) => outcome === 'planned').length - 1
  printError(
    `${stages[0]} needs ${first.stage}, which is ${first.state} for ${first.unit}${first.reason === '' ? '' : `: ${first.reason}`}${others > 0 ? ` (and ${others} more)` : ''}`,
    `run it first: sluice ${first.stage}; or everything up to here: sluice run --to ${stages.at(-1)}`,
  )
}

/** What may differ between equal runs: when, how long, how much memory. */
function record(session: Session, command: string, result: RunResult, code: number): void {
  const { workspace, clock, config } = session
  const stamp = new Date(clock()).toISOString()
  const { units, span, seconds, peakBytes } = result
  const path = placeFor(workspace, `${PLACES.runs}/${stamp.replaceAll(':', '-')}/run.json`)
  const brief = ({ stage, step, unit, outcome, reason, seconds: took }: UnitReport) => ({
    stage,
    step,
    unit,
    outcome,
    reason,
    seconds: took,
  })
  writeFileWhole(
    path,
    `${JSON.stringify({ command, finishedAt: stamp, from: isoDay(span.from), to: isoDay(span.to), exitCode: code, seconds, peakBytes, config: shownConfig(config), units: units.map(brief) }, null, 2)}\n`,
  )
}
