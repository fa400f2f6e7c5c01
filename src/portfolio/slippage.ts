/**
 * How much worse than its reference a market order fills. All models give a fraction of the price, from what was known when the bar
 * opened, so that a fill never depends on what its own bar became.
 */

export type SlippageModel = {
  readonly meaning: string
  readonly reference: string
  /**
   * @param terms       the configured numbers
   * @param volatility  standard deviation of the base bars' log returns over the last day; NaN where it is not known
   * @param share       quantity ÷ the mean volume of a base bar over the last day; NaN where it is not known
   * @returns           fraction of the price, ≥ 0; NaN where the model needs what is not known
   */
  readonly fraction: (terms: SlippageTerms, volatility: number, share: number) => number
}

export type SlippageTerms = {
  readonly slippageBps: number // fixed: all of it; the other models: what comes on top of them
  readonly spreadBps: number // between best bid and best ask
  readonly volatilityShare: number // of the volatility of a bar
  readonly impact: number // of the volatility of a bar, for an order as large as a bar's volume
  readonly maxSlippageBps: number // the most that any model takes
}

const BASIS_POINT = 1e-4

export const SLIPPAGE_MODELS = {
  fixed: {
    meaning: 'slippageBps of the price',
    reference: 'common practice; what vectorbt and backtesting.py offer',
    fraction: ({ slippageBps }) => slippageBps * BASIS_POINT,
  },
  spread: {
    meaning: 'half of spreadBps, and slippageBps on top',
    reference: 'Roll 1984, Journal of Finance 39: a market order pays half of the effective spread',
    fraction: ({ slippageBps, spreadBps }) => (slippageBps + spreadBps / 2) * BASIS_POINT,
  },
  volatility: {
    meaning: 'volatilityShare of the volatility of a base bar, and slippageBps on top',
    reference: 'Grinold & Kahn 2000, Active Portfolio Management, chapter 16: costs grow with volatility',
    fraction: ({ slippageBps, volatilityShare }, volatility) =>
      slippageBps * BASIS_POINT + volatilityShare * volatility,
  },
  'volume-share': {
    meaning: 'impact × volatility × √(quantity ÷ volume), both of a base bar, and slippageBps on top',
    reference: 'Almgren, Thum, Hauptmann & Li 2005, Risk 18: square-root law of market impact',
    fraction: ({ slippageBps, impact }, volatility, share) =>
      slippageBps * BASIS_POINT + impact * volatility * Math.sqrt(share),
  },
} as const satisfies Record<string, SlippageModel>

export type SlippageName = keyof typeof SLIPPAGE_MODELS
export const SLIPPAGE_NAMES = Object.keys(SLIPPAGE_MODELS) as [SlippageName, ...SlippageName[]]

/**
 * What a market order loses by the configured model, fraction of the price, from 0 to `maxSlippageBps`: a law of small orders says nothing of
 * one that is many times the volume, and no price falls below 0.
 *
 * @returns NaN where the model needs what is not known
 */
export function slippageFraction(name: SlippageName, terms: SlippageTerms, volatility: number, share: number): number {
  return Math.min(SLIPPAGE_MODELS[name].fraction(terms, volatility, share), terms.maxSlippageBps * BASIS_POINT)
}

/** Does the model read volatility and volume? Where it does, fills before the first whole day are not known. */
export function readsConditions(name: SlippageName): boolean {
  return name === 'volatility' || name === 'volume-share'
}
