/**
 * What the certificate looks at for one subject. Each rule names the first place where it is broken, with both values.
 */
import { isoMinute } from '../core/time.js'
import type { Cut } from './choose-cuts.js'
import type { FeatureSource } from './matrix.js'

export const RULES = {
  future: 'its value is the same when nothing is known of what came later',
  window: 'its value is the same when only its look-back is known',
  altered: 'its value is the same when everything that it may not know is another',
  warmup: 'it is not known too early, before its look-back is over',
  available: 'the rows of its series become known after they have happened',
  stored: 'the stored table has the values that are computed here',
  bars: 'the bars are made of base bars that had closed',
} as const
export type Rule = keyof typeof RULES

export type Broken = { readonly rule: Rule; readonly detail: string }

/** Up to the cut the values must be those of the whole. */
export function brokenByCut(
  part: Float64Array,
  whole: Float64Array,
  { source, cut }: { readonly source: FeatureSource; readonly cut: Cut },
): Broken[] {
  const row = firstDifference(part, whole, cut.row + 1)
  if (row < 0) return []
  const at = isoMinute(source.decision.openTime[row])
  const detail = `bar ${at}: ${shown(part[row])} by ${isoMinute(cut.time)}, ${shown(whole[row])} with all data`
  return [{ rule: 'future', detail }]
}

/** Of the first `rows`; -1 when there is none. A part that ends too early differs where it ends. */
function firstDifference(a: Float64Array, b: Float64Array, rows: number): number {
  for (let i = 0; i < rows; i++) {
    if (i >= a.length || i >= b.length) return i
    if (!isSame(a[i], b[i])) return i
  }
  return -1
}

/** Bit for bit, but that one NaN is as good as another: not known. */
export function isSame(a: number, b: number): boolean {
  return a === b ? a !== 0 || Object.is(a, b) : Number.isNaN(a) && Number.isNaN(b)
}

export function shown(value: number | undefined): string {
  return value === undefined ? 'nothing' : Number.isNaN(value) ? 'not known' : String(value)
}
