/** What all kinds of nets share: their training parameters, and the way from rows to a fitted model. */
import { UserError } from '../../core/errors.js'
import { createRandom } from '../../core/random.js'
import type { FitOptions, ModelKind, Parameter, Parameters, TrainingSet } from '../model.js'
import { checkTraining, resolveParameters } from '../parameters.js'
import { fitScaler, type Scaler } from '../scaler.js'
import { evenedWeights } from '../targets.js'
import { openEngine, predictingBackend } from './engine.js'
import { fittedNet, importanceOf } from './fitted-net.js'
import { readNet, type Sampling } from './net-files.js'
import { type Network, type Shape, startWeights } from './network.js'
import { spread, type TrainingRows, trainNetwork } from './training.js'
import { windowsOf } from './windows.js'

export const trainingParameters = {
  rounds: { default: 60, range: [1, 10_000], integer: true, meaning: 'Most passes over the training rows.' },
  earlyStoppingRounds: {
    default: 10,
    range: [1, 10_000],
    integer: true,
    meaning: 'Stops when so many rounds have not lowered the validation loss.',
  },
  steps: {
    default: 32,
    range: [1, 1024],
    integer: true,
    meaning: 'Rows that a window holds, its own the last.',
    search: { low: 8, high: 64, log: true },
  },
  shortestSteps: {
    default: 0,
    range: [0, 1024],
    integer: true,
    meaning:
      'Each step of the optimiser takes windows of another length, from this to steps, drawn by lot; 0: all have steps.',
  },
  batch: { default: 256, range: [1, 65_536], integer: true, meaning: 'Windows of one step of the optimiser.' },
  learningRate: {
    default: 0.005,
    range: [1e-6, 1],
    meaning: 'Step size of Adam in the first round.',
    search: { low: 0.001, high: 0.02, log: true },
  },
  finalRate: {
    default: 0.05,
    range: [0, 1],
    meaning: 'Share of the step size that is left in the last round; in between it falls along a cosine.',
  },
  clipNorm: { default: 1, range: [1e-6, 1e6], meaning: 'Longest gradient; a longer one is shortened to it.' },
  dropout: {
    default: 0.1,
    range: [0, 0.9],
    meaning: 'Share of what a layer passes on that is left out at random in training.',
    search: { low: 0, high: 0.5 },
  },
  dropoutSamples: {
    default: 0,
    range: [0, 256],
    integer: true,
    meaning:
      'Predictions are the mean of so many passes with dropout (Monte Carlo dropout, Gal & Ghahramani 2016), the same masks for every row; 0: one pass without.',
  },
  clip: { default: 5, range: [1, 100], meaning: 'Standardised inputs are cut to plus and minus this.' },
} as const satisfies Record<string, Parameter>

export type NetDefinition = {
  readonly name: string
  readonly title: string
  readonly meaning: string
  readonly reference: string
  /** What the net is built with, besides the training parameters. */
  readonly architecture: Readonly<Record<string, Parameter>>
  readonly build: (architecture: Parameters, shape: Shape) => Network
}

/** Rows that the importance of features is taken from. */
const IMPORTANCE_ROWS = 256

