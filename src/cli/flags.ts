/**
 * Every option once: how it is written, and what it means. Commands name the ones they take.
 */
import { UserError } from '../core/errors.js'
import { pairNameProblem } from '../market/pair-name.js'

export type OptionDefinition = {
  readonly flags: string
  readonly meaning: string
  readonly kind: 'text' | 'list' | 'switch'
}

export const OPTIONS = {
  pair: { flags: '--pair <PAIR...>', meaning: 'pairs, instead of data.pairs', kind: 'list' },
  models: { flags: '--models <a,b>', meaning: 'candidates, instead of train.models', kind: 'list' },
  config: {
    flags: '--config <FILE...>',
    meaning: 'YAML files, later ones win; sluice.yaml is read when present',
    kind: 'list',
  },
  set: { flags: '--set <a.b=c...>', meaning: 'one setting; wins over files and SLUICE_A__B', kind: 'list' },
  root: { flags: '--root <DIR>', meaning: 'where data/, artifacts/ and reports/ lie (default: here)', kind: 'text' },
  jobs: { flags: '--jobs <N>', meaning: 'worker processes; the result does not depend on it', kind: 'text' },
  revise: {
    flags: '--revise',
    meaning: 'ask again for what was absent, and fetch anew what the archive has replaced',
    kind: 'switch',
  },
  force: {
    flags: '--force',
    meaning: 'do it again even if fresh; import, simulate: replace what is there',
    kind: 'switch',
  },
  replay: {
    flags: '--replay',
    meaning: 'the test part one bar at a time through features, model and engine; must give the same trades',
    kind: 'switch',
  },
  pdf: {
    flags: '--pdf',
    meaning: 'print each page as index.pdf beside it, with an installed Chromium (CHROME_PATH, else PATH)',
    kind: 'switch',
  },
  dryRun: { flags: '--dry-run', meaning: 'show the folds that would be used, fit nothing', kind: 'switch' },
  json: { flags: '--json', meaning: 'the result as JSON on stdout', kind: 'switch' },
  quiet: { flags: '--quiet', meaning: 'only warnings and errors', kind: 'switch' },
  from: { flags: '--from <STAGE>', meaning: 'first stage that may do work', kind: 'text' },
  to: { flags: '--to <STAGE>', meaning: 'last stage', kind: 'text' },
  all: { flags: '--all', meaning: 'every setting with its meaning, also the defaults', kind: 'switch' },
  who: { flags: '--who <NAME>', meaning: 'who decides (default: the user of this session)', kind: 'text' },
  why: { flags: '--why <TEXT>', meaning: 'the reason, kept with the decision', kind: 'text' },
  out: { flags: '--out <DIR>', meaning: 'folder of the archive that is written (import: imported)', kind: 'text' },
  seed: { flags: '--seed <N>', meaning: 'seed of the market (default 42)', kind: 'text' },
  edges: { flags: '--edges <a,b>', meaning: 'a power curve: --runs markets of each of these edges', kind: 'list' },
  edge: { flags: '--edge <E>', meaning: 'planted predictability: 0 noise, 1 strong (default 1)', kind: 'text' },
  start: { flags: '--start <YYYY-MM>', meaning: 'first month (default 2024-01)', kind: 'text' },
  months: { flags: '--months <N>', meaning: 'number of months (default 7)', kind: 'text' },
  venue: {
    flags: '--venue <VENUE>',
    meaning: 'binance-um or binance-spot (default: by name, else binance-um)',
    kind: 'text',
  },
  kind: {
    flags: '--kind <KIND>',
    meaning: 'klines, fundingRate, trades or metrics (default: by columns and name)',
    kind: 'text',
  },
  timeframe: {
    flags: '--timeframe <T>',
    meaning: 'length of a bar (default: by the distance of the times)',
    kind: 'text',
  },
  timeZone: {
    flags: '--time-zone <ZONE>',
    meaning: 'of times without an offset, such as Europe/Berlin (default UTC)',
    kind: 'text',
  },
  timeUnit: { flags: '--time-unit <U>', meaning: 's, ms, us or ns since 1970 (default: by their size)', kind: 'text' },
  decimal: {
    flags: '--decimal <MARK>',
    meaning: 'dot or comma (default: as the numbers show)',
    kind: 'text',
  },
  columns: {
    flags: '--columns <time=Date...>',
    meaning: 'which column is what; without a header by position: time=1',
    kind: 'list',
  },
  label: {
    flags: '--label <L>',
    meaning: 'start or end: what of its bar a time names (default: as the times show, else start)',
    kind: 'text',
  },
  top: { flags: '--top <N>', meaning: 'how many (default 20)', kind: 'text' },
  quote: { flags: '--quote <ASSET>', meaning: 'asset in which they are traded (default USDT)', kind: 'text' },
  cuts: { flags: '--cuts <N>', meaning: 'moments by chance at which to cut the data (default 32)', kind: 'text' },
  runs: {
    flags: '--runs <N>',
    meaning: 'runs on noise: half random walks, half permuted labels (default 12)',
    kind: 'text',
  },
  svg: { flags: '--svg <FILE>', meaning: 'the chart as an SVG file besides', kind: 'text' },
  kinds: {
    flags: '--kinds <a,b...>',
    meaning: 'kinds of files, or all (default: those of bars, funding and metrics; trades and books are large)',
    kind: 'list',
  },
} as const satisfies Record<string, OptionDefinition>

