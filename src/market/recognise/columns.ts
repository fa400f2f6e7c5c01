/**
 * Which column of somebody's table is what. The names are those of the exchange, ccxt, freqtrade, pandas, yfinance and of data vendors,
 * compared without case and punctuation; where two could be meant, nothing is guessed.
 */
import { suggestion } from '../../core/suggest.js'
import type { ImportKind } from './names.js'
import {
  IMPORT_KINDS,
  INDEX_NAMES,
  KLINE_NUMBERS,
  METRIC_NUMBERS,
  NAMES,
  ROLES,
  type Role,
  START_NAMES,
  TIME_NAMES,
} from './roles.js'

/** Tables without a header line, by their number of columns; `rival` is another column of the time, such as that of MetaTrader's clock. */
const HEADERLESS: Readonly<Record<ImportKind, Readonly<Record<number, readonly (Role | 'rival' | null)[]>>>> = {
  klines: {
    5: ['time', 'open', 'high', 'low', 'close'],
    6: ['time', 'open', 'high', 'low', 'close', 'volume'],
    7: ['time', 'rival', 'open', 'high', 'low', 'close', 'volume'],
    11: ['time', ...KLINE_NUMBERS.slice(0, 5), 'close_time', ...KLINE_NUMBERS.slice(5)],
    12: ['time', ...KLINE_NUMBERS.slice(0, 5), 'close_time', ...KLINE_NUMBERS.slice(5), null],
  },
  // freqtrade keeps funding in the shape of candles: the rate stands in the place of `open`.
  fundingRate: {
    2: ['time', 'rate'],
    3: ['time', 'interval_hours', 'rate'],
    6: ['time', 'rate', null, null, null, null],
  },
  trades: {
    6: ['id', 'price', 'quantity', 'quote_quantity', 'time', 'is_buyer_maker'],
    7: ['id', 'price', 'quantity', 'quote_quantity', 'time', 'is_buyer_maker', null],
  },
  metrics: { 8: ['time', 'symbol', ...METRIC_NUMBERS] },
}

export type ColumnsRequest = {
  readonly names: readonly string[]
  /** False when the names are only the positions 1, 2, 3 … */
  readonly hasHeader: boolean
  readonly kind: ImportKind | null
  /** Whose ratio `longShortRatio` is, where the file's name says it: the tables are alike. */
  readonly ratio?: Role | null
  /** Role and name of a column, as the user wrote them. */
  readonly given: readonly (readonly [string, string])[]
}

export type Columns = {
  readonly kind: ImportKind
  /** Position in `names`, from 0. */
  readonly at: { readonly [role in Role]?: number }
  /** The column of times says by its name that they are the begin of the bar, or the moment of the print. */
  readonly isStart: boolean
  /** Other columns that could be the time just as well: they must say the same in every row, or be the time of day of a date. */
  readonly rivals: readonly number[]
  readonly unused: readonly string[]
  readonly problems: readonly string[]
}

export function recogniseColumns(request: ColumnsRequest): Columns {
  const { names, hasHeader, given } = request
  const problems: string[] = []
  const at: { [role in Role]?: number } = {}
  for (const [role, name] of given) placeGiven(role, name, names, at, problems)
  const kind = request.kind ?? kindOf(request)
  const byPosition = HEADERLESS[kind][names.length]
  if (hasHeader) placeByName(names, kind, at, problems)
  else if (byPosition !== undefined) {
    byPosition.forEach((role, position) => {
      if (role !== null && role !== 'rival' && !Object.values(at).includes(position)) at[role] ??= position
    })
  } else if (given.length === 0) {
    problems.push(
      `it has no header line, and ${names.length} columns are neither ${Object.keys(HEADERLESS[kind]).join(', ')}: name them with --columns time=1,open=2,…`,
    )
  }
  if (hasHeader && kind === 'metrics') placeRatio(request, at, problems)
  const rivals = hasHeader ? placeTime(names, kind, at, given) : rivalsByPosition(byPosition ?? [], at)
  const lacking = lackingOf(kind, at)
  if (lacking.length > 0 && (hasHeader || byPosition !== undefined || given.length > 0)) {
    problems.push(
      `no column for ${lacking.join(', ')} (columns: ${names.map((name) => name || '(unnamed)').join(', ')})`,
    )
  }
  const used = new Set([...Object.values(at), ...rivals])
  const isStart = hasHeader && at.time !== undefined && START_NAMES.includes(squash(names[at.time]))
  return {
    kind,
    at,
    isStart,
    rivals,
    unused: names.filter((name, i) => !used.has(i) && !isIndex(name) && squash(name) !== 'ignore'),
    problems,
  }
}

function rivalsByPosition(roles: readonly (Role | 'rival' | null)[], at: Columns['at']): number[] {
  return roles.flatMap((role, i) => (role === 'rival' && !Object.values(at).includes(i) ? [i] : []))
}

