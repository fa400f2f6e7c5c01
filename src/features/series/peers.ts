/**
 * The bars of all other pairs as one series: a row a pair and bar, known from the bar's close on. What ranks a pair among
 * others sees them through this, and so can be cut and joined as everything else that is not the pair's own.
 */
import { timeframeMs } from '../../core/time.js'
import type { Bars } from '../../market/bars.js'
import { type AsOfSeries, type JoinRows, rowsKnownAt, type SeriesKind, type SeriesRows } from '../series.js'

/** Pair by pair in one column each: pair p at row t is at p * rows + t [others × rows]. */
export type PeerInputs = {
  readonly peerOpen: Float64Array
  readonly peerHigh: Float64Array
  readonly peerLow: Float64Array
  readonly peerClose: Float64Array
  readonly peerVolume: Float64Array // base asset
  readonly peerQuoteVolume: Float64Array // quote asset
}

const VALUES = {
  peerOpen: 'open',
  peerHigh: 'high',
  peerLow: 'low',
  peerClose: 'close',
  peerVolume: 'volume',
  peerQuoteVolume: 'quoteVolume',
} as const
type PeerColumn = 'peer' | (typeof VALUES)[keyof typeof VALUES]

const INPUTS = ['peerOpen', 'peerHigh', 'peerLow', 'peerClose', 'peerVolume', 'peerQuoteVolume'] as const
const COLUMNS = ['open', 'high', 'low', 'close', 'volume', 'quoteVolume'] as const

/**
 * @param others  bars of one timeframe, from when each has them on
 */
export function peersSeries(others: readonly Bars[]): AsOfSeries<PeerColumn> {
  const rows = others.reduce((sum, bars) => sum + bars.rows, 0)
  const column = () => new Float64Array(rows)
  const [available, opened] = [column(), column()]
  const columns = {
    peer: column(),
    ...{ open: column(), high: column(), low: column(), close: column(), volume: column(), quoteVolume: column() },
  }
  const next = others.map(() => 0)
  for (let row = 0; row < rows; ) {
    // The bars of one time after another; pairs need not begin together.
    const time = Math.min(...others.map((bars, peer) => bars.openTime[next[peer]] ?? Number.POSITIVE_INFINITY))
    for (const [peer, bars] of others.entries()) {
      const i = next[peer]
      if (bars.openTime[i] !== time) continue
      available[row] = time + timeframeMs(bars.timeframe)
      opened[row] = time
      columns.peer[row] = peer
      for (const name of COLUMNS) columns[name][row] = bars[name][i]
      next[peer]++
      row++
    }
  }
  return { available, time: opened, columns }
}

export const PEERS = {
  meaning: 'Bars of the other pairs of data.pairs',
  columns: ['peer', ...COLUMNS],
  inputs: INPUTS,
  join: peerInputs,
} as const satisfies SeriesKind<keyof PeerInputs, PeerColumn>

/** The values of bars that these inputs are made of. */
export function peerValues(inputs: readonly string[]): readonly (typeof COLUMNS)[number][] {
  return INPUTS.filter((name) => inputs.includes(name)).map((name) => VALUES[name])
}

/** Each pair's last bar that closed within the row's own. One that did not is a hole and is not filled. */
export function peerInputs(
  { availableTime, stepMs }: JoinRows,
  { available, columns }: SeriesRows<PeerColumn>,
): PeerInputs {
  const rows = availableTime.length
  let peers = 1
  for (const peer of columns.peer) peers = Math.max(peers, peer + 1)
  const unknown = () => new Float64Array(peers * rows).fill(Number.NaN)
  const out = {
    ...{ peerOpen: unknown(), peerHigh: unknown(), peerLow: unknown() },
    ...{ peerClose: unknown(), peerVolume: unknown(), peerQuoteVolume: unknown() },
  }
  const start = rows === 0 ? 0 : rowsKnownAt(available, availableTime[0] - stepMs)
  let end = start
  // Where each row of the series goes, or -1: once for all inputs.
  const places = new Int32Array(available.length - start).fill(-1)
  for (let t = 0; t < rows; t++) {
    const now = availableTime[t]
    for (; end < available.length && available[end] <= now; end++) {
      if (available[end] > now - stepMs) places[end - start] = columns.peer[end] * rows + t
    }
  }
  for (const name of INPUTS) {
    const from = columns[VALUES[name]]
    const to = out[name]
    for (let row = start; row < end; row++) if (places[row - start] >= 0) to[places[row - start]] = from[row]
  }
  return out
}
