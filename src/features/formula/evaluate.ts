/**
 * A formula over several pairs at once: every value is a panel, one column a pair. Along time the operators are the kernels;
 * `rank` and `scale` look across the pairs at one bar and nowhere else.
 */

import { assert } from '../../core/errors.js'
import { power } from '../../core/power.js'
import { crossRank, crossScale } from '../../math/cross-section.js'
import { ratio, relativeChange } from '../../math/elementwise.js'
import { type FormulaOperators, formulaOperators } from '../../math/formula-operators.js'
import { withoutNoise } from '../../math/ties.js'
import { averageBars, barsOf, type FormulaNode } from './parse.js'

/** Of one pair; `volume` is money, for numbers of coins of different pairs cannot be compared [n]. */
export type FormulaColumn = 'open' | 'high' | 'low' | 'close' | 'quoteVolume' | 'baseVolume'
export type PairColumns = (name: FormulaColumn) => Float64Array

/** With fewer a rank says next to nothing. */
export const LEAST_PAIRS = 3

type Panel = readonly Float64Array[]
type Universe = { readonly pairs: readonly PairColumns[]; readonly ts: FormulaOperators }

/**
 * The formula's value of the first pair.
 *
 * @param pairs   on one grid; a pair takes part in a rank at a bar where its value is known [pairs]
 * @param origin  absolute number of bar 0
 * @returns       NaN where fewer than LEAST_PAIRS have a value that is to be ranked [n]
 */
export function evaluateFormula(node: FormulaNode, pairs: readonly PairColumns[], origin: number): Float64Array {
  const value = panelOf(node, { pairs, ts: formulaOperators(origin) }, 1)
  assert(typeof value !== 'number', 'a formula is no constant')
  return value[0]
}

/** The first `count` pairs: outside of a rank nobody needs the others. */
function panelOf(node: FormulaNode, universe: Universe, count: number): Panel | number {
  if (node.kind === 'number') return node.value
  if (node.kind === 'column')
    return universe.pairs.slice(0, count).map((pair) => columnOf(node.name, pair, universe.ts))
  const { name, args } = node
  if (name === 'rank' || name === 'scale') {
    const all = valuesOf(args[0], universe, universe.pairs.length)
    return name === 'rank'
      ? crossRank(all.map(withoutNoise), { least: LEAST_PAIRS, first: count })
      : crossScale(all, { least: LEAST_PAIRS, first: count })
  }
  if (POINTWISE[name] !== undefined) {
    return pointwise(
      args.map((arg) => panelOf(arg, universe, count)),
      POINTWISE[name],
    )
  }
  const bars = barsOf(node)
  const [x, y] = args.slice(0, -1).map((arg) => {
    const panel = valuesOf(arg, universe, count)
    return COMPARING.includes(name) && arg.kind === 'call' ? panel.map(withoutNoise) : panel
  })
  return x.map((own, pair) => alongTime(name, universe.ts, { x: own, y: y?.[pair] ?? own, bars }))
}

function valuesOf(node: FormulaNode, universe: Universe, count: number): Panel {
  const panel = panelOf(node, universe, count)
  assert(typeof panel !== 'number', 'a constant has no past and no rank')
  return panel
}

function columnOf(name: string, pair: PairColumns, ts: FormulaOperators): Float64Array {
  if (name === 'volume') return pair('quoteVolume')
  if (name === 'vwap') return ratio(pair('quoteVolume'), pair('baseVolume'))
  if (name === 'returns') return relativeChange(pair('close'), 1)
  if (averageBars(name) > 0) return ts.mean(pair('quoteVolume'), averageBars(name))
  assert(name === 'open' || name === 'high' || name === 'low' || name === 'close', `no column ${name}`)
  return pair(name)
}

const POINTWISE: Readonly<Record<string, (...values: number[]) => number>> = {
  minus: (x) => -x,
  '+': (x, y) => x + y,
  '-': (x, y) => x - y,
  '*': (x, y) => x * y,
  '/': (x, y) => x / y,
  '^': power,
  '<': (x, y) => (x < y ? 1 : 0),
  '?': (condition, then, otherwise) => (condition !== 0 ? then : otherwise),
  abs: Math.abs,
  sign: Math.sign,
  log: Math.log,
  max: (x, y) => Math.max(x, y),
  min: (x, y) => Math.min(x, y),
  signedpower: (x, exponent) => Math.sign(x) * power(Math.abs(x), exponent),
}

/** NaN where one of the values is not known, and where the result is not finite. */
function pointwise(args: readonly (Panel | number)[], of: (...values: number[]) => number): Panel | number {
  const panel = args.find((arg) => typeof arg !== 'number')
  if (panel === undefined) return of(...(args as number[]))
  return panel.map((own, pair) => {
    const [a, b, c] = args.map((arg) => (typeof arg === 'number' ? new Float64Array(own.length).fill(arg) : arg[pair]))
    const out = new Float64Array(own.length)
    for (let t = 0; t < out.length; t++) {
      const x = a[t]
      const y = b === undefined ? 0 : b[t]
      const z = c === undefined ? 0 : c[t]
      const value = Number.isNaN(x + y + z) ? Number.NaN : of(x, y, z)
      out[t] = Number.isFinite(value) ? value : Number.NaN
    }
    return out
  })
}

/** What asks which of two values is the larger. */
const COMPARING = ['ts_rank', 'ts_argmax', 'ts_argmin']

type Windowed = { readonly x: Float64Array; readonly y: Float64Array; readonly bars: number }

function alongTime(name: string, ts: FormulaOperators, { x, y, bars }: Windowed): Float64Array {
  if (name === 'correlation' || name === 'covariance') return ts[name](x, y, bars)
  const operator = Object.entries(ts).find(([own]) => own === name)
  assert(operator !== undefined, `no operator ${name}`)
  return (operator[1] as (x: Float64Array, bars: number) => Float64Array)(x, bars)
}
