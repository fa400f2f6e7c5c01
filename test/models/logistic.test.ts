import { describe, expect, it } from 'vitest'
import { logistic } from '../../src/models/logistic.js'
import type { TrainingSet } from '../../src/models/model.js'
import { fitScaler, scaleTable } from '../../src/models/scaler.js'
import { fitOptions, sample } from './sample.js'

const { NaN: unknown, POSITIVE_INFINITY: infinite } = Number

describe('the scaler', () => {
  it('imputes the median, then standardises, then clips', async () => {
    // Column 1: known 1, 2, 9, 4 → median (2 + 4) / 2 = 3; imputed 1, 2, 9, 4, 3, 3: mean 22 / 6 = 11/3,
    // squares 64/9 + 25/9 + 256/9 + 1/9 + 4/9 + 4/9 = 354/9, deviation √(354 / 54) = √(59/9).
    const x = { rows: 6, columns: 1, values: Float32Array.of(1, 2, 9, 4, unknown, infinite) }
    const scaler = await fitScaler(x, ['a'], 1.5)
    expect(scaler.median[0]).toBe(3)
    expect(scaler.mean[0]).toBeCloseTo(11 / 3, 14)
    expect(scaler.scale[0]).toBeCloseTo(Math.sqrt(59) / 3, 14)
    const z = scaleTable(scaler, x)
    expect(z[0]).toBeCloseTo((1 - 11 / 3) / (Math.sqrt(59) / 3), 6)
    expect(z[2], '(9 − 11/3) / 2.56 = 2.08 is cut').toBe(1.5)
    expect(z[4], 'unknown is the median').toBe(z[5])
    expect(z[4]).toBeCloseTo((3 - 11 / 3) / (Math.sqrt(59) / 3), 6)
  })

  it('makes 0 of columns that are constant or not known at all', async () => {
    const values = Float32Array.of(0.1, unknown, 5, 0.1, unknown, 7, 0.1, unknown, 6)
    const scaler = await fitScaler({ rows: 3, columns: 3, values }, ['a', 'b', 'c'], 10)
    expect([...scaler.scale.slice(0, 2)]).toEqual([1, 1])
    const later = { rows: 1, columns: 3, values: Float32Array.of(0.1, unknown, 6) }
    expect([...scaleTable(scaler, later)].map((z) => Math.round(z * 1e6))).toEqual([0, 0, 0])
  })

  it('looks at nothing but the table that it is fitted on', async () => {
    const train = sample(1, 300)
    const [calm, wild] = [sample(2, 100), sample(2, 100)]
    wild.x.values.fill(1e6)
    const files = []
    for (const validation of [calm, wild]) {
      const model = await logistic.fit(train, validation, fitOptions({ parameters: { rounds: 1 } }))
      files.push(model.files().get('scaler.json'))
    }
    expect(files[0]).toEqual(files[1])
  })
})

describe('logistic regression', () => {
  it('picks the strongest penalty on noise and stays near the shares of the classes', async () => {
    const noise = (seed: number, rows: number): TrainingSet => {
      const set = sample(seed, rows)
      return { ...set, y: sample(seed + 1000, rows).y }
    }
    const train = noise(1, 2000)
    const model = await logistic.fit(train, noise(2, 800), fitOptions())
    expect(model.bestRound).toBeLessThanOrEqual(3)
    const p = model.predict(sample(3, 200).x)
    for (let k = 0; k < 3; k++) {
      const share = train.y.filter((y) => y === k).length / 2000
      for (let i = 0; i < 200; i++) expect(Math.abs(p[i * 3 + k] - share), `row ${i}`).toBeLessThan(0.08)
    }
  })

  it('is not carried away by one wild value', async () => {
    const model = await logistic.fit(sample(1, 1000), sample(2, 300), fitOptions({ parameters: { clip: 4 } }))
    const row = (value: number) => ({ rows: 1, columns: 6, values: Float32Array.of(value, 0, 0, 0, 3.3, 0) })
    expect(model.predict(row(1e30))).toEqual(model.predict(row(100)))
    expect(model.predict(row(infinite)), 'infinite counts as unknown').toEqual(model.predict(row(unknown)))
  })

  it('walks its penalties in equal ratios from strong to weak and names the one it kept', async () => {
    const parameters = { l2Max: 1, l2Min: 0.01, rounds: 5 }
    const model = await logistic.fit(sample(1, 500), null, fitOptions({ parameters }))
    const document = JSON.parse(new TextDecoder().decode(model.files().get('model.json')))
    expect(document.l2).toBeCloseTo(0.01, 12)
    const losses = model.history.map((report) => report.trainLoss)
    expect(
      [...losses].sort((a, b) => b - a),
      'a weaker penalty fits the training rows better',
    ).toEqual(losses)
  })

  it('needs no native library', async () => {
    const environment = { SLUICE_XGBOOST_LIB: '/nowhere' }
    expect(await logistic.available(environment)).toMatchObject({ ok: true })
    const model = await logistic.fit(sample(1, 200), null, fitOptions({ environment, parameters: { rounds: 1 } }))
    expect(model.predict(sample(2, 1).x).length).toBe(3)
  })
})
