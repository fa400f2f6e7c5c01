/**
 * Amounts as people write them. Apart from the table of settings, so that stages can read one without depending on all.
 */
import { DAY, HOUR, MINUTE, SECOND } from '../core/time.js'

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** `4h` as milliseconds, null when it is no duration. */
export function durationMs(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text)
  return match ? Number(match[1]) * UNITS[match[2]] : null
}

/** `2GB` as bytes, null when it is no amount. */
export function memoryBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG])i?B?$/i.exec(text)
  return match ? Number(match[1]) * 2 ** { K: 10, M: 20, G: 30 }[match[2].toUpperCase() as 'K' | 'M' | 'G'] : null
}
