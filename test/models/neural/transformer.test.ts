/** The transformer against the equations of the paper in plain loops. */
import { expect, it } from 'vitest'
import { createRandom } from '../../../src/core/random.js'
import { openEngine } from '../../../src/models/neural/engine.js'
import { startWeights, tensorsOf } from '../../../src/models/neural/network.js'
import { transformerNetwork } from '../../../src/models/neural/transformer-network.js'

const [steps, rows, features, outputs] = [5, 3, 4, 2]
const [size, heads, blocks] = [2, 3, 2]
const width = size * heads

type Table = number[][]
const times = (a: Table, b: Table): Table =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)))
const plus = (a: Table, b: Table): Table => a.map((row, i) => row.map((value, j) => value + b[i][j]))
const plusRow = (a: Table, b: number[]): Table => a.map((row) => row.map((value, j) => value + b[j]))

function softmax(row: number[]): number[] {
  const shares = row.map((value) => Math.exp(value - Math.max(...row)))
  const sum = shares.reduce((a, b) => a + b, 0)
  return shares.map((share) => share / sum)
}

function norm(x: Table, gamma: number[], beta: number[]): Table {
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length
    return row.map((value, j) => (gamma[j] * (value - mean)) / Math.sqrt(variance + 1e-3) + beta[j])
  })
}

it('gives the scores of the equations, head by head', async () => {
  const engine = await openEngine('cpu')
  const network = transformerNetwork({ size, heads, blocks }, { steps, features, outputs })
  const weights = startWeights(network.weights, createRandom(2, 'w')).map((value, i) => value + 0.1 * Math.sin(i))
  const random = createRandom(1, 'x')
  const x = Float32Array.from({ length: steps * rows * features }, () => random.normal())
  const scores = engine.run((tf) => {
    const input = tf.tensor2d(x.slice(), [steps * rows, features])
    return network.through(tf, input, tensorsOf(tf, network.weights, weights), null, false).output.dataSync<'float32'>()
  })

  let at = 0
  const parts = new Map(
    network.weights.map(({ name, shape }) => {
      const [n, m = 0] = shape
      const flat = [...weights.slice(at, at + n * Math.max(1, m))]
      at += flat.length
      return [name, m === 0 ? [flat] : Array.from({ length: n }, (_, i) => flat.slice(i * m, (i + 1) * m))]
    }),
  )
  const of = (name: string): Table => parts.get(name) ?? []
  const line = (name: string): number[] => of(name)[0]

  for (let row = 0; row < rows; row++) {
    const window = Array.from({ length: steps }, (_, t) => [
      ...x.slice((t * rows + row) * features, (t * rows + row + 1) * features),
    ])
    let h = plusRow(times(window, of('embedding/kernel')), line('embedding/bias'))
    h = h.map((values, t) =>
      values.map((value, j) => {
        const angle = (steps - 1 - t) / 10_000 ** ((2 * Math.floor(j / 2)) / width)
        return value + (j % 2 === 0 ? Math.sin(angle) : Math.cos(angle))
      }),
    )
    for (let i = 1; i <= blocks; i++) {
      const name = (part: string) => `block_${i}_${part}`
      const a = norm(h, line(name('norm_a/gamma')), line(name('norm_a/beta')))
      const all = plusRow(times(a, of(name('query_key_value/kernel'))), line(name('query_key_value/bias')))
      const cut = (part: number, head: number) =>
        all.map((values) => values.slice(part * width + head * size, part * width + (head + 1) * size))
      const seen: Table = Array.from({ length: steps }, () => [])
      for (let head = 0; head < heads; head++) {
        const [q, k, v] = [0, 1, 2].map((part) => cut(part, head))
        const share = q.map((one) =>
          softmax(k.map((other) => one.reduce((sum, value, j) => sum + value * other[j], 0) / Math.sqrt(size))),
        )
        times(share, v).forEach((values, t) => {
          seen[t].push(...values)
        })
      }
      h = plus(h, plusRow(times(seen, of(name('heads/kernel'))), line(name('heads/bias'))))
      const b = norm(h, line(name('norm_b/gamma')), line(name('norm_b/beta')))
      const wider = plusRow(times(b, of(name('wider/kernel'))), line(name('wider/bias')))
      const bent = wider.map((values) => values.map((value) => Math.max(0, value)))
      h = plus(h, plusRow(times(bent, of(name('back/kernel'))), line(name('back/bias'))))
    }
    const last = norm(h.slice(-1), line('norm/gamma'), line('norm/beta'))
    const [expected] = plusRow(times(last, of('scores/kernel')), line('scores/bias'))
    for (const [k, value] of expected.entries()) expect(scores[row * outputs + k]).toBeCloseTo(value, 4)
  }
})
