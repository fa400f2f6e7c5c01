/** Funding that a position pays, print by print, at the price known before each. */
import { UserError } from '../core/errors.js'
import { isoMinute } from '../core/time.js'
import { isHole } from '../market/entry.js'
import { fundingPaid, PRINT } from '../portfolio/funding.js'
import type { Leg } from './leg.js'
import { placeLiquidation } from './liquidation.js'
import { freeCash, type Purse } from './purse.js'

/** Of the bar in which a position was opened: only what is due after its open, at the entry reference. */
export function enterFunding(purse: Purse, leg: Leg, bar: number): void {
  const { position, funding, base } = leg
  position.print = firstPrintAfter(funding.time, base.openTime[bar])
  payFunding(purse, leg, bar, position.entryReference)
}

/** @throws UserError when a print, or a mark price that it needs, is missing inside its series */
export function dueFunding(purse: Purse, leg: Leg, bar: number): void {
  const { position, funding, base } = leg
  if (funding.time[position.print] < base.openTime[bar] + leg.stepMs) payFunding(purse, leg, bar, priceBefore(leg, bar))
}

function payFunding(purse: Purse, leg: Leg, bar: number, price: number): void {
  const { position, funding, base } = leg
  const end = base.openTime[bar] + leg.stepMs
  for (; funding.time[position.print] < end; position.print++) {
    const time = funding.time[position.print]
    const kind = funding.kind[position.print]
    if (kind === PRINT.hole) {
      throw new UserError(`the funding of ${isoMinute(time)} is missing, and a position was open then`, {
        hint: 'download funding again (`sluice download`), or leave that time out with data.from and data.to',
      })
    }
    if (kind === PRINT.excluded) {
      leg.withoutFunding = true
      continue
    }
    const rate = funding.rate[position.print]
    const paid = payable(purse, leg, price, fundingPaid(position.side, position.quantity, price, rate))
    purse.cash -= paid
    leg.trade.funding += paid
    purse.log?.push({ type: 'funding', time, instrument: leg.index, rate, paid, cash: purse.cash })
  }
}

/**
 * What is paid of `due`. Where cash that is nobody's margin does not suffice, an isolated position pays the rest of its own margin, as far as its
 * losses leave any, which brings its liquidation nearer.
 */
function payable(purse: Purse, leg: Leg, price: number, due: number): number {
  if (purse.backing !== 'isolated' || due <= 0) return due
  const free = Math.max(0, freeCash(purse))
  if (due <= free) return due
  const { position } = leg
  const { side, quantity, entryPrice } = position
  const left = Math.max(0, position.margin + Math.min(0, side * quantity * (price - entryPrice)))
  const own = Math.min(due - free, left)
  position.margin -= own
  placeLiquidation(purse, leg)
  return free + own
}

/** The mark price at the close before `bar`, else the last known close. */
function priceBefore({ mark, base, position }: Leg, bar: number): number {
  if (mark === null || isHole(base, bar - 1)) return position.lastClose
  return mark.close[bar - 1]
}

/** Index of the first time later than `time`. */
function firstPrintAfter(times: Float64Array, time: number): number {
  let from = 0
  let to = times.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (times[middle] > time) to = middle
    else from = middle + 1
  }
  return from
}
