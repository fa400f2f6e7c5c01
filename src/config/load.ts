/**
 * Defaults < files < environment < `--set`. Every problem is found before any is reported, each with the place it came from.
 */
import type { z } from 'zod'
import { binomial } from '../core/combinations.js'
import { UserError } from '../core/errors.js'
import { nearest, suggestion } from '../core/suggest.js'
import { parseTime, type Timeframe, timeframeMs } from '../core/time.js'
import { flatName, lastPart, oursFor } from '../core/usual-names.js'
import { labelProblems } from '../labels/problems.js'
import { backtestProblems } from './backtest-problems.js'
import { type Config, SETTING_NAMES, SETTINGS, type SettingName } from './settings.js'

/** One layer of configuration as written: nested as in YAML, or flat. */
export type Layer = { readonly from: string; readonly values: Readonly<Record<string, unknown>> }

export type LoadedConfig = {
  readonly config: Config
  /** Where each value that is not a default came from. */
  readonly origins: ReadonlyMap<SettingName, string>
}

/** @throws UserError (exit code 2) that lists all problems at once */
export function resolveConfig(layers: readonly Layer[]): LoadedConfig {
  const problems: string[] = []
  const values = new Map<SettingName, unknown>(SETTING_NAMES.map((name) => [name, SETTINGS[name].default]))
  const origins = new Map<SettingName, string>()
  for (const layer of layers) {
    for (const [path, value] of leaves(layer.values)) {
      const name = settingAt(path)
      if (name === null) {
        problems.push(`${layer.from}: ${path} is not a setting${meant(path)}`)
        continue
      }
      const parsed = SETTINGS[name].type.safeParse(
        path === name ? listed(name, value) : nested(path, name, value, values),
      )
      if (parsed.success) {
        values.set(name, parsed.data)
        origins.set(name, layer.from)
      } else {
        problems.push(`${layer.from}: ${path} = ${shown(value)} ${reason(parsed.error.issues[0], value)}`)
      }
    }
  }
  const config = Object.freeze(Object.fromEntries(values)) as Config
  if (problems.length === 0) problems.push(...contradictions(config))
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
    throw new UserError(`the configuration has ${count}\n${problems.map((text) => `  ${text}`).join('\n')}`, {
      hint: 'sluice config --all lists every setting with its meaning',
      exitCode: 2,
    })
  }
  return { config, origins }
}

/** A layer, and what in the environment looks like a setting and is none. */
export type EnvironmentLayer = Layer & { readonly doubts: readonly string[] }

/**
 * The layer of `SLUICE_A__B=value` variables. A name with `__` is meant for us: when it is no setting, `resolveConfig` says so. Any
 * other counts only where there is a setting of its name, for people keep variables of their own under our prefix; those that look like
 * a setting are told in `doubts`.
 */
export function environmentLayer(
  environment: Readonly<Record<string, string | undefined>>,
  parse: (text: string) => unknown,
): EnvironmentLayer {
  const values: Record<string, unknown> = {}
  const doubts: string[] = []
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || text === undefined || NOT_SETTINGS.includes(variable)) continue
    const path = variable.slice(PREFIX.length).replaceAll('__', '.')
    const name = SETTING_NAMES.find((known) => flatName(known) === flatName(path))
    if (name !== undefined) values[name] = parse(text)
    else if (path.includes('.')) values[path.toLowerCase()] = parse(text)
    else {
      const near = nearest(path, SETTING_NAMES) ?? SETTING_NAMES.find((known) => joined(known) === joined(path))
      if (near !== undefined)
        doubts.push(`${variable} is no setting and has no effect; did you mean ${variableOf(near)}?`)
    }
  }
  return { from: 'environment', values, doubts }
}

const PREFIX = 'SLUICE_'

/** Variables with our prefix that say where something of the machine is. */
export const NOT_SETTINGS: readonly string[] = ['SLUICE_HOME', 'SLUICE_XGBOOST_LIB', 'SLUICE_LIGHTGBM_LIB']

/** `SLUICE_LABELS__HORIZON` for `labels.horizon`. */
function variableOf(name: string): string {
  return `${PREFIX}${name
    .replaceAll('.', '__')
    .replace(/[a-z](?=[A-Z])/g, '$&_')
    .toUpperCase()}`
}

/** With no mark between the parts: `SLUICE_LABELS_HORIZON` has one `_` too few. */
function joined(name: string): string {
  return flatName(name).replaceAll('.', '')
}

/** The layer of `--set a.b=value`. */
export function assignmentLayer(assignments: readonly string[], parse: (text: string) => unknown): Layer {
  const values: Record<string, unknown> = {}
  for (const assignment of assignments) {
    const at = assignment.indexOf('=')
    if (at < 1) {
      throw new UserError(`--set ${assignment} has no value`, { hint: 'write --set labels.profit=0.03', exitCode: 2 })
    }
    values[assignment.slice(0, at).trim()] = parse(assignment.slice(at + 1))
  }
  return { from: '--set', values }
}

