/**
 * Everything about the exchange that is contested, and everything that goes wrong with it, one named switch each. "§" is the section of the
 * research notes on the exchange; [?] marks what nobody has verified. A client that passes with every switch in every position is not tied to
 * a contested fact.
 */
import type { Kind } from './rows.js'

/** How a matching request goes wrong. Without `times`, it always does. */
export type Fault = {
  /** Against the decoded path with its query, `/fapi/v1/klines?symbol=BTCUSDT&…`. */
  readonly match: RegExp
  readonly how: FaultKind
  readonly times?: number
  /** Matching requests that go well before the first fault. */
  readonly skip?: number
  /** Retry-After of 429 and 418 (0 = none is sent); length of a delay. Default 1. */
  readonly seconds?: number
  /** What arrives before `truncate` and `stall` begin. Default half. */
  readonly bytes?: number
}

export type FaultKind =
  | 'reset' // the connection goes before an answer
  | 'silent' // no answer ever
  | 'truncate' // announces all, sends a part, hangs up
  | 'stall' // announces all, sends a part, then nothing more
  | 'slow' // a byte at a time over `seconds`, but whole
  | 'delay' // answers after `seconds`
  | 'wrongLength' // announces, and so delivers, fewer bytes than the body has
  | 'truncatedGzip' // half of the compressed (or plain) body, as if it were whole
  | 'flip' // one bit of the middle byte
  | 'html200' // a network's sign-in page
  | 'html502'
  | 'html503'
  | 'html504'
  | 'status500'
  | 'status503' // -1008
  | '408' // -1007
  | '403' // the CDN's firewall
  | '451' // restricted location
  | '429' // with Retry-After, outside of the weights
  | '418'
  | '404'

export type ChecksumVariant = {
  readonly match: RegExp // against the zip's key
  /** `mismatch` with `times` heals after so many reads. `otherName` names another file. */
  readonly how: 'noNewline' | 'crlf' | 'star' | 'upperCase' | 'mismatch' | 'otherName' | 'empty'
  readonly times?: number
}

export type Missing = {
  readonly match: RegExp // against the zip's key
  readonly what: 'zip' | 'checksum' | 'both'
  /** Absent for so many reads, then there. */
  readonly times?: number
}

export type Defect = {
  readonly match: RegExp // against the zip's key
  readonly how: DefectKind
  /** Rows it applies to, [from, to) counted from 0; default 10 to 20. */
  readonly rows?: readonly [number, number]
  /** `missingDays`: UTC days of a monthly file. */
  readonly days?: readonly string[]
  /** `blankCells`: columns by number; default the last one. */
  readonly columns?: readonly number[]
}

export type DefectKind =
  | 'duplicateRows'
  | 'unsortedRows' // in reverse order
  | 'missingRows'
  | 'missingDays'
  | 'truncatedDay' // nothing from the middle on
  | 'doubled' // the whole file twice over
  | 'empty' // no byte
  | 'headerOnly'
  | 'header' // has one where it should have none
  | 'noHeader'
  | 'blankCells' // `""`
  | 'emptyCells'
  | 'zeroCells' // "0": such as open interest of zero in metrics
  | 'crlf'
  | 'noFinalNewline'
  | 'microseconds'
  | 'milliseconds'
  | 'notAZip'
  | 'twoMembers'

/**
 * A row on which archive and REST disagree. The test knows both: the truth, and the truth after `change`. Over REST it reaches the kline
 * kinds, fundingRate and /futures/data; in the archive every kind.
 */
export type Disagreement = {
  readonly side: 'archive' | 'rest'
  readonly kind: Kind
  readonly pair: string
  /** Open times, trade numbers, funding times or labels (ms) of the rows concerned. */
  readonly times: readonly number[]
  readonly change: (row: readonly string[]) => string[]
}

