/**
 * Bars and funding as the futures archive prints them: a header line, fixed decimals, closing times on the last millisecond.
 */
import { timeframeMs } from '../core/time.js'
import type { Bars, Funding } from '../market/bars.js'
import { archiveColumns, type RawKind } from '../market/raw-kinds.js'

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

function headerOf(kind: RawKind): string {
  return Object.keys(archiveColumns(kind, 'binance-um')).join(',')
}
