/**
 * Which column of somebody's table is what. The names are those of the exchange, ccxt, freqtrade, pandas, yfinance and of data vendors,
 * compared without case and punctuation; where two could be meant, nothing is guessed.
 */
import { suggestion } from '../../core/suggest.js'
import type { ImportKind } from './names.js'

/** What a column can be. `close_time` is the bar's end; `rate` and `interval_hours` belong to funding. */
export const ROLES = [
  'time',
  'close_time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quote_volume',
  'count',
  'taker_buy_volume',
  'taker_buy_quote_volume',
  'rate',
  'interval_hours',
  'symbol',
] as const
export type Role = (typeof ROLES)[number]

export const KLINE_NUMBERS = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quote_volume',
  'count',
  'taker_buy_volume',
  'taker_buy_quote_volume',
] as const satisfies readonly Role[]
export const FUNDING_NUMBERS = ['interval_hours', 'rate'] as const satisfies readonly Role[]

/** Names without case and punctuation; the first of a role is the one that its other names cannot make ambiguous. */
const NAMES: Readonly<Record<Exclude<Role, 'time'>, readonly string[]>> = {
  close_time: ['closetime', 'timeclose', 'klineclosetime', 'endtime', 'end', 'barend', 'timeend', 'closeat'],
  open: ['open', 'o', 'openprice', 'priceopen'],
  high: ['high', 'h', 'highprice', 'pricehigh'],
  low: ['low', 'l', 'lowprice', 'pricelow'],
  close: ['close', 'c', 'closeprice', 'priceclose'],
  volume: ['volume', 'vol', 'v', 'basevolume', 'volumebase', 'basevol'],
  quote_volume: [
    'quotevolume',
    'quoteassetvolume',
    'volumequote',
    'quotevol',
    'qav',
    'turnover',
    'volumeusdt',
    'volumeusdc',
    'volumebusd',
    'volumeusd',
    'volumeeur',
  ],
  count: ['count', 'numberoftrades', 'numtrades', 'trades', 'tradecount', 'tradescount', 'ntrades', 'n'],
  taker_buy_volume: [
    'takerbuyvolume',
    'takerbuybaseassetvolume',
    'takerbuybasevolume',
    'takerbuybasevol',
    'takerbasevol',
    'takerbuybase',
    'tbbav',
    'tbbase',
  ],
  taker_buy_quote_volume: [
    'takerbuyquotevolume',
    'takerbuyquoteassetvolume',
    'takerbuyquotevol',
    'takerquotevol',
    'takerbuyquote',
    'tbqav',
    'tbquote',
  ],
  rate: ['lastfundingrate', 'fundingrate', 'funding', 'rate'],
  interval_hours: ['fundingintervalhours', 'intervalhours', 'fundinginterval'],
  symbol: ['symbol', 'pair', 'ticker', 'tic', 'instrument', 'coin'],
}

/** A time that says itself that it is the bar's begin, or the moment of a print. It is taken whatever else there is. */
const START_NAMES = ['opentime', 'timeopen', 'klineopentime', 'starttime', 'openat', 'calctime', 'fundingtime']
const TIME_NAMES = [
  'date',
  'datetime',
  'timestamp',
  'time',
  'unix',
  'ts',
  't',
  'dt',
  'unixtime',
  'unixtimestamp',
  'timestampms',
  'dateutc',
  'datetimeutc',
  'timeutc',
  'candlebegintime',
  'fundingtimestamp',
]
/** The index of a data frame that nobody named; a time only when nothing else is one. */
const INDEX_NAMES = ['', 'index', 'indexlevel0', 'unnamed0']

/** Tables without a header line, by their number of columns. */
const HEADERLESS: Readonly<Record<ImportKind, Readonly<Record<number, readonly (Role | null)[]>>>> = {
  klines: {
    5: ['time', 'open', 'high', 'low', 'close'],
    6: ['time', 'open', 'high', 'low', 'close', 'volume'],
    11: ['time', ...KLINE_NUMBERS.slice(0, 5), 'close_time', ...KLINE_NUMBERS.slice(5)],
    12: ['time', ...KLINE_NUMBERS.slice(0, 5), 'close_time', ...KLINE_NUMBERS.slice(5), null],
  },
  fundingRate: { 2: ['time', 'rate'], 3: ['time', 'interval_hours', 'rate'] },
}

export type ColumnsRequest = {
  readonly names: readonly string[]
  /** False when the names are only the positions 1, 2, 3 … */
  readonly hasHeader: boolean
  readonly kind: ImportKind | null
  /** Role and name of a column, as the user wrote them. */
  readonly given: readonly (readonly [string, string])[]
}

export type Columns = {
  readonly kind: ImportKind
  /** Position in `names`, from 0. */
  readonly at: { readonly [role in Role]?: number }
  /** The column of times says by its name that they are the begin of the bar, or the moment of the print. */
  readonly isStart: boolean
  /** Other columns that could be the time just as well: they must say the same in every row. */
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
      if (role !== null && !Object.values(at).includes(position)) at[role] ??= position
    })
  } else if (given.length === 0) {
    problems.push(
      `it has no header line, and ${names.length} columns are neither ${Object.keys(HEADERLESS[kind]).join(', ')}: name them with --columns time=1,open=2,…`,
    )
  }
  const rivals = hasHeader ? placeTime(names, kind, at, given) : []
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
  const has = (role: 'rate' | 'high') => NAMES[role].some((name) => squashed.includes(name))
  return has('rate') && !has('high') ? 'fundingRate' : 'klines'
}

function placeByName(
  names: readonly string[],
  kind: ImportKind,
  at: { [r in Role]?: number },
  problems: string[],
): void {
  const squashed = names.map(squash)
  const roles = kind === 'klines' ? [...KLINE_NUMBERS, 'close_time' as const] : FUNDING_NUMBERS
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
  const needed: readonly Role[] = kind === 'klines' ? ['open', 'high', 'low', 'close'] : ['rate']
  const isTimeless = at.time === undefined && (kind === 'fundingRate' || at.close_time === undefined)
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
