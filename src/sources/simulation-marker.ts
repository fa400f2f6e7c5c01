/**
 * `SIMULATED.json` at the root of an archive: says that its prices are invented, and by which parameters.
 */
import { UserError } from '../core/errors.js'

export const MARKER_NAME = 'SIMULATED.json'

export type SimulationMarker = {
  readonly seed: number
  readonly edge: number
  readonly generator: number // GENERATOR_VERSION that wrote it
  readonly from: string // first day, 2024-01-01
  readonly to: string // day after the last, 2024-08-01
  readonly pairs: readonly string[]
  /** What it holds of each pair, as `src/market/raw-kinds.ts` names it. */
  readonly kinds: readonly string[]
}

/** What an archive holds whose marker names no kinds: it was written when there were no others. */
const FIRST_KINDS = ['klines', 'fundingRate']

export function printMarker(marker: SimulationMarker): string {
  const { seed, edge, generator, from, to, pairs, kinds } = marker
  return `${JSON.stringify({ simulated: true, seed, edge, generator, from, to, pairs, kinds }, null, 2)}\n`
}

/** @throws UserError when the text is not a marker */
export function parseMarker(text: string, where: string): SimulationMarker {
  const value = parseJson(text)
  if (isMarker(value)) {
    const { seed, edge, generator, from, to, pairs, kinds = FIRST_KINDS } = value
    return { seed, edge, generator, from, to, pairs, kinds }
  }
  throw new UserError(`${where} is not the marker of a simulated archive`, {
    hint: 'write the archive again with: sluice simulate',
  })
}

/** Whether two archives are of one market; they may hold different kinds of it. */
export function isSameMarket(a: SimulationMarker, b: SimulationMarker): boolean {
  return printMarker({ ...a, kinds: [] }) === printMarker({ ...b, kinds: [] })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isMarker(value: unknown): value is Omit<SimulationMarker, 'kinds'> & Partial<SimulationMarker> {
  if (typeof value !== 'object' || value === null) return false
  const entry = new Map<string, unknown>(Object.entries(value))
  const isTexts = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === 'string')
  return (
    ['seed', 'edge', 'generator'].every((name) => typeof entry.get(name) === 'number') &&
    ['from', 'to'].every((name) => /^\d{4}-\d{2}-\d{2}$/.test(String(entry.get(name)))) &&
    isTexts(entry.get('pairs')) &&
    (entry.get('kinds') === undefined || isTexts(entry.get('kinds')))
  )
}
