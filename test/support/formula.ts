/**
 * Evaluates a formula in the language of "101 Formulaic Alphas" at one bar, term by term and window by window: slow, and
 * written from the paper's definitions alone, so that it can judge the kernels.
 */
export type FormulaColumns = Readonly<Record<string, Float64Array>>

type Node = { readonly at: (bar: number) => number; readonly constant?: number }

const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length
const products = (x: readonly number[], y: readonly number[]) =>
  mean(x.map((value, i) => (value - mean(x)) * (y[i] - mean(y))))

/** Of one column's window, oldest first. */
const WINDOWED: Record<string, (window: readonly number[]) => number> = {
  sum: (w) => mean(w) * w.length,
  mean,
  stddev: (w) => Math.sqrt((products(w, w) * w.length) / (w.length - 1)),
  ts_min: (w) => Math.min(...w),
  ts_max: (w) => Math.max(...w),
  ts_argmax: (w) => w.lastIndexOf(Math.max(...w)) + 1,
  ts_rank(w) {
    const last = w[w.length - 1]
    const equal = w.filter((value) => value === last).length
    return (w.filter((value) => value < last).length + (equal + 1) / 2) / w.length
  },
}

const PLAIN: Record<string, (...values: number[]) => number> = {
  sign: Math.sign,
  abs: Math.abs,
  sqrt: Math.sqrt,
  signedpower: (x, power) => Math.sign(x) * Math.abs(x) ** power,
}

const BINARY: readonly (readonly [string, (a: number, b: number) => number])[][] = [
  [['or', (a, b) => (a !== 0 || b !== 0 ? 1 : 0)]],
  [
    ['<=', (a, b) => (a <= b ? 1 : 0)],
    ['<', (a, b) => (a < b ? 1 : 0)],
  ],
  [
    ['+', (a, b) => a + b],
    ['-', (a, b) => a - b],
  ],
  [
    ['*', (a, b) => a * b],
    ['/', (a, b) => a / b],
  ],
  [['^', (a, b) => a ** b]],
]

export function evaluate(formula: string, columns: FormulaColumns, bar: number): number {
  const tokens = formula.match(/<=|[a-z_]+[0-9]*|[0-9.]+|[-+*/^<?:(),]/g) ?? []
  let at = 0
  const take = (token: string) => tokens[at] === token && ++at > 0
  const need = (token: string) => {
    if (!take(token)) throw new Error(`${token} expected before ${tokens.slice(at).join(' ')}`)
  }
  const choice = (): Node => {
    const condition = binary(0)
    if (!take('?')) return condition
    const then = choice()
    need(':')
    const otherwise = choice()
    return { at: (t) => (condition.at(t) !== 0 ? then.at(t) : otherwise.at(t)) }
  }
  const binary = (level: number): Node => {
    if (level === BINARY.length) return unary()
    let left = binary(level + 1)
    for (;;) {
      const found = BINARY[level].find(([sign]) => take(sign))
      if (found === undefined) return left
      const [one, other] = [left, binary(level + 1)]
      left = { at: (t) => found[1](one.at(t), other.at(t)) }
    }
  }
  const unary = (): Node => {
    if (take('-')) {
      const inner = unary()
      return { at: (t) => -inner.at(t) }
    }
    if (take('(')) {
      const inner = choice()
      need(')')
      return inner
    }
    const word = tokens[at++]
    if (/^[0-9.]/.test(word)) return { at: () => Number(word), constant: Number(word) }
    if (!take('(')) {
      if (columns[word] === undefined) throw new Error(`no column ${word}`)
      return { at: (t) => columns[word][t] }
    }
    const args = [choice()]
    while (take(',')) args.push(choice())
    need(')')
    return call(word, args)
  }
  const tree = choice()
  if (at < tokens.length) throw new Error(`left over: ${tokens.slice(at).join(' ')}`)
  return tree.at(bar)
}

function call(name: string, args: readonly Node[]): Node {
  const length = args[args.length - 1].constant ?? 0
  const window = (x: Node, t: number) => Array.from({ length }, (_, i) => x.at(t - length + 1 + i))
  if (name === 'delay') return { at: (t) => args[0].at(t - length) }
  if (name === 'delta') return { at: (t) => args[0].at(t) - args[0].at(t - length) }
  if (name === 'correlation') {
    return {
      at(t) {
        const [x, y] = [window(args[0], t), window(args[1], t)]
        const size = Math.sqrt(products(x, x) * products(y, y))
        return size < 1e-15 ? 0 : products(x, y) / size
      },
    }
  }
  if (WINDOWED[name] !== undefined) return { at: (t) => WINDOWED[name](window(args[0], t)) }
  if (PLAIN[name] === undefined) throw new Error(`no operator ${name}`)
  return { at: (t) => PLAIN[name](...args.map((arg) => arg.at(t))) }
}
