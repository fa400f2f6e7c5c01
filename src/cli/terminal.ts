/**
 * What people see, on stderr: bars on a terminal, one plain line per unit otherwise. The columns are always the same.
 */
import type { RunEvents, UnitReport } from '../runner/run.js'
import type { StageName } from '../stages/stage.js'
import { hintInFull } from './print-error.js'

export interface Terminal extends RunEvents {
  readonly onUnit: (report: UnitReport) => void
  readonly onProgress: (name: string, finished: number, total: number) => void
  line(text: string): void
  close(): void
}

export async function createTerminal({ quiet }: { readonly quiet: boolean }): Promise<Terminal> {
  const isTty = process.stderr.isTTY === true && !quiet && process.env.CI === undefined && process.env.TERM !== 'dumb'
  const bars = isTty ? await (await import('./bars.js')).createBars(process.stderr) : null
  let freshUnits = 0
  let freshStage: StageName | null = null
  /** Pairs of which it has been said that they wait: every later stage of theirs does. */
  const waiting = new Set<string | null>()
  /** Reasons why units failed, and how many more there were than the one that was told of. */
  const failures = new Map<string, number>()

  const line = (text: string) => {
    if (bars === null) process.stderr.write(`${text}\n`)
    else bars.line(text)
  }
  const flushFresh = () => {
    if (freshUnits > 0 && freshStage !== null && !quiet)
      line(columns(freshStage, `${freshUnits} ${freshUnits === 1 ? 'unit' : 'units'}`, 'fresh', '', 0))
    freshUnits = 0
  }

  return {
    line,
    onUnit(report) {
      if (report.outcome === 'fresh') {
        if (freshStage !== report.stage) flushFresh()
        freshStage = report.stage
        freshUnits++
      } else {
        flushFresh()
        if (report.outcome === 'waiting') {
          if (waiting.has(report.pair) || (report.pair === null && waiting.size > 0)) return
          waiting.add(report.pair)
        }
        const isTold = report.outcome === 'failed' && failures.has(report.reason)
        if (report.outcome === 'failed')
          failures.set(report.reason, isTold ? (failures.get(report.reason) ?? 0) + 1 : 0)
        if (!isTold && (!quiet || report.outcome === 'failed')) for (const text of linesOf(report)) line(text)
      }
      if (report.outcome !== 'fresh')
        for (const warning of report.warnings) line(`warning   ${report.unit}: ${warning}`)
    },
    onWarning(name, text) {
      line(`warning   ${name}: ${text}`)
    },
    onRound(stage, text) {
      if (!quiet) line(`${stage.padEnd(9)} ${text}`)
    },
    onProgress: (stage, finished, total) => bars?.stage(stage, finished, total),
    onGroup: (_, progress) => bars?.group(progress),
    close() {
      bars?.close()
      flushFresh()
      // Otherwise the summary says so.
      for (const [reason, more] of failures)
        if (quiet && more > 0) line(`${' '.repeat(10)}${unitsMore(more)} for the same reason: ${reason.split('\n')[0]}`)
    },
  }
}

function unitsMore(more: number): string {
  return more === 1 ? 'one more unit failed' : `${more} more units failed`
}

function linesOf(report: UnitReport): string[] {
  const { stage, unit, outcome, state, seconds } = report
  if (outcome === 'failed') {
    const hint = report.hint === null ? [] : [`${' '.repeat(10)}hint: ${hintInFull(report.hint)}`]
    return [
      columns(stage, unit, 'failed', report.reason, seconds),
      ...hint,
      ...(report.trace === null ? [] : [report.trace]),
    ]
  }
  const word = outcome === 'done' ? 'done' : state
  const why = state === 'stale' && outcome === 'done' ? ` (${report.reason})` : ''
  return [
    columns(
      stage,
      unit,
      word,
      outcome === 'done' ? `${report.summary}${why}` : report.reason || report.summary,
      seconds,
    ),
  ]
}

function columns(stage: string, unit: string, state: string, text: string, seconds: number): string {
  const time = seconds >= 0.05 ? `  ${seconds.toFixed(1)} s` : ''
  return `${stage.padEnd(9)} ${unit.padEnd(36)} ${state.padEnd(8)} ${text}${time}`.trimEnd()
}