export type Switches = {
  // Weights and limits
  /** Kline weights: doc <100:1 <500:2 <=1000:5 else 10; measured <=100:1 <=500:2 <=1000:5 (§1.1, §8). Omitted limit costs 5 in both. */
  weights: 'doc' | 'measured'
  /** Futures weight per window; live 2400 (§2). exchangeInfo says the same. */
  weightLimit: number
  /** Spot weight per window; live 6000 (§2). */
  spotWeightLimit: number
  /** The weight window, aligned to the UTC clock; live 60,000 ms (§2). Tests that want to wait for it shorten it. */
  weightWindowMs: number
  /** fundingRate and fundingInfo together, per 5 minutes; live 500 (§1.1). No header tells. */
  fundingLimit: number
  /** /futures/data/*, per 5 minutes; live 1000 (§1.1). No header tells. */
  dataLimit: number
  /** Window of the two buckets above; live 300,000 ms. */
  bucketWindowMs: number
  /** Whether 429 carries Retry-After: on futures contested (§8). */
  retryAfterHeader: boolean
  /** `window`: until the window ends, as the exchange; a number of seconds clears the bucket when it is over. */
  retryAfter: 'window' | number
  /** Calls during the wait of a 429, or during a ban, before the next ban begins. */
  callsUntilBan: number
  /** First ban; each later one is twice as long, at most 3 days (§2). Live 120. */
  banSeconds: number
  /** Whether a ban on futures covers spot and the other way round [?]. Read once, at the start. */
  banSpansVenues: boolean
  /** Whether -1003 carries a JSON body; `html` answers with a page (texts are of 2022–2026, §8). */
  limitBody: 'json' | 'html' | 'empty'
  /** Off: no x-mbx-used-weight header anywhere, as behind some proxies. */
  weightHeader: boolean
  /** Answer with gzip when asked. */
  gzip: boolean

  // REST facts
  /** What /time says beyond the server's clock: a client must not trust its own. */
  timeSkewMs: number
  /** Whether the last kline may be the forming one (§1.1). */
  formingBar: boolean
  /** aggTrades over more than an hour: doc forbids (-1127), one capture got 200 (§8). */
  aggTradesMaxSpan: 'none' | '1h'
  /** fromId together with times: doc "may time out" (§1.1). */
  aggTradesMixed: '408' | 'fromId'
  /** aggTrades have `nq`: recent, absent from old captures (§1.1). */
  nq: boolean
  /** fundingRate with startTime=0 gave the latest rows (§1.1). */
  fundingStartZero: 'latest' | 'earliest'
  /** fundingRate without times: doc says 200, measured the default limit of 100 [?]. */
  fundingNewest: 100 | 200
  /** fundingRate rows have `rateType` (§0). */
  rateType: boolean
  /** /futures/data timestamps: number live, string in some doc examples (§1.1). */
  dataTimestamp: 'number' | 'string'
  /** Label of open interest and the ratios over REST: which one today is not known (§8). */
  dataLabel: 'start' | 'end'
  /** Label of taker volume: start by the connector (§1.1). */
  takerLabel: 'start' | 'end'
  /** Which rows come when both bounds are given and hold more than `limit`; not verified (§1.1). */
  dataBothBounds: 'oldest' | 'newest'
  /** How long after its end a /futures/data period appears [?]. */
  dataLagMs: number
  /** Days of /futures/data: about 30 (§1.1). */
  dataDays: number
  /** `symbol` in lower case is accepted (§1.1). */
  lowerCaseSymbol: boolean
  /** Spot `limit` above the maximum [?]. */
  spotLimitAboveMax: 'clamp' | 'error'
  /** exchangeInfo also lists contracts without data here: quarterly, pending, unknown status and type (§7.11). */
  zoo: boolean

  // Archive facts
  /** UTC hour from which yesterday's daily files are there; observed 01:45–09:20 (§3.5). */
  dailyHour: number
  /** Day of the month from which last month's files are there; observed the 2nd to two weeks (§3.5). */
  monthlyDay: number
  /** Header lines: auto = spot never; futures since 2022-08; kinds newer than that always (§3.3). */
  header: 'auto' | 'always' | 'never'
  /** Spot times: auto = microseconds from 2025-01-01 (§3.3). */
  spotTimeUnit: 'auto' | 'ms' | 'us'
  /** Body of 404: unverified (§8). */
  notFoundBody: 'xml' | 'empty' | 'html'
  /** Range requests: unverified (§8). `ignore` answers 200 with all. */
  range: 'honour' | 'ignore'
  /** Percentages of bookDepth are written both ways (§3.6). */
  bookDepthPercent: 'integer' | 'decimal'
  /** Whether files of past days come with the metrics label of their time (§3.6 #491). `start`/`end`: relabelled throughout. */
  metricsLabel: 'seam' | 'start' | 'end'
  /** Special funding prints are in the archive too [?]: it has no column to tell them apart. */
  archiveSpecialFunding: boolean
  /**
   * Files of liquidations up to 2024-03-31: taken down, as they are today, or still there with every row twice (binance-public-data
   * issues 259 and 337) or, for a mirror that has mended it, once.
   */
  liquidations: 'gone' | 'doubled' | 'single'
  /** Keys a page (§3.1). */
  listingPageSize: number
  /** Keys that match and whose period begins later are not listed, though they can be fetched (§3.1). */
  listingStale: readonly { readonly match: RegExp; readonly after: string }[]
  /** Size and ETag of a listed zip that nobody has read yet: `real` makes every zip of the page first, some 20 ms a month of 1m. */
  listingEtags: 'real' | 'placeholder'
  /** NextMarker is sent only with a delimiter, as S3 documents; else the client takes the last key (§3.1). */
  nextMarker: 'delimiter' | 'always' | 'never'
  /** list-type=2: used by peers, unverified (§8). `ignore` answers version 1. */
  listType2: 'honour' | 'ignore'

  // Faults
  faults: readonly Fault[]
  checksums: readonly ChecksumVariant[]
  missing: readonly Missing[]
  defects: readonly Defect[]
  disagreements: readonly Disagreement[]
}

export const DEFAULT_SWITCHES: Switches = {
  weights: 'doc',
  weightLimit: 2400,
  spotWeightLimit: 6000,
  weightWindowMs: 60_000,
  fundingLimit: 500,
  dataLimit: 1000,
  bucketWindowMs: 300_000,
  retryAfterHeader: true,
  retryAfter: 'window',
  callsUntilBan: 3,
  banSeconds: 120,
  banSpansVenues: false,
  limitBody: 'json',
  weightHeader: true,
  gzip: true,
  timeSkewMs: 0,
  formingBar: true,
  aggTradesMaxSpan: 'none',
  aggTradesMixed: '408',
  nq: true,
  fundingStartZero: 'latest',
  fundingNewest: 100,
  rateType: true,
  dataTimestamp: 'number',
  dataLabel: 'start',
  takerLabel: 'start',
  dataBothBounds: 'oldest',
  dataLagMs: 0,
  dataDays: 30,
  lowerCaseSymbol: true,
  spotLimitAboveMax: 'clamp',
  zoo: true,
  dailyHour: 9,
  monthlyDay: 2,
  header: 'auto',
  spotTimeUnit: 'auto',
  notFoundBody: 'xml',
  range: 'honour',
  bookDepthPercent: 'integer',
  metricsLabel: 'seam',
  archiveSpecialFunding: false,
  liquidations: 'gone',
  listingPageSize: 1000,
  listingStale: [],
  listingEtags: 'real',
  nextMarker: 'delimiter',
  listType2: 'honour',
  faults: [],
  checksums: [],
  missing: [],
  defects: [],
  disagreements: [],
}
