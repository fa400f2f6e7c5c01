/**
 * What the price will move, from a model of its variance: GARCH(1,1), and the test of whether there is anything to model.
 */
import { archEffect } from '../../math/arch-effect.js'
import { logReturn } from '../../math/elementwise.js'
import { type GarchLines, garchLines } from '../../math/garch.js'
import { defineFeature, type Feature, type SharedWork } from '../feature.js'
import { dailyRefit, dailyRefitLookback, FITTED_DAILY } from './daily-refit.js'

type GarchColumn = { readonly name: string; readonly line: keyof GarchLines; readonly meaning: string }

const GARCH: SharedWork<'close', GarchLines> = {
  inputs: ['close'],
  of: ({ close, origin, stepMs }) => garchLines(logReturn(close, 1), { ...dailyRefit(stepMs), origin }),
}

const garchFeature = ({ name, line, meaning }: GarchColumn): Feature =>
  defineFeature({
    name,
    family: 'volatility-model',
    meaning: `${meaning}; GARCH(1,1) ${FITTED_DAILY}.`,
    inputs: ['close'],
    lookback: dailyRefitLookback,
    timeframes: 'every',
    reference: 'Bollerslev 1986, J. Econometrics 31; variance targeting, Engle & Mezrich 1996; normal likelihood',
    work: GARCH,
    compute: (_inputs, lines) => lines[line],
  })

const ARCH_LAGS = 5
const ARCH_WINDOW = 100

export const volatilityModelFeatures: readonly Feature[] = [
  garchFeature({
    name: 'garch_volatility',
    line: 'forecast',
    meaning: "Forecast of the next log return's deviation, per bar",
  }),
  garchFeature({
    name: 'garch_volatility_ratio',
    line: 'level',
    meaning: "Forecast of the next log return's deviation over that of the fit's window; 1 = usual",
  }),
  garchFeature({
    name: 'garch_surprise',
    line: 'surprise',
    meaning: 'Log return in units of the deviation that was forecast for it, its usual mean taken off',
  }),
  garchFeature({
    name: 'garch_persistence',
    line: 'persistence',
    meaning: 'How much of a surprise in variance is left after a bar, 0 … 1 (α + β)',
  }),
  defineFeature({
    name: `arch_effect_${ARCH_WINDOW}`,
    family: 'volatility-model',
    meaning: `Engle's LM statistic of ${ARCH_WINDOW} squared log returns on their last ${ARCH_LAGS}; above 11.07 = clustering at 5 %.`,
    inputs: ['close'],
    lookback: ARCH_WINDOW + ARCH_LAGS,
    timeframes: 'every',
    reference: 'Engle 1982, Econometrica 50(4), with returns in place of residuals',
    compute: ({ close, origin }) => archEffect(logReturn(close, 1), { lags: ARCH_LAGS, window: ARCH_WINDOW, origin }),
  }),
]
