/**
 * The order book at the end of each bar, from snapshots about every 30 seconds: depth within bands around the price.
 */
import { MINUTE, type Span, type Timeframe, timeframeMs } from '../core/time.js'
import { gridFindings, type SeriesFindings } from './series-quality.js'

/** Distance from the price in percent; below it are bids. */
export const BANDS = [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5] as const
/** The exchange publishes these as well since 2025; too near to be of use beside the spread. */
export const UNUSED_BANDS = [-0.2, 0.2] as const
export const BAND_NAMES = BANDS.map((band) => `${band < 0 ? 'm' : 'p'}${Math.abs(band)}`)

/** The value of a band reaches from the price to its distance, so it includes the nearer ones. NaN where a snapshot lacks it. */
export type Snapshots = {
  readonly rows: number
  readonly time: Float64Array // rising, whole seconds
  readonly depth: readonly Float64Array[] // by band, base asset
  readonly notional: readonly Float64Array[] // by band, quote asset
}

export type BookBars = {
  readonly rows: number
  readonly openTime: Float64Array
  readonly snapshotTime: Float64Array
  readonly depth: readonly Float64Array[]
  readonly notional: readonly Float64Array[]
}

/** What was found row by row. */
export type SnapshotCounts = {
  readonly rows: number
  readonly outOfOrder: number
  readonly duplicates: number
  readonly conflicts: number
  readonly impossible: number
  readonly otherBands: number // rows of bands that are not kept
  readonly unknownBands: number // those of them that the exchange has not
  readonly foreign: number // outside of the period of the files
}

/** An older snapshot says nothing of a bar. */
export const SNAPSHOT_AGE = 5 * MINUTE

/**
 * Per bar the last snapshot before its end, no older than `SNAPSHOT_AGE`, else a hole. A snapshot of the very second at which the bar ends
 * is left to the next: its label is cut to seconds, so it may have been taken up to one later.
 *
 * A band is frozen from one snapshot to the next when both its depth and its notional stay the same
 * (binance/binance-public-data issue 496); counted by band, with the longest run.
 */
export function bookBars(
  snapshots: Snapshots,
  counts: SnapshotCounts,
  { span, timeframe }: { readonly span: Span; readonly timeframe: Timeframe },
): { bars: BookBars; findings: SeriesFindings } {
  const step = timeframeMs(timeframe)
  const rows = Math.round((span.to - span.from) / step)
  const unknown = () => new Float64Array(rows).fill(Number.NaN)
  const bars: BookBars = {
    rows,
    openTime: Float64Array.from({ length: rows }, (_, i) => span.from + i * step),
    snapshotTime: unknown(),
    depth: BANDS.map(unknown),
    notional: BANDS.map(unknown),
  }
  let next = 0
  for (let bar = 0; bar < rows; bar++) {
    const end = bars.openTime[bar] + step
    while (next < snapshots.rows && snapshots.time[next] < end) next++
    const last = next - 1
    if (last < 0 || end - snapshots.time[last] > SNAPSHOT_AGE) continue
    bars.snapshotTime[bar] = snapshots.time[last]
    for (let band = 0; band < BANDS.length; band++) {
      bars.depth[band][bar] = snapshots.depth[band][last]
      bars.notional[band][bar] = snapshots.notional[band][last]
    }
  }
  const frozen = frozenBands(snapshots)
  const findings: SeriesFindings = {
    ...{ name: 'book_depth_bars', timeframe, span, rows: counts.rows, dropped: counts.otherBands },
    ...gridFindings(span, timeframe, (bar) => !Number.isNaN(bars.snapshotTime[bar])),
    ...{ outOfOrder: counts.outOfOrder, duplicates: counts.duplicates, impossible: counts.impossible },
    conflicts: { count: counts.conflicts, first: [] },
    lost: {
      ...{ foreign: counts.foreign, offGrid: 0, impossible: counts.impossible + counts.unknownBands },
      replaced: counts.conflicts,
    },
    ...{ rest: null, reference: null },
    counts: { snapshots: snapshots.rows, 'rows of other bands': counts.otherBands, ...frozen.counts },
    largest: frozen.longest,
  }
  return { bars, findings }
}

function frozenBands({ rows, depth, notional }: Snapshots) {
  const counts: Record<string, number> = {}
  const longest: Record<string, number> = {}
  for (const [band, name] of BAND_NAMES.entries()) {
    let run = 0
    let frozen = 0
    let most = 0
    for (let i = 1; i < rows; i++) {
      const isSame = depth[band][i] === depth[band][i - 1] && notional[band][i] === notional[band][i - 1]
      run = isSame ? run + 1 : 0
      if (isSame) frozen++
      most = Math.max(most, run)
    }
    counts[`frozen snapshots of band ${name}`] = frozen
    longest[`longest frozen run of band ${name}`] = most
  }
  return { counts, longest }
}
