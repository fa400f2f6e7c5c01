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
}

export function printMarker(marker: SimulationMarker): string {
  const { seed, edge, generator, from, to, pairs } = marker
  return `${JSON.stringify({ simulated: true, seed, edge, generator, from, to, pairs }, null, 2)}\n`
}

/** @throws UserError when the text is not a marker */
export function parseMarker(text: string, where: string): SimulationMarker {
  const value = parseJson(text)
  if (isMarker(value)) {
    const { seed, edge, generator, from, to, pairs } = value
    return { seed, edge, generator, from, to, pairs }
  }
  throw new UserError(`${where} is not the marker of a simulated archive`, {
    hint: 'write the archive again with: sluice simulate',
  })
}

export function sameMarker(a: SimulationMarker, b: SimulationMarker): boolean {
  return printMarker(a) === printMarker(b)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isMarker(value: unknown): value is SimulationMarker {
  if (typeof value !== 'object' || value === null) return false
  const entry = new Map<string, unknown>(Object.entries(value))
  const pairs = entry.get('pairs')
  return (
    ['seed', 'edge', 'generator'].every((name) => typeof entry.get(name) === 'number') &&
    ['from', 'to'].every((name) => /^\d{4}-\d{2}-\d{2}$/.test(String(entry.get(name)))) &&
    Array.isArray(pairs) &&
    pairs.every((pair) => typeof pair === 'string')
  )
}
