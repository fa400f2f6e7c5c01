/**
 * Trades, orders and best prices as the futures archive prints them: a header, then a minute of rows at a time, for a day has millions.
 */
import type { Instrument } from '../simulate/instruments.js'
import { orderLots } from '../simulate/orders.js'
import { ordersOfDay, type Publication, quotesOfDay } from '../simulate/publication.js'
import {
  type AsciiRows,
  appendByte,
  appendFixed,
  appendInteger,
  appendText,
  COMMA,
  emptyRows,
  LINE_FEED,
  writtenRows,
} from './ascii-rows.js'
import { headerOf } from './mirror-csv.js'

/** Bytes that no row exceeds: seven numbers of up to 16 digits, points, commas, `false`. */
const ROW = 160

type Grid = { readonly tickDecimals: number; readonly lotDecimals: number }

export function* tradesCsv(day: Publication): Generator<Buffer> {
  const { tickDecimals, lotDecimals } = gridOf(day.instrument)
  yield Buffer.from(`${headerOf('trades')}\n`)
  for (const { orders, firstTrade } of ordersOfDay(day)) {
    const rows = emptyRows(orders.trades * ROW)
    for (let order = 0; order < orders.count; order++) {
      for (let trade = orders.firstTrade[order]; trade < orders.firstTrade[order + 1]; trade++) {
        appendInteger(rows, firstTrade + trade)
        number(rows, orders.price[order], tickDecimals)
        number(rows, orders.lots[trade], lotDecimals)
        number(rows, orders.price[order] * orders.lots[trade], tickDecimals + lotDecimals)
        number(rows, orders.time[order], 0)
        endWithMaker(rows, orders.isBuy[order])
      }
    }
    yield writtenRows(rows)
  }
}

export function* aggTradesCsv(day: Publication): Generator<Buffer> {
  const { tickDecimals, lotDecimals } = gridOf(day.instrument)
  yield Buffer.from(`${headerOf('aggTrades')}\n`)
  for (const { orders, firstTrade, firstOrder } of ordersOfDay(day)) {
    const rows = emptyRows(orders.count * ROW)
    for (let order = 0; order < orders.count; order++) {
      appendInteger(rows, firstOrder + order)
      number(rows, orders.price[order], tickDecimals)
      number(rows, orderLots(orders, order), lotDecimals)
      number(rows, firstTrade + orders.firstTrade[order], 0)
      number(rows, firstTrade + orders.firstTrade[order + 1] - 1, 0)
      number(rows, orders.time[order], 0)
      endWithMaker(rows, orders.isBuy[order])
    }
    yield writtenRows(rows)
  }
}

/** Update ids grow by more than one: the book changes between the rows. */
const UPDATES_PER_ORDER = 7

export function* bookTickerCsv(day: Publication): Generator<Buffer> {
  const { tickDecimals, lotDecimals } = gridOf(day.instrument)
  yield Buffer.from(`${headerOf('bookTicker')}\n`)
  for (const { orders, quotes, firstOrder } of quotesOfDay(day)) {
    const rows = emptyRows(orders.count * ROW)
    for (let order = 0; order < orders.count; order++) {
      appendInteger(rows, UPDATES_PER_ORDER * (firstOrder + order))
      number(rows, quotes.bid[order], tickDecimals)
      number(rows, quotes.bidLots[order], lotDecimals)
      number(rows, quotes.ask[order], tickDecimals)
      number(rows, quotes.askLots[order], lotDecimals)
      number(rows, orders.time[order], 0)
      number(rows, quotes.eventTime[order], 0)
      appendByte(rows, LINE_FEED)
    }
    yield writtenRows(rows)
  }
}

/** Prices of trades carry as many decimals as a tick has, unlike those of bars. */
function gridOf({ ticksPerUnit, lotDecimals }: Instrument): Grid {
  return { tickDecimals: Math.round(Math.log10(ticksPerUnit)), lotDecimals }
}

function number(rows: AsciiRows, value: number, decimals: number): void {
  appendByte(rows, COMMA)
  appendFixed(rows, value, decimals)
}

/** The buyer is the maker when the taker sold. */
function endWithMaker(rows: AsciiRows, isBuy: number): void {
  appendText(rows, isBuy === 1 ? ',false\n' : ',true\n')
}
