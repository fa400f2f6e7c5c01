/**
 * The end of a run, and its state, as text and as JSON.
 */
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { isoDay } from '../core/time.js'
import { absolute, type Workspace } from '../datasets/workspace.js'
import type { RunResult, UnitReport } from '../runner/run.js'
import { STAGE_NAMES } from '../stages/stage.js'
import { hintInFull } from './print-error.js'

export function summaryJson({ span, units, seconds, peakBytes }: RunResult) {
  return {
    from: isoDay(span.from),
    to: isoDay(span.to),
    seconds: Math.round(seconds * 1000) / 1000,
    peakBytes,
    reports: reportsOf(units).map(({ pair, path }) => ({ pair, path })),
    units: units.map(
      ({
        stage,
        step,
        unit,
        pair,
        state,
        outcome,
        reason,
        hint,
        summary,
        warnings,
        seconds: took,
        manifestPath,
        manifest,
      }) => ({
        stage,
        step,
        unit,
        pair,
        state,
        outcome,
        reason,
        hint: hint === null ? null : hintInFull(hint),
        summary,
        warnings,
        seconds: Math.round(took * 1000) / 1000,
        manifest: manifestPath,
        files: manifest?.files.map(({ name, path, sha256, bytes }) => ({ name, path, sha256, bytes })) ?? [],
      }),
    ),
  }
}

function reportsOf(units: readonly UnitReport[]): { pair: string; path: string; folder: string }[] {
  return units.flatMap(({ stage, step, pair, manifest }) =>
    stage === 'report' && step === 'page' && pair !== null && manifest !== null
      ? manifest.files
          .filter(({ name }) => name === 'page')
          .map(({ path }) => ({ pair, path, folder: path.slice(0, path.lastIndexOf('/')) }))
      : [],
  )
}

/** The tables that the report stage wrote, the paths, and what it cost. */
export function renderSummary(result: RunResult, workspace: Workspace): string {
  const { units, seconds, peakBytes } = result
  const reports = reportsOf(units)
  const lines: string[] = ['']
  for (const { folder } of reports) {
    const table = absolute(workspace, `${folder}/summary.txt`)
    if (existsSync(table)) lines.push(readFileSync(table, 'utf8').trimEnd(), '')
  }
  // Where no report was asked for, its own table says what select found.
  const selections =
    reports.length > 0 ? [] : units.filter(({ stage, manifest }) => stage === 'select' && manifest !== null)
  for (const { manifest } of selections) {
    const file = manifest?.files.find(({ name }) => name === 'summary')
    const table = file === undefined ? null : absolute(workspace, file.path)
    if (table !== null && existsSync(table)) lines.push(readFileSync(table, 'utf8').trimEnd(), '')
  }
  for (const { pair, path } of reports) lines.push(`${pair.padEnd(12)} ${shortest(absolute(workspace, path))}`)
  for (const [reason, { first, more }] of failuresOf(units)) {
    lines.push(`failed       ${first.stage} ${first.unit}${more > 0 ? ` and ${more} more` : ''}: ${reason}`)
  }
  const count = (outcome: UnitReport['outcome']) => units.filter((unit) => unit.outcome === outcome).length
  const did =
    count('done') === 0 && count('failed') === 0 && count('waiting') === 0
      ? `everything is fresh: ${count('fresh')} units`
      : `${count('done')} done, ${count('fresh')} fresh, ${count('failed')} failed${count('waiting') > 0 ? `, ${count('waiting')} waiting` : ''}`
  lines.push(`${did}   ${seconds.toFixed(1)} s   peak memory ${(peakBytes / 1e6).toFixed(0)} MB`)
  return `${lines.join('\n')}\n`
}

/** One cause is told once, however many units it fails: the first of them, and how many there are besides. */
function failuresOf(units: readonly UnitReport[]): Map<string, { readonly first: UnitReport; readonly more: number }> {
  const causes = new Map<string, { readonly first: UnitReport; readonly more: number }>()
  for (const unit of units) {
    if (unit.outcome !== 'failed') continue
    const known = causes.get(unit.reason)
    causes.set(unit.reason, known === undefined ? { first: unit, more: 0 } : { ...known, more: known.more + 1 })
  }
  return causes
}

/** A path as one would type it here. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.length < path.length ? fromHere : path
}

/** One line per stage and pair, with the reason for whatever is not fresh. */
export function renderStatus({ units, span }: RunResult): string {
  const lines = [`${isoDay(span.from)} to ${isoDay(span.to)}`]
  for (const stage of STAGE_NAMES) {
    const own = units.filter((unit) => unit.stage === stage)
    for (const pair of new Set(own.map((unit) => unit.pair))) {
      const group = own.filter((unit) => unit.pair === pair)
      const rest = group.filter(({ state }) => state !== 'fresh')
      const fresh = group.length - rest.length
      if (fresh > 0) lines.push(row(stage, pair ?? 'all pairs', 'fresh', `${fresh} ${fresh === 1 ? 'unit' : 'units'}`))
      for (const state of ['failed', 'stale', 'missing', 'waiting'] as const) {
        const some = rest.filter((unit) => unit.state === state)
        if (some.length === 0) continue
        const more = some.length > 1 ? `   (and ${some.length - 1} more)` : ''
        lines.push(
          row(
            stage,
            pair ?? 'all pairs',
            state,
            `${some[0].unit === pair ? '' : `${some[0].unit}: `}${some[0].reason}${more}`,
          ),
        )
      }
    }
  }
  return `${lines.join('\n')}\n`
}

function row(stage: string, pair: string, state: string, text: string): string {
  return `${stage.padEnd(9)} ${pair.padEnd(12)} ${state.padEnd(8)} ${text}`.trimEnd()
}