export type OptionName = keyof typeof OPTIONS

/** What was typed: text, lists of text, switches. */
export type Flags = { readonly [name in OptionName]?: string | readonly string[] | boolean }

export function textOf(flags: Flags, name: OptionName): string | null {
  const value = flags[name]
  return typeof value === 'string' ? value : null
}

/** @throws UserError (exit code 2) naming the first option that was given nothing: an empty variable of a script is no wish */
export function checkFlags(flags: Flags): void {
  for (const [name, value] of Object.entries(flags)) {
    const texts = typeof value === 'boolean' || value === undefined ? [] : [value].flat()
    if (texts.some((text) => text.replace(/[,\s]/g, '') === '')) {
      const { flags: written } = OPTIONS[name as OptionName]
      throw new UserError(`${written.split(' ')[0]} was given nothing`, {
        hint: `leave it out, or write ${written.replace('...', '')}`,
        exitCode: 2,
      })
    }
  }
}

/**
 * The pairs that were asked for; none when the option was not given.
 *
 * @throws UserError (exit code 2) for what cannot be the name of a pair, which would become a path
 */
export function pairsOf(flags: Flags): readonly string[] {
  const pairs = listOf(flags, 'pair')
  for (const pair of pairs) {
    const problem = pairNameProblem(pair)
    if (problem !== null) {
      throw new UserError(`--pair ${pair} ${problem}`, {
        hint: 'sluice pairs lists those that are traded most, or those of an archive folder',
        exitCode: 2,
      })
    }
  }
  return pairs
}

/** Lists may be given as several words, several options, or with commas. */
export function listOf(flags: Flags, name: OptionName): readonly string[] {
  const value = flags[name]
  return Array.isArray(value)
    ? value
        .flatMap((item: string) => (name === 'set' ? [item] : item.split(',').map((part) => part.trim())))
        .filter((item) => item !== '')
    : []
}

export function isSet(flags: Flags, name: OptionName): boolean {
  return flags[name] === true
}

/** @throws UserError when it is not a whole number from `least` on */
export function wholeNumberOf(flags: Flags, name: OptionName, fallback: number, least: number): number {
  const value = numberOf(flags, name, fallback, least)
  if (Number.isSafeInteger(value)) return value
  throw new UserError(`--${name} ${value} is not a whole number`, {
    hint: `such as --${name} ${Math.max(least, 1)}`,
    exitCode: 2,
  })
}

/** @throws UserError when it is not a number from `least` on */
export function numberOf(flags: Flags, name: OptionName, fallback: number, least: number): number {
  const text = textOf(flags, name)
  return text === null ? fallback : parsedNumber(text, name, least)
}

/** @throws UserError when one of them is not a number from `least` on */
export function numbersOf(flags: Flags, name: OptionName, least: number): readonly number[] {
  return listOf(flags, name).map((text) => parsedNumber(text, name, least))
}

function parsedNumber(text: string, name: OptionName, least: number): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < least) {
    throw new UserError(`--${name} ${text} is not a number from ${least} on`, {
      hint: `such as --${name} ${Math.max(least, 1)}`,
      exitCode: 2,
    })
  }
  return value
}
