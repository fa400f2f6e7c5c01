/** The Fourier transform beside its definition, and spectra whose shares can be said by hand. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { fourierPlan, fourierTransform, powerSpectrum } from '../../src/math/fft.js'
import { spectrumLines } from '../../src/math/spectrum.js'
import { waveletShares } from '../../src/math/wavelet.js'

function noise(length: number): Float64Array {
  const random = createRandom(4, `noise ${length}`)
  return Float64Array.from({ length }, () => random.normal())
}

/** X[k] = Σ (a + ib) e^(-2πikm / n), term by term. */
function definition(re: Float64Array, im: Float64Array, k: number): [number, number] {
  let a = 0
  let b = 0
  for (let m = 0; m < re.length; m++) {
    const angle = (-2 * Math.PI * k * m) / re.length
    a += re[m] * Math.cos(angle) - im[m] * Math.sin(angle)
    b += re[m] * Math.sin(angle) + im[m] * Math.cos(angle)
  }
  return [a, b]
}

describe('the Fourier transform', () => {
  it.each([1, 2, 4, 8, 64, 256])('of %i values is its definition', (size) => {
    const re = noise(size)
    const im = noise(size).map((value, i) => value * (i + 1))
    const expected = Array.from({ length: size }, (_, k) => definition(re, im, k))
    fourierTransform(fourierPlan(size), re, im)
    expected.forEach(([a, b], k) => {
      expect(re[k]).toBeCloseTo(a, 8)
      expect(im[k]).toBeCloseTo(b, 8)
    })
  })

  it('of four values is what the hand finds', () => {
    // 1, 2, 3, 4: Σ = 10; 1 - 2i - 3 + 4i = -2 + 2i; 1 - 2 + 3 - 4 = -2; the mirror -2 - 2i.
    const re = Float64Array.of(1, 2, 3, 4)
    const im = new Float64Array(4)
    fourierTransform(fourierPlan(4), re, im)
    expect([...re].map(Math.round)).toEqual([10, -2, -2, -2])
    expect([...im].map(Math.round)).toEqual([0, 2, 0, -2])
  })

  it.each([4, 8, 64, 128])('of %i real values gives the power of every cycle', (size) => {
    const x = noise(size)
    const power = new Float64Array(size / 2 + 1)
    powerSpectrum(size)(x, power)
    power.forEach((value, k) => {
      const [a, b] = definition(x, new Float64Array(size), k)
      expect(value).toBeCloseTo(a * a + b * b, 9)
    })
  })

  it('refuses what is not a power of two', () => {
    expect(() => fourierPlan(12)).toThrow('radix-2 transform of 12 values')
  })
})

describe('a rolling spectrum', () => {
  // A whole cycle of 16 bars: the Hann taper spreads its amplitude 1/2 : 1 : 1/2 over neighbours, its power 1/6, 2/3, 1/6.
  const wave = Float64Array.from({ length: 80 }, (_, i) => 3 + Math.sin((2 * Math.PI * i) / 16))

  it('finds the cycle and its share, in every full window', () => {
    expect(spectrumLines(wave, 64).period.subarray(62, 80)).toEqual(Float64Array.from([NaN, ...new Array(17).fill(16)]))
    for (const share of spectrumLines(wave, 64).share.subarray(63)) expect(share).toBeCloseTo(2 / 3, 12)
    const entropy = -((1 / 3) * Math.log(1 / 6) + (2 / 3) * Math.log(2 / 3)) / Math.log(32)
    for (const value of spectrumLines(wave, 64).entropy.subarray(63)) expect(value).toBeCloseTo(entropy, 10)
  })

  it('counts every cycle but the shortest twice, for its mirror', () => {
    // Period 2 lies at the end: 1 itself, its one neighbour 1/4 and that one's mirror 1/4, so again 1 / (1 + 1/2).
    const bounce = Float64Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 1 : -1))
    expect(spectrumLines(bounce, 16).period[15]).toBe(2)
    expect(spectrumLines(bounce, 16).share[15]).toBeCloseTo(2 / 3, 12)
  })

  it('is even where the values are noise', () => {
    const values = spectrumLines(noise(2000), 128).entropy.subarray(127)
    expect(values.every((value) => value > 0.75 && value <= 1)).toBe(true)
  })

  it('is not known where nothing moved, nor over a hole', () => {
    expect(spectrumLines(new Float64Array(20), 16).period.every(Number.isNaN)).toBe(true)
    const holed = wave.slice()
    holed[10] = Number.NaN
    expect(spectrumLines(holed, 16).share.findIndex((value) => !Number.isNaN(value))).toBe(26)
  })
})

describe('wavelet shares', () => {
  const shares = (x: Float64Array) => waveletShares(x, { scales: 3, window: 8, origin: 5 })

  it('give an alternating series to the finest scale', () => {
    // ±1: averages of two are 0, so all movement is between single bars.
    const [one, two, three] = shares(Float64Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : -1)))
    expect([one[19], two[19], three[19]]).toEqual([1, 0, 0])
    // 2^3 bars for the coarsest average, 8 - 1 more for the mean of its square: first value at 7 + 7.
    for (const share of [one, two, three]) expect(share.findIndex((value) => !Number.isNaN(value))).toBe(14)
  })

  it('divide a cycle of four bars between two scales', () => {
    // 1, 1, -1, -1: pairs average 1, 0, -1, 0 and fours 0. W₁² is 0, 1, 0, 1 and so is W₂² in turn: half each.
    const [one, two, three] = shares(Float64Array.from({ length: 20 }, (_, i) => (i % 4 < 2 ? 1 : -1)))
    expect([one[19], two[19], three[19]]).toEqual([0.5, 0.5, 0])
  })

  it('halve from scale to scale where the values are noise', () => {
    // Of white noise, scale j holds 2^-j: 4/7, 2/7, 1/7 of the three.
    const sums = waveletShares(noise(100_000), { scales: 3, window: 90_000, origin: 0 }).map((share) => share[99_999])
    sums.forEach((share, i) => {
      expect(share).toBeCloseTo([4 / 7, 2 / 7, 1 / 7][i], 2)
    })
  })
})
