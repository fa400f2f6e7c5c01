/**
 * An epoch of our nets beside TensorFlow.js' own layers on the same backend, in one run, in turns: batches, gradients and optimiser, no
 * evaluation. Seconds of the clock and of the processor: on a busy machine only the latter can be compared.
 * Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/neural.mjs [--rows 2048] [--steps 32] [--columns 50] [--units 64] [--batch 256] [--repeats 3] [--models lstm,gru,tcn,cnn-lstm,transformer] [--backend webgpu]
 */
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { createRandom } from '../dist/core/random.js'
import { modelKind } from '../dist/models/registry.js'

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '2048' },
    steps: { type: 'string', default: '32' },
    columns: { type: 'string', default: '50' },
    units: { type: 'string', default: '64' },
    batch: { type: 'string', default: '256' },
    repeats: { type: 'string', default: '3' },
    models: { type: 'string', default: 'lstm,gru,tcn,cnn-lstm,transformer' },
    backend: { type: 'string', default: 'wasm' },
    stock: { type: 'string' },
  },
})
const [rows, steps, columns, units, batch] = ['rows', 'steps', 'columns', 'units', 'batch'].map((n) => Number(flags[n]))

/** What TensorFlow.js' own layers can train: no attention, and no convolution on the backend of an LSTM. */
const STOCK = ['lstm', 'gru', 'tcn']

/** Seconds of the clock and of the processor. */
async function timed(work) {
  const [begin, beginCpu] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(beginCpu)
  return { wall: (performance.now() - begin) / 1000, cpu: (user + system) / 1e6 }
}

/** In a process of its own: ours mends a kernel of the backend that the stock layers would use as well. */
async function stock(name) {
  const tf = await import('@tensorflow/tfjs-core')
  const layers = await import('@tensorflow/tfjs-layers')
  await import('@tensorflow/tfjs-backend-wasm')
  await import('@tensorflow/tfjs-backend-cpu')
  // WebAssembly has no gradient of a convolution: the plain backend is all there is.
  await tf.setBackend(name === 'tcn' ? 'cpu' : 'wasm')
  const model = layers.sequential()
  const glorot = { kernelInitializer: 'glorotUniform', recurrentInitializer: 'glorotUniform' }
  const inputShape = [steps, columns]
  if (name === 'tcn') {
    // Six convolutions as ours has, not dilated: there is no gradient of a dilated one.
    for (let i = 0; i < 6; i++) {
      const one = { filters: units, kernelSize: 3, padding: 'same', activation: 'relu' }
      model.add(layers.layers.conv1d(i === 0 ? { ...one, inputShape } : one))
    }
    model.add(layers.layers.globalMaxPooling1d())
  } else model.add(layers.layers[name]({ units, inputShape, recurrentActivation: 'sigmoid', ...glorot }))
  model.add(layers.layers.dense({ units: 3, activation: 'softmax' }))
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' })
  const random = createRandom(1, 'bench')
  const x = tf.tensor3d(
    Float32Array.from({ length: rows * steps * columns }, () => random.normal()),
    [rows, steps, columns],
  )
  const y = tf.oneHot(
    tf.tensor1d(
      Int32Array.from({ length: rows }, (_, i) => i % 3),
      'int32',
    ),
    3,
  )
  const epoch = () => model.fit(x, y, { epochs: 1, batchSize: batch, verbose: 0 })
  // The first epoch compiles; of a slow net it is the only one.
  const first = await timed(epoch)
  return first.cpu > 20 ? first : timed(epoch)
}

async function ours(name) {
  const kind = await modelKind(name)
  const random = createRandom(1, 'bench')
  const count = rows + steps - 1
  const table = { rows: count, columns, values: Float32Array.from({ length: count * columns }, () => random.normal()) }
  const position = Int32Array.from({ length: rows }, (_, i) => i + steps - 1)
  const x = {
    rows,
    columns,
    values: table.values.slice((steps - 1) * columns),
    history: { table, position, run: position.map((row) => row + 1) },
  }
  const sizes = {
    tcn: { filters: units },
    'cnn-lstm': { filters: units, units },
    transformer: { size: units / 4, heads: 4 },
  }
  const size = sizes[name] ?? { units }
  const fitting = (rounds) =>
    timed(() =>
      kind.fit({ x, y: Int32Array.from(position, (row) => row % 3), weight: null }, null, {
        task: 'classification',
        classes: 3,
        parameters: { rounds, steps, batch, dropout: 0, ...size },
        seed: 1,
        backend: flags.backend,
        threads: 1,
        featureNames: Array.from({ length: columns }, (_, j) => `f_${j}`),
        environment: {},
      }),
    )
  await fitting(1)
  const [one, four] = [await fitting(1), await fitting(4)]
  // With the loss on the training rows after each epoch, which the stock layers take from the batches on the way.
  return { wall: (four.wall - one.wall) / 3, cpu: (four.cpu - one.cpu) / 3 }
}

if (flags.stock !== undefined) console.log(JSON.stringify(await stock(flags.stock)))
else {
  console.log(`${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}`)
  console.log(
    `${rows} samples, batch ${batch}, ${steps} steps, ${columns} inputs, ${units} units, ${flags.backend}; seconds an epoch, ours with the loss after it`,
  )
  for (const name of flags.models.split(',')) {
    for (let repeat = 0; repeat < Number(flags.repeats); repeat++) {
      const mine = await ours(name)
      const text = ({ wall, cpu }) => `${cpu.toFixed(2)} processor, ${wall.toFixed(2)} clock`
      if (!STOCK.includes(name)) {
        console.log(`${name.padEnd(11)} ours ${text(mine)}   stock: its layers have none that can be trained`)
        continue
      }
      const args = [...process.argv.slice(1), '--stock', name]
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      if (stdout === '') console.log(stderr)
      const theirs = JSON.parse(stdout.trim().split('\n').at(-1))
      console.log(
        `${name.padEnd(11)} ours ${text(mine)}   stock ${text(theirs)}   ${(theirs.cpu / mine.cpu).toFixed(1)} ×`,
      )
    }
  }
}
