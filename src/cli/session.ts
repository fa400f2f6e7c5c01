/**
 * What a command works with: configuration from its four layers, the workspace, and the only clock.
 */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parse } from 'yaml'
import { assignmentLayer, environmentLayer, type Layer, type LoadedConfig, resolveConfig } from '../config/load.js'
import { UserError } from '../core/errors.js'
import { openWorkspace, type Workspace } from '../datasets/workspace.js'
import { type Flags, listOf, pairsOf, textOf, wholeNumberOf } from './flags.js'
import type { Pipeline } from './pipeline.js'
import { readYamlFile } from './read-yaml.js'

export type Session = LoadedConfig & {
  readonly workspace: Workspace
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: () => number
  readonly files: readonly string[]
}

const USUAL_FILE = 'sluice.yaml'

export function openSession(flags: Flags, pipeline: Pipeline | null = null): Session {
  const root = textOf(flags, 'root') ?? pipeline?.root ?? '.'
  const given = listOf(flags, 'config')
  const files = given.length > 0 ? given : existsSync(USUAL_FILE) ? [USUAL_FILE] : []
  const layers: Layer[] = files.map(readLayer)
  if (pipeline !== null) layers.push({ from: `pipeline ${pipeline.name}`, values: withRoot(pipeline.config, root) })
  const environment = environmentLayer(process.env, scalar)
  for (const doubt of environment.doubts) process.stderr.write(`warning   ${doubt}\n`)
  layers.push(environment, assignmentLayer(listOf(flags, 'set'), scalar), ownLayer(flags))
  return {
    ...resolveConfig(layers),
    workspace: openWorkspace(root),
    environment: process.env,
    clock: Date.now,
    files,
  }
}

/** Options that stand for a setting. */
function ownLayer(flags: Flags): Layer {
  const values: Record<string, unknown> = {}
  const pairs = pairsOf(flags)
  const models = listOf(flags, 'models')
  if (pairs.length > 0) values['data.pairs'] = pairs
  if (models.length > 0) values['train.models'] = models
  if (flags.jobs !== undefined) values['run.jobs'] = wholeNumberOf(flags, 'jobs', availableParallelism(), 1)
  return { from: 'command line', values }
}

function readLayer(file: string): Layer {
  const hint = 'settings are written as a: {b: c}, or indented; see config/example.yaml'
  const values = readYamlFile(file, 'the configuration file', hint) ?? {}
  if (typeof values === 'object' && !Array.isArray(values)) return { from: file, values: values as Layer['values'] }
  throw new UserError(`${file} is not a table of settings`, { hint, exitCode: 2 })
}

/** The text after `=` as YAML reads it: 3, true, [a, b], or the text itself. */
function scalar(text: string): unknown {
  try {
    const value: unknown = parse(text)
    return value instanceof Date ? text : (value ?? text)
  } catch {
    return text
  }
}

/** `{root}` in a pipeline's values stands for the workspace. */
function withRoot(values: Readonly<Record<string, unknown>>, root: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(values).replaceAll('{root}', JSON.stringify(root).slice(1, -1)))
}
