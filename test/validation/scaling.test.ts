import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../../src/config/settings.js'
import { calibrationMethods } from '../../src/validation/calibration.js'
import { CALIBRATION_CHOICES } from '../../src/validation/choose-calibration.js'
import { prepare } from '../../src/validation/prepare.js'
import { CLASS_WEIGHTS, SAMPLE_WEIGHTS, weighing } from '../../src/validation/sample-weights.js'
import {
  fitScaling,
  SCALING_CHOICES,
  SCALINGS,
  type ScalingName,
  scalingFromJson,
} from '../../src/validation/scaling.js'
import { askPython, hasPython } from './python.js'
import { sklearn } from './sklearn.js'

const names = Object.keys(SCALINGS) as ScalingName[]
const all = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i)

describe('the settings', () => {
  it('offer what there is', () => {
    const offered = (name: 'train.scaling' | 'train.calibration' | 'train.classWeights' | 'train.sampleWeights') =>
      [...(SETTINGS[name].type as unknown as { options: string[] }).options].sort()
    expect(offered('train.scaling')).toEqual([...SCALING_CHOICES].sort())
    expect(offered('train.calibration')).toEqual([...CALIBRATION_CHOICES].sort())
    expect(Object.keys(calibrationMethods)).toEqual(CALIBRATION_CHOICES.filter((name) => name !== 'auto'))
    expect(offered('train.classWeights')).toEqual([...CLASS_WEIGHTS].sort())
    expect(offered('train.sampleWeights')).toEqual([...SAMPLE_WEIGHTS].sort())
  })
})

describe('scikit-learn', () => {
  const { metrics, column } = sklearn()
  const features = ['ret1', 'ret5', 'std20', 'range_pos', 'logvol', 'volratio', 'hour', 'up']

  it.each([
    ['standard', 'standard_scaler'],
    ['minmax', 'minmax_scaler'],
    ['robust', 'robust_scaler'],
  ] as const)('has the same %s scaling', (method, key) => {
    const columns = features.map(column)
    const rows = columns[0].length
    const values = Float32Array.from({ length: rows * 8 }, (_, at) => columns[at % 8][Math.floor(at / 8)])
    const x = { rows, columns: 8, values }
    const scaled = prepare(x, all(rows), { columns: all(8), scaling: fitScaling(method, x, features) })
    for (const [row, reference] of metrics[key].first3.entries()) {
      for (let j = 0; j < 8; j++) {
        const ours = scaled.values[row * 8 + j]
        // Features are float32: 7 digits of the column's largest value.
        expect(Math.abs(ours - reference[j]), `${features[j]} row ${row}`).toBeLessThan(
          2e-6 * Math.max(1, Math.abs(reference[j])),
        )
      }
    }
  })
})

describe('log', () => {
  it('is sign · ln(1 + |x| ÷ the typical size)', () => {
    const x = { rows: 5, columns: 1, values: Float32Array.of(-4, 2, 0.5, 2, 60) }
    const scaling = fitScaling('log', x, ['a']) // median of 0.5, 2, 2, 4, 60
    expect(scaling).toMatchObject({ centre: [0], scale: [2] })
    const { values } = prepare(x, all(5), { columns: all(1), scaling })
    expect([...values]).toEqual(
      [-Math.log(3), Math.log(2), Math.log(1.25), Math.log(2), Math.log(31)].map((v) => expect.closeTo(v, 6)),
    )
  })
})

describe.each(names)('%s', (method) => {
  const value = fc.oneof(
    fc.float({ min: -1000, max: 1000, noNaN: true }),
    fc.constant(Number.NaN),
    fc.constant(Number.POSITIVE_INFINITY),
  )

  it('survives its file bit for bit, and leaves the unknown unknown and everything else finite', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (list) => {
        const x = { rows: list.length, columns: 1, values: Float32Array.from(list) }
        const scaling = fitScaling(method, x, ['a'])
        const loaded = scalingFromJson(JSON.parse(JSON.stringify(scaling)), ['a'])
        const out = prepare(x, all(list.length), { columns: all(1), scaling })
        expect(prepare(x, all(list.length), { columns: all(1), scaling: loaded })).toEqual(out)
        for (const [i, given] of list.entries()) expect(Number.isFinite(out.values[i])).toBe(Number.isFinite(given))
        expect([...x.values]).toEqual([...Float32Array.from(list)]) // the table itself is not touched
      }),
    )
  })

  it('never turns an order round', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 40 }), (list) => {
        const x = { rows: list.length, columns: 1, values: Float32Array.from(list) }
        const { values } = prepare(x, all(list.length), { columns: all(1), scaling: fitScaling(method, x, ['a']) })
        for (let i = 1; i < list.length; i++) if (list[i] > list[0]) expect(values[i]).toBeGreaterThanOrEqual(values[0])
      }),
    )
  })

  it('leaves a constant column and one without values finite', () => {
    const x = { rows: 2, columns: 2, values: Float32Array.of(3.3, Number.NaN, 3.3, Number.NaN) }
    const scaling = fitScaling(method, x, ['constant', 'unknown'])
    expect(scaling.scale.every((scale) => scale !== null && scale > 0)).toBe(true)
    const { values } = prepare(x, all(2), { columns: all(2), scaling })
    expect(Number.isFinite(values[0])).toBe(true)
    expect(values[1]).toBeNaN()
  })
})

