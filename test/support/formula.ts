/**
 * Evaluates a formula in the language of "101 Formulaic Alphas" at one bar, term by term and window by window: slow, and
 * written from the paper's definitions alone, so that it can judge the kernels.
 */
export type FormulaColumns = Readonly<Record<string, Float64Array>>

/** `at` the bar of one of the pairs. */
type Node = { readonly at: (bar: number, pair: number) => number; readonly constant?: number }

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
  product: (w) => w.reduce((all, value) => all * value, 1),
  decay_linear: (w) => w.reduce((sum, x, i) => sum + x * (i + 1), 0) / ((w.length * (w.length + 1)) / 2),
  ts_argmax: (w) => known(w, (x) => x.lastIndexOf(Math.max(...x)) + 1),
  ts_argmin: (w) => known(w, (x) => x.lastIndexOf(Math.min(...x)) + 1),
  ts_rank(w) {
    if (w.some(Number.isNaN)) return Number.NaN
    const last = w[w.length - 1]
    const equal = w.filter((value) => value === last).length
    return (w.filter((value) => value < last).length + (equal + 1) / 2) / w.length
  },
}

const known = (w: readonly number[], of: (w: readonly number[]) => number) =>
  w.some(Number.isNaN) ? Number.NaN : of(w)

/** What two values must differ by before one is the larger: the paper has no rounding, and a machine has. */
const exactly = (x: number) => (Math.abs(x) < 1e-13 ? 0 : Math.fround(x))
const COMPARING = ['ts_rank', 'ts_argmax', 'ts_argmin']

/** Of one pair among those with a value. */
const ACROSS: Record<string, (all: readonly number[], own: number) => number> = {
  rank(all, own) {
    const below = all.filter((value) => exactly(value) < exactly(own)).length
    const equal = all.filter((value) => exactly(value) === exactly(own)).length
    return (below + (equal + 1) / 2) / all.length
  },
  scale: (all, own) => own / all.reduce((sum, value) => sum + Math.abs(value), 0),
}

const PLAIN: Record<string, (...values: number[]) => number> = {
  sign: Math.sign,
  abs: Math.abs,
  log: Math.log,
  max: Math.max,
  min: Math.min,
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
  return evaluateAcross(formula, [columns])(bar)
}

/** The value of the first of several pairs, bar by bar. */
export function evaluateAcross(formula: string, pairs: readonly FormulaColumns[]): (bar: number) => number {
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
    return { at: (t, p) => (condition.at(t, p) !== 0 ? then.at(t, p) : otherwise.at(t, p)) }
  }
  const binary = (level: number): Node => {
    if (level === BINARY.length) return unary()
    let left = binary(level + 1)
    for (;;) {
      const found = BINARY[level].find(([sign]) => take(sign))
      if (found === undefined) return left
      const [one, other] = [left, binary(level + 1)]
      left = { at: (t, p) => found[1](one.at(t, p), other.at(t, p)) }
    }
  }
  const unary = (): Node => {
    if (take('-')) {
      const inner = unary()
      return { at: (t, p) => -inner.at(t, p) }
    }
    if (take('(')) {
      const inner = choice()
      need(')')
      return inner
    }
    const word = tokens[at++]
    if (/^[0-9.]/.test(word)) return { at: () => Number(word), constant: Number(word) }
    if (!take('(')) {
      if (pairs[0][word] === undefined) throw new Error(`no column ${word}`)
      return { at: (t, p) => pairs[p][word][t] }
    }
    const args = [choice()]
    while (take(',')) args.push(choice())
    need(')')
    return remembered(call(word, args, pairs.length))
  }
  const tree = choice()
  if (at < tokens.length) throw new Error(`left over: ${tokens.slice(at).join(' ')}`)
  return (bar) => tree.at(bar, 0)
}

/** So that what is nested does not cost the product of its windows. */
function remembered({ at }: Node): Node {
  const values = new Map<string, number>()
  return {
    at(t, p) {
      const value = values.get(`${t} ${p}`) ?? at(t, p)
      values.set(`${t} ${p}`, value)
      return value
    },
  }
}

function call(name: string, args: readonly Node[], pairs: number): Node {
  const length = Math.floor(args[args.length - 1].constant ?? 0)
  const window = (x: Node, t: number, p: number) =>
    Array.from({ length }, (_, i) => x.at(t - length + 1 + i, p)).map((value) =>
      COMPARING.includes(name) ? exactly(value) : value,
    )
  if (name === 'delay') return { at: (t, p) => args[0].at(t - length, p) }
  if (name === 'delta') return { at: (t, p) => args[0].at(t, p) - args[0].at(t - length, p) }
  if (ACROSS[name] !== undefined) {
    return {
      at(t, p) {
        const all = Array.from({ length: pairs }, (_, pair) => args[0].at(t, pair))
        return Number.isNaN(all[p])
          ? Number.NaN
          : ACROSS[name](
              all.filter((value) => !Number.isNaN(value)),
              all[p],
            )
      },
    }
  }
  if (name === 'covariance') {
    return { at: (t, p) => (products(window(args[0], t, p), window(args[1], t, p)) * length) / (length - 1) }
  }
  if (name === 'correlation') {
    return {
      at(t, p) {
        const [x, y] = [window(args[0], t, p), window(args[1], t, p)]
        const size = Math.sqrt(products(x, x) * products(y, y))
        return size < 1e-15 ? 0 : products(x, y) / size
      },
    }
  }
  if (WINDOWED[name] !== undefined) return { at: (t, p) => WINDOWED[name](window(args[0], t, p)) }
  if (PLAIN[name] === undefined) throw new Error(`no operator ${name}`)
  return { at: (t, p) => PLAIN[name](...args.map((arg) => arg.at(t, p))) }
}
