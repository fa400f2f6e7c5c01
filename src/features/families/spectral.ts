/**
 * Cycles and scales in the log returns. Returns and not prices: the spectrum of a random walk is all low tones, that of its
 * steps is flat, so that a cycle stands out whatever its length.
 */
import { logReturn } from '../../math/elementwise.js'
import { type SpectrumLines, spectrumLines } from '../../math/spectrum.js'
import { waveletShares } from '../../math/wavelet.js'
import { defineFeature, type Feature, type SharedWork } from '../feature.js'

const CYCLE_WINDOW = 128 // returns; a power of two for the transform
const WAVELET_WINDOW = 64 // bars whose energy is averaged
const SCALES = 5 // coarsest: averages of 16 bars against each other

const cycleFacts = {
  family: 'spectral',
  inputs: ['close'],
  lookback: CYCLE_WINDOW,
  timeframes: 'every',
} as const

const SPECTRUM: SharedWork<'close', SpectrumLines> = {
  inputs: ['close'],
  of: ({ close }) => spectrumLines(logReturn(close, 1), CYCLE_WINDOW),
}
const WAVELETS: SharedWork<'close', readonly Float64Array[]> = {
  inputs: ['close'],
  of: ({ close, origin }) => waveletShares(logReturn(close, 1), { scales: SCALES, window: WAVELET_WINDOW, origin }),
}

const PERIODOGRAM = 'periodogram of a Hann window by FFT; Welch 1967, IEEE Trans. Audio Electroacoust. 15(2)'

const waveletFeature = (scale: number): Feature =>
  defineFeature({
    name: `wavelet_energy_${2 ** scale}`,
    family: 'spectral',
    meaning: `Share of cycles of about ${2 ** scale} … ${2 ** (scale + 1)} bars in the wavelet energy of log returns over ${WAVELET_WINDOW} bars, 0 … 1.`,
    inputs: ['close'],
    lookback: 2 ** SCALES + WAVELET_WINDOW - 1,
    timeframes: 'every',
    reference: `Haar, à trous, scales 2 … ${2 ** SCALES}; Percival & Walden 2000, Wavelet Methods for Time Series Analysis, ch. 5`,
    work: WAVELETS,
    compute: (_inputs, shares) => shares[scale - 1],
  })

export const spectralFeatures: readonly Feature[] = [
  defineFeature({
    ...cycleFacts,
    name: `cycle_period_${CYCLE_WINDOW}`,
    meaning: `Bars in the strongest cycle of the last ${CYCLE_WINDOW} log returns, 2 … ${CYCLE_WINDOW}; NaN if the price stood still.`,
    reference: PERIODOGRAM,
    work: SPECTRUM,
    compute: (_inputs, { period }) => period,
  }),
  defineFeature({
    ...cycleFacts,
    name: `cycle_power_${CYCLE_WINDOW}`,
    meaning: `Share of the strongest cycle in the power of the last ${CYCLE_WINDOW} log returns, 0 … 1.`,
    reference: PERIODOGRAM,
    work: SPECTRUM,
    compute: (_inputs, { share }) => share,
  }),
  defineFeature({
    ...cycleFacts,
    name: `spectral_entropy_${CYCLE_WINDOW}`,
    meaning: `Evenness of the spectrum of the last ${CYCLE_WINDOW} log returns: 0 = one cycle, 1 = all alike.`,
    reference: 'Inouye et al. 1991, Electroenceph. Clin. Neurophysiol. 79; periodogram of a Hann window',
    work: SPECTRUM,
    compute: (_inputs, { entropy }) => entropy,
  }),
  ...[1, 2, 3, 4, 5].map(waveletFeature),
]