describe('a column that is nearly always the same', () => {
  const residue = 2 ** -149 // the smallest float32
  const x = { rows: 5, columns: 1, values: Float32Array.of(0, 0, residue, residue, 1000) }

  it('is not blown up by what rounding left of it', () => {
    expect(fitScaling('robust', x, ['a']).scale).toEqual([1])
  })

  it.each(names)('stays finite under %s, and so does a later row far outside', (method) => {
    const scaling = fitScaling(method, { rows: 4, columns: 1, values: x.values.slice(0, 4) }, ['a'])
    const { values } = prepare(x, all(5), { columns: all(1), scaling })
    for (const value of values) expect(Number.isFinite(value)).toBe(true)
  })
})

describe('a centre of −0', () => {
  it('is the same zero after it was written', () => {
    const x = { rows: 2, columns: 1, values: Float32Array.of(-0, Number.NaN) }
    const scaling = fitScaling('minmax', x, ['a'])
    const loaded = scalingFromJson(JSON.parse(JSON.stringify(scaling)), ['a'])
    expect(prepare(x, all(2), { columns: all(1), scaling: loaded })).toEqual(
      prepare(x, all(2), { columns: all(1), scaling }),
    )
  })
})

describe('codes without an order', () => {
  it('are left as they are', () => {
    const x = { rows: 3, columns: 2, values: Float32Array.of(0, 10, 1, 20, 2, 60) }
    const scaling = fitScaling('log', x, ['weekday', 'volume'], ['weekday', 'absent'])
    const { values } = prepare(x, all(3), { columns: all(2), scaling: scalingFromJson(scaling, ['weekday', 'volume']) })
    expect([values[0], values[2], values[4]]).toEqual([0, 1, 2])
    expect(values[5]).toBeCloseTo(Math.log(4), 6)
  })
})

describe('a scaling on disk', () => {
  const scaling = { method: 'robust', features: ['a', 'b'], centre: [0, 1], scale: [1, 2] }
  it.each([
    ['it is of another method', { ...scaling, method: 'square' }, 'there is no scaling square'],
    ['it has other features', { ...scaling, features: ['a', 'c'] }, 'its features are not those'],
    ['a scale is 0', { ...scaling, scale: [1, 0] }, 'centre and scale are not 2 numbers'],
    ['a number is missing', { ...scaling, centre: [0] }, 'centre and scale are not 2 numbers'],
  ])('is refused when %s', (_, json, message) => {
    expect(() => scalingFromJson(json, ['a', 'b'])).toThrow(message)
  })
})

describe('weights', () => {
  it('are null when nothing is asked for', () => {
    const none = weighing(Int32Array.of(0, 1), { classWeights: 'none', sampleWeights: 'none' })
    expect(none(Int32Array.of(0, 1), Float64Array.of(1, 1))).toBeNull()
  })

  it('give every class of the training part the same sum, and multiply with uniqueness', () => {
    // 4 rows, 2 classes: 4 ÷ (2 · 3) and 4 ÷ (2 · 1). The validation part is weighted by the training part's classes.
    const weigh = weighing(Int32Array.of(0, 0, 0, 2), { classWeights: 'balanced', sampleWeights: 'uniqueness' })
    const weights = weigh(Int32Array.of(2, 0, 1), Float64Array.of(0.5, 1, 0.25))
    expect([...(weights ?? [])]).toEqual([1, 4 / 6, 0.25].map((w) => expect.closeTo(w, 6)))
  })

  it.skipIf(!hasPython('sklearn'))('are scikit-learn’s balanced ones', () => {
    const y = [0, 1, 1, 2, 2, 2, 2, 1, 0, 2]
    const reference = askPython<number[]>(
      "from sklearn.utils.class_weight import compute_sample_weight\nprint(json.dumps(compute_sample_weight('balanced', given).tolist()))",
      y,
    )
    const weights = weighing(Int32Array.from(y), { classWeights: 'balanced', sampleWeights: 'none' })
    expect([...(weights(Int32Array.from(y), new Float64Array(10)) ?? [])]).toEqual(
      reference.map((w) => expect.closeTo(w, 6)),
    )
  })

  it('refuse balanced classes of a number', () => {
    expect(() => weighing(Float32Array.of(0.1, 0.2), { classWeights: 'balanced', sampleWeights: 'none' })).toThrow(
      /train\.classWeights is balanced, and the label is a number/,
    )
  })
})
