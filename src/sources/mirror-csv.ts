/**
 * Series as the futures archive prints them: a header line, fixed decimals, closing times on the last millisecond. Trades and quotes,
 * of which a day has millions of rows, are printed in `mirror-ticks.ts`.
 */
import { MINUTE, timeframeMs } from '../core/time.js'
import type { Bars, Funding } from '../market/bars.js'
import { archiveColumns, type RawKind } from '../market/raw-kinds.js'
import { DEPTH_BANDS, type Depth } from '../simulate/book.js'
import type { Instrument } from '../simulate/instruments.js'
import type { Liquidations } from '../simulate/liquidations.js'
import { POSITION_MINUTES, type Positions } from '../simulate/positions.js'
import type { PriceBars } from '../simulate/price-bars.js'

export type Decimals = { readonly price: number; readonly quantity: number }

/** Rows per chunk of text, so that a month is never one string. */
const CHUNK = 4096

/** The 12 columns of every bar; rows of NaN (not published) are left out, as in the archive. */
export function klinesCsv(bars: Bars, decimals: Decimals): Buffer {
  const { price, quantity } = decimals
  const step = timeframeMs(bars.timeframe)
  const chunks = [Buffer.from(`${headerOf('klines')}\n`)]
  for (let start = 0; start < bars.rows; start += CHUNK) {
    let text = ''
    for (let i = start; i < Math.min(bars.rows, start + CHUNK); i++) {
      if (bars.baseBars[i] === 0) continue
      const time = bars.openTime[i]
      text += `${time},${bars.open[i].toFixed(price)},${bars.high[i].toFixed(price)},${bars.low[i].toFixed(price)},`
      text += `${bars.close[i].toFixed(price)},${bars.volume[i].toFixed(quantity)},${time + step - 1},`
      text += `${bars.quoteVolume[i].toFixed(5)},${bars.count[i]},${bars.takerBuyVolume[i].toFixed(quantity)},`
      text += `${bars.takerBuyQuoteVolume[i].toFixed(5)},0\n`
    }
    chunks.push(Buffer.from(text))
  }
  return Buffer.concat(chunks)
}

export function fundingCsv(funding: Funding): Buffer {
  let text = `${headerOf('fundingRate')}\n`
  for (let i = 0; i < funding.time.length; i++) {
    text += `${funding.time[i]},${funding.intervalHours[i]},${funding.rate[i].toFixed(8)}\n`
  }
  return Buffer.from(text)
}

export type UntradedKind = 'markPriceKlines' | 'indexPriceKlines' | 'premiumIndexKlines'

/** What the exchange counts in a minute of a price that nobody trades: its own looks at it. */
const LOOKS: Readonly<Record<UntradedKind, number>> = {
  markPriceKlines: 60,
  indexPriceKlines: 60,
  premiumIndexKlines: 12,
}

/** The 12 columns of every bar, with zeros for what only trades have. */
export function* untradedCsv(kind: UntradedKind, bars: PriceBars, openTime: Float64Array): Generator<Buffer> {
  const { open, high, low, close } = bars
  yield Buffer.from(`${headerOf(kind)}\n`)
  for (let start = 0; start < openTime.length; start += CHUNK) {
    let text = ''
    for (let i = start; i < Math.min(openTime.length, start + CHUNK); i++) {
      text += `${openTime[i]},${open[i].toFixed(8)},${high[i].toFixed(8)},${low[i].toFixed(8)},${close[i].toFixed(8)},`
      text += `0,${openTime[i] + MINUTE - 1},0,${LOOKS[kind]},0,0,0\n`
    }
    yield Buffer.from(text)
  }
}

/** From this day on the exchange names five minutes by their begin; before, by their end. */
const NAMED_BY_BEGIN = Date.UTC(2026, 5, 25)

export function metricsCsv(positions: Positions, pair: string): Buffer {
  const { time, openInterest, openInterestValue, topAccounts, topPositions, accounts, takers } = positions
  let text = `${headerOf('metrics')}\n`
  for (let i = 0; i < time.length; i++) {
    const label = time[i] >= NAMED_BY_BEGIN ? time[i] : time[i] + POSITION_MINUTES * MINUTE
    text += `${dateText(label)},${pair},${openInterest[i].toFixed(8)},${openInterestValue[i].toFixed(8)},`
    text += `${topAccounts[i].toFixed(10)},${topPositions[i].toFixed(10)},${accounts[i].toFixed(10)},${takers[i].toFixed(10)}\n`
  }
  return Buffer.from(text)
}

/** Percentages without decimals, as the archive had them until 2025. */
export function bookDepthCsv({ time, quantity, notional }: Depth): Buffer {
  let text = `${headerOf('bookDepth')}\n`
  for (let row = 0; row < time.length; row++) {
    const label = dateText(time[row])
    for (const [band, percent] of DEPTH_BANDS.entries()) {
      const at = row * DEPTH_BANDS.length + band
      text += `${label},${percent},${quantity[at].toFixed(8)},${notional[at].toFixed(8)}\n`
    }
  }
  return Buffer.from(text)
}

/** Each order once: the archive doubled its rows. */
export function liquidationsCsv(orders: Liquidations, { ticksPerUnit, lotDecimals }: Instrument): Buffer {
  const { time, isSell, quantity, price, averagePrice } = orders
  const decimals = Math.round(Math.log10(ticksPerUnit))
  let text = `${headerOf('liquidationSnapshot')}\n`
  for (let i = 0; i < time.length; i++) {
    const size = quantity[i].toFixed(lotDecimals)
    text += `${time[i]},${isSell[i] === 1 ? 'SELL' : 'BUY'},LIMIT,IOC,${size},${price[i].toFixed(decimals)},`
    text += `${averagePrice[i].toFixed(decimals)},FILLED,${size},${size}\n`
  }
  return Buffer.from(text)
}

/** `2024-01-31 23:59:58`, UTC. */
function dateText(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ')
}

export function headerOf(kind: RawKind): string {
  return Object.keys(archiveColumns(kind, 'binance-um')).join(',')
}
