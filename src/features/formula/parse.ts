/**
 * The language of "101 Formulaic Alphas" (Kakushadze 2016, appendix A), as a tree. A formula is written once, as text that people
 * read; what it looks at and how far back follow from the tree.
 */
import { assert } from '../../core/errors.js'

export type FormulaNode =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly FormulaNode[] }

/** From loosest to tightest; all group to the left. */
const BINARY: readonly (readonly string[])[] = [['<'], ['+', '-'], ['*', '/'], ['^']]

/** Calls that look at the last `n` values of the others, n being the last argument. */
const WINDOWS = [
  ...['sum', 'product', 'stddev', 'correlation', 'covariance', 'decay_linear'],
  ...['ts_min', 'ts_max', 'ts_argmin', 'ts_argmax', 'ts_rank'],
]
/** Calls that look `n` values back. */
const DELAYS = ['delay', 'delta']
/** Calls that look across pairs. */
const ACROSS = ['rank', 'scale']

/** @throws AssertionError for a text that is no formula: all of them are ours */
export function parseFormula(text: string): FormulaNode {
  const tokens = text.match(/[a-z_]+[0-9]*|[0-9]+(?:\.[0-9]+)?|[-+*/^<?:(),]/g) ?? []
  let at = 0
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false
    at++
    return true
  }
  const need = (token: string) => assert(take(token), `${token} expected before ${tokens.slice(at).join(' ')}`)
  const choice = (): FormulaNode => {
    const condition = binary(0)
    if (!take('?')) return condition
    const then = choice()
    need(':')
    return { kind: 'call', name: '?', args: [condition, then, choice()] }
  }
  const binary = (level: number): FormulaNode => {
    if (level === BINARY.length) return unary()
    let left = binary(level + 1)
    for (;;) {
      const name = BINARY[level].find(take)
      if (name === undefined) return left
      left = { kind: 'call', name, args: [left, binary(level + 1)] }
    }
  }
  const unary = (): FormulaNode => {
    if (take('-')) return { kind: 'call', name: 'minus', args: [unary()] }
    if (take('(')) {
      const inner = choice()
      need(')')
      return inner
    }
    const word = tokens[at++]
    assert(word !== undefined, `${text} ends too early`)
    if (/^[0-9]/.test(word)) return { kind: 'number', value: Number(word) }
    if (!take('(')) return { kind: 'column', name: word }
    const args = [choice()]
    while (take(',')) args.push(choice())
    need(')')
    return { kind: 'call', name: word, args }
  }
  const tree = choice()
  assert(at === tokens.length, `left over: ${tokens.slice(at).join(' ')}`)
  return tree
}

/** Bars before the first value; a window that the paper gives as a fraction is cut down to whole bars, as the paper says. */
export function lookbackOf(node: FormulaNode): number {
  if (node.kind === 'number') return 0
  if (node.kind === 'column') return node.name === 'returns' ? 1 : Math.max(0, averageBars(node.name) - 1)
  const deepest = Math.max(...node.args.map(lookbackOf))
  if (WINDOWS.includes(node.name)) return deepest + barsOf(node) - 1
  return DELAYS.includes(node.name) ? deepest + barsOf(node) : deepest
}

/** The columns that the formula names. */
export function columnsOf(node: FormulaNode): ReadonlySet<string> {
  if (node.kind === 'number') return new Set()
  return node.kind === 'column' ? new Set([node.name]) : new Set(node.args.flatMap((arg) => [...columnsOf(arg)]))
}

/** The columns that are ranked or scaled, and so are wanted of every pair. */
export function rankedColumnsOf(node: FormulaNode): ReadonlySet<string> {
  if (node.kind !== 'call') return new Set()
  return ACROSS.includes(node.name) ? columnsOf(node) : new Set(node.args.flatMap((arg) => [...rankedColumnsOf(arg)]))
}

/** The bars of a call that looks back: its last argument. */
export function barsOf({ name, args }: Extract<FormulaNode, { kind: 'call' }>): number {
  const last = args[args.length - 1]
  assert(last.kind === 'number' && last.value >= 1, `${name} has no number of bars`)
  return Math.floor(last.value)
}

/** Of adv20: 20; 0 of any other column. */
export function averageBars(column: string): number {
  return /^adv\d+$/.test(column) ? Number(column.slice(3)) : 0
}
