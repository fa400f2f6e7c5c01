/**
 * Which files the archive has: names, first days, and when each one is published.
 */
import { addMonths, DAY, daysOf, HOUR, monthSpan, monthsOf, type Span } from '../../../src/core/time.js'
import { INTERVALS } from './bars.js'
import { within } from './market.js'
import type { Kind } from './rows.js'
import type { Switches } from './switches.js'
import type { Pair, Truth, VenueName } from './truth.js'

export type Cadence = 'daily' | 'monthly'

type Published = {
  readonly daily: string | null // first day; null = none are published
  readonly monthly: string | null
  readonly until?: string // last day
  readonly spot?: boolean
  readonly bars?: boolean
}

const ARCHIVE_KINDS: Readonly<Partial<Record<Kind, Published>>> = {
  klines: { daily: '2019-12-31', monthly: '2020-01', spot: true, bars: true },
  aggTrades: { daily: '2019-12-31', monthly: '2020-01', spot: true },
  trades: { daily: '2019-09-08', monthly: '2019-09', spot: true },
  markPriceKlines: { daily: '2019-12-23', monthly: '2020-01', bars: true },
  indexPriceKlines: { daily: '2019-12-23', monthly: '2020-01', bars: true },
  premiumIndexKlines: { daily: '2020-01-01', monthly: '2020-01', bars: true },
  fundingRate: { daily: null, monthly: '2020-01' },
  metrics: { daily: '2020-09-01', monthly: null },
  bookDepth: { daily: '2023-01-01', monthly: null },
  bookTicker: { daily: '2023-05-16', monthly: '2023-05', until: '2024-03-30' },
  liquidationSnapshot: { daily: '2023-01-01', monthly: null, until: '2024-03-31' },
}

/** What lies in the archive at all; a test that needs little names little. Default: everything. */
export type Publish = {
  readonly kinds?: readonly Kind[]
  readonly timeframes?: readonly string[] // as in file names: `1mo`, not `1M`
  readonly venues?: readonly VenueName[]
  readonly cadences?: readonly Cadence[]
}

export type ArchiveFile = {
  readonly key: string
  readonly venue: VenueName
  readonly cadence: Cadence
  readonly kind: Kind
  readonly pair: Pair
  readonly interval: string // as REST spells it
  readonly period: string
  readonly span: Span
  readonly published: number
}

const ROOTS: Readonly<Record<VenueName, string>> = { um: 'data/futures/um', spot: 'data/spot' }

export interface Catalogue {
  /** The file of a zip's key when the archive has it now. */
  find(key: string): ArchiveFile | null
  /** Keys of all zips that begin with the prefix, or that the prefix leads to, in no order. */
  under(prefix: string): string[]
}

export function createCatalogue({
  truth,
  switches,
  clock,
  publish,
}: {
  truth: Truth
  switches: Switches
  clock: () => number
  publish: Publish
}): Catalogue {
  const intervalsOf = (cadence: Cadence) =>
    INTERVALS.filter((interval) => cadence === 'monthly' || !['3d', '1w', '1M'].includes(interval))
      .map((interval) => (interval === '1M' ? '1mo' : interval))
      .filter((name) => publish.timeframes?.includes(name) ?? true)
  const offered = <T>(list: readonly T[] | undefined, one: T) => list?.includes(one) ?? true
  const find = (key: string) => {
    const file = parse(key, truth, switches)
    if (file === null || file.published > clock()) return null
    const { kind, venue, cadence, interval } = file
    if (!offered(publish.kinds, kind) || !offered(publish.venues, venue) || !offered(publish.cadences, cadence))
      return null
    if (ARCHIVE_KINDS[kind]!.bars && !intervalsOf(cadence).includes(interval === '1M' ? '1mo' : interval)) return null
    return hasRows(file) ? file : null
  }
  return {
    find,
    under(prefix) {
      const keys: string[] = []
      const leads = (folder: string) => folder.startsWith(prefix) || prefix.startsWith(folder)
      for (const venue of ['um', 'spot'] as const) {
        for (const cadence of ['daily', 'monthly'] as const) {
          for (const kind of Object.keys(ARCHIVE_KINDS) as Kind[]) {
            for (const pair of truth.pairs.values()) {
              const folder = `${ROOTS[venue]}/${cadence}/${kind}/${pair.name}/`
              if (!leads(folder)) continue
              const names = ARCHIVE_KINDS[kind]!.bars ? intervalsOf(cadence) : [null]
              for (const name of names) {
                if (name !== null && !leads(`${folder}${name}/`)) continue
                for (const period of cadence === 'daily' ? daysOf(pair.life) : monthsOf(pair.life)) {
                  const key = `${folder}${name === null ? '' : `${name}/`}${pair.name}-${name ?? kind}-${period}.zip`
                  if (key.startsWith(prefix) || prefix.startsWith(key)) keys.push(key)
                }
              }
            }
          }
        }
      }
      return keys.filter((key) => find(key) !== null)
    },
  }
}

const KEY = /^data\/(spot|futures\/um)\/(daily|monthly)\/([A-Za-z]+)\/([^/]+)\/(?:([^/]+)\/)?([^/]+)\.zip$/

function parse(key: string, truth: Truth, switches: Switches): ArchiveFile | null {
  const [, root, cadence, kind, name, folder, stem] = KEY.exec(key) ?? []
  const rules =
    kind === 'liquidationSnapshot' && switches.liquidations === 'gone' ? undefined : ARCHIVE_KINDS[kind as Kind]
  const pair = truth.pairs.get(name)
  if (rules === undefined || pair === undefined || (rules.bars ?? false) !== (folder !== undefined)) return null
  if (root === 'spot' && !rules.spot) return null
  const start = `${name}-${folder ?? kind}-`
  const period = stem.startsWith(start) ? stem.slice(start.length) : ''
  if (!(cadence === 'daily' ? /^\d{4}-\d\d-\d\d$/ : /^\d{4}-\d\d$/).test(period)) return null
  const first = root === 'spot' ? '2017-08-17' : rules[cadence as Cadence]
  if (first === null || period < first.slice(0, period.length) || period > (rules.until ?? '9').slice(0, period.length))
    return null
  const span = cadence === 'daily' ? dayOf(period) : monthSpan(period)
  if (Number.isNaN(span.from)) return null
  const published =
    cadence === 'daily'
      ? span.to + switches.dailyHour * HOUR
      : monthSpan(addMonths(period, 1)).from + (switches.monthlyDay - 1) * DAY + 10 * HOUR
  const interval = folder === '1mo' ? '1M' : (folder ?? '')
  const venue = root === 'spot' ? 'spot' : 'um'
  const until = rules.until === undefined ? span.to : Math.min(span.to, dayOf(rules.until).to)
  return {
    key,
    venue,
    cadence: cadence as Cadence,
    kind: kind as Kind,
    pair,
    interval,
    period,
    span: { from: span.from, to: until },
    published,
  }
}

function dayOf(day: string): Span {
  const from = Date.parse(`${day}T00:00:00Z`)
  return { from, to: from + DAY }
}

/** A day that was all gap has no file. */
function hasRows({ pair, kind, span }: ArchiveFile): boolean {
  const gaps = pair.missing(kind)
  for (let time = Math.max(span.from, pair.life.from); time < Math.min(span.to, pair.life.to); ) {
    const gap = gaps.find((one) => within([one], time))
    if (gap === undefined) return true
    time = gap.to
  }
  return false
}
