/**
 * Which columns to make: names, families, globs and presets, resolved against the registry and the timeframes at hand.
 */
import { EXIT, UserError } from '../core/errors.js'
import { nearest } from '../core/suggest.js'
import type { Timeframe } from '../core/time.js'
import { FAMILIES, type Feature } from './feature.js'
import { inPreset, PRESETS } from './presets.js'
import { FEATURES } from './registry.js'

/**
 * Each entry is one of
 * - a column: `rsi_14` (decision timeframe) or `rsi_14_1h` (context timeframe);
 * - a family: `momentum`, on every timeframe;
 * - a glob over column names: `rsi_*`, `*_1h`, `sma_distance_?0`;
 * - a preset: `core`, `sequence`, `all`.
 */
export type Selection = { readonly include: readonly string[]; readonly exclude: readonly string[] }

export const DEFAULT_SELECTION: Selection = { include: ['core'], exclude: [] }

/** A column of the table: a feature on one timeframe. */
export type Column = {
  readonly name: string // as on disk: the feature's, with the timeframe behind it on a context timeframe
  readonly feature: Feature
  readonly timeframe: Timeframe
  readonly context: boolean
}

/** Every column that the registry has on these timeframes: decision first, then each context timeframe as given. */
export function possibleColumns(decision: Timeframe, context: readonly Timeframe[]): Column[] {
  return [
    ...FEATURES.map((feature) => ({ name: feature.name, feature, timeframe: decision, context: false })),
    ...context.flatMap((timeframe) =>
      FEATURES.filter((feature) => feature.timeframes === 'every').map((feature) => ({
        name: `${feature.name}_${timeframe}`,
        feature,
        timeframe,
        context: true,
      })),
    ),
  ]
}

/**
 * The selected columns in the order of `possibleColumns`, whatever the order of the entries.
 *
 * @throws UserError for every entry that selects nothing (all of them in one message), and when no column is left
 */
export function selectColumns(selection: Selection, decision: Timeframe, context: readonly Timeframe[]): Column[] {
  const columns = possibleColumns(decision, context)
  const problems: string[] = []
  const suggestions: string[] = []
  const resolve = (entries: readonly string[]) => {
    const chosen = new Set<Column>()
    for (const entry of entries) {
      const matches = columns.filter(matcher(entry))
      for (const column of matches) chosen.add(column)
      if (matches.length > 0) continue
      problems.push(entry)
      const words = [...columns.map((column) => column.name), ...FAMILIES, ...PRESETS]
      const suggestion = nearest(entry, words)
      if (suggestion !== null) suggestions.push(suggestion)
    }
    return chosen
  }
  const included = resolve(selection.include)
  const excluded = resolve(selection.exclude)
  if (problems.length > 0) {
    const timeframes = [decision, ...context].join(', ')
    throw new UserError(
      `unknown feature${problems.length > 1 ? 's' : ''} ${problems.join(', ')} (timeframes ${timeframes})`,
      {
        hint:
          suggestions.length > 0
            ? `did you mean ${suggestions.join(', ')}? \`sluice features list\` shows all`
            : '`sluice features list` shows all names and families',
        exitCode: EXIT.usage,
      },
    )
  }
  const selected = columns.filter((column) => included.has(column) && !excluded.has(column))
  if (selected.length === 0) {
    throw new UserError(`no features are selected: ${included.size} included, ${excluded.size} excluded`, {
      hint: 'include the preset `core`, or exclude less',
      exitCode: EXIT.usage,
    })
  }
  return selected
}

function matcher(entry: string): (column: Column) => boolean {
  const preset = PRESETS.find((name) => name === entry)
  if (preset !== undefined) return ({ feature, context }) => inPreset(preset, feature.name, context)
  if (FAMILIES.some((family) => family === entry)) return ({ feature }) => feature.family === entry
  if (/[*?]/.test(entry)) {
    const literal = entry.replace(/[.+^${}()|[\]\\]/g, '\\$&')
    const pattern = new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`)
    return ({ name }) => pattern.test(name)
  }
  return ({ name }) => name === entry
}