/** `, did you mean …?`: a setting, or the parameter that a model has under another name; nothing where neither is near. */
function meant(path: string): string {
  const isSetting = (word: string) => SETTING_NAMES.some((name) => name === word || lastPart(name) === word)
  const words = oursFor(path)
  return words.length > 0 && !words.some(isSetting)
    ? `, did you mean models.<model>.${words[0]}?`
    : suggestion(path, SETTING_NAMES)
}

/** Paths and values of what is written, down to settings: a table of parameters stays whole. */
function* leaves(values: Readonly<Record<string, unknown>>, prefix = ''): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(values)) {
    const path = prefix + key
    const isTable = value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
    if (isTable && !(path in SETTINGS)) yield* leaves(value as Record<string, unknown>, `${path}.`)
    else yield [path, value]
  }
}

function settingAt(path: string): SettingName | null {
  const found = SETTING_NAMES.find((name) => path === name)
  if (found !== undefined) return found
  if (/^models\.[^.]+\.[^.]+$/.test(path)) return 'models'
  if (/^backtest\.pairs\.[^.]+(\.[^.]+)?$/.test(path)) return 'backtest.pairs'
  return /^train\.monotone\.[^.]+$/.test(path) ? 'train.monotone' : null
}

/** A list may be written as `a,b`. */
function listed(name: SettingName, value: unknown): unknown {
  return Array.isArray(SETTINGS[name].default) && typeof value === 'string'
    ? value.split(',').map((item) => item.trim())
    : value
}

/** `models.xgboost.maxDepth = 3` laid over what earlier layers say of the models, `train.monotone.rsi_14 = 1` over other features. */
function nested(path: string, name: SettingName, value: unknown, values: ReadonlyMap<SettingName, unknown>): unknown {
  const within = (table: unknown, [key, ...more]: string[]): unknown => {
    const known = (table ?? {}) as Readonly<Record<string, unknown>>
    return { ...known, [key]: more.length === 0 ? value : within(known[key], more) }
  }
  return within(values.get(name), path.slice(name.length + 1).split('.'))
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const KINDS: Readonly<Record<string, string>> = { int: 'a whole number', array: 'a list', record: 'a table' }

function reason(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_value') {
    const meant = typeof value === 'string' ? suggestion(value, issue.values.map(String)) : ''
    return `is not one of ${issue.values.join(', ')}${meant}`
  }
  if (issue.code === 'invalid_type') return `is not ${KINDS[issue.expected] ?? `a ${issue.expected}`}`
  if (issue.code === 'too_small')
    return issue.inclusive === false ? `is not above ${issue.minimum}` : `is below the limit ${issue.minimum}`
  if (issue.code === 'too_big') return `is above the limit ${issue.maximum}`
  if (issue.code === 'invalid_union') return issue.errors.map(([first]) => reason(first, value)).join(' and ')
  return issue.message
}

/** What no single setting can say. */
function contradictions(config: Config): string[] {
  const problems: string[] = []
  const base = timeframeMs(config['bars.base'])
  const decision = timeframeMs(config['bars.decision'])
  if (decision % base !== 0) {
    problems.push(`bars.decision ${config['bars.decision']} is not a multiple of bars.base ${config['bars.base']}`)
  }
  for (const context of config['bars.context'] as readonly Timeframe[]) {
    if (timeframeMs(context) % decision !== 0 || timeframeMs(context) <= decision) {
      problems.push(`bars.context ${context} is not a higher multiple of bars.decision ${config['bars.decision']}`)
    }
  }
  const { 'data.from': from, 'data.to': to } = config
  if (from !== null && to !== null && to !== 'now' && parseTime(from) >= parseTime(to)) {
    problems.push(`data.from ${from} is not before data.to ${to}`)
  }
  problems.push(...labelProblems(config))
  problems.push(...splitProblems(config))
  problems.push(...backtestProblems(config))
  if (new Set(config['data.pairs']).size !== config['data.pairs'].length) problems.push('data.pairs names a pair twice')
  return problems
}

/** Most fits that one model may take: more are a slip of the pen. */
const MOST_FITS = 250

function splitProblems(config: Config): string[] {
  const problems: string[] = []
  const { 'train.split': scheme, 'train.folds': groups, 'train.scoredGroups': scored } = config
  const { 'train.testShare': test, 'train.validationShare': validation } = config
  if (test + validation > 0.8) {
    problems.push(`train.testShare ${test} and train.validationShare ${validation} leave less than 0.2 to train on`)
  }
  if (scheme === 'purged-kfold' && groups < 3) {
    problems.push(
      `train.folds ${groups} is below 3: purged-kfold scores one group, validates on one and trains on the rest`,
    )
  }
  if (scheme === 'combinatorial' && groups - scored < 2) {
    problems.push(
      `train.folds ${groups} is below ${scored + 2}: combinatorial scores train.scoredGroups ${scored}, validates on one and trains on the rest`,
    )
  }
  if (scheme === 'combinatorial' && binomial(groups, scored) > MOST_FITS) {
    problems.push(
      `train.folds ${groups} and train.scoredGroups ${scored} make ${binomial(groups, scored)} fits of each model, at most ${MOST_FITS}`,
    )
  }
  return problems
}
