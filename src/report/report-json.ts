/**
 * Every number of the page as plain JSON, as schema/report.ts describes it: NaN and what is not known are null, times are UTC ms, fractions stay fractions.
 */
import type { Json } from './chart.js'
import type { Derived } from './derived.js'
import { isUnavailable, type PartName, type PartReport, type ReportInput } from './input.js'
import { REPORT_SCHEMA_VERSION } from './schema/report.js'
import { verdict } from './verdict.js'

export type ReportJson = { readonly schemaVersion: number; readonly [key: string]: Json }

export function reportJson(input: ReportInput, derived: Derived): ReportJson {
  const { test, outOfFold, price, ...rest } = input
  const shared = plain({
    ...rest,
    verdict: verdict(input),
    price: {
      time: derived.pricePoints.map((row) => price.time[row]),
      close: derived.pricePoints.map((row) => price.close[row]),
    },
    test: partJson('test', test, derived),
    outOfFold: partJson('outOfFold', outOfFold, derived),
  })
  return { schemaVersion: REPORT_SCHEMA_VERSION, ...shared }
}

function partJson(name: PartName, part: PartReport, derived: Derived) {
  const { openTime, stepMs, equity, buyAndHold, random, ...rest } = part
  const { whole, drawn, months, costs, rolling } = derived[name]
  const at = (x: Float64Array | null) => (x === null ? null : drawn.map((row) => x[row]))
  return {
    ...rest,
    costs,
    rolling,
    months: months.map(({ month, strategy, buyAndHold: held, trades }) => ({
      month,
      strategy,
      buyAndHold: held,
      trades,
    })),
    buyAndHold: isUnavailable(buyAndHold) ? buyAndHold : { metrics: buyAndHold.metrics },
    random: isUnavailable(random)
      ? random
      : { runs: random.runs, tradesPerRun: random.tradesPerRun, metrics: random.metrics },
    curve: {
      time: at(whole.time),
      equity: at(whole.equity),
      drawdown: at(whole.drawdown),
      buyAndHold: at(whole.buyAndHold),
      randomLow: at(whole.randomLow),
      randomHigh: at(whole.randomHigh),
    },
  }
}

/** Typed arrays become lists, what is undefined is left out, what is not finite becomes null. */
function plain(record: object): { readonly [key: string]: Json } {
  const result: Record<string, Json> = {}
  for (const [key, value] of Object.entries(record)) if (value !== undefined) result[key] = plainValue(value)
  return result
}

function plainValue(value: unknown): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (value instanceof Float64Array) return Array.from(value, plainValue)
  if (Array.isArray(value)) return value.map(plainValue)
  return typeof value === 'object' ? plain(value) : null
}