export function netKind(definition: NetDefinition): ModelKind {
  const { name, architecture, build } = definition
  const parameters: Readonly<Record<string, Parameter>> = { ...architecture, ...trainingParameters }
  const kind: ModelKind = {
    name,
    title: definition.title,
    meaning: definition.meaning,
    reference: definition.reference,
    parameters,
    tasks: ['classification', 'regression'],
    constraints: [],

    window: (given) => resolveParameters(name, parameters, given).steps,

    async available() {
      try {
        return { ok: true, version: (await openEngine('wasm')).version, path: null }
      } catch (thrown) {
        if (!(thrown instanceof UserError)) throw thrown
        return { ok: false, reason: thrown.message, hint: thrown.hint ?? 'type: make setup' }
      }
    },

    async fit(train, validation, options) {
      const settings = resolveParameters(name, parameters, options.parameters)
      checkTraining(kind, train, validation, options)
      const steps = train.x.history === undefined ? 1 : settings.steps
      const shape = { steps, features: options.featureNames.length, outputs: options.classes }
      const built = Object.fromEntries(Object.keys(architecture).map((key) => [key, settings[key]]))
      const ofSteps = (own: number) => build(built, { ...shape, steps: own })
      const network = ofSteps(steps)
      checkMixed(name, settings)
      const scaler = await fitScaler(train.x, options.featureNames, settings.clip)
      const target = targetOf(train, options)
      const rows = rowsOf(name, train, steps, scaler, target, options)
      const held = validation === null ? null : rowsOf(name, validation, steps, scaler, target, options)
      const engine = await openEngine(options.backend ?? 'auto')
      const weights = startWeights(network.weights, createRandom(options.seed, `net ${name}`))
      if (options.task === 'classification')
        weights.set(logShares(rows, options.classes), weights.length - options.classes)
      const trained = await trainNetwork({ engine, network, shape, weights }, rows, held, {
        ...(settings as unknown as Record<keyof typeof trainingParameters, number>),
        seed: options.seed,
        unit: target.scale,
        ofSteps,
        ...(options.onRound ? { onRound: options.onRound } : {}),
        ...(options.checkpoint ? { checkpoint: options.checkpoint } : {}),
      })
      const predicting = await openEngine(predictingBackend(engine.backend))
      const scorer = { engine: predicting, network, shape, weights: trained.weights }
      const chosen = spread(rows.windows.whole, IMPORTANCE_ROWS)
      const net = {
        ...{ kind: name, task: options.task, classes: options.classes, steps, target, scaler },
        architecture: built,
        bestRound: trained.bestRound,
        sampling: samplingOf(settings, options.seed),
        importance: importanceOf(scorer, rows.windows, chosen, options.featureNames),
        weights: trained.weights,
      }
      return fittedNet(net, network, predicting, trained.history)
    },

    async load(files, options) {
      const { net, network } = readNet(name, files, (stored, shape) =>
        build(resolveParameters(name, architecture, stored), shape),
      )
      return fittedNet(net, network, await openEngine(predictingBackend(options.backend ?? 'auto')), [])
    },
  }
  return kind
}

/** @throws UserError where the shortest window is longer than the longest, or passes with dropout have nothing to drop */
function checkMixed(name: string, { shortestSteps, steps, dropoutSamples, dropout }: Parameters): void {
  if (shortestSteps > steps) {
    throw new UserError(`models.${name}.shortestSteps is ${shortestSteps}, and models.${name}.steps ${steps}`, {
      hint: 'lower shortestSteps, or set it to 0',
    })
  }
  if (dropoutSamples > 0 && dropout === 0) {
    throw new UserError(
      `models.${name}.dropoutSamples is ${dropoutSamples}, and models.${name}.dropout 0: nothing is dropped`,
      {
        hint: `raise models.${name}.dropout, or set dropoutSamples to 0`,
      },
    )
  }
}

function samplingOf({ dropoutSamples, dropout }: Parameters, seed: number): Sampling | null {
  return dropoutSamples === 0 ? null : { samples: dropoutSamples, dropout, seed }
}

type Target = { readonly mean: number; readonly scale: number }

/** Weighted mean and deviation of the values; classes are scored as they are. */
function targetOf({ y, weight }: TrainingSet, { task }: FitOptions): Target {
  if (task === 'classification') return { mean: 0, scale: 1 }
  const even = weight === null ? null : evenedWeights(weight)
  const average = (of: (i: number) => number) => {
    let sum = 0
    for (let i = 0; i < y.length; i++) sum += (even === null ? 1 : even[i]) * of(i)
    return sum / y.length
  }
  const mean = average((i) => y[i])
  const deviation = Math.sqrt(average((i) => (y[i] - mean) ** 2))
  return { mean, scale: deviation > 0 ? deviation : 1 }
}

function rowsOf(
  name: string,
  { x, y, weight }: TrainingSet,
  steps: number,
  scaler: Scaler,
  { mean, scale }: Target,
  { task }: FitOptions,
): TrainingRows {
  const windows = windowsOf(x, steps, scaler)
  if (windows.whole.length === 0) {
    throw new UserError(`model ${name} cannot be fitted: none of ${x.rows} rows has ${steps} rows in a row up to it`, {
      hint: `lower models.${name}.steps, or take a longer span of time`,
    })
  }
  return {
    task,
    windows,
    windowsOf: (own) => windowsOf(x, own, scaler),
    y: task === 'classification' ? y : Float32Array.from(y, (value) => (value - mean) / scale),
    weight: weight === null ? null : evenedWeights(weight),
  }
}

/** ln of the weighted share of each class, half a row added to each: where the scores begin before anything is learned. */
function logShares({ windows, y, weight }: TrainingRows, classes: number): Float32Array {
  const sums = new Float64Array(classes).fill(0.5)
  for (const row of windows.whole) sums[y[row]] += weight === null ? 1 : weight[row]
  const total = sums.reduce((a, b) => a + b, 0)
  return Float32Array.from(sums, (sum) => Math.log(sum / total))
}