function placeGiven(
  role: string,
  name: string,
  names: readonly string[],
  at: { [r in Role]?: number },
  problems: string[],
) {
  const known = ROLES.find((one) => one === role)
  const position = names.indexOf(name)
  if (known === undefined)
    problems.push(`--columns ${role}=${name}: ${role} is no column of an archive${suggestion(role, ROLES)}`)
  else if (position < 0)
    problems.push(`--columns ${role}=${name}: there is no column ${name}${suggestion(name, names)}`)
  else at[known] = position
}

function kindOf({ names, hasHeader, given }: ColumnsRequest): ImportKind {
  if (given.some(([role]) => role === 'rate')) return 'fundingRate'
  if (!hasHeader) return names.length <= 3 ? 'fundingRate' : 'klines'
  const squashed = names.map(squash)
  const has = (role: Exclude<Role, 'time'>) => NAMES[role].some((name) => squashed.includes(name))
  if (has('high')) return 'klines'
  if (has('rate')) return 'fundingRate'
  if (has('price') && has('quantity')) return 'trades'
  return squashed.includes(ANY_RATIO) || METRIC_NUMBERS.some(has) ? 'metrics' : 'klines'
}

/** The exchange calls the ratio of all accounts and the two of top traders alike. */
const ANY_RATIO = 'longshortratio'
const RATIOS = ['account_ratio', 'top_account_ratio', 'top_position_ratio'] as const

function placeRatio({ names, ratio }: ColumnsRequest, at: { [r in Role]?: number }, problems: string[]): void {
  const position = names.findIndex((name) => squash(name) === ANY_RATIO)
  if (position < 0 || Object.values(at).includes(position)) return
  if (ratio != null) at[ratio] ??= position
  else {
    const [first, ...others] = RATIOS.map((role) => `${role}=${names[position]}`)
    problems.push(
      `${names[position]} could be of all accounts or of top traders: --columns ${first}, ${others.join(' or ')}`,
    )
  }
}

function placeByName(
  names: readonly string[],
  kind: ImportKind,
  at: { [r in Role]?: number },
  problems: string[],
): void {
  const squashed = names.map(squash)
  const roles = [...IMPORT_KINDS[kind].numbers, ...(kind === 'klines' ? (['close_time'] as const) : [])]
  for (const role of [...roles, 'symbol' as const]) {
    if (at[role] !== undefined) continue
    const taken = Object.values(at)
    const fits = squashed.flatMap((name, i) => (fitsRole(name, role) && !taken.includes(i) ? [i] : []))
    const plain = fits.filter((i) => squashed[i] === NAMES[role][0])
    const chosen = plain.length === 1 ? plain : fits
    if (chosen.length > 1 && role !== 'symbol') {
      problems.push(
        `${chosen.map((i) => names[i]).join(' and ')} could both be ${role}: choose with --columns ${role}=…`,
      )
    }
    if (chosen.length > 0) at[role] = chosen[0]
  }
  // freqtrade keeps funding in the shape of candles: the rate stands in `open`, the other prices are 0.
  if (kind === 'fundingRate' && at.rate === undefined && squashed.includes('open')) at.rate = squashed.indexOf('open')
}

function fitsRole(name: string, role: Exclude<Role, 'time'>): boolean {
  if (NAMES[role].includes(name)) return true
  // CryptoDataDownload names the asset: `Volume BTC` beside `Volume USDT`.
  return role === 'volume' && /^volume[a-z0-9]{2,6}$/.test(name) && !NAMES.quote_volume.includes(name)
}

/** Places the time and returns its rivals. An index that nobody named is the time only when nothing else is, not even an end. */
function placeTime(
  names: readonly string[],
  kind: ImportKind,
  at: { [r in Role]?: number },
  given: ColumnsRequest['given'],
): number[] {
  if (at.time !== undefined) return []
  const taken = Object.values(at)
  const among = (known: readonly string[]) =>
    names.flatMap((name, i) => (known.includes(squash(name)) && !taken.includes(i) ? [i] : []))
  const starts = among(START_NAMES)
  const times = starts.length > 0 ? starts : among(TIME_NAMES)
  if (times.length > 0) {
    at.time = times[0]
    return times.slice(1)
  }
  if (given.some(([role]) => role === 'close_time') || (kind === 'klines' && at.close_time !== undefined)) return []
  const [index] = among(INDEX_NAMES)
  if (index !== undefined) at.time = index
  return []
}

function lackingOf(kind: ImportKind, at: Columns['at']): string[] {
  const { needed } = IMPORT_KINDS[kind]
  const isTimeless = at.time === undefined && (kind !== 'klines' || at.close_time === undefined)
  return [...(isTimeless ? ['time'] : []), ...needed.filter((role) => at[role] === undefined)]
}

function isIndex(name: string): boolean {
  return INDEX_NAMES.includes(squash(name))
}

/** Without case and punctuation; of a column with two levels, `('Close', 'BTC-USD')`, the first. */
function squash(name: string): string {
  const [, level] = /^\('([^']*)',.*\)$/.exec(name) ?? []
  return (level ?? name).toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
